/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h: the filters in order, and an epoch's way through them: for each filter analyse on all
 * workers, then observe a document, then judge an item. Judge thread only.
 *
 * Fails open: an error keeps the item, is told and counted; three in a row disable the filter; a
 * filter that killed or hung the process twice at one document is passed over there (crumb.h).
 */
#ifndef WINNOW_CHAIN_H
#define WINNOW_CHAIN_H

#include "config.h"
#include "verdict.h"

struct chain;
struct store;
struct workers;
struct crumbs;

/* Loads the plugins, makes the instances, replays constraints. Messages in *errors. `crumbs` may be
 * NULL. E_USAGE, E_ABSENT, E_VERSION, E_FILTER. */
int chain_create(const struct config *config, struct store *store, struct workers *workers,
                 struct crumbs *crumbs, struct chain **chain, struct buf *errors);
void chain_destroy(struct chain *chain);

/* Runs an epoch whose items are identified. Fills final, dropped, verdicts, revisions. Always OK but for
 * E_NOMEM. */
int chain_run(struct chain *chain, struct epoch *epoch);

/* A person's ruling, and retention's, for all filters that want to know. */
void chain_constrain(struct chain *chain, int64_t a, int64_t b, uint32_t constraint);
void chain_forget(struct chain *chain, int64_t item);

/* For check, explain and stats. */
struct chain_filter_info {
    const char *name, *version, *plugin_path;
    int enabled;          /* 0: off in the configuration */
    int disabled;         /* 1: by three errors in a row */
    uint64_t items, errors, passed_over;
    uint64_t analyse_ns, judge_ns;
    const wn_option *options;
};
size_t chain_count(const struct chain *chain);
int chain_info(const struct chain *chain, size_t index, struct chain_filter_info *info);
/* Label of a topic in a language, from the filter that offers "winnow.topic-labels/1"; {NULL, 0}. */
wn_str chain_topic_label(const struct chain *chain, wn_str topic, wn_str lang);

#endif
