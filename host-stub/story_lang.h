/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_lang.h: language tags (BCP 47, RFC 5646) as far as choosing among editions needs them.
 * Pure; any thread.
 */
#ifndef WINNOW_STORY_LANG_H
#define WINNOW_STORY_LANG_H

#include "buf.h"

enum { LANG_SIZE = 36 };

/* The tag as RFC 5646 writes it, en-US, Chinese by its script: zh, zh-CN, zh_SG … give "zh-Hans",
 * zh-TW, zh-HK … "zh-Hant". Too long, or no tag at all: "". */
void lang_canonical(wn_str tag, char to[LANG_SIZE]);
/* Whether a canonical tag falls under a wanted one: en-US under en. Both canonical. */
int lang_under(const char *tag, const char *wanted);
/* Whether two canonical tags name one language: en-US and en-GB do, zh-Hans and zh-Hant don't. */
int lang_same(const char *a, const char *b);
/* The place in the reader's list, 0 the most liked; n where it isn't in it. `tag` is canonical. */
size_t lang_rank(const char *tag, char *const *prefer, size_t n);

#endif
