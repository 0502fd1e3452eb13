/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_text.h: strings of JSON (RFC 8259) into a buffer, for whatever writes it by hand because it
 * writes much of it: `winnow parse`, the events, options of filters. Pure; any thread.
 *
 * Beside what JSON forbids, DEL and the C1 controls are escaped, since people look at such lines in
 * terminals. The input is UTF-8, which is not checked again: 32 bytes at a time are copied that hold
 * nothing to escape. Errors are the buffer's.
 */
#ifndef WINNOW_JSON_TEXT_H
#define WINNOW_JSON_TEXT_H

#include "buf.h"

/* In quotes; what is absent (a NULL ptr): null. */
int buf_json_string(struct buf *out, wn_str s);
/* Without quotes; absent: nothing. */
int buf_json_inside(struct buf *out, wn_str s);

#endif
