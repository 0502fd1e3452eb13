/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copies.h: whether two items in one language are the same text: the same URL, or a near-copy
 * (other headline, other intro, cut to a teaser, with a paragraph added). Follow-ups that quote
 * the first report, and sibling releases that differ in a version number, are not. Pure; any
 * thread.
 */
#ifndef WINNOW_COPIES_H
#define WINNOW_COPIES_H

#include "evidence.h"

struct copy_verdict {
    bool copy;
    float score;            /* 0..1 */
    float alike, contained; /* what it rests on */
    const char *reason;     /* static, for people */
};

/* An item whose copies are looked for: what of it is compared with each candidate. */
#define COPIES_HEAD 512 /* more shingles than CORE_TEXT bytes can have */
struct copies_side {
    const struct core *core; /* the caller's, for as long as this is used */
    unsigned n_title, n_head;
    uint32_t title[CORE_SHINGLES], head[COPIES_HEAD];
};
void copies_side(struct copies_side *s, const struct core *core);

/*
 * What the texts say. The languages must agree or be unknown, which the caller sees to. many: other
 * items of the window hold a part of this text, too.
 */
struct copy_verdict copies_by_text(const struct copies_side *side, const struct core *b, bool many);

/* Two items with one canonical URL (or guid): whether that makes them one. `many`: other items
 * have that URL too, so it names a page of articles rather than one. */
struct copy_verdict copies_by_url(const struct copies_side *side, const struct core *b, bool many);

/* Keys under which an item is found again: INDEX_KEYS at most. Returns how many. */
unsigned copies_keys(const struct core *c, uint32_t *keys);
uint32_t copies_url_key(uint64_t url);
uint32_t copies_rest_key(uint64_t rest); /* a URL without its language code */
uint32_t copies_link_key(uint64_t url);  /* a URL that an item names as its edition */

#endif
