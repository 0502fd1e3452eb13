/* SPDX-License-Identifier: Apache-2.0 */
/* parse_fixture.h: documents from string literals, for the tests of the parser. */
#ifndef WINNOW_PARSE_FIXTURE_H
#define WINNOW_PARSE_FIXTURE_H

#include "host-stub/date.h"
#include "host-stub/parse.h"
#include "host-stub/status.h"
#include "tests/support/test.h"

static char why[PARSE_WHY];

static struct document *read_bytes(const char *bytes, size_t n, const char *content_type,
                                   const char *url)
{
    struct parse_input in = {.bytes = bytes, .n = n, .content_type = content_type, .url = url};
    struct document *doc = NULL;
    /* A copy without a NUL behind, so that ASan sees a read past the end. */
    char *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    in.bytes = copy;
    int status = parse_document(&in, &doc, why);
    free(copy);
    if (status)
        print_message("parse_document: %s: %s\n", status_text(status), why);
    assert_int_equal(status, OK);
    return doc;
}

static inline struct document *read_feed(const char *text)
{
    return read_bytes(text, strlen(text), NULL, NULL);
}

/* The bytes of an item within RSS 2.0 with every usual prefix declared. */
#define RSS(items)                                                                                 \
    "<?xml version=\"1.0\"?><rss version=\"2.0\""                                                  \
    " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""                                               \
    " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""                                  \
    " xmlns:media=\"http://search.yahoo.com/mrss/\""                                               \
    " xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\""                                 \
    " xmlns:atom=\"http://www.w3.org/2005/Atom\""                                                  \
    " xmlns:georss=\"http://www.georss.org/georss\"><channel><title>Feed</title>" items            \
    "</channel></rss>"
#define ATOM(attrs, body) "<feed xmlns=\"http://www.w3.org/2005/Atom\" " attrs ">" body "</feed>"

#define assert_str(s, z)                                                                           \
    do {                                                                                           \
        wn_str got_ = (s);                                                                         \
        const char *want_ = (z);                                                                   \
        if (!want_) {                                                                              \
            assert_null(got_.ptr);                                                                 \
        } else {                                                                                   \
            char text_[4096];                                                                      \
            snprintf(text_, sizeof text_, "%.*s", (int)got_.len,                                   \
                     got_.ptr ? got_.ptr : "(absent)");                                            \
            assert_string_equal(text_, want_);                                                     \
        }                                                                                          \
    } while (0)

#define assert_time(t, z)                                                                          \
    do {                                                                                           \
        char text_[32];                                                                            \
        date_format((t), text_);                                                                   \
        assert_string_equal(text_, z);                                                             \
    } while (0)

/* Whether some warning holds these words. */
static inline int warned(const struct document *doc, const char *words)
{
    for (size_t i = 0; i < doc->n_warnings; i++)
        if (strstr(doc->warnings[i].ptr, words))
            return 1;
    return 0;
}

#endif
