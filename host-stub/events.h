/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h: EVE-style events: one JSON object a line in events.file, from the store's outbox, at least
 * once and in order. A torn last line, left by a crash, is mended at open.
 */
#ifndef WINNOW_EVENTS_H
#define WINNOW_EVENTS_H

#include "buf.h"
#include "judge.h"
#include "store.h"
#include "verdict.h"

struct events;

/* [judge or main] path NULL: rows are counted and thrown away. E_IO with the path told by the caller. */
int events_open(const char *path, struct events **events);
void events_close(struct events *events);
/* [judge] Writes what the outbox holds, fsyncs, deletes the rows. E_FULL, E_IO: the rows stay. */
int events_drain(struct events *events, struct store *store);
/* [any] SIGHUP: the file is opened anew at the next drain. */
void events_reopen(struct events *events);

/* The lines, without newline, appended to `out`. */
int event_item(struct buf *out, const struct item *item, const struct verdict *final, int64_t now);
int event_fetch(struct buf *out, const struct fetch_report *report);
/* "stats": counters of fetches, items, verdicts by kind, filters' errors and times, memory, store size. */
struct stats;
int event_stats(struct buf *out, const struct stats *stats, int64_t now);

#endif
