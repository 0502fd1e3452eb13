/* SPDX-License-Identifier: Apache-2.0 */
#include "learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define LIMIT_ENTRIES 1024u  /* hashes kept of one source */
#define LIMIT_ROOM 4096u     /* hashes that one document may add before the table is thinned */
#define LIMIT_SOURCES_KV 64u /* tables held in memory where the store has them */
#define LIMIT_SOURCES_MEMORY 4096u /* and where it has not */
#define RING 256u                  /* items remembered as counted */
#define AGE 256u                   /* items after which all counts are halved: the old fades */
#define KEEP_DAYS 120              /* a source not seen for so long is forgotten */
#define MAGIC 0x31424c57u          /* "WLB1" */

struct entry {
    uint64_t key;
    uint16_t count;
    uint16_t ends; /* how often of that among the first or last blocks */
    uint16_t last; /* sequence of the item that had it last */
    uint16_t pad;
};

struct head {
    uint32_t magic, n;
    uint32_t items;    /* counted, halved with the rest */
    uint32_t sequence; /* of items, never halved */
    uint32_t ring[RING];
};

struct source {
    uint64_t key;
    struct head head;
    struct entry *entries; /* sorted by key, but for the newest ones past `sorted` */
    uint32_t cap, sorted;
    int64_t now;
    uint64_t used;
    int dirty;
};

struct learn {
    const wn_api *api;
    wn_host *host;
    struct source **v;
    uint32_t n, cap;
    uint64_t tick;
    int kv;
};

struct learn *learn_create(const wn_api *api, wn_host *host)
{
    struct learn *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->api = api;
    l->host = host;
    l->kv = WN_HAS(api, kv_get) && WN_HAS(api, kv_put);
    return l;
}

static void source_destroy(struct source *s)
{
    if (!s)
        return;
    free(s->entries);
    free(s);
}

void learn_destroy(struct learn *l)
{
    if (!l)
        return;
    for (uint32_t i = 0; i < l->n; i++)
        source_destroy(l->v[i]);
    free(l->v);
    free(l);
}

/* ---- one source's table ---- */

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

/* Most often seen first, then most lately. */
static int by_worth(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if ((x->count > 1) != (y->count > 1))
        return x->count > 1 ? -1 : 1;
    if (x->last != y->last)
        return (int16_t)(uint16_t)(y->last - x->last) < 0 ? -1 : 1;
    return by_key(a, b);
}

static struct entry *find(const struct source *s, uint64_t key)
{
    struct entry probe = {.key = key};
    struct entry *e = s->sorted ? bsearch(&probe, s->entries, s->sorted, sizeof *e, by_key) : NULL;
    for (uint32_t i = s->sorted; !e && i < s->head.n; i++)
        if (s->entries[i].key == key)
            e = &s->entries[i];
    return e;
}

static void sort(struct source *s)
{
    if (s->sorted < s->head.n)
        qsort(s->entries, s->head.n, sizeof *s->entries, by_key);
    s->sorted = s->head.n;
}

/* Drops the least worth knowing beyond the limit. */
static void thin(struct source *s, uint32_t limit)
{
    if (s->head.n > limit) {
        qsort(s->entries, s->head.n, sizeof *s->entries, by_worth);
        s->head.n = limit;
        s->sorted = 0;
    }
    sort(s);
}

static int bump(struct source *s, uint64_t key, int at_end)
{
    struct entry *e = find(s, key);
    if (e && e->last == (uint16_t)s->head.sequence && e->count)
        return WN_OK; /* once an item */
    if (!e) {
        if (s->head.n >= LIMIT_ROOM)
            thin(s, LIMIT_ENTRIES);
        if (s->head.n == s->cap) {
            uint32_t cap = s->cap ? s->cap * 2 : 128;
            struct entry *more = realloc(s->entries, cap * sizeof *more);
            if (!more)
                return WN_NOMEM;
            s->entries = more;
            s->cap = cap;
        }
        if (s->head.n - s->sorted > 64)
            sort(s);
        e = &s->entries[s->head.n++];
        memset(e, 0, sizeof *e);
        e->key = key;
    }
    if (e->count < UINT16_MAX) {
        e->count++;
        e->ends = (uint16_t)(e->ends + at_end);
    }
    e->last = (uint16_t)s->head.sequence;
    return WN_OK;
}

/* Old evidence fades: all counts are halved, what comes to nothing goes. */
static void age(struct source *s)
{
    uint32_t w = 0;
    for (uint32_t i = 0; i < s->head.n; i++) {
        struct entry e = s->entries[i];
        e.ends = (uint16_t)((e.ends + (e.ends > 1)) / 2);
        e.count /= 2;
        if (e.count)
            s->entries[w++] = e;
    }
    s->head.n = w;
    s->sorted = 0;
    sort(s);
    s->head.items /= 2;
}

/* ---- the store ---- */

static void key_of(uint64_t key, char text[24])
{
    snprintf(text, 24, "b%016llx", (unsigned long long)key);
}

static void load(struct learn *l, struct source *s)
{
    char text[24];
    wn_str value;
    if (!l->kv)
        return;
    key_of(s->key, text);
    if (l->api->kv_get(l->host, (wn_str){text, strlen(text)}, &value) != WN_OK ||
        value.len < sizeof s->head)
        return;
    struct head head;
    memcpy(&head, value.ptr, sizeof head);
    if (head.magic != MAGIC || head.n > LIMIT_ENTRIES ||
        value.len != sizeof head + head.n * sizeof(struct entry))
        return;
    s->entries = head.n ? malloc(head.n * sizeof *s->entries) : NULL;
    if (head.n && !s->entries)
        return;
    s->head = head;
    s->cap = head.n;
    if (head.n)
        memcpy(s->entries, value.ptr + sizeof head, head.n * sizeof *s->entries);
    s->sorted = 0;
    sort(s);
}

static int save(struct learn *l, struct source *s)
{
    char text[24];
    if (!s->dirty)
        return WN_OK;
    thin(s, LIMIT_ENTRIES);
    s->dirty = 0;
    if (!l->kv)
        return WN_OK;
    size_t n = sizeof s->head + s->head.n * sizeof *s->entries;
    char *value = malloc(n);
    if (!value)
        return WN_NOMEM;
    memcpy(value, &s->head, sizeof s->head);
    if (s->head.n)
        memcpy(value + sizeof s->head, s->entries, s->head.n * sizeof *s->entries);
    key_of(s->key, text);
    int64_t expires = s->now > 0 ? s->now + KEEP_DAYS * 86400 : 0;
    int status = l->api->kv_put(l->host, (wn_str){text, strlen(text)}, (wn_str){value, n}, expires);
    free(value);
    return status;
}

/* Makes room for one more source: the one that was used longest ago goes, its table is in the store. */
static int evict(struct learn *l)
{
    uint32_t oldest = 0, limit = l->kv ? LIMIT_SOURCES_KV : LIMIT_SOURCES_MEMORY;
    if (l->n < limit)
        return WN_OK;
    for (uint32_t i = 1; i < l->n; i++)
        if (l->v[i]->used < l->v[oldest]->used)
            oldest = i;
    int status = save(l, l->v[oldest]);
    source_destroy(l->v[oldest]);
    l->v[oldest] = l->v[--l->n];
    return status;
}

static struct source *source_of(struct learn *l, wn_str url)
{
    uint64_t key = XXH64(url.ptr ? url.ptr : "", url.ptr ? url.len : 0, 0);
    for (uint32_t i = 0; i < l->n; i++)
        if (l->v[i]->key == key) {
            l->v[i]->used = ++l->tick;
            return l->v[i];
        }
    evict(l);
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 16;
        struct source **more = realloc(l->v, cap * sizeof *more);
        if (!more)
            return NULL;
        l->v = more;
        l->cap = cap;
    }
    struct source *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->key = key;
    s->head.magic = MAGIC;
    s->used = ++l->tick;
    load(l, s);
    l->v[l->n++] = s;
    return s;
}

/* ---- counting ---- */

static int counted(const struct source *s, uint32_t id)
{
    for (uint32_t i = 0; i < RING; i++)
        if (s->head.ring[i] == id)
            return 1;
    return 0;
}

int learn_count(struct learn *l, wn_str url, int64_t item, int64_t now,
                const struct learn_line *lines, uint32_t n)
{
    struct source *s = source_of(l, url);
    uint32_t id = (uint32_t)((uint64_t)item * 0x9e3779b97f4a7c15u >> 32) | 1u;
    if (!s)
        return WN_NOMEM;
    if (counted(s, id))
        return WN_OK;
    s->head.sequence++;
    s->head.items++;
    s->head.ring[s->head.sequence % RING] = id;
    s->now = now;
    s->dirty = 1;
    for (uint32_t i = 0; i < n; i++) {
        const struct learn_line *line = &lines[i];
        int end = line->from_end < LEARN_LAST || line->from_start < LEARN_FIRST;
        /* Running text in the middle of an article is its own. */
        if (line->flags & LEARN_OWN || (!end && !(line->flags & LEARN_LINKED)))
            continue;
        int status = bump(s, line->masked, end);
        if (!status && line->exact != line->masked)
            status = bump(s, line->exact, end);
        for (int k = 0; k < 3 && !status && end && line->near[k]; k++)
            status = bump(s, (uint64_t)line->near[k] << 2 | (unsigned)k, 1);
        if (status)
            return status;
    }
    if (s->head.items >= AGE)
        age(s);
    return WN_OK;
}

int learn_flush(struct learn *l)
{
    int status = WN_OK;
    for (uint32_t i = 0; i < l->n; i++) {
        int one = save(l, l->v[i]);
        status = status ? status : one;
    }
    return status;
}

/* ---- deciding ---- */

struct seen {
    uint32_t count, exact, ends;
    uint32_t near;  /* items that had two of the line's three hashes */
    uint32_t close; /* all three */
};

static struct seen look_up(const struct source *s, const struct learn_line *line)
{
    struct seen seen = {0, 0, 0, 0, 0};
    const struct entry *e = find(s, line->masked), *x = e;
    if (line->exact != line->masked)
        x = find(s, line->exact);
    if (e) {
        seen.count = e->count;
        seen.ends = e->ends;
    }
    seen.exact = x ? x->count : 0;
    /* A near copy agrees in two of three. */
    uint32_t c[3] = {0, 0, 0};
    for (int k = 0; k < 3 && line->near[k]; k++) {
        e = find(s, (uint64_t)line->near[k] << 2 | (unsigned)k);
        c[k] = e ? e->count : 0;
    }
    uint32_t low = c[0] < c[1] ? c[0] : c[1], high = c[0] < c[1] ? c[1] : c[0];
    seen.near = c[2] < low ? low : c[2] < high ? c[2] : high;
    seen.close = c[2] < low ? c[2] : low;
    return seen;
}

/* What a line is, by how often and where its source has it. */
enum kind { OWN, FURNITURE, PROSE };

static enum kind judge_line(const struct source *s, const struct learn_line *line)
{
    struct seen seen = look_up(s, line);
    uint32_t items = s->head.items, count = seen.count;
    if (line->flags & LEARN_OWN)
        return OWN;
    int at_ends = seen.ends * 10 >= seen.count * 7;
    int sign = (line->flags & (LEARN_LINKED | LEARN_SIGN)) != 0;
    /* Copies that differ in a word: "… for the company Example". Running text must be closer. */
    uint32_t near = sign ? seen.near : seen.close;
    if (near > count && (line->from_end < LEARN_LAST || line->from_start < LEARN_FIRST)) {
        count = near;
        at_ends = 1;
    } else if (seen.exact < 3 && !(sign && at_ends)) {
        return OWN; /* its numbers change: a weather report, a table of prices */
    }
    if (count < 3)
        return OWN;
    if (!at_ends)
        return line->flags & LEARN_LINKED && count >= 5 && count * 2 >= items ? FURNITURE : OWN;
    if (line->flags & LEARN_PROSE || line->letters > 120)
        return count * 2 >= items ? (sign ? FURNITURE : PROSE) : OWN;
    /* A link that some items share may be the author's; a feed's own furniture is in most of them. */
    return count * (line->flags & LEARN_SIGN ? 3 : 2) >= items ? FURNITURE : OWN;
}

uint32_t learn_decide(struct learn *l, wn_str url, const struct learn_line *lines, uint32_t n,
                      uint8_t *remove)
{
    struct source *s = source_of(l, url);
    uint32_t all = 0, gone = 0, prose = 0, repeated = 0, uneven = 0, count = 0;
    memset(remove, 0, n);
    if (!s || s->head.items < 3)
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        enum kind kind = judge_line(s, &lines[i]);
        all += lines[i].letters;
        remove[i] = (uint8_t)kind;
        gone += kind == OWN ? 0 : lines[i].letters;
        prose += kind == PROSE ? lines[i].letters : 0;
        if (lines[i].flags & LEARN_PROSE) {
            struct seen seen = look_up(s, &lines[i]);
            if (seen.count >= 2)
                repeated += lines[i].letters;
            if (seen.count >= 2 && seen.count * 10 < s->head.items * 7)
                uneven += lines[i].letters;
        }
    }
    /* A source whose articles repeat each other: a live blog grows paragraph by paragraph, so that
     * its repeats are unevenly frequent; a report with a fixed text is mostly repeats. */
    int content = (repeated && uneven * 4 > repeated) || prose * 2 > all;
    if (content)
        gone -= prose;
    int blank = all - gone < 30 && gone;
    for (uint32_t i = 0; i < n; i++) {
        remove[i] = !blank && (remove[i] == FURNITURE || (remove[i] == PROSE && !content));
        count += remove[i];
    }
    return count;
}
