/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h: entries and items → Atom 1.0 (RFC 4287, 4685), RSS 2.0 (specification of the RSS
 * Advisory Board), JSON Feed 1.1. Pure: bytes go to a sink. Any thread, one writer a thread.
 *
 * The writer trusts no filter: content is written as HTML only where item->sanitised is set, else
 * as escaped plain text. All text is checked for what XML 1.0 allows.
 */
#ifndef WINNOW_WRITER_H
#define WINNOW_WRITER_H

#include "config.h"
#include "item.h"
#include "store.h"

struct writer;

typedef int (*sink_fn)(void *user, const char *p,
                       size_t n); /* 0, or a status that ends the writing */

struct writer_options {
    int format; /* enum output_format */
    const char *title, *link, *self, *description, *language,
        *uuid; /* NULL: left out or made up validly */
    const struct feed_info
        *feed;           /* `winnow filter`: what else the feed said of itself; NULL: nothing */
    int64_t updated;     /* TIME_ABSENT: unknown */
    int also_in;         /* the visible line */
    char *const *prefer; /* for labels */
    size_t n_prefer;
    wn_str (*topic_label)(void *user, wn_str topic, wn_str lang);
    void *user;
};

int writer_create(const struct writer_options *options, sink_fn sink, void *user,
                  struct writer **writer);
/* The clean feed's entry: face, links to editions, source, categories. */
int writer_entry(struct writer *writer, const struct entry *entry);
/* An item as it stands, for `winnow filter`: its own guid, link and dates. */
int writer_item(struct writer *writer, const struct item *item, const struct member *members,
                size_t n_members);
/* Ends the document. The first status that the sink gave, if any. */
int writer_finish(struct writer *writer);
void writer_destroy(struct writer *writer);

#endif
