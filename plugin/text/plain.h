/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain.h: the plain text of HTML, as readers see it: for filters that find WN_TEXT absent, for
 * titles that carry markup, for authors. Nothing is kept between calls; any thread.
 */
#ifndef WINNOW_PLAIN_H
#define WINNOW_PLAIN_H

#include <stddef.h>

#include "html_buf.h"

/*
 * Appends the plain text of an HTML fragment to out: blocks (and <br>) parted by '\n', white space
 * collapsed except in <pre>, character references decoded, scripts, styles and hidden elements
 * left out, no '\n' at the ends. Always valid UTF-8 without NUL and control characters. Input past
 * the limits of limits.h is left out. Plain text without any markup passes as it is (collapsed).
 * Returns WN_OK, WN_NOMEM or WN_LIMIT (out was full: what fitted stands there).
 */
int plain_from_html(const char *html, size_t n, struct tbuf *out);

/*
 * Appends one line of plain text made safe: for titles, authors, categories. Text that is plain
 * stays as it is, "a < b" and "List<T>" included; where it holds tags that HTML knows they are
 * taken off, and character references are then decoded. White space collapsed and trimmed; control
 * characters and lone bidi controls removed; invalid UTF-8 becomes U+FFFD. Returns as above.
 */
int plain_line(const char *text, size_t n, struct tbuf *out);

/* Whether plain_line would change this text. */
int plain_line_differs(const char *text, size_t n);

#endif
