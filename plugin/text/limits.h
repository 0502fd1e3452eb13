/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h: everything in the filters that grows has its limit here, each with its reason. The
 * host has its own in host-stub/limits.h. Bytes unless said otherwise.
 */
#ifndef WINNOW_TEXT_LIMITS_H
#define WINNOW_TEXT_LIMITS_H

/* One table, a limit and its reason in a line: */
/* clang-format off */
#define TEXT_LIMIT_PLAIN ((size_t)1 << 20) /* plain text of an item that is looked at */
#define TEXT_LIMIT_LANG ((size_t)3 << 9) /* text that language detection reads: more adds nothing */

/* ---- HTML: gumbo has no limits of its own and is quadratic in several of these ---- */
#define TEXT_LIMIT_HTML ((size_t)20 << 20)  /* one content; the host's limit of a whole item */
#define TEXT_LIMIT_HTML_OUT ((size_t)24 << 20) /* what sanitising makes of it, escapes included */
#define TEXT_LIMIT_TAGS 60000     /* tags; the longest real items have some 10,000. Then text only */
#define TEXT_LIMIT_DEPTH 200      /* open elements; real items stay under 40 */
#define TEXT_LIMIT_FORMATS 24     /* open formatting elements: each is rebuilt in each paragraph */
#define TEXT_LIMIT_ATTRIBUTES 40  /* attributes of one tag: compared with each other */
#define TEXT_LIMIT_ATTRIBUTE ((size_t)2 << 20) /* one value: pictures as data: URLs are that long */
#define TEXT_LIMIT_ARENA ((size_t)160 << 20) /* memory of one parse: the tags above need 60 MiB */
#define TEXT_LIMIT_BLOCKS 60000   /* blocks of one item: as many as there are tags */
#define TEXT_LIMIT_URL ((size_t)8 << 10) /* a link; longer ones are left out */
#define TEXT_SRCSET_MAX ((size_t)32 << 10) /* all candidates of one picture */


/* What the encoder reads of a text: past a long article's length more words move the vector no further. */
#define TEXT_LIMIT_ENCODED ((size_t)64 << 10)

/* Items in the window of the editions filter: 500 bytes each are then 1 GiB, past which a search
 * would also take too long. The oldest make room. */
#define EDITIONS_LIMIT_ITEMS 2000000u

/* Rulings of persons on two items that are remembered: each takes a person, and is looked through
 * for every pair. */
#define EDITIONS_LIMIT_RULINGS 10000u

#endif
