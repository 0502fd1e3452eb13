/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.h: "did you mean …" for keys, options and commands. Pure; any thread.
 */
#ifndef WINNOW_SUGGEST_H
#define WINNOW_SUGGEST_H

/* The word of the NULL-terminated list that is nearest to `word` by edit distance (transpositions
 * count one), if it is near enough to be a slip; else NULL. */
const char *suggest(const char *word, const char *const *list);

#endif
