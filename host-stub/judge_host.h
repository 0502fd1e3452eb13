/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge_host.h: what the judge is made of. judge.c: the thread, calls from outside; judge_inbox.c:
 * what comes in, cut into epochs; judge_epoch.c: what becomes of an epoch; judge_rest.c: what is
 * done between epochs.
 *
 * One mutex, `lock`, guards what stands under it below. The rest is the judge thread's own.
 */
#ifndef WINNOW_JUDGE_HOST_H
#define WINNOW_JUDGE_HOST_H

#include <pthread.h>
#include <stdatomic.h>

#include "chain.h"
#include "crumb.h"
#include "events.h"
#include "judge.h"
#include "limits.h"
#include "store.h"
#include "story.h"

/* One sequence number: a document, or nothing. */
struct arrival {
    struct arrival *next;
    int64_t sequence;
    struct document *doc; /* NULL: nothing came of the fetch */
    struct fetch_report report;
    int has_report;
    char *strings; /* the report's */
};

/* A person's question or a reload; lives on the asker's stack. */
struct judge_ask {
    struct judge_ask *next;
    judge_fn fn;
    void *arg;
    int status, done;
};

/* An epoch being filled: arrivals in order, of which the last document may be here in part. */
struct gather {
    struct arrival *first, **last; /* complete ones */
    struct part parts[LIMIT_EPOCH_ARRIVALS];
    size_t n_parts;
    size_t n_items, n_arrivals, bytes;
    int64_t upto; /* all sequence numbers up to here are in it, or went before */
    int full;
    int64_t deadline_ms; /* when it is closed although there is room */
};

struct judge {
    struct judge_options options;
    const struct config *config;
    struct store *store;
    struct crumbs *crumbs;
    struct events *events;
    struct gather gather;
    size_t offset; /* items of the inbox' first document that are already through */
    int64_t due_settle, due_retain, due_stats, due_events; /* seconds; INT64_MAX: nothing to do */
    int events_failing;
    int64_t told_generation;

    pthread_rwlock_t
        chain_lock; /* around replacing the chain: labels are asked from other threads */
    struct chain *chain;
    _Atomic int ready; /* enum chain_part: how much of it is there */

    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    struct arrival *inbox; /* sorted; the first may be missing yet */
    struct arrival *inbox_last;
    uint64_t waiting; /* documents in it */
    int64_t lost[64]; /* numbers for which there was no memory: the order goes on without them */
    size_t n_lost;
    int64_t next;              /* the sequence number to gather next */
    int64_t committed;         /* all up to here are done with */
    int64_t flush_to, flushed; /* judge_wait: asked for; settled and told (once) */
    struct judge_ask *asks, **asks_last;
    int stopping; /* 1: after what is queued; 2: now */
    int halted;   /* the thread has been joined */
    int ended;
    int stuck, attempts;
    _Atomic int broken; /* the chain could not be started: nothing goes through any more */
    int64_t generation;
    struct stats stats;

    pthread_t thread;
    int started;
};

int64_t judge_clock_ms(void);

/* ---- judge_inbox.c, with the lock ---- */
/* Takes what comes next into the epoch that is being filled, as far as it is there and fits. */
void judge_gather(struct judge *j);
void judge_free_arrivals(struct arrival *first);

/* ---- judge_chain.c ---- */
/* [main] Before the thread starts. */
int judge_make_chain(struct judge *j, struct buf *errors);
/* [judge] Has the instances made that are still missing for that; without the lock. A failure is
 * told, and lasts. */
int judge_need_chain(struct judge *j, enum chain_part part);

/* ---- judge_epoch.c, on the judge thread, without the lock ---- */
/* Takes the gathered arrivals through filters and stories into the store, and lets go of them. */
void judge_run_epoch(struct judge *j, struct gather *g);
/* A transaction of its own for what is done between epochs. fn may be NULL. */
int judge_transaction(struct judge *j, int (*fn)(struct judge *j, void *arg), void *arg);
/* After a failed write: tells, waits, and says whether to try again (else the process is ending).
 */
int judge_patience(struct judge *j, int status);

/* ---- judge_rest.c, likewise ---- */
void judge_settle(struct judge *j, int64_t now); /* inside a transaction */
void judge_drain_events(struct judge *j);
int64_t judge_next_duty(const struct judge *j); /* seconds; INT64_MAX: none */
void judge_do_duties(struct judge *j, int64_t now);
void judge_last_duties(struct judge *j); /* all sources are through, or the end */

#endif
