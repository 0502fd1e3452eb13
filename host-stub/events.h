/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.h: EVE-style events: one JSON object a line in events.file, from the store's outbox, at
 * least once and in order. A torn last line, left by a crash, is mended at open: it is cut off, and
 * its row, which is still in the outbox, is written again.
 */
#ifndef WINNOW_EVENTS_H
#define WINNOW_EVENTS_H

#include "buf.h"
#include "judge.h"
#include "store.h"
#include "verdict.h"

struct events;

/* [judge or main] path NULL: rows are counted and thrown away. E_IO with the path told by the
 * caller. */
int events_open(const char *path, struct events **events);
void events_close(struct events *events);
/* [judge, no transaction open] Writes what the outbox holds, fsyncs, and marks the rows as sent:
 * they go with the next commit. E_FULL, E_IO: the rows stay, and what was half written is cut off
 * again. */
int events_drain(struct events *events, struct store *store);
/* [any, also a signal handler] SIGHUP: the file is opened anew at the next drain. */
void events_reopen(struct events *events);

/* The lines, without newline, appended to `out`. `label` gives a topic its name (NULL: label null).
 * `final` NULL: no filter said anything, the item is kept. Fields: see winnow-events(5). */
typedef wn_str (*topic_label_fn)(void *user, wn_str topic, wn_str lang);
int event_item(struct buf *out, const struct item *item, const struct verdict *final, int64_t now,
               topic_label_fn label, void *user);
int event_fetch(struct buf *out, const struct fetch_report *report);

/* Also tells stats->filters. */
int event_stats(struct buf *out, const struct stats *stats, int64_t now);

const char *kind_name(uint32_t kind); /* "keep", "related", "edition", "duplicate", "drop" */

#endif
