/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h: from the bytes of a feed to its items.
 *
 * RSS 0.90 to 2.0, RSS 1.0, Atom 0.3 and 1.0, JSON Feed 1.x and CDF. Pure: no network, no files, no
 * clock, no shared state; any worker thread. Items are handed out one at a time as they are read,
 * so that memory depends on the largest item and not on the document. What isn't well-formed is
 * mended and told in the document's warnings. HTML in items is as the feed gave it, with absolute
 * URLs but NOT sanitised.
 */
#ifndef WINNOW_PARSE_H
#define WINNOW_PARSE_H

#include "item.h"

enum { PARSE_WHY = 256 };

struct parse_input {
    const char *bytes; /* must live until parse() returns */
    size_t n;
    const char *content_type;     /* of the HTTP header, whole; NULL: unknown */
    const char *content_language; /* likewise */
    const char *content_location; /* likewise */
    const char *url; /* where it came from: the first base of relative URLs; may be NULL */
};

/* Called for each item in the document's order. May take it over by setting *item to NULL; else it
 * is used again. Anything but OK ends the parsing with that status. */
typedef int (*parse_item_fn)(void *user, struct item **item);

/* Fills doc->feed and doc->warnings; doc is fresh from document_create() and the caller's.
 * doc->items stays empty. E_NOTFEED: not a feed, and `why` says for people what it is and what to
 * do; E_LIMIT, E_NOMEM; what the callback returned. Items told before a failure stay told. */
int parse_stream(const struct parse_input *in, parse_item_fn on_item, void *user,
                 struct document *doc, char why[PARSE_WHY]);

/* The same with all items in *out, up to LIMIT_ITEMS. On failure *out is untouched. */
int parse_document(const struct parse_input *in, struct document **out, char why[PARSE_WHY]);

#endif
