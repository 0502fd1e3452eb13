/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h: one instance of the editions filter, as its files share it. The judge thread owns and
 * writes all of it; analyse reads index, cores and encoder while nobody writes.
 */
#ifndef WINNOW_EDITIONS_STATE_H
#define WINNOW_EDITIONS_STATE_H

#include "editions.h"
#include "match.h"
#include "stories.h"

enum mode { MODE_MERGE, MODE_TAG, MODE_OFF };

struct ruling { /* a person's word on two items */
    int64_t a, b;
    uint32_t what; /* enum wn_constraint */
};

struct pair_memory { /* odds of two items, found when the later one came */
    uint32_t tag;    /* which two, as far as 32 bits tell; 0: empty */
    float odds;
};
#define PAIR_MEMORY (1 << 19) /* 4 MiB; what falls out is computed anew */

struct editions {
    const wn_api *api;
    wn_host *host;
    enum mode mode;
    bool shadow;
    int64_t window;          /* seconds */
    float least;             /* average log odds from which items are one story */
    struct encoder *encoder; /* NULL: no model, and the options allow it */
    struct index *index;
    struct cores *cores;
    struct stories stories;
    struct matcher matcher; /* judge's own */
    struct ruling *rulings;
    size_t n_rulings, cap_rulings;
    struct pair_memory *pairs;
    uint32_t generation;  /* of the index: grows when slots change */
    struct match scratch; /* where a host gives no note */
};

/* decide.c: from links to a verdict. `verdict` is what is said of the item; earlier items that
 * change are revised. The item must be in the index. */
int decide(struct editions *f, struct match *m, wn_verdict *verdict);

/* Parts or joins the stories of two items after a ruling. */
int decide_again(struct editions *f, int64_t a, int64_t b);

/* members.c: which item is in which story, in memory and in kv. */
int members_put(struct editions *f, uint32_t story, const struct member *m);
void members_take(struct editions *f, int64_t id);
int members_load(struct editions *f);
/* Stores what a member was told. */
int members_save(struct editions *f, uint32_t story, const struct member *m);
/* The person's word on two items; WN_FREE: none. */
uint32_t members_ruling(const struct editions *f, int64_t a, int64_t b);

/* A number for a language, equal for equal ones; -1: not known. */
int language_number(const char *tag);

#endif
