/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discover.h: from the address of a page to the address of its feed. Loop thread; discover_links
 * and discover_guess are pure.
 *
 * An address that answers with a feed is kept. A page is asked for its <link rel="alternate"> feeds
 * (the WHATWG's feed autodiscovery), then for links that look like one, then the usual places are
 * tried. What is found is fetched and parsed: only a real feed counts.
 */
#ifndef WINNOW_DISCOVER_H
#define WINNOW_DISCOVER_H

#include "fetch.h"

enum {
    DISCOVER_TRIES = 16, /* fetches for one page */
    DISCOVER_LINKS = 64, /* candidates taken from one page */
};

struct discovered {    /* strings live until the callback returns */
    int status;        /* OK; E_ABSENT: the page has no feed; else why its first fetch failed */
    const char *asked; /* as given to discover_start */
    const char *url;   /* of the feed; NULL unless OK */
    const char *title; /* of the feed; NULL: none */
    const char *lang;  /* of the feed; NULL: none */
    const char *error; /* for people; NULL when OK */
};
typedef void (*discover_fn)(void *user, const struct discovered *found);

/* `url` may lack its scheme (https is tried, then http) or have feed:. Calls fn once, later; the
 * fetcher's destruction ends it with E_CANCELLED. E_NOMEM, E_INVALID, E_REFUSED, E_LIMIT as of
 * fetcher_start: fn isn't called. */
int discover_start(struct fetcher *fetcher, const char *url, int allow_private, discover_fn fn,
                   void *user);

struct feed_links {
    char *urls[DISCOVER_LINKS]; /* absolute, each once, best first */
    size_t n;
};
/* The addresses of feeds that a page names, declared ones before mere links. `url` is the page's
 * own. */
void discover_links(const char *html, size_t n, const char *url, struct feed_links *links);
/* The usual places, in the page's folder and at the site's top. */
void discover_guess(const char *url, struct feed_links *links);
void feed_links_finish(struct feed_links *links);

#endif
