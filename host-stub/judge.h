/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h: the judge thread. It takes parsed documents in the order of their sequence numbers,
 * makes epochs of them (256 items or 250 ms; by count alone under --once), identifies the items,
 * runs the chain, applies the verdicts to the stories, and commits once an epoch. Between epochs it
 * settles stories that have waited long enough, runs retention, and answers questions of the
 * control socket that need the writer. It owns the store's writing connection.
 *
 * Functions are called from any thread unless said otherwise.
 */
#ifndef WINNOW_JUDGE_H
#define WINNOW_JUDGE_H

#include <stdint.h>

#include "config.h"
#include "topic_choice.h"
#include "item.h"

struct judge;
struct store;
struct workers;

/* How one fetch went: becomes a fetch event, and the source's row. Strings are copied. */
struct fetch_report {
    const char *source; /* URL in the configuration */
    int64_t time;
    int status; /* enum status */
    int http;   /* 0: no answer */
    const char *final_url;
    const char *error; /* NULL: none; for people */
    int64_t bytes, duration_ms;
    int64_t next; /* when it is due again */
    int failures; /* in a row */
    int not_modified;
    int items; /* in the document; -1: none was parsed */
    int warnings;
};

/* What a stats event tells; all counted since the start. */
struct chain_filter_info; /* chain.h */
struct stats {
    int64_t started;
    uint64_t fetches, fetches_failed, not_modified, bytes;
    uint64_t documents, warnings;
    uint64_t items_new, items_updated, items_same;
    uint64_t verdicts[5]; /* final ones of new and updated items, by enum wn_kind */
    uint64_t revisions, epochs, commits_failed;
    uint64_t waiting;          /* documents that the judge has not taken yet */
    uint64_t rss, store_bytes; /* resident memory, the database with its log; 0: not known */
    const struct chain_filter_info *filters;
    size_t n_filters;
};

struct judge_options {
    const struct config *config;
    struct store *store;
    struct workers *workers;
    int once;     /* epochs by count alone, settle 0 */
    int refilter; /* an item that retention has removed goes through the chain again (ITEM_SAME with
                   * story 0 counts as ITEM_UPDATED): `winnow filter` must answer for all that is
                   * listed */
    /* Called on the judge thread after each commit that changed something (the publisher's cue). */
    void (*committed)(void *user, int64_t generation);
    /* Called on the judge thread when a document is committed and done with, before it is
     * destroyed: its bytes go back to the budget, its validators and wishes to the schedule. */
    void (*released)(void *user, const struct document *doc);
    void *user;
};

int judge_start(const struct judge_options *options, struct judge **judge, struct buf *errors);
/* Ends after what is queued (drain 1) or after the epoch in hand (drain 0), commits, joins. The chain
 * still answers judge_topic_label and judge_topic_choice. */
void judge_halt(struct judge *judge, int drain);
/* The same, if need be, and the judge is gone. */
void judge_stop(struct judge *judge, int drain);

/* Sequence numbers begin at 1 and leave no gap: each is answered by exactly one of these two. The
 * document is taken over. */
int judge_document(struct judge *judge, int64_t sequence, struct document *doc,
                   const struct fetch_report *report);
int judge_nothing(struct judge *judge, int64_t sequence, const struct fetch_report *report);
/* Waits until everything up to this sequence number is committed. Not from the judge or loop. */
int judge_wait(struct judge *judge, int64_t sequence);

/* SIGHUP: the event file is opened anew. */
void judge_reopen(struct judge *judge);

/* How it stands, for /healthz, stats and the last words of --once. */
struct judge_numbers {
    int64_t generation; /* last commit */
    int64_t sequence;   /* everything up to here is committed */
    int stuck;          /* 0, or the status (E_FULL, E_IO) of the commit that is being repeated */
    struct stats stats; /* without the filters, which chain_info tells on the judge thread */
};
void judge_numbers(struct judge *judge, struct judge_numbers *numbers);

/* A topic's label by the chain in force, for writers and events: a topic_label callback, user is
 * the judge. [any thread]; the string is static data of the filter. */
wn_str judge_topic_label(void *judge, wn_str topic, wn_str lang);
/* Likewise, what an output's topics mean (chain_topic_choice). */
int judge_topic_choice(void *judge, const struct output *output, struct topic_choice *choice);

/* Runs fn on the judge thread between epochs and waits: split, join, reload, explain. Not from the
 * judge. */
typedef int (*judge_fn)(void *arg, struct judge *judge);
int judge_call(struct judge *judge, judge_fn fn, void *arg);
/* [judge] New configuration and chain at an epoch boundary; a failure keeps the old. */
int judge_reload(struct judge *judge, const struct config *config, struct buf *errors);
/* [judge] The statistics as a line of the event file, as they stand now, filters included. */
int judge_stats_line(struct judge *judge, int64_t now, struct buf *line);
/* [judge] */
struct chain *judge_chain(struct judge *judge);
struct store *judge_store(struct judge *judge);
const struct config *judge_config(struct judge *judge);

#endif
