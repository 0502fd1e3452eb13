/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_json.h: reads JSON (RFC 8259) value by value, in memory that doesn't grow with the
 * document, so that one broken value costs what follows it and no more. Missing and trailing commas
 * pass.
 *
 * The caller owns all; pure; one thread at a time. Depth is counted, never recursed.
 */
#ifndef WINNOW_PARSE_JSON_H
#define WINNOW_PARSE_JSON_H

#include "buf.h"

struct json {
    const char *begin, *p, *end;
    int dirty; /* strings may hold malformed UTF-8: clean them */
    int bad;   /* something was malformed; reading ended there */
};

void json_init(struct json *j, const char *bytes, size_t n, int dirty);
/* What comes next: '{' '[' '"' '0' (number) 't' 'f' 'n', or 0 at the end or where it is malformed.
 */
int json_peek(struct json *j);
/* Goes into the object or array that is next: 1, or 0 if something else is. */
int json_enter(struct json *j, char open);
/* In an object: reads the next key into `key` (reset before) and the colon: 1, or 0 past "}". */
int json_key(struct json *j, struct buf *key);
/* In an array: 1 if another value follows, 0 past "]". */
int json_element(struct json *j);
/* Reads a string, or a number's, true's or false's characters, into out (reset before): 1, or 0
 * (the value, of another kind, is skipped). Controls are left out; unpaired surrogates become
 * U+FFFD. */
int json_text(struct json *j, struct buf *out);
/* Past the value that is next, whatever it is. */
void json_skip(struct json *j);

#endif
