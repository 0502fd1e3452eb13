/* SPDX-License-Identifier: Apache-2.0 */
/* From gathered content to the fields of the feed or the item. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../plugin/text/utf8.h"
#include "date.h"
#include "encoding.h"
#include "parse_feed.h"
#include "parse_text.h"
#include "parse_url.h"
#include "status.h"

struct arena *level_arena(struct feed_parser *p)
{
    return p->item ? &p->item->arena : &p->doc->arena;
}

struct scope *scope_now(struct feed_parser *p)
{
    return &p->scopes[p->depth];
}

static wn_str *string_field(struct feed_parser *p, int field)
{
    struct feed_info *f = &p->doc->feed;
    struct item *i = p->item;
    switch (field) {
    case F_TITLE:
        return i ? &i->title : &f->title;
    case F_SUMMARY:
        return i ? &i->summary : &f->description;
    case F_CONTENT:
        return i ? &i->content : NULL;
    case F_LINK:
        return i ? &i->link : &f->link;
    case F_GUID:
        return i ? &i->guid : &f->id;
    case F_LANG:
        return i ? &i->lang : &f->language;
    case F_RIGHTS:
        return i ? &i->rights : &f->rights;
    case F_COMMENTS:
        return i ? &i->comments : NULL;
    case F_GENERATOR:
        return i ? NULL : &f->generator;
    case F_IMAGE:
        return i ? NULL : &f->image;
    case F_ICON:
        return i ? NULL : &f->icon;
    case F_SOURCE_TITLE:
        return i ? &i->source_title : NULL;
    case F_SOURCE_URL:
        return i ? &i->source_url : NULL;
    default:
        return NULL;
    }
}

/* Whether a source of this rank may fill the field; if so it is marked as filled. `last`: of equals
 * the last wins, else the first. */
static int claim(struct feed_parser *p, int field, int rank, int last)
{
    uint8_t *have = &p->rank[p->item != NULL][field];
    if (*have && (*have < rank || (*have == rank && !last)))
        return 0;
    *have = (uint8_t)rank;
    return 1;
}

void store(struct feed_parser *p, int field, int rank, wn_str value)
{
    wn_str *to = string_field(p, field);
    uint8_t before = p->rank[p->item != NULL][field];
    if (!to || !value.ptr || !claim(p, field, rank, 0))
        return;
    wn_str copy = arena_str(level_arena(p), value.ptr, value.len);
    if (copy.ptr) {
        if (field == F_LANG) /* en_US is what Java calls en-US */
            for (char *c = (char *)copy.ptr; (c = strchr(c, '_')) != NULL;)
                *c = '-';
        *to = copy;
        return;
    }
    p->rank[p->item != NULL][field] = before;
    if (level_arena(p)->used + value.len < LIMIT_ITEM)
        p->status = E_NOMEM;
    else
        document_warn(p->doc, "item %zu is larger than the limit, a part of it left out",
                      p->n_items + 1);
}

/* ---- attributes ---- */

wn_str attr_text(struct feed_parser *p, const char *prefix, const char *name)
{
    const struct xml_attr *a = xml_attr_find(&p->xml, prefix, name);
    if (!a)
        return str_of(NULL, 0);
    wn_str value = str_trim(a->raw);
    if (value.len > LIMIT_TITLE)
        value.len = utf8_cut(value.ptr, value.len, LIMIT_TITLE);
    struct buf b;
    buf_init(&b, 8 * LIMIT_TITLE);
    wn_str result = str_of(NULL, 0);
    if (!xml_decode(&p->xml, value.ptr, value.len, &b) && b.n) {
        for (size_t i = 0; i < b.n; i++)
            if (b.p[i] == '\n' || b.p[i] == '\t')
                b.p[i] = ' ';
        value = str_trim(str_of(b.p, b.n));
        if (value.len)
            result = arena_str(level_arena(p), value.ptr, value.len);
    }
    buf_finish(&b);
    return result;
}

wn_str take_url(struct feed_parser *p, wn_str url)
{
    wn_str result = str_of(NULL, 0);
    url = str_trim(url);
    if (!url.ptr || !url.len || url.len > LIMIT_URL)
        return result;
    if (!url_is_safe(url)) {
        if (!p->bad_links++)
            document_warn(p->doc, "a link that a reader must not follow (%.*s) left out",
                          url.len > 40 ? 40 : (int)url.len, url.ptr);
        return result;
    }
    struct buf b;
    buf_init(&b, 16 * LIMIT_URL);
    if (!url_absolute(&b, scope_now(p)->base, url) && b.n)
        result = arena_str(level_arena(p), b.p, b.n);
    buf_finish(&b);
    return result;
}

wn_str attr_url(struct feed_parser *p, const char *name)
{
    return take_url(p, attr_text(p, NULL, name));
}

int64_t attr_number(struct feed_parser *p, const char *name)
{
    const struct xml_attr *a = xml_attr_find(&p->xml, NULL, name);
    wn_str s = a ? str_trim(a->raw) : str_of("", 0);
    int64_t value = -1;
    for (size_t i = 0; i < s.len && i < 15 && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        value = (value < 0 ? 0 : value) * 10 + (s.ptr[i] - '0');
    return value;
}

/* ---- texts ---- */

/* Base64 gives way to what it holds, if that is text at all. */
static wn_str unpack(struct feed_parser *p, const struct element *e, wn_str text)
{
    if (!p->collect.base64)
        return text;
    buf_reset(&p->scratch);
    int status = text_from_base64(&p->scratch, text.ptr, text.len);
    int is_text = !status && p->scratch.n && utf8_valid(p->scratch.p, p->scratch.n) &&
                  !(encoding_scan(p->scratch.p, p->scratch.n) & ENCODING_CONTROLS);
    if (status == E_SYNTAX || (!is_text && p->collect.base64 == 1 && e->field != F_CONTENT))
        return text; /* whatever its type says, it is plain text */
    if (!is_text) {
        document_warn(p->doc, "item %zu: content in base64 that holds no text left out",
                      p->n_items + 1);
        p->scratch.err = 0;
        return str_of("", 0);
    }
    struct buf swap = p->text;
    p->text = p->scratch;
    p->scratch = swap;
    return str_of(p->text.p, p->text.n);
}

static void take_line(struct feed_parser *p, const struct element *e, wn_str text)
{
    text = unpack(p, e, text);
    struct buf b;
    buf_init(&b, LIMIT_ITEM);
    size_t most = 8 * LIMIT_TITLE;
    if (text.len > most)
        text.len = utf8_cut(text.ptr, text.len, most);
    int kind = !p->collect.html                                       ? TEXT_PLAIN
               : p->collect.xhtml || p->collect.mode == COLLECT_XHTML ? TEXT_HTML
               : p->collect.declared                                  ? TEXT_HTML
                                                                      : TEXT_GUESSED;
    if (!text_line(&b, text.ptr, text.len, kind) && b.n) {
        if (b.n > LIMIT_TITLE) {
            b.n = utf8_cut(b.p, b.n, LIMIT_TITLE);
            buf_adds(&b, "\xe2\x80\xa6");
            document_warn(p->doc, "item %zu: a title longer than the limit is cut", p->n_items + 1);
        }
        store(p, e->field, e->rank, str_of(b.p, b.n));
    }
    if (b.err == E_NOMEM)
        p->status = E_NOMEM;
    buf_finish(&b);
}

static int has_relative(wn_str base)
{
    /* A file's own address is no place for its links; the filters know the item's. */
    return base.ptr && url_is_absolute(base) && strncasecmp(base.ptr, "file:", 5) != 0;
}

static void take_html(struct feed_parser *p, const struct element *e, wn_str text)
{
    if (p->collect.cut)
        document_warn(p->doc, "item %zu is larger than the limit and was cut", p->n_items + 1);
    wn_str base = p->scopes[p->collect.depth].base;
    text = str_trim(unpack(p, e, text));
    uint8_t have = p->rank[p->item != NULL][e->field];
    int field = e->field, rank = e->rank;
    if (!text.len)
        return;
    /* An RSS item with both <summary> and <description>: the description is the content. */
    if (p->item && field == F_SUMMARY && rank == 2 && have == 1) {
        field = F_CONTENT;
        rank = 7;
    } else if (p->item && field == F_SUMMARY && rank == 1 && have == 2 && !p->item->content.ptr) {
        p->item->content = p->item->summary;
        p->rank[1][F_CONTENT] = 7;
    }
    have = p->rank[p->item != NULL][field];
    int captions = p->item && field == F_SUMMARY;
    if (have && have <= rank) {
        if (captions && rank == RANK_CAPTION)
            media_caption(p, text);
        return;
    }
    if (captions && have == RANK_CAPTION)
        media_caption(p, p->item->summary);
    struct buf b;
    buf_init(&b, 4 * LIMIT_ITEM);
    int status = OK;
    if (!p->collect.html)
        status = text_to_html(&b, text.ptr, text.len);
    else if (p->collect.mode == COLLECT_HTML && has_relative(base) &&
             memchr(text.ptr, '<', text.len))
        status = html_resolve(&b, text.ptr, text.len, base);
    if (b.n && !status)
        text = str_of(b.p, b.n);
    if (status == E_NOMEM)
        p->status = status;
    store(p, field, rank, text);
    buf_finish(&b);
}

/* The language of a text is the item's, the content's before the summary's before the title's,
 * unless an element of its own says so. */
static void take_lang(struct feed_parser *p, const struct element *e)
{
    static const unsigned char ranks[F_COUNT] = {[F_CONTENT] = 5, [F_SUMMARY] = 6, [F_TITLE] = 7};
    wn_str lang = p->scopes[p->collect.depth].lang;
    if (lang.len && ranks[e->field] && (p->item || e->field == F_TITLE))
        store(p, F_LANG, p->item ? ranks[e->field] : 9, lang);
}

static void take_text(struct feed_parser *p, const struct element *e, wn_str text)
{
    if (text.len > LIMIT_TITLE)
        text.len = utf8_cut(text.ptr, text.len, LIMIT_TITLE);
    struct buf b;
    buf_init(&b, 2 * LIMIT_TITLE);
    if (!text_line(&b, text.ptr, text.len, TEXT_PLAIN) && b.n) {
        wn_str value = str_of(b.p, b.n);
        /* Atom's ids are IRIs, so xml:base counts; the address of the feed may change, and must
         * not change ids with it. */
        const struct scope *s = scope_now(p);
        if (e->field == F_GUID && e->rank == 2 && s->own_base && !url_is_absolute(value))
            value = take_url(p, value);
        store(p, e->field, e->rank, value);
    }
    buf_finish(&b);
}

static void take_date(struct feed_parser *p, const struct element *e, wn_str text)
{
    struct feed_info *f = &p->doc->feed;
    int published = e->field == F_PUBLISHED;
    int64_t *to = p->item ? (published ? &p->item->published : &p->item->updated)
                          : (published ? &f->published : &f->updated);
    int64_t seconds;
    int status = date_parse(text, &seconds);
    if (status == OK) {
        if (claim(p, e->field, e->rank, 1))
            *to = seconds;
    } else if (status != E_ABSENT && !p->bad_dates++) {
        text = str_trim(text);
        document_warn(p->doc, "%s: \"%.*s\" is %s", e->name, text.len > 60 ? 60 : (int)text.len,
                      text.ptr,
                      status == E_INVALID ? "no date that can be" : "not a date that we know");
    }
}

void take_end(struct feed_parser *p, const struct element *e, wn_str text)
{
    switch (e->take) {
    case TAKE_TITLE:
    case TAKE_LINE:
        take_line(p, e, text);
        take_lang(p, e);
        break;
    case TAKE_HTML:
    case TAKE_CONSTRUCT:
        take_html(p, e, text);
        take_lang(p, e);
        break;
    case TAKE_TEXT:
        take_text(p, e, text);
        break;
    case TAKE_URL:
        store(p, e->field, e->rank, take_url(p, text));
        break;
    case TAKE_DATE:
        take_date(p, e, text);
        break;
    default:
        break;
    }
    if (e->end)
        e->end(p, text);
}
