/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of contrastive learning over sparse bags, with OpenMP over all cores. Training only; one
 * caller.
 */
#ifndef PLUGIN_MODEL_TRAIN_LEARN_H
#define PLUGIN_MODEL_TRAIN_LEARN_H

#include "corpus.h"

#define DIM 192
#define BATCH 768              /* pairs */
#define MAX_ROWS 159000u       /* what fits 16 MiB with the tables and background */
#define CANDIDATE_ROWS 520000u /* what training begins with */
#define BAG_MAX 700            /* features of one side; the rest of a long passage is left out */
#define TEMPERATURE 0.05f

struct batch {
    uint32_t n;                /* finished pairs */
    uint32_t at[2][BATCH + 1]; /* where each bag begins in ids */
    uint64_t key[2][BATCH];
    uint32_t *ids[2];
};

struct learner {
    uint32_t rows;
    float *weights;  /* rows * DIM */
    float *square;   /* running mean square of a row's gradient */
    uint32_t *count; /* updates of a row */
    float *work;     /* vectors, gradients and scores of a batch */
    uint32_t *slot_of, *touched, *starts, *who;
};

struct batch *batch_create(void);
void batch_clear(struct batch *b);
/* begin, any number of adds to side 0 and 1, end: one pair; a pair with an empty side is dropped.
 */
void batch_begin(struct batch *b);
void batch_add(struct batch *b, int side, const uint32_t *ids, uint32_t n, uint32_t key);
void batch_end(struct batch *b);

float dot(const float *a, const float *b);

/* Random rows whose lengths fall with a feature's frequency; NULL without memory. */
struct learner *learner_create(uint32_t rows, const float *frequency);

/*
 * Keeps the `keep` rows that bear most: long vectors of features that occur. bitmap loses the
 * others' slots; number[old row] is set to the new row, UINT32_MAX for a row that is gone.
 */
void learner_prune(struct learner *l, uint32_t keep, const float *frequency, uint64_t *bitmap,
                   uint32_t *number);

/* The unit vector of a bag; zeros for an empty one. Returns the length before. */
float learner_encode(const struct learner *l, const uint32_t *ids, uint32_t n, float *out);

/* Learns from one batch; returns the loss a pair, both ways together. */
double learner_step(struct learner *l, const struct batch *b, float rate);

/* Prints pair F1 over the documents of c by title, title and lead, whole text. */
void learner_judge(const struct learner *l, const struct corpus *c);

#endif
