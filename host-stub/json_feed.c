/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1). One table of keys an object kind. */
#include <stdlib.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "date.h"
#include "json_feed.h"
#include "parse_text.h"
#include "parse_url.h"
#include "status.h"

void json_read_object(struct json_reader *r, const struct json_key *keys, size_t n)
{
    if (!json_enter(&r->j, '{')) {
        json_skip(&r->j);
        return;
    }
    while (!r->p->status && json_key(&r->j, &r->key)) {
        size_t i = 0;
        while (i < n && strcmp(keys[i].name, r->key.p))
            i++;
        if (i < n)
            keys[i].read(r, keys[i].field);
        else
            json_skip(&r->j);
    }
}

wn_str json_reader_text(struct json_reader *r)
{
    if (!json_text(&r->j, &r->text)) {
        buf_reset(&r->text);
        return str_of("", 0);
    }
    return str_of(r->text.p, r->text.n);
}

wn_str json_reader_line(struct json_reader *r)
{
    wn_str s = json_reader_text(r);
    if (s.len > LIMIT_TITLE)
        s.len = utf8_cut(s.ptr, s.len, LIMIT_TITLE);
    buf_reset(&r->html);
    if (text_line(&r->html, s.ptr, s.len, TEXT_PLAIN) || !r->html.n)
        return str_of(NULL, 0);
    return arena_str(level_arena(r->p), r->html.p, r->html.n);
}

static void read_line(struct json_reader *r, int field)
{
    store(r->p, field, 1, json_reader_line(r));
}

static void read_url(struct json_reader *r, int field)
{
    store(r->p, field, 1, take_url(r->p, json_reader_text(r)));
}

static void read_date(struct json_reader *r, int field)
{
    struct feed_parser *p = r->p;
    wn_str s = json_reader_text(r);
    int64_t seconds;
    int status = date_parse(s, &seconds);
    if (status == OK && p->item)
        *(field == F_PUBLISHED ? &p->item->published : &p->item->updated) = seconds;
    else if (status != OK && status != E_ABSENT && !p->bad_dates++)
        document_warn(p->doc, "\"%.*s\" is not a date that we know", s.len > 60 ? 60 : (int)s.len,
                      s.ptr);
}

/* Plain text as HTML; its lines stay lines. */
static void read_plain(struct json_reader *r, int field)
{
    wn_str s = json_reader_text(r);
    buf_reset(&r->html);
    for (const char *at = s.ptr, *end = s.ptr + s.len; at < end;) {
        const char *nl = memchr(at, '\n', (size_t)(end - at));
        text_to_html(&r->html, at, (size_t)((nl ? nl : end) - at));
        if (nl)
            buf_adds(&r->html, "<br>\n");
        at = nl ? nl + 1 : end;
    }
    if (r->html.n)
        store(r->p, field, field == F_CONTENT ? 2 : 1, str_of(r->html.p, r->html.n));
}

static void read_html(struct json_reader *r, int field)
{
    wn_str s = json_reader_text(r), base = r->p->scopes[0].base;
    if (base.ptr && url_is_absolute(base)) {
        buf_reset(&r->html);
        if (!html_resolve(&r->html, s.ptr, s.len, base) && r->html.n)
            s = str_of(r->html.p, r->html.n);
    }
    if (s.len)
        store(r->p, field, 1, s);
}

static void read_link(struct json_reader *r, int field)
{
    wn_str url = take_url(r->p, json_reader_text(r));
    struct link *l = url.len && r->p->item ? item_add_link(r->p->item) : NULL;
    if (l) {
        l->href = url;
        l->rel = item_str(r->p->item, str_z("related"));
    }
    store(r->p, field, 2, url);
}

static void read_self(struct json_reader *r, int field)
{
    (void)field;
    r->p->doc->feed.self = take_url(r->p, json_reader_text(r));
}

static void read_version(struct json_reader *r, int field)
{
    (void)field;
    wn_str s = json_reader_text(r);
    if (s.len && memmem(s.ptr, s.len, "jsonfeed.org", 12))
        r->is_feed = 1;
}

/* ---- people ---- */

static void read_person_part(struct json_reader *r, int part)
{
    if (part == 0)
        r->p->person.name = json_reader_line(r);
    else
        r->p->person.uri = take_url(r->p, json_reader_text(r));
}

static void read_person(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"name", read_person_part, 0},
                                           {"url", read_person_part, 1}};
    (void)field;
    memset(&r->p->person, 0, sizeof r->p->person);
    if (json_peek(&r->j) == '"')
        r->p->person.name = json_reader_line(r);
    else
        READ_OBJECT(r, keys);
    /* An address by e-mail may stand in the URL. */
    wn_str uri = r->p->person.uri;
    if (uri.len > 7 && memcmp(uri.ptr, "mailto:", 7) == 0) {
        r->p->person.email = str_of(uri.ptr + 7, uri.len - 7);
        r->p->person.uri = str_of(NULL, 0);
    }
    if (r->p->person.name.len || r->p->person.uri.len || r->p->person.email.len)
        add_person(r->p, r->p->person);
}

static void read_people(struct json_reader *r, int field)
{
    if (json_peek(&r->j) != '[') {
        read_person(r, field);
        return;
    }
    json_enter(&r->j, '[');
    while (json_element(&r->j))
        read_person(r, field);
}

/* ---- what items have several of ---- */

static void read_tags(struct json_reader *r, int field)
{
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (json_element(&r->j)) {
        wn_str s = json_reader_text(r);
        if (s.len)
            subject_end(r->p, s);
    }
}

static void read_image(struct json_reader *r, int field)
{
    (void)field;
    wn_str url = take_url(r->p, json_reader_text(r));
    struct enclosure *e = url.len ? item_add_enclosure(r->p->item) : NULL;
    if (e) {
        e->url = url;
        e->kind = ENCLOSURE_IMAGE;
    }
}

static void read_attachment_part(struct json_reader *r, int part)
{
    struct enclosure *e = r->enclosure;
    if (part == 0)
        e->url = take_url(r->p, json_reader_text(r));
    else if (part == 1)
        e->type = json_reader_line(r);
    else if (part == 2)
        e->title = json_reader_line(r);
    else {
        wn_str s = json_reader_text(r);
        double n = s.len ? strtod(s.ptr, NULL) : -1; /* 2^53: past it a double skips integers */
        *(part == 3 ? &e->length : &e->duration) =
            n >= 0 && n < 9007199254740992.0 ? (int64_t)n : -1;
    }
}

static void read_attachments(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"url", read_attachment_part, 0},
                                           {"mime_type", read_attachment_part, 1},
                                           {"title", read_attachment_part, 2},
                                           {"size_in_bytes", read_attachment_part, 3},
                                           {"duration_in_seconds", read_attachment_part, 4},
                                           {"_winnow", json_winnow_attachment, 0}};
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (json_element(&r->j)) {
        struct enclosure e = {.length = -1, .duration = -1}, *to;
        r->enclosure = &e;
        READ_OBJECT(r, keys);
        if (e.url.len && (to = item_add_enclosure(r->p->item)) != NULL)
            *to = e;
    }
}

static void read_hub(struct json_reader *r, int field)
{
    (void)field;
    wn_str url = take_url(r->p, json_reader_text(r));
    if (!r->p->doc->feed.hub.ptr)
        r->p->doc->feed.hub = url;
}

static void read_hubs(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {{"url", read_hub, 0}};
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (json_element(&r->j))
        READ_OBJECT(r, keys);
}

/* ---- items and the feed ---- */

static void read_items(struct json_reader *r, int field)
{
    static const struct json_key keys[] = {
        {"id", read_line, F_GUID},
        {"url", read_url, F_LINK},
        {"external_url", read_link, F_LINK},
        {"title", read_line, F_TITLE},
        {"content_html", read_html, F_CONTENT},
        {"content_text", read_plain, F_CONTENT},
        {"summary", read_plain, F_SUMMARY},
        {"image", read_image, 0},
        {"banner_image", read_image, 0},
        {"date_published", read_date, F_PUBLISHED},
        {"date_modified", read_date, F_UPDATED},
        {"author", read_people, 0},
        {"authors", read_people, 0},
        {"tags", read_tags, 0},
        {"language", read_line, F_LANG},
        {"attachments", read_attachments, 0},
        {"_winnow", json_winnow_item, 0},
    };
    (void)field;
    if (!json_enter(&r->j, '[')) {
        json_skip(&r->j);
        return;
    }
    while (!r->p->status && json_element(&r->j)) {
        if (json_peek(&r->j) != '{') {
            json_skip(&r->j);
            continue;
        }
        r->is_feed = r->is_feed ? r->is_feed : 2;
        if (item_begin(r->p))
            return;
        READ_OBJECT(r, keys);
        item_end(r->p);
    }
}

int json_feed_parse(struct feed_parser *p, const char *bytes, size_t n, int dirty)
{
    static const struct json_key keys[] = {
        {"version", read_version, 0},
        {"title", read_line, F_TITLE},
        {"home_page_url", read_url, F_LINK},
        {"feed_url", read_self, 0},
        {"description", read_plain, F_SUMMARY},
        {"icon", read_url, F_IMAGE},
        {"favicon", read_url, F_ICON},
        {"author", read_people, 0},
        {"authors", read_people, 0},
        {"language", read_line, F_LANG},
        {"hubs", read_hubs, 0},
        {"items", read_items, 0},
    };
    struct json_reader r = {.p = p};
    json_init(&r.j, bytes, n, dirty);
    buf_init(&r.key, LIMIT_ITEM);
    buf_init(&r.text, LIMIT_ITEM / 2);
    buf_init(&r.html, 4 * LIMIT_ITEM);
    READ_OBJECT(&r, keys);
    if (r.key.err && !p->status)
        p->status = E_NOMEM;
    if (r.is_feed) {
        p->seen_root = 1;
        p->doc->feed.format = FORMAT_JSON1;
        if (r.j.bad && !p->status)
            document_warn(p->doc, "malformed JSON: what follows item %zu may be lost", p->n_items);
    }
    buf_finish(&r.key);
    buf_finish(&r.text);
    buf_finish(&r.html);
    return p->status;
}
