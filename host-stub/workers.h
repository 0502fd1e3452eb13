/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workers.h: the host's own threads, with a bounded queue. Own threads rather than libuv's pool,
 * since filters need thread_enter and thread_leave on each, and libuv's pool serves the resolver.
 *
 * Two kinds of work: single tasks (parse a document) from the loop, and spreads (analyse these
 * items) from the judge thread, which waits for all of them. Spreads go first.
 */
#ifndef WINNOW_WORKERS_H
#define WINNOW_WORKERS_H

#include <stddef.h>

struct workers;

/* Runs on a worker; `thread` is 0 … workers_count() - 1. */
typedef void (*work_fn)(void *arg, int thread);
typedef void (*spread_fn)(void *arg, size_t index, int thread);

/* n threads; 0: as many as processors, at most LIMIT_WORKERS. */
int workers_create(int n, struct workers **workers);
/* Finishes what is queued, then joins. */
void workers_destroy(struct workers *w);
int workers_count(const struct workers *w);
/* Any thread. Never blocks: the queue is bounded by the bytes in flight, not here. E_NOMEM. */
int workers_submit(struct workers *w, work_fn fn, void *arg);
/* Calls fn for index 0 … n - 1 on the workers and returns when all are done. Not from a worker;
 * one spread at a time. */
void workers_spread(struct workers *w, spread_fn fn, void *arg, size_t n);
/* Calls fn once on each thread and returns when all are done (thread_enter, thread_leave, opening
 * per-thread database readers). Not from a worker. */
void workers_each(struct workers *w, work_fn fn, void *arg);

#endif
