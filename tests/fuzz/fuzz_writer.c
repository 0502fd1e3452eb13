/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a feed holds, what the writers make of its items is well-formed, reads back as the same
 * items, and has lost no file.
 */
#include <jansson.h>
#include <libxml/parser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host-stub/limits.h"
#include "host-stub/parse.h"
#include "host-stub/status.h"
#include "host-stub/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sink(void *user, const char *p, size_t n)
{
    return buf_add(user, p, n);
}

static void fail(const char *what, int format, size_t item, const struct buf *out)
{
    fprintf(stderr, "%s: format %d, item %zu\n%.*s\n", what, format, item,
            (int)(out->n < 100000 ? out->n : 100000), out->p ? out->p : "");
    abort();
}

static void check_syntax(const struct buf *out, int format)
{
    if (format == OUTPUT_JSON) {
        json_t *root = json_loadb(out->p, out->n, JSON_REJECT_DUPLICATES, NULL);
        if (!root)
            fail("not JSON", format, 0, out);
        json_decref(root);
        return;
    }
    xmlDocPtr doc = xmlReadMemory(out->p, (int)out->n, "out", "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR);
    if (!doc)
        fail("not well-formed", format, 0, out);
    xmlFreeDoc(doc);
}

/* A URL that the writers let through. */
static int web(wn_str url)
{
    return (url.len > 8 && !strncmp(url.ptr, "https://", 8) && url.ptr[8] != '/') ||
           (url.len > 7 && !strncmp(url.ptr, "http://", 7) && url.ptr[7] != '/');
}

static int plain_url(wn_str url)
{
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= 0x20 || url.ptr[i] == 0x7f ||
            strchr("\"<>\\^`{|}?#@;&", url.ptr[i]))
            return 0;
    return web(url);
}

static int has_file(const struct item *item, wn_str url)
{
    for (size_t i = 0; i < item->n_enclosures; i++)
        if (str_eq(item->enclosures[i].url, url))
            return 1;
    for (size_t i = 0; i < item->n_extensions; i++)
        if (item->extensions[i].attrs.ptr &&
            memmem(item->extensions[i].attrs.ptr, item->extensions[i].attrs.len, url.ptr, url.len))
            return 1;
    return 0;
}

static void check_items(const struct document *doc, const struct buf *out, int format)
{
    struct document *again = NULL;
    char why[PARSE_WHY] = "";
    struct parse_input in = {.bytes = out->p, .n = out->n};
    if (parse_document(&in, &again, why) != OK || again->n_items != doc->n_items)
        fail(why[0] ? why : "another number of items", format, again ? again->n_items : 0, out);
    for (size_t i = 0; i < doc->n_items; i++) {
        const struct item *a = doc->items[i], *b = again->items[i];
        if (plain_url(a->link) && !str_eq(a->link, b->link))
            fail("another link", format, i, out);
        for (size_t k = 0; k < a->n_enclosures; k++)
            if (plain_url(a->enclosures[k].url) && !has_file(b, a->enclosures[k].url))
                fail("a file is lost", format, i, out);
    }
    document_destroy(again);
}

static void write_all(const struct document *doc, int format, int sanitised)
{
    struct buf out;
    struct writer *w = NULL;
    struct writer_options options = {.format = format,
                                     .also_in = 1,
                                     .title = doc->feed.title.ptr,
                                     .link = doc->feed.link.ptr,
                                     .self = doc->feed.self.ptr,
                                     .description = doc->feed.description.ptr,
                                     .language = doc->feed.language.ptr,
                                     .updated = doc->feed.updated,
                                     .feed = &doc->feed};
    buf_init(&out, MIB(64));
    if (writer_create(&options, sink, &out, &w) != OK)
        abort();
    for (size_t i = 0; i < doc->n_items; i++) {
        struct member member = {.item = 1,
                                .kind = WN_EDITION,
                                .lang = doc->items[i]->title,
                                .link = str_z("https://m.example/"),
                                .title = doc->items[i]->guid,
                                .source_name = doc->items[i]->content};
        doc->items[i]->sanitised = sanitised;
        doc->items[i]->detected_lang = str_z("");
        if (writer_item(w, doc->items[i], &member, 1) != OK)
            fail("status", format, i, &out);
    }
    if (writer_finish(w) != OK)
        fail("status", format, doc->n_items, &out);
    writer_destroy(w);
    check_syntax(&out, format);
    check_items(doc, &out, format);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct document *doc = NULL;
    char why[PARSE_WHY];
    struct parse_input in = {.bytes = (const char *)data, .n = size, .url = "https://in.example/"};
    if (size > KIB(512) || parse_document(&in, &doc, why) != OK)
        return 0;
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++)
        for (int sanitised = 0; sanitised < 2; sanitised++)
            write_all(doc, format, sanitised);
    document_destroy(doc);
    return 0;
}
