/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the words that speak for a topic in a title or a text, in 15 languages
 * (topics-terms.tsv), and the words of the user's own topics. Found without cutting the text into
 * words, so that Chinese, Japanese and Thai need no dictionary.
 *
 * Ownership: terms_create/terms_destroy. Threads: one while terms are added, any afterwards.
 */
#ifndef WINNOW_TOPICS_TERMS_H
#define WINNOW_TOPICS_TERMS_H

#include "fold.h"
#include "vocabulary.h"

#define TERMS_SEEN 256 /* different terms of one text that are counted */

struct terms;

/* How much speaks for each topic: sums of weights, a term counted fully once and less again. */
struct term_sums {
    float topic[TOPICS_MAX];
};

struct terms *terms_create(const struct fold *fold, const struct vocabulary *vocabulary);
void terms_destroy(struct terms *t);

/* Reads topics-terms.tsv's text. On failure `error` (of `size` bytes) says which line and why. */
int terms_read(struct terms *t, const char *text, size_t len, char *error, size_t size);

/* Adds one term of an own topic, in the file's notation: "word*" for all words that begin so. */
int terms_own(struct terms *t, uint16_t topic, wn_str term);

/* Call when all terms are in: the search becomes faster, and no term can be added any more. */
void terms_ready(struct terms *t);

/* Adds to sums what a folded text says; lang: of the text, LANG_NONE if not known. */
void terms_scan(const struct terms *t, const uint16_t *text, size_t n, unsigned lang,
                struct term_sums *sums);

#endif
