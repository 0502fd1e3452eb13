/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h: why the clean feed shows an item, or doesn't: `winnow explain`. Answers are JSON, so
 * that people, scripts and the control socket get the same; explain_print makes text of it.
 *
 * Reads through a reader of its own thread, and changes nothing; a daemon may be writing meanwhile.
 */
#ifndef WINNOW_EXPLAIN_H
#define WINNOW_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "config.h"
#include "events.h"
#include "store.h"

struct explain {
    struct reader *reader; /* NULL: there is no state yet */
    const struct config *config;
    int64_t now;
    topic_label_fn label; /* NULL: topics by number */
    void *user;
};

/* What: an item's number, an address (of an item or a source), a guid, "story:N", or words of a
 * title. *answer is the caller's. Its "found" is "item" (all about it), "items" (several fit;
 * "choices"), "removed" (retention took it), "source" (the address is a feed's), or "nothing";
 * "advice" says what to do. E_NOMEM, or a failure to read. */
int explain_find(const struct explain *explain, const char *what, json_t **answer);
/* Everything about one item, E_ABSENT. */
int explain_item(const struct explain *explain, int64_t item, json_t **answer);
/* How a source fares: polled, failing, unparsable, not configured. */
int explain_source(const struct explain *explain, const char *url, json_t **answer);
/* texts 1: also the item's text before and after. */
void explain_print(FILE *to, const json_t *answer, int texts);

/* Pieces: a string or null; a time as RFC 3339 or null; "3 h 5 min ago". */
json_t *explain_text(wn_str s);
json_t *explain_time(int64_t seconds);
const char *explain_ago(int64_t seconds, char buf[64]);

#endif
