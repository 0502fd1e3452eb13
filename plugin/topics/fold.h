/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.h: text to the form in which it is compared: case, width, compatibility forms, digits of
 * all scripts, Arabic letter variants and traditional Han folded, punctuation and symbols turned
 * into single spaces. The result is UTF-16 without surrogates, neither beginning nor ending with a
 * space. What is compared is never shown.
 *
 * Ownership: a struct fold is made once per filter instance and only read afterwards: any thread.
 */
#ifndef WINNOW_TOPICS_FOLD_H
#define WINNOW_TOPICS_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct fold;

enum fold_flags {
    FOLD_PLAIN = 0,
    FOLD_BARE =
        1, /* accents of Latin, Greek and Cyrillic letters go as well: "economía", "kinh tế" */
};

/* han: the text of topics-han.tsv, "繁简" a line; NULL: traditional Han stays. NULL: no memory. */
struct fold *fold_create(const char *han, size_t len);
void fold_destroy(struct fold *fold);

/* Folds n bytes of UTF-8 (damaged bytes count as spaces) into out[cap]; what doesn't fit is left
 * out at a whole letter. Returns the units written. */
size_t fold_text(const struct fold *fold, const char *s, size_t n, unsigned flags, uint16_t *out,
                 size_t cap);

/* Whether words of this unit's script are written without spaces (Han, kana, Thai, Lao, Khmer,
 * Burmese): a term may begin and end anywhere in them. */
int fold_unspaced(uint16_t unit);

/* Whether a term may end before this unit although a word goes on: Hangul, where particles follow
 * the noun without a space. */
int fold_hangul(uint16_t unit);

#endif
