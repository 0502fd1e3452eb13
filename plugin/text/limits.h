/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h: everything in the filters that grows has its limit here, each with its reason. The
 * host has its own in host-stub/limits.h. Bytes unless said otherwise.
 */
#ifndef WINNOW_TEXT_LIMITS_H
#define WINNOW_TEXT_LIMITS_H

#define TEXT_LIMIT_PLAIN ((size_t)1 << 20) /* plain text of an item that is looked at */


/* What the encoder reads of a text: past a long article's length more words move the vector no further. */
#define TEXT_LIMIT_ENCODED ((size_t)64 << 10)

#endif
