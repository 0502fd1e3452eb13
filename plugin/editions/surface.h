/* SPDX-License-Identifier: Apache-2.0 */
/*
 * surface.h: what a text looks like, whatever it means: shingles (hashes of four words in a row, or
 * of four ideographs; Broder 1997) and numbers. Needs no model. Pure functions; any thread.
 */
#ifndef WINNOW_SURFACE_H
#define WINNOW_SURFACE_H

#include <stdint.h>

#include "../winnow_plugin.h"

/*
 * The `most` smallest different shingle hashes of the first `tokens` words of a text, ascending: a
 * sketch by which two texts can be compared. Case, punctuation and spacing make no difference.
 * Texts of fewer than four words have one shingle. Returns how many.
 */
unsigned surface_shingles(wn_str text, uint32_t tokens, uint32_t *out, unsigned most);

/*
 * Adds the different numbers of a text to the n already in `numbers`, as hashes; grouping marks
 * inside do not count. One-digit numbers only if versions is given; it counts the numbers that
 * look like a version (2.7.1). Returns the new n, at most `most`.
 */
unsigned surface_numbers(wn_str text, uint32_t *numbers, unsigned n, unsigned most,
                         uint8_t *versions);

/* The share of the smaller sketch's hashes that the other holds too, among those that both could
 * hold: about how much of the shorter text stands in the longer. 0 if either is empty. */
float surface_contained(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb,
                        unsigned most, unsigned *seen);

/* The estimated share of both texts' shingles that they have in common (Jaccard). */
float surface_alike(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb, unsigned most);

/* How many of a's entries occur in b; unsorted, small lists. */
unsigned surface_shared(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb);

#endif
