/* SPDX-License-Identifier: Apache-2.0 */
/*
 * instance.h: one topics filter as create made it, and what it does with an item. filter.c makes
 * and ends it, analyse.c runs it, labels.c answers the host's questions about names.
 *
 * Ownership: an instance owns all that it points to, and nothing is shared between instances.
 * Threads: written in create only; analyse and the extension read it on any thread.
 */
#ifndef WINNOW_TOPICS_INSTANCE_H
#define WINNOW_TOPICS_INSTANCE_H

#include "rules.h"
#include "score.h"

#define TOPICS_MOST 16 /* topics an item at most, whatever is configured */

struct topics {
    const wn_api *api;
    wn_host *host;
    struct fold *fold;
    struct vocabulary *vocabulary;
    struct mapping *mapping;
    struct terms *terms;
    struct model *model; /* NULL: none installed */
    struct like likes[LIKE_MAX];
    struct scorer scorer;
    struct rules rules;
    char *map_copy; /* the option `map` as it was at create … */
    wn_str map;     /* … so that a source's own is known when it differs */
};

/* An option's value, for an item's source or (item NULL) in general; absent when there is none. */
wn_str instance_config(const struct topics *f, const wn_item *item, const char *key);

/* The members of wn_filter, as winnow_plugin.h describes them. */
void *instance_thread_enter(void *self);
void instance_thread_leave(void *self, void *thread);
int instance_analyse(void *self, void *thread, wn_item *const *items, size_t n);
int instance_judge(void *self, wn_item *item, wn_verdict *verdict);
const void *instance_extension(void *self, const char *id);

#endif
