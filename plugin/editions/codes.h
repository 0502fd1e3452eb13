/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codes.h: the vectors of 64 items as two parts. The signs stand in a block, one bit an element,
 * laid out so that 64 items are compared with a query at once; the other seven bits of each element
 * stand packed, item by item. Together they are the vectors again, bit for bit, in the same room.
 *
 * The signs alone tell the dot product to about a tenth of a cosine (the estimator of RaBitQ, Gao
 * and Long 2024, without its rotation: the encoder's elements are spread evenly as they are), which
 * rules out nearly everything at an eighth of the reading. All of it is integers: each processor
 * finds the same.
 *
 * Memory is the caller's. Pure; any thread.
 */
#ifndef WINNOW_CODES_H
#define WINNOW_CODES_H

#include <stdbool.h>
#include <stdint.h>

#include "../text/encoder.h"

#define CODES_LANES 64                       /* items of a block */
#define CODES_ROWS (2 * ENCODER_DIM / 8)     /* bytes of signs of an item: title, then whole */
#define CODES_REST (2 * ENCODER_DIM / 8 * 7) /* bytes of the seven other bits of an item */
#define CODES_LANGS 16

struct code_block {
    uint8_t rows[CODES_ROWS][CODES_LANES]; /* byte r of each item's signs; bit set: negative */
    uint8_t scale[CODES_LANES];            /* what turns a sum of signs into a dot product */
    uint8_t lang[CODES_LANES];
    uint64_t live; /* lanes that may be found */
};

/* A query, ready to be compared with blocks. */
struct code_query {
    /* What the sign bits of four elements say, by their value: the low ones of each row, of the
     * title, then the high ones, of the whole. */
    uint8_t table[2 * CODES_ROWS][16];
    int8_t vectors[2 * ENCODER_DIM]; /* title, then whole */
    int32_t sum;                     /* of their elements */
    int16_t offset;                  /* what they say together if nothing is known */
    int32_t unit, margin;            /* dots a step of the tables; dots an estimate may be off */
    /* Estimates from which an item of each language may be better than what was found. */
    int16_t from[CODES_LANGS];
};

/* Puts an item's vectors into a lane; rest has CODES_REST bytes. The lane becomes live. */
void codes_put(struct code_block *b, unsigned lane, unsigned lang, const int8_t *title,
               const int8_t *whole, uint8_t *rest);

/* The vectors again: title, then whole, ENCODER_DIM elements each. */
void codes_get(const struct code_block *b, unsigned lane, const uint8_t *rest, int8_t *vectors);

/* Moves a lane; rest is the caller's to move. */
void codes_move(struct code_block *to, unsigned to_lane, const struct code_block *from,
                unsigned lane);

void codes_query(struct code_query *q, const int8_t *title, const int8_t *whole);

/* From now on items of that language count from this score (title dot + whole dot) on. */
void codes_ask(struct code_query *q, unsigned lang, int32_t score);

/* Two loops, for a processor; all variants find the same. */
struct codes_kernels {
    /* The live lanes whose estimate reaches what was asked, a bit each. */
    uint64_t (*near)(const struct code_block *b, const struct code_query *q);
    /* An item's score, exactly: title dot + whole dot. */
    int32_t (*score)(const struct code_block *b, unsigned lane, const uint8_t *rest,
                     const struct code_query *q);
};

/* Those that this processor runs, the fastest first, the portable one last, then NULL. */
const struct codes_kernels *const *codes_kernels(void);

#endif
