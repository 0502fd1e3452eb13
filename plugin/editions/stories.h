/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stories.h: the partition that this filter owns: which items of the window are one story, and what
 * the host was told of each. A story of one item takes no memory. Judge thread only.
 */
#ifndef WINNOW_STORIES_H
#define WINNOW_STORIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../winnow_plugin.h"

#define STORY_NONE 0u

struct member {
    int64_t id;
    int64_t copy_of; /* 0: it speaks for its language; else a copy of that member */
    int64_t said_of; /* what the host was told: EDITION or DUPLICATE of this; 0: nothing */
    uint32_t said;   /* enum wn_kind */
    int32_t lang;    /* number of its language, see window.h */
};

struct story {
    uint32_t n, cap;
    struct member *members; /* in order of arrival */
};

struct stories {
    struct story *list; /* list[0] is unused */
    uint32_t n, cap;
    uint32_t free; /* head of the list of free numbers, chained through n */
};

void stories_finish(struct stories *s);

/* A new empty story; STORY_NONE without memory. */
uint32_t stories_new(struct stories *s);
struct story *stories_get(struct stories *s, uint32_t story);
int stories_add(struct stories *s, uint32_t story, const struct member *m);
/* Takes a member out; the story's number is freed with its last one. */
void stories_take(struct stories *s, uint32_t story, int64_t id);
struct member *stories_member(struct stories *s, uint32_t story, int64_t id);

#endif
