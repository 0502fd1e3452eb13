/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crumb.h: what the host was doing when a filter killed it. Before each call into a filter the
 * thread writes down document and filter in a mapped file, STATE/crumbs, which outlives the
 * process; at the next start whoever left a crumb is known. After two deaths at one crumb that
 * filter is passed over for that document.
 *
 * A document is known by its source and by a hash of its items, since sequence numbers begin
 * anew. Deaths count by source and filter, in a row: a run that gets past takes them back. A crash
 * (its handler marks the crumb), an exit(), and a call that had taken over 2 s count whole; a
 * process that was killed from outside (kill -9, power) while a filter happened to be running
 * counts half, so that no filter is blamed for a machine that is switched off twice. Passed over
 * until the document changes, or for a day if it changes all the time.
 *
 * A thread of its own watches the clock: a call that takes longer than `limit_s` ends the process,
 * with a message, since a thread that never returns can't be taken back.
 *
 * Owned by whoever opened it, outlives every chain that uses it. Functions with a slot: by the
 * thread that the slot is for (worker i: slot i; judge or main: the last). Others: main or judge.
 */
#ifndef WINNOW_CRUMB_H
#define WINNOW_CRUMB_H

#include <stdint.h>

#include "buf.h"

struct crumbs;

#define CRUMB_SLOTS 65 /* LIMIT_WORKERS and the judge */
#define CRUMB_JUDGE (CRUMB_SLOTS - 1)

/* Opens or makes dir/crumbs, counts what the last process left there and says so in the log.
 * limit_s 0: LIMIT_FILTER_CALL_S. The crash handlers are the process's from now on; they pass on to
 * those there were. A damaged file is begun anew. E_IO, E_FULL, E_NOMEM. */
int crumbs_open(const char *dir, int limit_s, struct crumbs **crumbs);
void crumbs_close(struct crumbs *crumbs);

/* Names the document for the calls to come on this slot. */
void crumb_document(struct crumbs *crumbs, int slot, wn_str source, uint64_t content);
/* Around each call; `filter` and `phase` must live as long as the crumbs. No system call. */
void crumb_enter(struct crumbs *crumbs, int slot, const char *filter, const char *phase);
void crumb_leave(struct crumbs *crumbs, int slot);

/* 1: this filter is to be passed over for this document. */
int crumb_passed_over(struct crumbs *crumbs, const char *filter, wn_str source, uint64_t content,
                      int64_t now);
/* The filter is through with the whole document: earlier deaths are forgotten. */
void crumb_survived(struct crumbs *crumbs, const char *filter, wn_str source);
/* Deaths on record, halves rounded down. */
int crumb_deaths(struct crumbs *crumbs, const char *filter, wn_str source);

#endif
