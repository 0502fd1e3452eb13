/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h: HTTP on the loop: libcurl's multi_socket interface over libuv. Loop thread only.
 *
 * A request's strings need only live until fetcher_start returns. A result and all in it dies when
 * its callback returns, but for the body, which the callback may take (buf_take).
 * Sources: RFC 9110 (conditional requests, Retry-After), RFC 9111 (freshness), RFC 5861.
 */
#ifndef WINNOW_FETCH_H
#define WINNOW_FETCH_H

#include <stdint.h>
#include <uv.h>

#include "buf.h"

struct fetcher;

struct fetch_options {
    const char *user_agent; /* whole; NULL: "Winnow/VERSION (+contact)" */
    const char *contact;    /* URL or mail address; NULL */
    int timeout;            /* seconds for a whole transfer */
    int concurrency, per_host;
    size_t max_body;        /* decoded bytes */
};

struct fetch_request {
    const char *url; /* http, https, or file (only what the configuration named) */
    const char *etag, *last_modified; /* exactly as given by the server; NULL: none */
    char *const *headers; /* "Name: value" */
    size_t n_headers;
    int allow_private; /* loopback, private, link-local, multicast … addresses may be reached */
    int allow_file;
    const char *accept; /* NULL: feeds */
};

struct fetch_result {
    int status;        /* OK also for 304; E_HTTP, E_NET, E_TIMEOUT, E_LIMIT, E_REFUSED, E_CANCELLED … */
    int http;          /* 200, 304, 404 …; 0: no answer */
    const char *error; /* for people, what and what to do; NULL when OK */
    struct buf body;   /* decoded */
    const char *content_type, *etag, *last_modified; /* NULL: not given */
    const char *final_url;
    const char *moved_to;  /* 301 and 308 all the way: the new address; NULL */
    int64_t retry_after;   /* seconds from now; -1: not given */
    int64_t max_age;       /* seconds of freshness by Cache-Control or Expires; -1: not given */
    int gone;              /* 410 */
    int64_t duration_ms;
};

typedef void (*fetch_fn)(void *user, struct fetch_result *result);

int fetcher_create(uv_loop_t *loop, const struct fetch_options *options, struct fetcher **fetcher);
/* Cancels what runs (callbacks get E_CANCELLED) and frees once libuv closed the handles. */
void fetcher_destroy(struct fetcher *fetcher);
/* Queued when concurrency or the host's share is used up. */
int fetcher_start(struct fetcher *fetcher, const struct fetch_request *request, fetch_fn fn, void *user);
/* Back-pressure: while paused no transfer is started and running ones stop reading. */
void fetcher_pause(struct fetcher *fetcher, int paused);
size_t fetcher_running(const struct fetcher *fetcher);
/* Decoded bytes of bodies that are being received. */
size_t fetcher_bytes(const struct fetcher *fetcher);

#endif
