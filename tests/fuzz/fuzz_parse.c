/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a feed: reading ends, what comes out are valid UTF-8 and valid JSON without control
 * characters, and where libxml2 finds the document well-formed our reader saw the same tokens. The
 * first byte chooses what is said about the document from outside.
 */
#include <jansson.h>
#include <stdlib.h>

#include "host-stub/feed_json.h"
#include "host-stub/parse.h"
#include "plugin/text/utf8.h"
#include "tests/host-stub/xml_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int ok)
{
    if (!ok)
        abort();
}

static int print_item(void *user, struct item **item)
{
    struct buf *b = user;
    if (b->n > MIB(8))
        buf_reset(b);
    buf_addc(b, b->n ? ',' : '[');
    return feed_json_item(b, *item);
}

static void check_output(struct buf *b)
{
    buf_addc(b, b->n ? ']' : '[');
    if (b->n == 1)
        buf_addc(b, ']');
    require(!b->err && utf8_valid(b->p, b->n));
    for (size_t i = 0; i < b->n; i++)
        require((unsigned char)b->p[i] >= 0x20 && b->p[i] != 0x7f);
    json_t *o = json_loadb(b->p, b->n, JSON_ALLOW_NUL, NULL);
    require(o != NULL);
    json_decref(o);
}

/* What the two readers may see differently: DTDs, numbers that mean windows-1252, what libxml2
 * limits. */
static int comparable(const char *p, size_t n)
{
    return n < 10000 && !(encoding_scan(p, n) & ~ENCODING_HIGH) && !memmem(p, n, "<!DOCTYPE", 9) &&
           !memmem(p, n, "&#", 2) && !memmem(p, n, "encoding", 8) && !memchr(p, 0, n);
}

static void compare(const char *p, size_t n)
{
    enum { NAMES = 1u << FAULT_PREFIX | 1u << FAULT_NAMESPACES | 1u << FAULT_ATTRIBUTES };
    struct buf ours, theirs;
    buf_init(&ours, MIB(32));
    buf_init(&theirs, MIB(32));
    uint32_t told = tell_by_winnow(p, n, &ours);
    if (tell_by_libxml2(p, n, &theirs) && !(told & NAMES)) {
        require(told == 0);
        require(ours.n == theirs.n && (!ours.n || memcmp(ours.p, theirs.p, ours.n) == 0));
    }
    buf_finish(&ours);
    buf_finish(&theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {NULL, "text/xml; charset=utf-8",
                                        "application/xml; charset=windows-1251",
                                        "text/xml; charset=gb2312"};
    if (!size)
        return 0;
    struct parse_input in = {.bytes = (const char *)data + 1, .n = size - 1};
    in.content_type = types[data[0] & 3];
    in.url = data[0] & 4 ? "https://example.org/dir/feed.xml" : NULL;
    struct document *doc = document_create();
    struct buf b;
    char why[PARSE_WHY];
    buf_init(&b, MIB(64));
    if (doc && parse_stream(&in, print_item, &b, doc, why) == 0)
        check_output(&b);
    buf_reset(&b);
    if (doc) {
        buf_addc(&b, '[');
        feed_json_feed(&b, &doc->feed);
        buf_addc(&b, ',');
        feed_json_warnings(&b, doc);
        check_output(&b);
    }
    buf_finish(&b);
    document_destroy(doc);
    if (comparable(in.bytes, in.n))
        compare(in.bytes, in.n);
    return 0;
}
