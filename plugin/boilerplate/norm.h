/* SPDX-License-Identifier: Apache-2.0 */
/*
 * norm.h: the form in which lines of text are compared with patterns and with each other: lower
 * case, white space collapsed, quotes and bullets gone, dashes and full-width forms made ASCII, each
 * run of digits one '0', decoration trimmed off both ends. Pure functions; any thread.
 */
#ifndef WINNOW_BOILERPLATE_NORM_H
#define WINNOW_BOILERPLATE_NORM_H

#include <stddef.h>
#include <stdint.h>

#include "../text/html_buf.h"

/*
 * Appends the normal form of n bytes of UTF-8. map (NULL: not wanted) gets for each appended byte
 * the offset behind the input character that it came from; it must have room for 3 * n + 8
 * entries. trim: take decoration off both ends. Returns out->err.
 */
int norm_text(const char *s, size_t n, int trim, struct tbuf *out, uint32_t *map);

/* Whether a normalised byte is decoration at the ends of a line: "»", "[", "…", "|" … */
int norm_decoration(char c);

/* Takes decoration off the ends of a normalised string in place (moves *s, lowers *n). */
void norm_trim(const char **s, size_t *n);

#endif
