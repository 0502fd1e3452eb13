/* SPDX-License-Identifier: Apache-2.0 */
/*
 * features.h: a folded text cut into what the topic model has vectors for: words, pairs of
 * neighbouring words, and pieces of words for those that the model doesn't know whole. The
 * training program uses exactly these functions, so what is trained is what runs.
 *
 * Pure functions; any thread.
 */
#ifndef WINNOW_TOPICS_FEATURES_H
#define WINNOW_TOPICS_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#define FEATURE_PIECES 160  /* of one word or run at most */
#define FEATURE_WORD_MAX 32 /* units of a word that are looked at; longer ones are addresses */
#define FEATURE_RUN_MAX 48  /* units of a run without spaces taken at once */

struct feature_reader {
    const uint16_t *text;
    size_t n, at;
    uint32_t before; /* the word before, 0: none */
};

/* One word, or a run of a script without spaces. */
struct feature_word {
    uint32_t word; /* 0: a run, whose pieces always count */
    uint32_t pair; /* the word with the one before it; 0: none */
    uint32_t pieces[FEATURE_PIECES];
    size_t n_pieces;
};

void feature_reader_init(struct feature_reader *r, const uint16_t *text, size_t n);

/* The next word or run; 0 at the end. `pieces` is filled at once for a run; for a word only by
 * feature_pieces, since most are known whole. */
int feature_next(struct feature_reader *r, struct feature_word *w, const uint16_t **begin,
                 size_t *len);
void feature_pieces(const uint16_t *word, size_t n, struct feature_word *w);

#endif
