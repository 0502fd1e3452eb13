/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h: the filters in order, and an epoch's way through them: for each filter analyse on all
 * workers, then observe a document, then judge its items. Judge thread only (main before it
 * starts).
 *
 * Fails open: an error keeps the item, is told and counted; three in a row disable the filter; a
 * filter that killed or hung the process twice at one document is passed over there (crumb.h).
 *
 * What comes out does not depend on how many workers there are: analyse gets the same items
 * together on every machine, and whatever has an order is done in it, on one thread.
 *
 * A chain borrows configuration, store, workers and crumbs, which must outlive it.
 */
#ifndef WINNOW_CHAIN_H
#define WINNOW_CHAIN_H

#include "config.h"
#include "topic_choice.h"
#include "verdict.h"

struct chain;
struct store;
struct workers;
struct crumbs;

/* How much of a chain is there. */
enum chain_part {
    CHAIN_LOADED, /* plugins loaded, options checked; no instances yet */
    CHAIN_NAMES,  /* instances of the filters that know names of topics */
    CHAIN_ALL,    /* all instances: what an epoch with news needs */
};

/* Loads the plugins and makes instances, as many as `part` says (topics of outputs are names, too).
 * Messages, a line each, in *errors. store NULL: no kv, any `of` of the epoch counts as known
 * (`winnow check`). workers NULL: all on the caller's thread. crumbs may be NULL. E_USAGE, E_ABSENT,
 * E_VERSION, E_FILTER, E_NOMEM. */
int chain_create(const struct config *config, struct store *store, struct workers *workers,
                 struct crumbs *crumbs, enum chain_part part, struct chain **chain,
                 struct buf *errors);
/* Makes the instances that are still missing for that. E_FILTER, messages in *errors: the chain can
 * only be destroyed then. While nobody else uses the chain. */
int chain_start(struct chain *chain, enum chain_part part, struct buf *errors);
void chain_destroy(struct chain *chain);

/* Runs an epoch whose items are identified, inside the store's transaction. Fills final, dropped,
 * verdicts, revisions. The first run after create begins with all persons' rulings in the store. An
 * epoch without items delivers revisions that came of chain_constrain. Always OK but for E_NOMEM.
 */
int chain_run(struct chain *chain, struct epoch *epoch);

/* Asked when the state cannot be read or written for a filter (disk full): 1: waited, try again.
 * Without it, or on 0, the filter gets WN_ERROR. Called on the judge thread; the time isn't the
 * filter's. */
void chain_set_patience(struct chain *chain, int (*fn)(void *user, int status), void *user);

/* A person's ruling, and retention's, for all filters that want to know. Inside the store's
 * transaction; what filters revise on that account comes with the next chain_run. */
void chain_constrain(struct chain *chain, int64_t a, int64_t b, uint32_t constraint);
void chain_forget(struct chain *chain, int64_t item);
/* 1: revisions wait for a chain_run. */
int chain_pending(const struct chain *chain);

/* For check, explain and stats. Strings live as long as the chain. */
struct chain_filter_info {
    const char *name, *version, *plugin_path;
    int enabled;  /* 0: off in the configuration; the rest is then 0 but for the name */
    int disabled; /* 1: by three errors in a row, or by deaths at its start */
    uint64_t items, errors, passed_over;
    uint64_t changed; /* items of which readers see something else after it */
    uint64_t removed; /* pieces that it reported as taken away */
    /* Time inside the filter, all threads together; observe counts as judge. The longest is that of
     * one call: analyse takes up to LIMIT_ANALYSE items in one. */
    uint64_t analyse_ns, judge_ns, longest_ns;
    const wn_option *options;
};
size_t chain_count(const struct chain *chain);
int chain_info(const struct chain *chain, size_t index,
               struct chain_filter_info *info); /* E_ABSENT */
/* Label of a topic in a language, from the filter that offers "winnow.topic-labels/1"; {NULL, 0}.
 * Any thread, while the chain lives; the string lives as long as the process. */
wn_str chain_topic_label(const struct chain *chain, wn_str topic, wn_str lang);
/* What an output's topics mean to these filters, into a choice that the caller finishes. E_USAGE:
 * one is unknown, told in *errors (which may be NULL). Any thread, while the chain lives. */
int chain_topic_choice(const struct chain *chain, const struct output *output,
                       struct topic_choice *choice, struct buf *errors);
/* The same for all outputs of the configuration, at create: an error there is a wrong
 * configuration. */
int chain_check_outputs(const struct chain *chain, struct buf *errors);

#endif
