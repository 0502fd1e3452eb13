/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h: the items of the window, resident: two vectors of each, and keys (URLs, shingles) by
 * which copies are found at once. About 500 bytes an item; everything else about it is in kv.
 *
 * A search goes through the signs of all vectors (codes.h), 51 bytes an item, and computes the
 * exact score of what they leave: some hundred to some thousand items. That is a scan without a
 * graph or lists to keep: slots are in order of arrival, nothing is learned from what is in them, and
 * what is found depends neither on the processor nor on how a range is cut or queries are batched.
 * It passes over one in some thousand of what an exhaustive search finds, of the least alike
 * (`./dev bench index` measures that). Slots are stable until index_compact.
 *
 * Threads: index_search and the other const functions from any thread while nobody writes; the
 * writing functions from one thread while nobody reads.
 */
#ifndef WINNOW_INDEX_H
#define WINNOW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

#define INDEX_NONE UINT32_MAX
#define INDEX_KEYS 12 /* keys of one item */
#define INDEX_BEST 3  /* candidates kept a language */

struct index_item {
    int64_t id, arrived;
    uint32_t story;  /* the filter's own number of its story, STORY_NONE: alone */
    uint8_t lang;    /* evidence_lang */
    uint8_t flags;   /* INDEX_DEAD, INDEX_COPY, INDEX_VECTOR */
    uint16_t length; /* pair_length, in INDEX_LENGTH ths */
};
#define INDEX_LENGTH 1024
#define INDEX_DEAD 1u   /* forgotten or expired */
#define INDEX_COPY 2u   /* a copy of another item of its story */
#define INDEX_VECTOR 4u /* has vectors */

struct index;

int index_create(struct index **out);
void index_destroy(struct index *x);

/* Adds an item; core NULL: without vectors. Zero keys are skipped. WN_NOMEM; WN_LIMIT: too many. */
int index_add(struct index *x, const struct index_item *item, const struct core *core,
              const uint32_t *keys, unsigned n_keys, uint32_t *slot);

/* Takes an item out; its slot stays, dead, until index_compact. */
void index_remove(struct index *x, uint32_t slot);

/* Drops dead slots if a quarter is dead; slots then change. true: they did. */
bool index_compact(struct index *x);

uint32_t index_slot(const struct index *x, int64_t id); /* INDEX_NONE: not there */
struct index_item *index_item(const struct index *x, uint32_t slot);
uint32_t index_end(const struct index *x);  /* one past the last slot, dead ones included */
uint32_t index_live(const struct index *x); /* items */
size_t index_bytes(const struct index *x);  /* memory held */

/* The oldest live item's slot, INDEX_NONE if there is none. */
uint32_t index_oldest(struct index *x);

/* Slots that have this key, live ones, newest last, at most `most`. Returns how many. */
unsigned index_find(const struct index *x, uint32_t key, uint32_t *slots, unsigned most);

/* The best of each language for one query. */
struct found {
    uint32_t slot[EVIDENCE_LANGS][INDEX_BEST];
    int32_t score[EVIDENCE_LANGS][INDEX_BEST]; /* title dot + whole dot, falling */
    uint8_t n[EVIDENCE_LANGS];
};

struct query {
    const int8_t *title, *whole;
    struct found *found; /* filled; the caller zeroes it to begin, or goes on with what it has */
};

/* Title dot + whole dot of two live items with vectors, as a search would find it. */
int32_t index_score(const struct index *x, uint32_t a, uint32_t b);

/*
 * Goes through the slots from..to-1 for all queries at once. Only what scores at least `least`
 * (dots) is kept.
 */
void index_search(const struct index *x, uint32_t from, uint32_t to, const struct query *queries,
                  size_t n, int32_t least);

#endif
