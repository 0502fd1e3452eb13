/* SPDX-License-Identifier: Apache-2.0 */
/* parse_xml_char.h: what the files of the markup reader share among themselves. */
#ifndef WINNOW_PARSE_XML_CHAR_H
#define WINNOW_PARSE_XML_CHAR_H

#include "parse_xml.h"

/* Terminators that were searched and don't occur any more. */
enum { NO_COMMENT_END = 1, NO_CDATA_END = 2, NO_PI_END = 4, NO_QUOTE = 8, NO_APOS = 16 };

static inline int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/* What may start a name: letters, "_", ":", and anything past ASCII. */
static inline int is_name_start(char c)
{
    unsigned char u = (unsigned char)c;
    return ((u | 32) >= 'a' && (u | 32) <= 'z') || u == '_' || u == ':' || u >= 0x80;
}

static inline int is_name(char c)
{
    return !is_space(c) && c != '>' && c != '/' && c != '<' && c != '=' && c != '"' && c != '\'';
}

/* A name as written, into prefix (empty if none) and local part. */
void xml_split(const char *s, size_t n, wn_str *prefix, wn_str *name);
/* p stands behind the element's name. Reads attributes into x up to and with the tag's end and
 * returns where reading goes on; sets x->empty. */
const char *xml_attributes(struct xml *x, const char *p);

#endif
