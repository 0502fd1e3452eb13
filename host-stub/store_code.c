/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An item as a blob: a version, then every field in a fixed order. Numbers are zigzag varints;
 * a string is its length plus one (0: absent) and its bytes. New fields go to the end under a new
 * version, so that older blobs stay readable. Not stored: what columns hold (id, arrived, story),
 * and what can be had again from the content (text, vector).
 */
#include <string.h>

#include "status.h"
#include "store_db.h"

enum { CODE_VERSION = 1 };

/* One description of the fields serves both ways: out set: written, else read. */
struct coder {
    struct buf *out;
    const unsigned char *p, *end;
    struct item *item; /* whose arena holds what is read */
    int status;
};

static void put_number(struct buf *out, uint64_t n)
{
    unsigned char bytes[10];
    size_t len = 0;
    for (; n >= 0x80; n >>= 7)
        bytes[len++] = (unsigned char)(n | 0x80);
    bytes[len++] = (unsigned char)n;
    buf_add(out, bytes, len);
}

static uint64_t get_number(struct coder *c)
{
    uint64_t n = 0;
    if (c->status != OK) /* the first failure is the one to tell */
        return 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (c->p == c->end)
            break;
        unsigned char byte = *c->p++;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return n;
    }
    c->status = E_CORRUPT;
    return 0;
}

static void number(struct coder *c, int64_t *value)
{
    if (c->out) {
        put_number(c->out, ((uint64_t)*value << 1) ^ (uint64_t)(*value < 0 ? -1 : 0));
    } else {
        uint64_t n = get_number(c);
        *value = (int64_t)((n >> 1) ^ (n & 1 ? UINT64_MAX : 0));
    }
}

static void small(struct coder *c, int *value)
{
    int64_t n = *value;
    number(c, &n);
    *value = (int)n;
}

static void text(struct coder *c, wn_str *s)
{
    if (c->out) {
        put_number(c->out, s->ptr ? (uint64_t)s->len + 1 : 0);
        buf_addstr(c->out, *s);
        return;
    }
    uint64_t n = get_number(c);
    if (n == 0 || c->status != OK)
        return;
    if (--n > (uint64_t)(c->end - c->p)) {
        c->status = E_CORRUPT;
        return;
    }
    *s = arena_str(&c->item->arena, (const char *)c->p, (size_t)n);
    if (!s->ptr)
        c->status = E_NOMEM;
    c->p += n;
}

/* The number of entries to come. Reading appends with item_add_…(), which knows the limits. */
static size_t count(struct coder *c, size_t n)
{
    if (c->out) {
        put_number(c->out, n);
        return n;
    }
    uint64_t got = get_number(c);
    if (got > (uint64_t)(c->end - c->p)) { /* each entry takes a byte at least */
        c->status = E_CORRUPT;
        return 0;
    }
    return (size_t)got;
}

static void code_person(struct coder *c, struct person *e)
{
    text(c, &e->name);
    text(c, &e->email);
    text(c, &e->uri);
    small(c, &e->contributor);
}

static void code_category(struct coder *c, struct category *e)
{
    text(c, &e->term);
    text(c, &e->scheme);
    text(c, &e->label);
}

static void code_enclosure(struct coder *c, struct enclosure *e)
{
    text(c, &e->url);
    text(c, &e->type);
    text(c, &e->title);
    number(c, &e->length);
    number(c, &e->duration);
    int width = e->width, height = e->height;
    small(c, &width);
    small(c, &height);
    e->width = width;
    e->height = height;
    small(c, &e->kind);
}

static void code_link(struct coder *c, struct link *e)
{
    text(c, &e->href);
    text(c, &e->rel);
    text(c, &e->type);
    text(c, &e->hreflang);
    text(c, &e->title);
}

static void code_extension(struct coder *c, struct extension *e)
{
    text(c, &e->ns);
    text(c, &e->name);
    text(c, &e->text);
    text(c, &e->attrs);
    small(c, &e->depth);
}

static void code_topic(struct coder *c, struct topic *e)
{
    text(c, &e->id);
    number(c, &e->score);
}

static void code_removed(struct coder *c, struct removed *e)
{
    text(c, &e->rule);
    text(c, &e->text);
    text(c, &e->place);
}

/* What was written kept the limits of items, so a list past its own is damage, not lack of memory.
 */
#define LIST(name, field, list, limit)                                                             \
    static void code_##list(struct coder *c, struct item *item)                                    \
    {                                                                                              \
        size_t n = count(c, item->n_##field);                                                      \
        for (size_t i = 0; i < n && c->status == OK; i++) {                                        \
            struct name *e = c->out ? &item->field[i] : item_add_##name(item);                     \
            if (e)                                                                                 \
                code_##name(c, e);                                                                 \
            else                                                                                   \
                c->status = item->n_##field >= (limit) ? E_CORRUPT : E_NOMEM;                      \
        }                                                                                          \
    }
LIST(person, people, people, LIMIT_PEOPLE)
LIST(category, categories, categories, LIMIT_CATEGORIES)
LIST(enclosure, enclosures, enclosures, LIMIT_ENCLOSURES)
LIST(link, links, links, LIMIT_LINKS)
LIST(extension, extensions, extensions, LIMIT_EXTENSIONS)
LIST(topic, topics, topics, LIMIT_CATEGORIES)
LIST(removed, removed, removals, LIMIT_REMOVED)
#undef LIST

static void code_item(struct coder *c, struct item *item)
{
    wn_str *const texts[] = {&item->guid,          &item->link,         &item->title,
                             &item->summary,       &item->content,      &item->lang,
                             &item->base,          &item->comments,     &item->rights,
                             &item->source_title,  &item->source_url,   &item->source_key,
                             &item->source_name,   &item->source_site,  &item->source_lang,
                             &item->detected_lang, &item->topic_best.id};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        text(c, texts[i]);
    small(c, &item->guid_is_permalink);
    number(c, &item->published);
    number(c, &item->updated);
    number(c, &item->revision);
    number(c, &item->document);
    int64_t hash = (int64_t)item->hash;
    number(c, &hash);
    item->hash = (uint64_t)hash;
    small(c, &item->sanitised);
    number(c, &item->topic_best.score);
    code_people(c, item);
    code_categories(c, item);
    code_enclosures(c, item);
    code_links(c, item);
    code_extensions(c, item);
    code_topics(c, item);
    code_removals(c, item);
}

int item_encode(const struct item *item, struct buf *out)
{
    struct coder c = {.out = out};
    put_number(out, CODE_VERSION);
    /* The coder writes nothing into an item when it has an out. */
    struct item view = *item;
    code_item(&c, &view);
    return out->err;
}

int item_decode(const char *p, size_t n, struct item **item)
{
    struct item *fresh = item_create();
    if (!fresh)
        return E_NOMEM;
    arena_init(&fresh->arena, 4 * LIMIT_ITEM);
    struct coder c = {
        .p = (const unsigned char *)p, .end = (const unsigned char *)p + n, .item = fresh};
    uint64_t version = get_number(&c);
    if (c.status == OK && version != CODE_VERSION)
        c.status = version > CODE_VERSION ? E_VERSION : E_CORRUPT;
    if (c.status == OK)
        code_item(&c, fresh);
    if (c.status != OK) {
        item_destroy(fresh);
        return c.status;
    }
    *item = fresh;
    return OK;
}
