/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../text/kernels.h"
#include "../text/limits.h"
#include "codes.h"

#define TILE 8     /* blocks that are compared with every query before the next are read */
#define QUERIES 32 /* queries at once: their tables stay close */

struct key_entry {
    uint32_t key, slot; /* key 0: empty */
};

struct index {
    uint32_t n, cap, dead, oldest;
    struct index_item *items;
    void *memory;              /* where the blocks are, with room to align them */
    struct code_block *blocks; /* signs of the vectors, 64 items each */
    uint8_t *rest;             /* their other bits, CODES_REST bytes an item */
    struct key_entry *keys;    /* open addressing, linear, at most four fifths full */
    uint32_t n_keys, cap_keys;
    uint32_t *ids; /* slots by id, likewise; INDEX_NONE: empty */
    uint32_t cap_ids;
};

int index_create(struct index **out)
{
    struct index *x = calloc(1, sizeof *x);
    if (!x)
        return WN_NOMEM;
    *out = x;
    return WN_OK;
}

void index_destroy(struct index *x)
{
    if (!x)
        return;
    free(x->items);
    free(x->memory);
    free(x->rest);
    free(x->keys);
    free(x->ids);
    free(x);
}

static struct code_block *block_of(const struct index *x, uint32_t slot)
{
    return &x->blocks[slot / CODES_LANES];
}

static uint8_t *rest_of(const struct index *x, uint32_t slot)
{
    return x->rest + (size_t)slot * CODES_REST;
}

static uint32_t place(uint64_t h, uint32_t cap)
{
    h *= 0x9E3779B97F4A7C15u;
    return (uint32_t)((h >> 32) * cap >> 32);
}

static void insert_key(struct index *x, uint32_t key, uint32_t slot)
{
    uint32_t at = place(key, x->cap_keys);
    while (x->keys[at].key)
        at = at + 1 == x->cap_keys ? 0 : at + 1;
    x->keys[at] = (struct key_entry){key, slot};
    x->n_keys++;
}

static void insert_id(struct index *x, uint32_t slot)
{
    uint32_t at = place((uint64_t)x->items[slot].id, x->cap_ids);
    while (x->ids[at] != INDEX_NONE)
        at = at + 1 == x->cap_ids ? 0 : at + 1;
    x->ids[at] = slot;
}

/* A new key table of that capacity; number[old slot] is the new one, NULL: unchanged. */
static int rebuild_keys(struct index *x, uint32_t cap, const uint32_t *number)
{
    struct key_entry *old = x->keys, *fresh = calloc(cap, sizeof *fresh);
    uint32_t old_cap = x->cap_keys;
    if (!fresh)
        return WN_NOMEM;
    x->keys = fresh;
    x->cap_keys = cap;
    x->n_keys = 0;
    /* From an empty place on, so that equal keys keep their order of arrival. */
    uint32_t start = 0;
    while (start < old_cap && old[start].key)
        start++;
    for (uint32_t i = 0; i < old_cap; i++) {
        const struct key_entry *k = &old[(start + i) % old_cap];
        uint32_t slot = k->key ? (number ? number[k->slot] : k->slot) : INDEX_NONE;
        if (slot != INDEX_NONE)
            insert_key(x, k->key, slot);
    }
    free(old);
    return WN_OK;
}

static int rebuild_ids(struct index *x, uint32_t cap)
{
    uint32_t *fresh = malloc(cap * sizeof *fresh);
    if (!fresh)
        return WN_NOMEM;
    memset(fresh, 0xFF, cap * sizeof *fresh);
    free(x->ids);
    x->ids = fresh;
    x->cap_ids = cap;
    for (uint32_t s = 0; s < x->n; s++)
        if (!(x->items[s].flags & INDEX_DEAD))
            insert_id(x, s);
    return WN_OK;
}

static int grow(void **p, size_t n, size_t size)
{
    void *fresh = realloc(*p, n * size);
    if (!fresh)
        return WN_NOMEM;
    *p = fresh;
    return WN_OK;
}

/* Large pages, where the system has them: a search reads all of it. */
static void advise(void *p, size_t size)
{
    uintptr_t from = ((uintptr_t)p + 4095) & ~(uintptr_t)4095;
    uintptr_t to = ((uintptr_t)p + size) & ~(uintptr_t)4095;
    if (to > from + ((size_t)4 << 20))
        madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static struct code_block *aligned(void *memory)
{
    return (struct code_block *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
}

/* Blocks begin where a line of the cache does, which realloc does not know. */
static int grow_blocks(struct index *x, size_t old, size_t n)
{
    size_t off = x->memory ? (size_t)((char *)x->blocks - (char *)x->memory) : 0;
    if (grow(&x->memory, n * sizeof *x->blocks + 63, 1) < 0)
        return WN_NOMEM;
    x->blocks = aligned(x->memory);
    if (old && (char *)x->blocks != (char *)x->memory + off)
        memmove(x->blocks, (char *)x->memory + off, old * sizeof *x->blocks);
    advise(x->blocks, n * sizeof *x->blocks);
    return WN_OK;
}

/* Room for one more item and its keys. */
static int make_room(struct index *x)
{
    if (x->n == x->cap) {
        uint32_t cap = x->cap ? (x->cap + x->cap / 2) / CODES_LANES * CODES_LANES : 256;
        if (grow((void **)&x->items, cap, sizeof *x->items) < 0 ||
            grow((void **)&x->rest, cap, CODES_REST) < 0 ||
            grow_blocks(x, x->cap / CODES_LANES, cap / CODES_LANES) < 0)
            return WN_NOMEM;
        x->cap = cap;
    }
    if ((uint64_t)(x->n_keys + INDEX_KEYS) * 5 >= (uint64_t)x->cap_keys * 4 &&
        rebuild_keys(x, x->cap_keys ? x->cap_keys + x->cap_keys / 4 : 4096, NULL) < 0)
        return WN_NOMEM;
    if ((uint64_t)(x->n - x->dead + 1) * 5 >= (uint64_t)x->cap_ids * 4 &&
        rebuild_ids(x, x->cap_ids ? x->cap_ids + x->cap_ids / 4 : 512) < 0)
        return WN_NOMEM;
    return WN_OK;
}

int index_add(struct index *x, const struct index_item *item, const struct core *e,
              const uint32_t *keys, unsigned n_keys, uint32_t *slot)
{
    if (x->n - x->dead >= EDITIONS_LIMIT_ITEMS || n_keys > INDEX_KEYS)
        return WN_LIMIT;
    int status = make_room(x);
    if (status != WN_OK)
        return status;
    uint32_t s = x->n++;
    x->items[s] = *item;
    x->items[s].flags = (uint8_t)((item->flags & INDEX_COPY) | (e ? INDEX_VECTOR : 0));
    if (s % CODES_LANES == 0)
        memset(block_of(x, s), 0, sizeof *x->blocks);
    if (e)
        codes_put(block_of(x, s), s % CODES_LANES, item->lang, e->title, e->whole, rest_of(x, s));
    insert_id(x, s);
    for (unsigned i = 0; i < n_keys; i++)
        if (keys[i])
            insert_key(x, keys[i], s);
    *slot = s;
    return WN_OK;
}

uint32_t index_slot(const struct index *x, int64_t id)
{
    if (!x->cap_ids)
        return INDEX_NONE;
    uint32_t at = place((uint64_t)id, x->cap_ids);
    for (; x->ids[at] != INDEX_NONE; at = at + 1 == x->cap_ids ? 0 : at + 1) {
        const struct index_item *item = &x->items[x->ids[at]];
        if (item->id == id && !(item->flags & INDEX_DEAD))
            return x->ids[at];
    }
    return INDEX_NONE;
}

void index_remove(struct index *x, uint32_t slot)
{
    if (slot >= x->n || (x->items[slot].flags & INDEX_DEAD))
        return;
    x->items[slot].flags |= INDEX_DEAD;
    block_of(x, slot)->live &= ~((uint64_t)1 << slot % CODES_LANES);
    x->dead++;
}

bool index_compact(struct index *x)
{
    if (x->dead < 64 || x->dead < x->n / 4)
        return false;
    uint32_t *number = malloc(x->n * sizeof *number), n = 0;
    if (!number)
        return false;
    for (uint32_t s = 0; s < x->n; s++)
        number[s] = x->items[s].flags & INDEX_DEAD ? INDEX_NONE : n++;
    if (rebuild_keys(x, x->cap_keys, number) < 0) {
        free(number);
        return false;
    }
    for (uint32_t s = 0; s < x->n; s++) {
        uint32_t t = number[s];
        if (t == INDEX_NONE || t == s)
            continue;
        x->items[t] = x->items[s];
        codes_move(block_of(x, t), t % CODES_LANES, block_of(x, s), s % CODES_LANES);
        memcpy(rest_of(x, t), rest_of(x, s), CODES_REST);
    }
    free(number);
    if (n % CODES_LANES)
        block_of(x, n)->live &= ((uint64_t)1 << n % CODES_LANES) - 1;
    x->n = n;
    x->dead = x->oldest = 0;
    memset(x->ids, 0xFF, x->cap_ids * sizeof *x->ids);
    for (uint32_t s = 0; s < n; s++)
        insert_id(x, s);
    return true;
}

struct index_item *index_item(const struct index *x, uint32_t slot)
{
    return &x->items[slot];
}

uint32_t index_end(const struct index *x)
{
    return x->n;
}

uint32_t index_live(const struct index *x)
{
    return x->n - x->dead;
}

size_t index_bytes(const struct index *x)
{
    return sizeof *x + (size_t)x->n * (sizeof *x->items + CODES_REST) +
           (size_t)(x->n + CODES_LANES - 1) / CODES_LANES * sizeof *x->blocks +
           (size_t)x->cap_keys * sizeof *x->keys + (size_t)x->cap_ids * sizeof *x->ids;
}

uint32_t index_oldest(struct index *x)
{
    while (x->oldest < x->n && (x->items[x->oldest].flags & INDEX_DEAD))
        x->oldest++;
    return x->oldest < x->n ? x->oldest : INDEX_NONE;
}

unsigned index_find(const struct index *x, uint32_t key, uint32_t *slots, unsigned most)
{
    unsigned n = 0;
    if (!x->cap_keys || !key)
        return 0;
    uint32_t at = place(key, x->cap_keys);
    for (; x->keys[at].key; at = at + 1 == x->cap_keys ? 0 : at + 1) {
        if (x->keys[at].key != key || (x->items[x->keys[at].slot].flags & INDEX_DEAD))
            continue;
        if (n == most) { /* the newest are the likeliest */
            memmove(slots, slots + 1, (most - 1) * sizeof *slots);
            n--;
        }
        slots[n++] = x->keys[at].slot;
    }
    return n;
}

int32_t index_score(const struct index *x, uint32_t a, uint32_t b)
{
    const struct kernels *k = kernels_best();
    int8_t v[2 * ENCODER_DIM], w[2 * ENCODER_DIM];
    codes_get(block_of(x, a), a % CODES_LANES, rest_of(x, a), v);
    codes_get(block_of(x, b), b % CODES_LANES, rest_of(x, b), w);
    return k->dot(v, w) + k->dot(v + ENCODER_DIM, w + ENCODER_DIM);
}

static void keep(struct found *f, unsigned lang, uint32_t slot, int32_t score)
{
    unsigned k = f->n[lang] < INDEX_BEST ? f->n[lang]++ : INDEX_BEST - 1;
    for (; k > 0 && f->score[lang][k - 1] < score; k--) {
        f->score[lang][k] = f->score[lang][k - 1];
        f->slot[lang][k] = f->slot[lang][k - 1];
    }
    f->score[lang][k] = score;
    f->slot[lang][k] = slot;
}

/* From which score on an item of the language is better than what was found. */
static int32_t wanted(const struct found *f, unsigned lang, int32_t least)
{
    if (f->n[lang] < INDEX_BEST || f->score[lang][INDEX_BEST - 1] < least)
        return least;
    return f->score[lang][INDEX_BEST - 1] + 1;
}

/* The exact scores of a block's items whose signs are close enough. */
static void look_closer(const struct index *x, uint32_t block, uint64_t near, struct found *f,
                        struct code_query *code, int32_t least)
{
    const struct codes_kernels *k = codes_kernels()[0];
    for (; near; near &= near - 1) {
        unsigned lane = (unsigned)__builtin_ctzll(near);
        uint32_t slot = block * CODES_LANES + lane;
        unsigned lang = x->blocks[block].lang[lane];
        int32_t score = k->score(&x->blocks[block], lane, rest_of(x, slot), code);
        if (score < wanted(f, lang, least))
            continue;
        keep(f, lang, slot, score);
        codes_ask(code, lang, wanted(f, lang, least));
    }
}

/* The live slots among from..to-1 of a block, a bit each. */
static uint64_t lanes_within(uint32_t block, uint32_t from, uint32_t to)
{
    uint64_t lanes = UINT64_MAX, first = (uint64_t)block * CODES_LANES;
    if (from > first)
        lanes &= UINT64_MAX << (from - first);
    if (to < first + CODES_LANES)
        lanes &= ((uint64_t)1 << (to - first)) - 1;
    return lanes;
}

static void search_tile(const struct index *x, uint32_t first, uint32_t n, uint32_t from,
                        uint32_t to, struct found *f, struct code_query *code, int32_t least)
{
    const struct codes_kernels *k = codes_kernels()[0];
    uint64_t near[TILE];
    for (uint32_t i = 0; i < n; i++) {
        near[i] = k->near(&x->blocks[first + i], code) & lanes_within(first + i, from, to);
        for (uint64_t left = near[i]; left; left &= left - 1) {
            const uint8_t *rest =
                rest_of(x, (first + i) * CODES_LANES + (unsigned)__builtin_ctzll(left));
            for (int line = 0; line < CODES_REST; line += 64)
                __builtin_prefetch(rest + line);
        }
    }
    for (uint32_t i = 0; i < n; i++)
        look_closer(x, first + i, near[i], f, code, least);
}

void index_search(const struct index *x, uint32_t from, uint32_t to, const struct query *queries,
                  size_t n, int32_t least)
{
    struct code_query codes[QUERIES];
    if (to > x->n)
        to = x->n;
    if (from >= to)
        return;
    uint32_t end = (to + CODES_LANES - 1) / CODES_LANES;
    for (size_t at = 0; at < n; at += QUERIES) {
        size_t count = n - at < QUERIES ? n - at : QUERIES;
        for (size_t q = 0; q < count; q++) {
            codes_query(&codes[q], queries[at + q].title, queries[at + q].whole);
            for (unsigned lang = 0; lang < EVIDENCE_LANGS; lang++)
                codes_ask(&codes[q], lang, wanted(queries[at + q].found, lang, least));
        }
        for (uint32_t b = from / CODES_LANES; b < end; b += TILE)
            for (size_t q = 0; q < count; q++)
                search_tile(x, b, end - b < TILE ? end - b : TILE, from, to, queries[at + q].found,
                            &codes[q], least);
    }
}
