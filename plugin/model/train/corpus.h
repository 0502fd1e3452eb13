/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The training corpus in memory: texts as bags of row numbers, in groups of equal meaning, in
 * documents, in sources. Written by prepare_corpus.py; read once, by one thread, and kept until the
 * program ends.
 */
#ifndef PLUGIN_MODEL_TRAIN_CORPUS_H
#define PLUGIN_MODEL_TRAIN_CORPUS_H

#include "../../text/features.h"

struct bag {
    uint64_t at; /* in corpus.ids */
    uint32_t n;
    uint32_t key; /* equal texts have equal keys: never negatives of each other */
    uint8_t lang;
};

struct group {
    uint32_t first, n; /* bags */
    uint32_t doc_left; /* groups that follow in the same document */
};

struct source {
    char name[40];
    uint32_t first, n; /* groups */
    float odds;        /* how often a batch is drawn from it */
    bool words;        /* a lexicon: counts less when rows are chosen */
};

struct corpus {
    uint32_t *ids; /* slots while reading, rows after corpus_choose_rows */
    uint64_t n_ids, cap_ids;
    struct bag *bags;
    uint32_t n_bags;
    struct group *groups;
    uint32_t n_groups;
    struct source sources[64];
    unsigned n_sources;
    char langs[40][12];
    unsigned n_langs;
};

/* Appends a file; 0, or -1 with a message on standard error. */
int corpus_read(struct corpus *c, const char *path, const struct text_tables *tables);

/*
 * Chooses at most `most` slots, the most frequent over all bags (a lexicon's count a quarter),
 * numbers them in slot order and rewrites every bag. bitmap: FEATURE_SLOTS bits; frequency: per
 * row, of all feature occurrences in texts. Returns the number of rows.
 */
uint32_t corpus_choose_rows(struct corpus *c, uint32_t most, uint64_t *bitmap, float *frequency);

/* Renumbers the rows of every bag; number[row] UINT32_MAX leaves a row out. */
void corpus_renumber(struct corpus *c, const uint32_t *number);

/* Rewrites a corpus by rows already chosen. */
void corpus_map_rows(struct corpus *c, const uint64_t *bitmap);

#endif
