/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workers.h: the host's own threads, with a bounded queue. Own threads rather than libuv's pool,
 * since filters need thread_enter and thread_leave on each, and libuv's pool serves the resolver.
 *
 * Two kinds of work: single tasks (parse a document) from the loop, and spreads (analyse these
 * items) from the judge thread, which waits for all of them. Calls on each thread go first, then
 * spreads, then tasks: an epoch under way must not wait behind a heap of unparsed documents.
 *
 * Whoever creates the workers owns them. Arguments stay the caller's; they must live until their
 * function has returned. A spread and an each may be started from any thread that is not itself
 * a worker; a second one waits for the first.
 */
#ifndef WINNOW_WORKERS_H
#define WINNOW_WORKERS_H

#include <stddef.h>

struct workers;

/* Runs on a worker; `thread` is 0 … workers_count() - 1. */
typedef void (*work_fn)(void *arg, int thread);
typedef void (*spread_fn)(void *arg, size_t index, int thread);

/* n threads; 0: as many as processors; never more than LIMIT_WORKERS. The threads block
 * all signals, which are the main thread's, but those of a crash. E_NOMEM, E_INVALID (n < 0). */
int workers_create(int n, struct workers **workers);
/* Finishes what is queued, then joins. */
void workers_destroy(struct workers *w);
int workers_count(const struct workers *w);
/* Any thread. Never blocks: the queue is bounded by the bytes in flight, not here. Tasks begin in
 * the order in which they came. E_NOMEM. */
int workers_submit(struct workers *w, work_fn fn, void *arg);
/* Calls fn for index 0 … n - 1 on the workers, in no order, and returns when all are done. */
void workers_spread(struct workers *w, spread_fn fn, void *arg, size_t n);
/* Calls fn once on each thread and returns when all are done (thread_enter, thread_leave, opening
 * per-thread database readers). */
void workers_each(struct workers *w, work_fn fn, void *arg);

#endif
