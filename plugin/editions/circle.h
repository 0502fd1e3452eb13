/* SPDX-License-Identifier: Apache-2.0 */
/*
 * circle.h: who is parted anew when an item comes: itself, those that it may join, and all members of
 * their stories; and the odds between each two of them. Owned by judge, on its stack.
 */
#ifndef WINNOW_EDITIONS_CIRCLE_H
#define WINNOW_EDITIONS_CIRCLE_H

#include "cluster.h"
#include "state.h"

struct circle { /* those who are parted anew: one item for each language and story */
    unsigned n;
    int64_t id[CLUSTER_MOST];
    uint32_t story[CLUSTER_MOST]; /* where it is now, STORY_NONE: alone */
    int lang[CLUSTER_MOST];
    float odds[CLUSTER_MOST * CLUSTER_MOST];
    unsigned label[CLUSTER_MOST];
};

/* Where an item is in the circle; -1: it isn't. */
int circle_find(const struct circle *c, int64_t id);

/* The story that an item is in now, STORY_NONE: alone. */
uint32_t circle_story(const struct editions *f, int64_t id);

/* Puts an item in, with all that speak for a language in its story. */
void circle_enter(struct editions *f, struct circle *c, int64_t id);

/* Puts the newcomer in, and those whom it may join, by its links. */
void circle_gather(struct editions *f, const struct match *m, struct circle *c);

/* Computes the odds, m: the newcomer's match, NULL: there is none; and the new labels. */
void circle_part(struct editions *f, struct circle *c, const struct match *m);

/* Keeps the odds that were found when the later of the two came. */
void circle_remember(struct editions *f, int64_t a, int64_t b, float odds);

#endif
