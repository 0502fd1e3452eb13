/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h: what the files of the boilerplate filter share: the instance, a worker's workspace, the
 * note that goes with an item from analyse to judge.
 *
 * The instance belongs to the host that created it. `rules` is read by all workers and never
 * written; `learn` and what follows belong to the judge thread.
 */
#ifndef WINNOW_BOILERPLATE_FILTER_H
#define WINNOW_BOILERPLATE_FILTER_H

#include "../text/lang.h"
#include "boilerplate.h"
#include "learn.h"
#include "page.h"
#include "rules.h"

struct boilerplate {
    const wn_api *api;
    wn_host *host;
    struct rules *rules;
    struct learn *learn;
    struct tbuf judged, plain; /* judge's scratch */
    char reason[200];
    int observes; /* the host calls observe: items are counted there */
};

/* A worker's workspace. */
struct workspace {
    struct page page;
    struct tbuf line, base, url;
    struct learn_line *lines; /* of content and summary together */
    uint32_t n_lines, cap_lines;
};

#define NOTE_RESTORED 1u /* little would have been left, so the item stayed whole */
#define NOTE_CHANGED 2u
#define NOTE_SHADOW 4u
#define NOTE_LEARN 8u /* learning is on for this source */

struct note {
    uint32_t n_lines;
    uint32_t flags;
    uint32_t counts[GROUP_COUNT]; /* removals by group, for the verdict's reason */
    char lang[TEXT_LANG_MAX];
    struct learn_line lines[]; /* of the content first, then of the summary */
};

/* item.c [worker]: makes one item safe and clean. */
int item_analyse(struct boilerplate *f, struct workspace *w, wn_item *item);
/* item_fields.c [worker]: titles, names, links, enclosures. */
int item_fields(struct boilerplate *f, struct workspace *w, wn_item *item, int strip);
/* What a source is called in learning: its URL, else its link's host. */
wn_str item_source(const struct boilerplate *f, const wn_item *item);
/* Notes a removal in the item's report. */
void item_told(struct boilerplate *f, wn_item *item, const char *rule, wn_str text,
               const char *place, int shadow);
/* item_learn.c [judge]: takes away what the source repeats. */
int item_judge(struct boilerplate *f, wn_item *item, struct note *note);

/* data.c: reads the rules: from the option `data`, beside the .so, the installed folder, else what was
 * built in. Logs and returns WN_ERROR where a file is there but wrong. */
int data_load(const wn_api *api, wn_host *host, struct rules **rules);
/* The copy of boilerplate.data that was built in (data_builtin.c, made by the build). */
extern const char data_builtin[];
extern const size_t data_builtin_size;

#endif
