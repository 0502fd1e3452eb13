/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "encoding.h"
#include "limits.h"
#include "parse_feed.h"
#include "parse_url.h"
#include "status.h"

/* ---- what isn't a feed at all ---- */

static const struct {
    const char *bytes;
    unsigned char n;
    const char *what;
} foreign[] = {
    {"\x1f\x8b", 2, "gzip-compressed: unpack it first (gunzip -c FILE | winnow parse -)"},
    {"BZh", 3, "bzip2-compressed: unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "xz-compressed: unpack it first"},
    {"\x28\xb5\x2f\xfd", 4, "zstd-compressed: unpack it first"},
    {"PK\x03\x04", 4, "a ZIP archive, not a feed"},
    {"%PDF-", 5, "a PDF document, not a feed"},
    {"\x89PNG", 4, "a PNG picture, not a feed"},
    {"\xff\xd8\xff", 3, "a JPEG picture, not a feed"},
    {"GIF8", 4, "a GIF picture, not a feed"},
    {"\x7f"
     "ELF",
     4, "a program, not a feed"},
    {"ID3", 3, "an MP3 recording, not a feed"},
};

static const char *foreign_kind(const char *p, size_t n)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (n >= foreign[i].n && memcmp(p, foreign[i].bytes, foreign[i].n) == 0)
            return foreign[i].what;
    /* Text in any charset has no NULs, but for UTF-16 and UTF-32, which begin with a mark or "<".
     */
    size_t head = n > 512 ? 512 : n;
    int wide = n >= 4 && (memchr(p, '<', 4) || memchr(p, '{', 4) || !memcmp(p, "\xff\xfe", 2) ||
                          !memcmp(p, "\xfe\xff", 2) || !memcmp(p + 2, "\xfe\xff", 2));
    int blank = n && (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r'));
    return !wide && !blank && n && memchr(p, 0, head) ? "binary data, not a feed" : NULL;
}

static void explain(const struct feed_parser *p, const struct encoding *e, char why[PARSE_WHY])
{
    const char *s = e->p, *end = e->p + e->n;
    while (s < end && (*s == ' ' || (*s >= '\t' && *s <= '\r')))
        s++;
    const char *what = "neither RSS, Atom nor JSON Feed";
    char root[64];
    if (s == end)
        what = e->n ? "nothing but white space" : "empty";
    else if (p->seen_html || (end - s > 14 && strncasecmp(s, "<!doctype html", 14) == 0))
        what = "an HTML page, not a feed: `winnow init URL` finds the feed of a page";
    else if (*s == '{' || *s == '[')
        what = "JSON, but not JSON Feed: \"version\" and \"items\" are missing";
    else if (*s == '<' && p->top_name.len) {
        snprintf(root, sizeof root, "XML, but not a feed: its root element is <%.*s>",
                 p->top_name.len > 20 ? 20 : (int)p->top_name.len, p->top_name.ptr);
        what = root;
    }
    snprintf(why, PARSE_WHY, "%s", what);
}

/* ---- setting out ---- */

static wn_str copy_z(struct document *doc, const char *z)
{
    wn_str s = str_trim(str_z(z));
    return s.len ? arena_str(&doc->arena, s.ptr, s.len) : str_of(NULL, 0);
}

/* The first base and language: where the document came from and what its headers say. */
static void outer_scope(struct feed_parser *p)
{
    const struct parse_input *in = p->in;
    struct scope *s = &p->scopes[0];
    *s = (struct scope){.context = C_TOP, .extension = -1, .enclosure = -1};
    s->base = copy_z(p->doc, in->url);
    if (in->content_location) {
        struct buf b;
        buf_init(&b, 16 * LIMIT_URL);
        wn_str location = str_z(in->content_location);
        if (url_is_safe(location) && !url_absolute(&b, s->base, location) && b.n)
            s->base = arena_str(&p->doc->arena, b.p, b.n);
        buf_finish(&b);
    }
    s->lang = copy_z(p->doc, in->content_language);
    const char *comma = s->lang.ptr ? memchr(s->lang.ptr, ',', s->lang.len) : NULL;
    if (comma)
        s->lang = str_trim(str_of(s->lang.ptr, (size_t)(comma - s->lang.ptr)));
}

static void warn_of_encoding(struct document *doc, const struct encoding *e)
{
    if (e->lie[0])
        document_warn(doc, "not in the charset that it claims (%s), read as %s", e->lie, e->name);
    else if (e->detected && e->own)
        document_warn(doc, "no charset is given, read as %s", e->name);
    if (e->flags & ENCODING_MALFORMED)
        document_warn(doc, "some bytes are not valid %s", e->name);
    if (e->cut)
        document_warn(doc, "longer than %d MiB in another charset than UTF-8, the rest left out",
                      (int)(LIMIT_CONVERT >> 20));
}

static int looks_like_json(const struct encoding *e)
{
    const char *s = e->p, *end = e->p + e->n;
    while (s < end && (*s == ' ' || (*s >= '\t' && *s <= '\r')))
        s++;
    return s < end && (*s == '{' || *s == '[');
}

int parse_stream(const struct parse_input *in, parse_item_fn on_item, void *user,
                 struct document *doc, char why[PARSE_WHY])
{
    struct encoding e;
    struct feed_parser *p = calloc(1, sizeof *p);
    why[0] = '\0';
    if (!p)
        return E_NOMEM;
    const char *kind = foreign_kind(in->bytes, in->n);
    if (kind) {
        snprintf(why, PARSE_WHY, "%s", kind);
        free(p);
        return E_NOTFEED;
    }
    int status = encoding_read(in->bytes, in->n, in->content_type, &e);
    if (status) {
        free(p);
        return status;
    }
    p->in = in;
    p->doc = doc;
    p->on_item = on_item;
    p->user = user;
    buf_init(&p->text, 4 * LIMIT_ITEM);
    buf_init(&p->scratch, 4 * LIMIT_ITEM);
    warn_of_encoding(doc, &e);
    doc->bytes += in->n;
    outer_scope(p);
    int dirty = (e.flags & (ENCODING_CONTROLS | ENCODING_MALFORMED)) != 0;
    status = looks_like_json(&e) ? json_feed_parse(p, e.p, e.n, dirty)
                                 : xml_feed_parse(p, e.p, e.n, dirty);
    if (!status && !p->seen_root && !p->n_items) {
        explain(p, &e, why);
        status = E_NOTFEED;
    }
    if (doc->n_left_out)
        document_warn(doc, "%zu items past the first %d left out", doc->n_left_out, LIMIT_ITEMS);
    item_destroy(p->item);
    item_destroy(p->spare);
    buf_finish(&p->text);
    buf_finish(&p->scratch);
    encoding_finish(&e);
    free(p);
    return status;
}

static int keep_item(void *user, struct item **item)
{
    int status = document_add(user, *item);
    *item = NULL;
    return status == E_LIMIT ? OK : status;
}

int parse_document(const struct parse_input *in, struct document **out, char why[PARSE_WHY])
{
    struct document *doc = document_create();
    why[0] = '\0';
    if (!doc)
        return E_NOMEM;
    int status = parse_stream(in, keep_item, doc, doc, why);
    if (status) {
        document_destroy(doc);
        return status;
    }
    *out = doc;
    return OK;
}
