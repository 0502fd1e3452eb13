/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topic_choice.h: which stories an output shows by their topics: what its keys `topic` and `except`
 * mean once the filters have told what the names are called and what stands below them.
 *
 * A choice owns its strings and does not depend on the chain that made it (chain_topic_choice in
 * chain.h). Any thread, one at a time.
 */
#ifndef WINNOW_TOPIC_CHOICE_H
#define WINNOW_TOPIC_CHOICE_H

#include "buf.h"
#include "config.h"
#include "item.h"

struct topic_list {
    char **ids; /* "11000000", "own:Iran" */
    size_t n;
};

struct topic_choice {
    struct topic_list only;   /* at least one of these; empty: no matter which */
    struct topic_list except; /* none of these */
};

int topic_list_has(const struct topic_list *list, wn_str id);
/* Copies the id unless it is there already. E_NOMEM. */
int topic_list_add(struct topic_list *list, wn_str id);
/* NULL and a zeroed choice are fine. */
void topic_choice_finish(struct topic_choice *choice);

/* The output's keys on one line, as configured: "11000000", "11000000,own:Iran", "!Sport"; nothing
 * for an output of all topics. For ids and hashes. */
void output_topics_text(const struct output *output, struct buf *text);

#endif
