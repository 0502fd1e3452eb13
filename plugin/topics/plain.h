/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.h: HTML to plain text where no filter before this one made it: tags away, character
 * references decoded, script and style left out. Enough to look for words in; never shown.
 * Pure functions; any thread.
 */
#ifndef WINNOW_TOPICS_PLAIN_H
#define WINNOW_TOPICS_PLAIN_H

#include <stddef.h>

/* Writes at most cap bytes of plain text to out, a space for each tag; returns how many. References
 * are decoded twice, as names of categories often come escaped twice ("Kunst &amp;amp; Kultur"). */
size_t plain_text(const char *s, size_t n, char *out, size_t cap);

#endif
