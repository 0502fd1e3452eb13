/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.h: an item against the window: its core and evidence, and links to those that may be
 * copies, editions or related. The costly part of the filter; runs in analyse, in parallel, over an
 * index that nobody writes meanwhile, and once more in judge for what the same epoch brought.
 */
#ifndef WINNOW_MATCH_H
#define WINNOW_MATCH_H

#include "../text/html_buf.h"
#include "copies.h"
#include "cores.h"
#include "index.h"
#include "pair.h"

#define MATCH_LINKS 24 /* kept of one item, the strongest */
#define MATCH_KEYED 16 /* candidates by key */

enum link_kind { LINK_NONE, LINK_COPY, LINK_EDITION, LINK_RELATED };

struct link {
    int64_t id;
    enum link_kind kind; /* LINK_EDITION: of another language, whatever the odds */
    float odds;          /* log odds that they are editions, beyond what a story takes */
    float need;          /* what it takes, see pair_need */
    float score;         /* of a copy, 0..1 */
    float cosine;        /* of the whole */
    const char *reason;  /* static */
    char evidence[160];  /* for explain */
};

/* What analyse leaves for judge, in the item's note: plain memory. */
struct match {
    bool ready, vectors;
    uint32_t end, generation; /* of the index when it was searched */
    unsigned n_links;
    struct link links[MATCH_LINKS];
    struct found found;
    struct evidence e; /* e.core always; the rest if vectors */
};

/* A thread's tools. */
struct matcher {
    const wn_api *api;
    const struct encoder *encoder; /* NULL: no model */
    const struct index *index;
    const struct cores *cores;
    struct workshop *workshop;
    struct reader *reader;
    struct tbuf text;
    struct copies_side side; /* of the item at hand, once it is needed; core NULL: not yet */
};

int matcher_init(struct matcher *m, const wn_api *api, const struct encoder *e,
                 const struct index *x, const struct cores *c);
void matcher_finish(struct matcher *m);

/* Fills core and evidence from the item's fields; puts text, language and vector where absent. */
int match_read(struct matcher *m, wn_item *item, struct match *out);

/* Searches slots from..end for n matches at once and adds what is found to their links. */
void match_search(struct matcher *m, struct match *const *matches, size_t n, uint32_t from);

/* The strongest link of a kind, of a copy by its score; skip: links by place to pass over, or NULL.
 * NULL: none. */
const struct link *match_strongest(const struct match *m, enum link_kind kind, const bool *skip);

/* Log odds that two items are editions, outside evidence included. */
float match_odds(const struct evidence *a, const struct evidence *b, const struct found *found,
                 uint32_t slot, uint32_t window, char *evidence, size_t size, const char **why);

#endif
