/* SPDX-License-Identifier: Apache-2.0 */
#include "discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "parse.h"
#include "status.h"

#define ACCEPT_PAGES                                                                               \
    "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9, "          \
    "application/xhtml+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"

struct search {
    struct fetcher *fetcher;
    discover_fn fn;
    void *user;
    int allow_private;
    char *asked;
    char *trying;    /* the address under way */
    char *page;      /* the page's own address after redirects; NULL: not yet fetched */
    int may_be_http; /* the scheme was ours to choose, and http is still to be tried */
    int guessing;
    int tries;
    struct feed_links links;
    size_t next; /* of the links */
};

static void on_fetched(void *user, struct fetch_result *result);

static void finish(struct search *s, const struct discovered *found)
{
    s->fn(s->user, found);
    feed_links_finish(&s->links);
    free(s->asked);
    free(s->trying);
    free(s->page);
    free(s);
}

static int try(struct search *s, const char *url)
{
    struct fetch_request request = {
        .url = url, .allow_private = s->allow_private, .accept = ACCEPT_PAGES};
    char *copy = strdup(url);
    if (!copy)
        return E_NOMEM;
    int r = fetcher_start(s->fetcher, &request, on_fetched, s);
    if (r) {
        free(copy);
        return r;
    }
    free(s->trying);
    s->trying = copy;
    s->tries++;
    return OK;
}

static void fail(struct search *s, int status, const char *error)
{
    struct discovered found = {.status = status, .asked = s->asked, .error = error};
    finish(s, &found);
}

/* The next candidate; none is left: the end. */
static void go_on(struct search *s)
{
    for (;;) {
        if (s->next == s->links.n && !s->guessing) {
            s->guessing = 1;
            feed_links_finish(&s->links);
            discover_guess(s->page, &s->links);
            s->next = 0;
        }
        if (s->next == s->links.n || s->tries >= DISCOVER_TRIES) {
            fail(s, E_ABSENT,
                 "the page names no feed, and none is at the usual places; look for its address "
                 "on the page");
            return;
        }
        if (try(s, s->links.urls[s->next++]) == OK)
            return;
    }
}

/* 1: the body is a feed, and the end was told. */
static int is_feed(struct search *s, struct fetch_result *result)
{
    char why[PARSE_WHY];
    struct document *doc = NULL;
    struct parse_input in = {.bytes = result->body.p ? result->body.p : "",
                             .n = result->body.n,
                             .content_type = result->content_type,
                             .url = result->final_url};
    if (parse_document(&in, &doc, why))
        return 0;
    wn_str title = str_trim(doc->feed.title);
    char *text = title.ptr && title.len ? strndup(title.ptr, title.len) : NULL;
    char *lang =
        doc->feed.language.ptr ? strndup(doc->feed.language.ptr, doc->feed.language.len) : NULL;
    struct discovered found = {
        .status = OK,
        .asked = s->asked,
        /* The address as it was given, unless the server says that it has changed for good. */
        .url = result->moved_to ? result->moved_to : s->trying,
        .title = text,
        .lang = lang,
    };
    document_destroy(doc);
    finish(s, &found);
    free(text);
    free(lang);
    return 1;
}

static void on_fetched(void *user, struct fetch_result *result)
{
    struct search *s = user;
    if (result->status == E_CANCELLED) {
        fail(s, E_CANCELLED, result->error);
        return;
    }
    if (result->status == OK && is_feed(s, result))
        return;
    if (s->page) {
        go_on(s);
        return;
    }
    if (result->status && s->may_be_http) {
        char *url = NULL;
        s->may_be_http = 0;
        if (asprintf(&url, "http://%s", s->asked) >= 0 && try(s, url) == OK) {
            free(url);
            return;
        }
        free(url);
    }
    if (result->status || !(s->page = strdup(result->final_url))) {
        fail(s, result->status ? result->status : E_NOMEM,
             result->status ? result->error : status_text(E_NOMEM));
        return;
    }
    discover_links(result->body.p ? result->body.p : "", result->body.n, s->page, &s->links);
    go_on(s);
}

int discover_start(struct fetcher *fetcher, const char *url, int allow_private, discover_fn fn,
                   void *user)
{
    struct search *s = calloc(1, sizeof *s);
    char *first = NULL;
    int r = E_NOMEM;
    if (!s)
        return r;
    s->fetcher = fetcher;
    s->fn = fn;
    s->user = user;
    s->allow_private = allow_private;
    if (!(s->asked = strdup(url)))
        goto out;
    if (strncasecmp(url, "feed://", 7) == 0) /* as browsers once wrote it */
        r = asprintf(&first, "https://%s", url + 7) < 0 ? E_NOMEM : OK;
    else if (strncasecmp(url, "feed:", 5) == 0)
        r = asprintf(&first, "%s", url + 5) < 0 ? E_NOMEM : OK;
    else if (!strstr(url, "://") && strncasecmp(url, "file:", 5)) {
        s->may_be_http = 1;
        r = asprintf(&first, "https://%s", url) < 0 ? E_NOMEM : OK;
    } else {
        r = asprintf(&first, "%s", url) < 0 ? E_NOMEM : OK;
    }
    if (!r)
        r = try(s, first);
out:
    free(first);
    if (r) {
        free(s->asked);
        free(s);
    }
    return r;
}
