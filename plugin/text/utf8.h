/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h: reading UTF-8 that may be damaged. Pure functions; any thread. RFC 3629.
 */
#ifndef WINNOW_UTF8_H
#define WINNOW_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the code point at s (n > 0 bytes left), sets *used to the bytes it took (1 at least).
 * Anything malformed (overlong, surrogate, past U+10FFFF, cut short) gives U+FFFD and its longest
 * valid prefix, as the WHATWG Encoding Standard does. */
uint32_t utf8_decode(const char *s, size_t n, size_t *used);

/* Writes a code point to out[4], returns the bytes written; what can't be encoded becomes U+FFFD. */
size_t utf8_encode(uint32_t cp, char out[4]);

/* Whether all n bytes are well-formed. */
int utf8_valid(const char *s, size_t n);

/* The largest k <= n at which s may be cut without parting a code point. */
size_t utf8_cut(const char *s, size_t len, size_t n);

#endif
