/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_out.h: bytes on their way to a sink through one fixed buffer, with the escapes of XML and
 * JSON.
 *
 * The caller owns the struct; one thread at a time. The first status that the sink gives stays:
 * what is written afterwards is thrown away, so a writer may check once at its end.
 *
 * Not libxml2's xmlwriter: it escapes 650 to 750 MB a second of feed content where this does 450 to
 * 600, but checks no characters, so that a pass of its own would have to go before it.
 *
 * Whatever a string holds, what leaves here is valid UTF-8 and, in XML, made of nothing but the
 * characters of XML 1.0 (production [2] Char): other code points become U+FFFD, other C0 controls
 * vanish (in JSON too).
 */
#ifndef WINNOW_WRITE_OUT_H
#define WINNOW_WRITE_OUT_H

#include "buf.h"
#include "writer.h"

enum { OUT_BUFFER = 16384 }; /* one write(2) for a few entries; more brought nothing */

struct out {
    sink_fn sink;
    void *user;
    int err; /* sticky: what the sink said */
    size_t n;
    char bytes[OUT_BUFFER];
};

void out_init(struct out *o, sink_fn sink, void *user);
/* Sends what is left. Returns the first error. */
int out_flush(struct out *o);

/* Whether nobody would see anything of a string: absent, empty, white space and controls alone. */
static inline int absent(wn_str s)
{
    for (size_t i = 0; s.ptr && i < s.len; i++)
        if ((unsigned char)s.ptr[i] > 0x20 && s.ptr[i] != 0x7f)
            return 0;
    return 1;
}

/* As it stands. */
void out_raw(struct out *o, const char *p, size_t n);
void out_s(struct out *o, const char *s);
void out_f(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Character data, and an attribute's value within double quotes (white space kept by references).
 */
void xml_text(struct out *o, wn_str s);
void xml_attr(struct out *o, wn_str s);
/* ` name="value"`, or nothing for an absent or empty value. */
void xml_pair(struct out *o, const char *name, wn_str value);
/* `<name>text</name>\n` behind `indent` spaces; nothing for an absent or empty text. */
void xml_element(struct out *o, int indent, const char *name, wn_str text);

/* A string with its quotes. RFC 8259. */
void json_quoted(struct out *o, wn_str s);
/* The same without quotes, for a string in several parts. */
void json_inside(struct out *o, wn_str s);
/* `"name":"text",` or nothing for an absent or empty text. */
void json_pair(struct out *o, const char *name, wn_str text);

#endif
