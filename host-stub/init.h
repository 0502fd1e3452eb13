/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.h: the sources that `winnow init` and `winnow opml import` collect, and the configuration
 * that init writes. The caller owns the list, the list its strings. Main thread.
 */
#ifndef WINNOW_INIT_H
#define WINNOW_INIT_H

#include "discover.h"
#include "opml.h"

struct init_entry {
    char *url;   /* as given; of the feed once it is resolved */
    char *title; /* a list's own name for it; NULL */
    char *note;  /* a comment: the feed's title, or why it has none; NULL */
    char **tags;
    size_t n_tags;
    int unresolved; /* may be a page */
    int failed;     /* has no feed: becomes a comment */
};

struct init_list {
    struct init_entry *entries;
    size_t n, cap;
    size_t *slots; /* a hash table of the URLs: index + 1 */
    size_t n_slots;
    int allow_private;
};

void init_list_init(struct init_list *list, int allow_private);
void init_list_finish(struct init_list *list);
/* A URL twice is taken once. E_NOMEM; E_LIMIT: more than LIMIT_SOURCES. */
int init_add_url(struct init_list *list, const char *url, int unresolved);
int init_add_feed(struct init_list *list, const struct opml_feed *feed);
/* What became of an entry. E_NOMEM. */
int init_resolved(struct init_list *list, size_t at, const struct discovered *found);

/* The whole file, "-" for standard input; the caller finishes *text. E_IO (errno says more), E_LIMIT over LIMIT_CONFIG,
 * E_NOMEM. */
int init_read_file(const char *path, struct buf *text);
/* Adds the feeds of a subscription list; what is wrong with it is told. is_feed not NULL: a file that
 * is a feed itself is none of it: *is_feed is 1 then. OK, E_IO, E_LIMIT, E_NOTFEED, E_NOMEM. */
int init_add_list(struct init_list *list, const char *path, int *is_feed);

/* The configuration, commented. `prefer` comes from the environment's language. The buffer's
 * status. */
int init_write(const struct init_list *list, struct buf *out);

#endif
