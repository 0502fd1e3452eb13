/* SPDX-License-Identifier: Apache-2.0 */
#include "item.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "limits.h"
#include "status.h"

static void set_defaults(struct item *item)
{
    item->published = item->updated = TIME_ABSENT;
    item->arrived = TIME_ABSENT;
}

struct item *item_create(void)
{
    struct item *item = calloc(1, sizeof *item);
    if (item)
        set_defaults(item);
    return item;
}

void item_destroy(struct item *item)
{
    if (!item)
        return;
    arena_finish(&item->arena);
    free(item);
}

void item_reset(struct item *item)
{
    struct arena keep = item->arena;
    arena_reset(&keep);
    memset(item, 0, sizeof *item);
    item->arena = keep;
    set_defaults(item);
}

#define ADDER(name, field, limit)                                                                  \
    struct name *item_add_##name(struct item *item)                                                \
    {                                                                                              \
        void *array = item->field;                                                                 \
        struct name *e = arena_grow(&item->arena, &array, &item->n_##field, sizeof *e, limit);     \
        item->field = array;                                                                       \
        return e;                                                                                  \
    }

ADDER(category, categories, LIMIT_CATEGORIES)
ADDER(person, people, LIMIT_PEOPLE)
ADDER(link, links, LIMIT_LINKS)
ADDER(extension, extensions, LIMIT_EXTENSIONS)
ADDER(topic, topics, LIMIT_CATEGORIES)
ADDER(removed, removed, LIMIT_REMOVED)

struct enclosure *item_add_enclosure(struct item *item)
{
    void *array = item->enclosures;
    struct enclosure *e =
        arena_grow(&item->arena, &array, &item->n_enclosures, sizeof *e, LIMIT_ENCLOSURES);
    item->enclosures = array;
    if (e)
        e->length = e->duration = -1;
    return e;
}

wn_str item_str(struct item *item, wn_str s)
{
    return s.ptr ? arena_str(&item->arena, s.ptr, s.len) : s;
}

/* ---- one walk over all strings that the feed gave, for hash and copy ---- */

typedef void (*visit_fn)(void *user, wn_str *s);

static void visit_feed_strings(struct item *item, visit_fn visit, void *user)
{
    wn_str *plain[] = {&item->guid,    &item->link,         &item->title,     &item->summary,
                       &item->content, &item->lang,         &item->base,      &item->comments,
                       &item->rights,  &item->source_title, &item->source_url};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        visit(user, plain[i]);
    for (size_t i = 0; i < item->n_people; i++) {
        visit(user, &item->people[i].name);
        visit(user, &item->people[i].email);
        visit(user, &item->people[i].uri);
    }
    for (size_t i = 0; i < item->n_categories; i++) {
        visit(user, &item->categories[i].term);
        visit(user, &item->categories[i].scheme);
        visit(user, &item->categories[i].label);
    }
    for (size_t i = 0; i < item->n_enclosures; i++) {
        visit(user, &item->enclosures[i].url);
        visit(user, &item->enclosures[i].type);
        visit(user, &item->enclosures[i].title);
    }
    for (size_t i = 0; i < item->n_links; i++) {
        visit(user, &item->links[i].href);
        visit(user, &item->links[i].rel);
        visit(user, &item->links[i].type);
        visit(user, &item->links[i].hreflang);
        visit(user, &item->links[i].title);
    }
    for (size_t i = 0; i < item->n_extensions; i++) {
        visit(user, &item->extensions[i].ns);
        visit(user, &item->extensions[i].name);
        visit(user, &item->extensions[i].text);
        visit(user, &item->extensions[i].attrs);
    }
}

static void visit_added_strings(struct item *item, visit_fn visit, void *user)
{
    wn_str *plain[] = {&item->source_key,  &item->source_name,  &item->source_site,
                       &item->source_lang, &item->text,         &item->detected_lang,
                       &item->vector,      &item->topic_best.id};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        visit(user, plain[i]);
    for (size_t i = 0; i < item->n_topics; i++)
        visit(user, &item->topics[i].id);
    for (size_t i = 0; i < item->n_removed; i++) {
        visit(user, &item->removed[i].rule);
        visit(user, &item->removed[i].text);
        visit(user, &item->removed[i].place);
    }
}

static void hash_string(void *user, wn_str *s)
{
    uint64_t len = s->ptr ? s->len : UINT64_MAX;
    XXH3_64bits_update(user, &len, sizeof len);
    if (s->ptr)
        XXH3_64bits_update(user, s->ptr, s->len);
}

uint64_t item_hash(const struct item *item)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return 0;
    XXH3_64bits_reset(state);
    visit_feed_strings((struct item *)item, hash_string, state);
    int64_t times[] = {item->published, item->updated};
    XXH3_64bits_update(state, times, sizeof times);
    uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

struct copying {
    struct item *to;
    int failed;
};

static void copy_string(void *user, wn_str *s)
{
    struct copying *c = user;
    if (!s->ptr)
        return;
    *s = arena_str(&c->to->arena, s->ptr, s->len);
    if (!s->ptr)
        c->failed = 1;
}

static int copy_array(struct item *to, void *array_field, size_t n, size_t size)
{
    void **array = array_field;
    if (!n)
        return 0;
    size_t cap = 1;
    while (cap < n)
        cap *= 2;
    void *fresh = arena_alloc(&to->arena, cap * size);
    if (!fresh)
        return -1;
    memcpy(fresh, *array, n * size);
    *array = fresh;
    return 0;
}

struct item *item_copy(const struct item *item)
{
    struct item *to = malloc(sizeof *to);
    if (!to)
        return NULL;
    *to = *item;
    /* What parsing and filtering put in may together pass what the feed alone was allowed. */
    arena_init(&to->arena, 4 * LIMIT_ITEM);
    to->chain = NULL;
    struct copying c = {to, 0};
    if (copy_array(to, &to->people, to->n_people, sizeof *to->people) ||
        copy_array(to, &to->categories, to->n_categories, sizeof *to->categories) ||
        copy_array(to, &to->enclosures, to->n_enclosures, sizeof *to->enclosures) ||
        copy_array(to, &to->links, to->n_links, sizeof *to->links) ||
        copy_array(to, &to->extensions, to->n_extensions, sizeof *to->extensions) ||
        copy_array(to, &to->topics, to->n_topics, sizeof *to->topics) ||
        copy_array(to, &to->removed, to->n_removed, sizeof *to->removed))
        c.failed = 1;
    if (!c.failed) {
        visit_feed_strings(to, copy_string, &c);
        visit_added_strings(to, copy_string, &c);
    }
    if (c.failed) {
        item_destroy(to);
        return NULL;
    }
    return to;
}

wn_str item_key(const struct item *item, char buf[40])
{
    if (item->guid.ptr && item->guid.len)
        return item->guid;
    if (item->link.ptr && item->link.len)
        return item->link;
    XXH64_hash_t h = XXH3_64bits(item->title.ptr ? item->title.ptr : "", item->title.len);
    wn_str body = item->content.ptr ? item->content : item->summary;
    h = XXH3_64bits_withSeed(body.ptr ? body.ptr : "", body.len, h);
    int n = snprintf(buf, 40, "hash:%016llx", (unsigned long long)h);
    return str_of(buf, (size_t)n);
}

const char *format_name(int format)
{
    static const char *const names[] = {"unknown",  "rss-0.9",  "rss-1.0", "rss-2.0",
                                        "atom-0.3", "atom-1.0", "json-1",  "cdf"};
    return format >= 0 && (size_t)format < sizeof names / sizeof *names ? names[format] : names[0];
}
