/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opml.h: subscription lists, read and written. OPML 2.0 (http://opml.org/spec2.opml), and what
 * feed readers make of it: outlines without a feed are folders, at any depth, and become tags.
 *
 * Pure: no network, no files; any thread. Damaged lists are read as far as they go.
 */
#ifndef WINNOW_OPML_H
#define WINNOW_OPML_H

#include "buf.h"

enum { OPML_WHY = 256 };

struct opml_feed {     /* strings live until the callback returns; UTF-8 */
    const char *url;   /* never NULL; white space at its ends is gone */
    const char *title; /* the list's own name for it; NULL: none */
    const char *site;  /* the page; NULL */
    const char *lang;  /* NULL */
    char **tags;       /* folders, outermost first, then `category`; each once */
    size_t n_tags;
};

/* Anything but OK ends the reading with that status. */
typedef int (*opml_fn)(void *user, const struct opml_feed *feed);

/* Calls fn for each outline with an xmlUrl, in the list's order, at most LIMIT_SOURCES. E_NOTFEED
 * (not OPML) and E_LIMIT (over LIMIT_CONFIG), each with `why` for people; E_NOMEM; what fn
 * returned. *warned (may be NULL) is 1 if the document was damaged, so that something may be
 * missing. */
int opml_parse(const char *bytes, size_t n, opml_fn fn, void *user, int *warned,
               char why[OPML_WHY]);

/* Writing: begin, any number of feeds, end. A feed's first tag is the folder it stands in, so feeds
 * with the same first tag should come one after the other; all its tags stand in `category`. Errors
 * are the buffer's. */
struct opml_writer {
    struct buf *out;
    const char
        *folder; /* of the feed before; the caller's string, which must live until the next feed */
};
void opml_begin(struct opml_writer *w, struct buf *out, const char *title);
void opml_add(struct opml_writer *w, const struct opml_feed *feed);
int opml_end(struct opml_writer *w);

#endif
