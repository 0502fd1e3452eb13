/* SPDX-License-Identifier: Apache-2.0 */
/*
 * editions_data.h: documents to measure the editions filter with, read from ../shared/data, and
 * the worlds made of them. All memory belongs to the caller, freed by data_free_*. One thread.
 */
#ifndef WINNOW_TEST_EDITIONS_DATA_H
#define WINNOW_TEST_EDITIONS_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum world { WORLD_CLOSED, WORLD_OPEN, WORLD_COLD, WORLD_CROWD };
enum tier { TIER_TITLE, TIER_LEAD, TIER_FULL, TIER_MIXED, TIERS };
enum copy_kind {
    COPY_EXACT,    /* other feed, same text */
    COPY_HEADLINE, /* another headline */
    COPY_INTRO,    /* another first paragraph */
    COPY_TEASER,   /* cut to a teaser */
    COPY_ADDED,    /* a paragraph added */
    COPY_HEADLINE_TEASER,
    COPY_FOLLOWUP, /* another article that quotes a paragraph: not a copy */
    COPY_OTHER,    /* another article: not a copy */
    COPY_KINDS
};

struct doc_item {
    int doc;    /* items of one document belong together */
    bool crowd; /* a stranger, alone in its document */
    char lang[12];
    char *title, *text; /* text: sentences parted by newlines; "" for a title alone */
};

struct copy_case {
    enum copy_kind kind;
    bool is_copy;
    char lang[12];
    char *title[2], *text[2];
};

struct sentences {
    int doc;
    char lang[12];
    char **s;
    size_t n;
};

struct data {
    struct sentences *docs; /* one a document and language */
    size_t n, cap, n_docs;
    struct sentences *crowd;
    size_t n_crowd, cap_crowd;
    struct sentences *posts; /* doc: the post; year in s[0] before the title */
    size_t n_posts, cap_posts;
};

/* half: 0 or 1, strangers that the forest of that half was not trained with; -1: all. -1: no data.
 */
int data_load(struct data *d, const char *folder, int half);
/* lots[0..n_lots]: where each group of items that arrive together begins; to be freed. */
void data_world(const struct data *d, enum world kind, enum tier tier, int half, uint64_t seed,
                struct doc_item **items, size_t *n, size_t **lots, size_t *n_lots);
/* Posts of the years from..(from + 1), or 2018. Returns how many items. */
size_t data_posts(const struct data *d, const char *from, enum tier tier, struct doc_item **items);
void data_free_items(struct doc_item *items, size_t n);
size_t data_copies(const struct data *d, struct copy_case **cases);
void data_free_copies(struct copy_case *cases, size_t n);

const char *tier_name(enum tier t);
const char *copy_kind_name(int kind);
int lang_index(const char *lang); /* 0..14, 0 for others */
const char *lang_name(int index);

/* Puts a forest that train_verifier.py wrote in the place of the compiled-in one. */
void data_use_verifier(const char *path);

#endif
