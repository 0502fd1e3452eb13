/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoding_label.h: what documents and headers call their charset, for encoding.c alone. Pure; any
 * thread. WHATWG Encoding Standard, RFC 7303.
 */
#ifndef WINNOW_ENCODING_LABEL_H
#define WINNOW_ENCODING_LABEL_H

#include <stddef.h>

enum { ENCODING_LABEL = 48 };

/* The ICU name for a label, static or the label itself; NULL if unknown, or refused. */
const char *encoding_meaning(const char *label);
/* The charset of a Content-Type header (NULL: none), or the empty string. */
void encoding_label_of_header(const char *content_type, char out[ENCODING_LABEL]);
/* The encoding that an XML declaration within the first bytes names (charsets that have ASCII). */
void encoding_label_of_declaration(const char *p, size_t n, char out[ENCODING_LABEL]);

#endif
