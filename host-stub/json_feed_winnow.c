/* SPDX-License-Identifier: Apache-2.0 */
/* What Winnow's own JSON Feed says in "_winnow", read back, so that a document that goes through
 * JSON Feed and on into another format loses nothing. */
#include <stdlib.h>
#include <string.h>

#include "json_feed.h"
#include "limits.h"
#include "parse_text.h"

static int number(struct json_reader *r, int least, int most)
{
    wn_str s = json_reader_text(r);
    double n = s.len ? strtod(s.ptr, NULL) : -1;
    return n >= least && n <= most ? (int)n : least;
}

/* ---- pictures ---- */

static void read_media_part(struct json_reader *r, int part)
{
    static const char *const kinds[] = {"", "media", "thumbnail", "image"};
    struct enclosure *e = r->enclosure;
    if (part == 1) {
        e->width = number(r, 0, 999999);
    } else if (part == 2) {
        e->height = number(r, 0, 999999);
    } else {
        wn_str kind = json_reader_text(r);
        for (int k = ENCLOSURE_MEDIA; k <= ENCLOSURE_IMAGE; k++)
            if (str_eqz(kind, kinds[k]))
                e->kind = k;
    }
}

void json_winnow_attachment(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"kind", read_media_part, 0},
                                           {"width", read_media_part, 1},
                                           {"height", read_media_part, 2}};
    (void)field;
    READ_OBJECT(r, keys);
}

/* What the item's "image" is, which stands before "_winnow" in what Winnow writes. */
static void read_image(struct json_reader *r, int field)
{
    struct enclosure none = {0};
    struct item *item = r->p->item;
    r->enclosure = &none;
    for (size_t i = item->n_enclosures; i-- > 0;)
        if (item->enclosures[i].kind == ENCLOSURE_IMAGE)
            r->enclosure = &item->enclosures[i];
    json_winnow_attachment(r, field);
}

/* ---- foreign elements ---- */

static void read_attributes(struct json_reader *r)
{
    struct buf b;
    if (!json_enter(&r->j, '{')) {
        json_skip(&r->j);
        return;
    }
    buf_init(&b, KIB(64));
    while (json_key(&r->j, &r->key)) {
        size_t start = b.n;
        wn_str name = str_of(r->key.p, r->key.n);
        if (!name.len || memchr(name.ptr, '\t', name.len) || memchr(name.ptr, '\n', name.len) ||
            b.n > KIB(32)) {
            json_skip(&r->j);
            continue;
        }
        buf_addstr(&b, name);
        buf_addc(&b, '\t');
        int url = str_eqz(name, "url") || str_eqz(name, "href") || str_eqz(name, "src");
        wn_str value = json_reader_text(r);
        size_t before = b.n;
        if (url)
            value = take_url(r->p, value);
        if (value.len > LIMIT_URL)
            value.len = 0;
        if (value.len)
            text_line(&b, value.ptr, value.len, TEXT_PLAIN);
        if (b.n > before)
            buf_addc(&b, '\n');
        else
            b.n = start;
    }
    if (b.n && !b.err)
        r->extension->attrs = arena_str(level_arena(r->p), b.p, b.n);
    buf_finish(&b);
}

static void read_extension_part(struct json_reader *r, int part)
{
    struct extension *e = r->extension;
    if (part == 0) {
        wn_str prefix = json_reader_text(r);
        e->ns = item_str(r->p->item, xml_ns_uri(xml_ns_of_prefix(prefix)));
    } else if (part == 1) {
        e->depth = number(r, 0, LIMIT_DEPTH);
    } else if (part == 2) {
        e->name = json_reader_line(r);
    } else if (part == 3) {
        wn_str text = str_trim(json_reader_text(r));
        if (text.len)
            e->text = item_str(r->p->item, text);
    } else {
        read_attributes(r);
    }
}

static void read_extensions(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"ns", read_extension_part, 0},
                                           {"depth", read_extension_part, 1},
                                           {"name", read_extension_part, 2},
                                           {"text", read_extension_part, 3},
                                           {"attributes", read_extension_part, 4}};
    int depth = -1;
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (json_element(&r->j)) {
        struct extension e = {.depth = 0}, *to;
        r->extension = &e;
        READ_OBJECT(r, keys);
        if (!e.ns.len || !e.name.len || (to = item_add_extension(r->p->item)) == NULL)
            continue;
        if (e.depth > depth + 1)
            e.depth = depth + 1;
        depth = e.depth;
        *to = e;
    }
}

/* ---- where it is from, and what else tells it ---- */

static void read_source_part(struct json_reader *r, int field)
{
    store(r->p, field, 3,
          field == F_SOURCE_URL ? take_url(r->p, json_reader_text(r)) : json_reader_line(r));
}

static void read_source(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"url", read_source_part, F_SOURCE_URL},
                                           {"title", read_source_part, F_SOURCE_TITLE}};
    (void)field;
    READ_OBJECT(r, keys);
}

static void read_link_part(struct json_reader *r, int part)
{
    struct link *l = r->link;
    wn_str *const to[] = {&l->hreflang, &l->title, &l->rel, &l->type};
    if (part < 0)
        l->href = take_url(r->p, json_reader_text(r));
    else
        *to[part] = json_reader_line(r);
}

/* Editions and other links: all are links of the item. */
static void read_links(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"url", read_link_part, -1},
                                           {"language", read_link_part, 0},
                                           {"title", read_link_part, 1},
                                           {"rel", read_link_part, 2},
                                           {"type", read_link_part, 3}};
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (json_element(&r->j)) {
        struct link l = {.rel = str_of(NULL, 0)}, *to;
        r->link = &l;
        READ_OBJECT(r, keys);
        if (!l.href.len || (to = item_add_link(r->p->item)) == NULL)
            continue;
        *to = l;
        if (!l.rel.len)
            to->rel = item_str(r->p->item, str_z("related"));
    }
}

void json_winnow_item(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"image", read_image, 0},
                                           {"extensions", read_extensions, 0},
                                           {"source", read_source, 0},
                                           {"editions", read_links, 0},
                                           {"links", read_links, 0}};
    (void)field;
    READ_OBJECT(r, keys);
}
