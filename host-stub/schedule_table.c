/* SPDX-License-Identifier: Apache-2.0 */
/* The sources by URL (a hash table, made anew by each reload) and by due time (a binary heap). */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "limits.h"
#include "schedule_internal.h"
#include "status.h"

/* ---- the heap ---- */

static int before(const struct poll *a, const struct poll *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void place(struct heap *h, size_t at, struct poll *e)
{
    h->polls[at] = e;
    e->at = at;
}

static void rise(struct heap *h, struct poll *e)
{
    size_t at = e->at;
    for (; at; at = (at - 1) / 2) {
        struct poll *above = h->polls[(at - 1) / 2];
        if (!before(e, above))
            break;
        place(h, at, above);
    }
    place(h, at, e);
}

static void sink(struct heap *h, struct poll *e)
{
    size_t at = e->at;
    for (;;) {
        size_t below = 2 * at + 1;
        if (below >= h->n)
            break;
        if (below + 1 < h->n && before(h->polls[below + 1], h->polls[below]))
            below++;
        if (!before(h->polls[below], e))
            break;
        place(h, at, h->polls[below]);
        at = below;
    }
    place(h, at, e);
}

int heap_reserve(struct heap *h, size_t n)
{
    if (n <= h->cap)
        return OK;
    struct poll **fresh = realloc(h->polls, n * sizeof *fresh);
    if (!fresh)
        return E_NOMEM;
    h->polls = fresh;
    h->cap = n;
    return OK;
}

void heap_put(struct heap *h, struct poll *e)
{
    if (e->at == NOT_IN_HEAP)
        place(h, h->n++, e);
    rise(h, e);
    sink(h, e);
}

void heap_remove(struct heap *h, struct poll *e)
{
    if (e->at == NOT_IN_HEAP)
        return;
    size_t at = e->at;
    struct poll *last = h->polls[--h->n];
    e->at = NOT_IN_HEAP;
    if (last != e) {
        place(h, at, last);
        rise(h, last);
        sink(h, last);
    }
}

struct poll *heap_take(struct heap *h)
{
    struct poll *e = h->polls[0];
    heap_remove(h, e);
    return e;
}

void heap_finish(struct heap *h)
{
    free(h->polls);
    memset(h, 0, sizeof *h);
}

/* ---- the table ---- */

static struct poll **slot_of(const struct table *t, const char *url, size_t n, uint64_t hash)
{
    size_t i = hash & (t->cap - 1);
    for (; t->slots[i]; i = (i + 1) & (t->cap - 1)) {
        const struct poll *e = t->slots[i];
        if (e->hash == hash && strlen(e->source->url) == n && !memcmp(e->source->url, url, n))
            break;
    }
    return &t->slots[i];
}

struct poll *table_find(const struct table *t, const char *url, size_t n)
{
    return t->cap ? *slot_of(t, url, n, XXH3_64bits(url, n)) : NULL;
}

void table_finish(struct table *t)
{
    free(t->slots);
    memset(t, 0, sizeof *t);
}

void poll_destroy(struct poll *e)
{
    if (!e)
        return;
    free(e->etag);
    free(e->last_modified);
    free(e);
}

/* ---- reload ---- */

/* What stands between "://" and the path, without a user's name. */
static uint64_t host_of(const char *url)
{
    const char *from = strstr(url, "://");
    from = from ? from + 3 : url;
    size_t n = strcspn(from, "/?#");
    const char *at = memchr(from, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - from);
        from = at + 1;
    }
    return XXH3_64bits(from, n);
}

static struct poll *poll_create(struct schedule *s, uint64_t hash, const char *url)
{
    struct poll *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->schedule = s;
    e->hash = hash;
    e->host = host_of(url);
    e->ttl = e->asked = -1;
    e->at = NOT_IN_HEAP;
    return e;
}

static void drop(struct schedule *s, struct poll *e)
{
    heap_remove(&s->heap, e);
    if (e->to_do)
        s->to_do--;
    if (e->under_way) {
        e->source = NULL;
        e->to_do = 0;
        e->next_orphan = s->orphans;
        s->orphans = e;
    } else {
        poll_destroy(e);
    }
}

/* A source that was added, or whose interval may have become shorter. */
static void settle(struct schedule *s, struct poll *e, int is_new)
{
    if (s->once) {
        if (is_new) {
            e->to_do = 1;
            s->to_do++;
            heap_put(&s->heap, e);
        }
        return;
    }
    if (e->under_way)
        return;
    if (is_new) {
        e->due = s->started ? wall_clock(s) : 0;
    } else if (!e->failures && s->started) {
        int64_t wait = poll_interval(s, e->source), latest;
        wait = e->ttl > wait ? e->ttl : wait;
        wait = e->asked > wait ? e->asked : wait;
        latest = (e->polled ? e->polled : wall_clock(s)) + wait;
        if (latest < e->due && latest > 0)
            e->due = latest;
    }
    heap_put(&s->heap, e);
}

/* The polls that the configuration wants, known ones taken over and marked. On failure
 * only what was made here is freed. */
static int collect(struct schedule *s, const struct config *config, struct table *fresh)
{
    for (size_t i = 0; i < config->n_sources; i++) {
        const struct source *source = &config->sources[i];
        size_t n = strlen(source->url);
        uint64_t hash = XXH3_64bits(source->url, n);
        if (!source->enabled)
            continue;
        struct poll **slot = slot_of(fresh, source->url, n, hash);
        if (*slot)
            continue;
        struct poll *e = table_find(&s->table, source->url, n);
        if (e)
            e->seen = 1;
        else if ((e = poll_create(s, hash, source->url)))
            e->source = source;
        if (!e)
            return E_NOMEM;
        e->order = (uint32_t)i;
        *slot = e;
        fresh->n++;
    }
    return OK;
}

int schedule_reload(struct schedule *s, const struct config *config)
{
    struct table fresh = {NULL, 0, 64};
    while (fresh.cap < 2 * config->n_sources)
        fresh.cap *= 2;
    fresh.slots = calloc(fresh.cap, sizeof *fresh.slots);
    if (!fresh.slots)
        return E_NOMEM;
    int r = heap_reserve(&s->heap, config->n_sources + s->heap.n);
    if (!r)
        r = collect(s, config, &fresh);
    if (r) {
        for (size_t i = 0; i < fresh.cap; i++) {
            struct poll *e = fresh.slots[i];
            if (e && !e->seen)
                poll_destroy(e);
            else if (e)
                e->seen = 0;
        }
        table_finish(&fresh);
        return r;
    }
    for (size_t i = 0; i < s->table.cap; i++)
        if (s->table.slots[i] && !s->table.slots[i]->seen)
            drop(s, s->table.slots[i]);
    table_finish(&s->table);
    s->table = fresh;
    s->config = config;
    for (size_t i = 0; i < fresh.cap; i++) {
        struct poll *e = fresh.slots[i];
        if (!e)
            continue;
        int is_new = !e->seen;
        e->seen = 0;
        e->source = &config->sources[e->order];
        settle(s, e, is_new);
    }
    schedule_arm(s, 1);
    return OK;
}
