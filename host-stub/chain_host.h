/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain_host.h: what a chain is made of; chain.c (making, ruling, telling), chain_run.c (an epoch)
 * and chain_word.c (verdicts, revisions, kv) share it.
 */
#ifndef WINNOW_CHAIN_HOST_H
#define WINNOW_CHAIN_HOST_H

#include <pthread.h>
#include <stdint.h>

#include "chain.h"
#include "crumb.h"
#include "filter_host.h"
#include "limits.h"
#include "store.h"

/* The callbacks whose errors are counted, each for itself: an analyse that works must not hide a
 * judge that always fails. */
enum callback { CALL_ANALYSE, CALL_OBSERVE, CALL_JUDGE, CALL_RULE, CALL_KINDS };

struct link_entry {        /* one place in the chain */
    struct filter *filter; /* NULL: off in the configuration */
    const char *name;      /* the configuration's, for those that are off */
    void *self;
    void *threads[LIMIT_WORKERS + 1]; /* from thread_enter */
    int line;                         /* in the configuration; 0: a default */
    int created;
    int disabled;
    int rules_off; /* constrain or forget ended the process twice */
    int in_a_row[CALL_KINDS];
    uint64_t items, changed, removed, errors, passed_over;
    _Atomic uint64_t analyse_ns, judge_ns, longest_ns; /* longest: of one call */
    char *told_source; /* the last document of which "passed over" was said */
};

/* What readers would see of an item, to tell whether a filter changed it. */
struct chain_look {
    wn_str title, summary, content, link;
    size_t n_categories, n_enclosures, n_topics, n_removed;
};

struct chain_thread {
    struct reader *reader; /* NULL: none could be opened */
    struct arena scratch;
};

struct chain {
    const struct config *config;
    struct store *store;
    struct workers *workers;
    struct crumbs *crumbs;
    struct link_entry *links;
    size_t n_links;
    int n_threads; /* of analyse; 1 without workers */
    struct chain_thread threads[LIMIT_WORKERS];
    struct chain_thread judge;
    pthread_mutex_t
        shared; /* around the connection of a state in memory, which all threads share */
    int in_memory;
    int (*patience)(void *user, int status);
    void *patience_user;
    int replayed; /* the store's rulings were told */

    /* The epoch under way, for verdicts and revisions. */
    struct epoch *epoch;
    int64_t *known; /* ids of the epoch's items, sorted */
    size_t n_known;
    int link; /* index of the filter whose turn it is */
    size_t cap_verdicts, cap_revisions;

    /* Revisions made outside an epoch. */
    struct arena waiting_strings;
    struct verdict *waiting;
    size_t n_waiting, cap_waiting;
};

/* ---- chain.c ---- */
/* Makes the call on the judge's (or main) thread ready, leaves the crumb. */
void chain_enter(struct chain *c, struct link_entry *l, struct call *call, enum phase phase,
                 const char *crumb_phase);
void chain_leave(struct chain *c, struct call *call);
/* Counts what a callback returned; says so; disables at the third in a row. */
void chain_count_result(struct chain *c, struct link_entry *l, enum callback kind, int status,
                        const struct item *about);
/* An event line about a filter, in the transaction under way. */
void chain_tell(struct chain *c, const struct link_entry *l, const char *action, wn_str source,
                const char *reason);
void chain_replay(struct chain *c);
/* [any] Time that a call took: one of analyse's threads may be as long as another's. */
void chain_took(struct link_entry *l, _Atomic uint64_t *sum, uint64_t ns);
void chain_look(const struct item *item, struct chain_look *look);
/* Counts what became of an item while it was this filter's turn. */
void chain_count_changes(struct link_entry *l, const struct item *item,
                         const struct chain_look *before);

/* ---- chain_word.c ---- */
int chain_is_known(const struct chain *c, int64_t item);
/* Takes a filter's word into memory of ours; NULL: the words are good. Else what is wrong with
 * them. */
const char *chain_take_verdict(struct chain *c, struct arena *arena, int64_t item,
                               const wn_verdict *from, struct verdict *to);
int chain_add(struct arena *arena, struct verdict **list, size_t *n, size_t *cap,
              const struct verdict *verdict);

#endif
