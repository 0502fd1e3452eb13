/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_entity.h: character references, XML's and HTML's. Pure; any thread.
 */
#ifndef WINNOW_PARSE_ENTITY_H
#define WINNOW_PARSE_ENTITY_H

#include <stddef.h>

#include "buf.h"

enum { ENTITY_MOST = 8 }; /* bytes that one reference may become */

/* The reference that stands at p (n bytes left, p[0] is "&"): writes its UTF-8 to out and its
 * length to *len (0: a character that must not be, such as &#0;), returns the bytes it takes, or 0
 * if it is none. Numbers need no semicolon; of the names, those that HTML 3.2 had need none when
 * `loose` is set and no letter or digit follows. &#128; to &#159; mean windows-1252, as on the web.
 */
size_t entity_decode(const char *p, size_t n, int loose, char out[ENTITY_MOST], size_t *len);

/* Appends HTML-escaped text with all references decoded. Returns the buffer's status. */
int entity_text(struct buf *out, const char *p, size_t n);

#endif
