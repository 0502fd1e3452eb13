/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoding.h: a document's bytes as UTF-8, whatever they claim to be.
 *
 * The order of trust: byte order mark, the charset of the Content-Type header (RFC 7303), the XML
 * declaration, then detection (ICU). A claim that the bytes contradict is a lie and is passed
 * over: bytes that are well-formed UTF-8 with at least one multi-byte sequence are UTF-8 whatever
 * was said of them, and a charset in which they don't decode gives way to the next. Labels are
 * read as the WHATWG Encoding Standard reads them (iso-8859-1 means windows-1252).
 *
 * UTF-8 is not copied. It may still hold malformed sequences and control characters: `flags` says
 * so, and whoever takes text out calls encoding_clean(). Pure; any thread; the caller owns all.
 */
#ifndef WINNOW_ENCODING_H
#define WINNOW_ENCODING_H

#include <stdint.h>

#include "buf.h"

enum encoding_flags {
    ENCODING_CONTROLS = 1, /* holds C0 controls but tab and newline, DEL, C1, or carriage returns */
    ENCODING_MALFORMED = 2, /* holds sequences that aren't UTF-8 */
    ENCODING_HIGH = 4,      /* holds bytes past ASCII */
};

struct encoding {
    const char *p; /* UTF-8; points into the bytes given, or at `own` */
    size_t n;
    char *own;     /* NULL when nothing had to be converted */
    int flags;     /* enum encoding_flags */
    char name[48]; /* what the bytes turned out to be: "UTF-8", "windows-1251" … */
    char lie[64];  /* the claim that was passed over, or empty */
    int detected;  /* 1: nobody said, or nobody told the truth */
    int cut;       /* 1: longer than LIMIT_CONVERT and cut there */
};

/* Fills *out; content_type may be NULL. E_NOMEM; never fails for what the bytes are. */
int encoding_read(const char *bytes, size_t n, const char *content_type, struct encoding *out);
void encoding_finish(struct encoding *e);

/* What is in the bytes: ENCODING_CONTROLS | ENCODING_MALFORMED | ENCODING_HIGH. Some GB/s. */
int encoding_scan(const char *p, size_t n);

/* Appends text with malformed sequences as U+FFFD, without controls, "\r\n" and "\r" as "\n". C1
 * controls become what windows-1252 has there: they come from taking it for ISO 8859-1. */
int encoding_clean(struct buf *out, const char *p, size_t n);

/* What windows-1252 has at 0x80 to 0x9f; U+FFFD where it has nothing. */
uint32_t encoding_c1(unsigned char c);

#endif
