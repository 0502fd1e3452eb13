/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn.h: which blocks a source repeats from item to item. Per source a table of block hashes with
 * how often, how recently and where in the item each was seen, kept in the host's key-value store
 * (in memory where the host has none), aged, and bounded. Counted once an item.
 *
 * The tables are written in observe and judge only (one thread), and owned by the filter.
 */
#ifndef WINNOW_LEARN_H
#define WINNOW_LEARN_H

#include <stddef.h>
#include <stdint.h>

#include "../text/html_buf.h"
#include "../winnow_plugin.h"

#define LEARN_FIRST 4u /* blocks at the beginning and … */
#define LEARN_LAST 12u /* … at the end of an item: where boilerplate stands */

#define LEARN_PROSE 1u  /* reads like running text: long, without links */
#define LEARN_LINKED 2u /* mostly link */
#define LEARN_CUTTABLE 4u
#define LEARN_OWN 8u   /* code, table, quote or list of the article: never learned away */
#define LEARN_SIGN 16u /* looks like boilerplate by itself: an address, a sign, small print */

/* A block as the note of its item keeps it from analyse to judge. */
struct learn_line {
    uint64_t exact;          /* hash of its words; the item's own title in it stands as a mark */
    uint64_t masked;         /* the same with every number and month masked */
    uint32_t near[3];        /* least hashes of its word triples, for near copies; 0: too short */
    uint32_t cut, cut_len;   /* bytes of the HTML that go with it */
    uint32_t text, text_len; /* its text within the plain text */
    uint32_t letters;
    uint16_t from_start, from_end; /* blocks in front and behind */
    uint8_t flags;
    uint8_t part; /* 0: content, 1: summary */
    uint8_t pad[2];
};

struct learn;

/* api and host as create got them; nothing is read yet. NULL without memory. */
struct learn *learn_create(const wn_api *api, wn_host *host);
void learn_destroy(struct learn *l);

/* Counts an item's lines for its source. Nothing happens for an item counted before. `now` is the
 * item's arrival. [observe, judge] WN_OK or WN_NOMEM. */
int learn_count(struct learn *l, wn_str source, int64_t item, int64_t now,
                const struct learn_line *lines, uint32_t n);
/* Writes what learn_count changed to the store. [observe, judge] */
int learn_flush(struct learn *l);
/* Decides which lines go: sets remove[i] to 1. Returns how many. [judge] */
uint32_t learn_decide(struct learn *l, wn_str source, const struct learn_line *lines, uint32_t n,
                      uint8_t *remove);

/* learn_line.c: fills hashes and flags of a line from its normal form (masked, norm.h) and raw text. */
void learn_hash(struct learn_line *line, wn_str raw, wn_str norm, wn_str title_norm,
                struct tbuf *scratch);

#endif
