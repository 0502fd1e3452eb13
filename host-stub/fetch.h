/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h: HTTP on the loop: libcurl's multi_socket interface over libuv. Loop thread only.
 *
 * A request's strings need only live until fetcher_start returns. A result and all in it dies when
 * its callback returns, but for the body, which the callback may take (buf_take). A callback may
 * start further requests, pause, and destroy the fetcher.
 *
 * What a feed's server may not do: lead to another scheme than http and https, to an address that
 * is not public (checked on the resolved address of every connection, also of reused ones and
 * after redirects), see the user's headers after a redirect to another origin, send more decoded
 * bytes than max_body or more header bytes than LIMIT_HEADERS, or keep a transfer past its time.
 *
 * Proxies. The environment's http_proxy and the like are not read unasked: through a proxy the proxy
 * resolves the names, so the check of addresses would see the proxy's alone. Whoever needs one
 * names it in fetch_options.proxy, or says there that the environment counts, and then only
 * addresses written out in a URL are checked.
 *
 * TLS. Certificates are always checked, by the authorities of the system or those that
 * fetch_options.ca_file names; nothing switches that off.
 *
 * HTTP/1.1 alone is spoken: a feed is one document, so multiplexing gains nothing, and HTTP/2 in
 * curl 7.88 opens 32 MB windows that defeat back-pressure.
 *
 * Sources: RFC 9110 (conditional requests, redirects, Retry-After), RFC 9111 (freshness).
 */
#ifndef WINNOW_FETCH_H
#define WINNOW_FETCH_H

#include <stdint.h>
#include <uv.h>

#include "buf.h"

struct fetcher;

#define PROXY_ENVIRONMENT "environment"

struct fetch_options {
    const char *user_agent; /* whole; NULL: "Winnow/VERSION (+contact)" */
    const char *contact;    /* URL or mail address; NULL */
    const char *proxy; /* as for CURLOPT_PROXY; PROXY_ENVIRONMENT: what the environment says; NULL:
                        * none, whatever it says */
    const char *ca_file; /* PEM, in place of the system's authorities; NULL: CURL_CA_BUNDLE or
                          * SSL_CERT_FILE of the environment, else the system's */
    int timeout;         /* seconds for a whole transfer with its redirects, pauses aside; 0: 60 */
    int concurrency;     /* transfers at once, at most LIMIT_TRANSFERS; 0: 64 */
    int per_host;        /* of them to one host and port; 0: LIMIT_PER_HOST */
    size_t max_body;     /* decoded bytes; 0: LIMIT_BODY */
    size_t max_bytes; /* decoded bytes of all bodies being received, beyond which only one transfer
                       * at a time goes on reading until half of it is free; 0: LIMIT_RECEIVING */
};

struct fetch_request {
    const char *url;                  /* http, https, or file (only what the configuration named) */
    const char *etag, *last_modified; /* exactly as given by the server; NULL: none */
    char *const *headers;             /* "Name: value" */
    size_t n_headers;
    int allow_private;  /* loopback, private, link-local, multicast … addresses may be reached */
    int allow_file;     /* a file: URL is allowed; never after a redirect */
    const char *accept; /* NULL: feeds */
};

struct fetch_result {
    int status; /* OK also for 304; E_HTTP, E_NET, E_TIMEOUT, E_LIMIT, E_REFUSED, E_CANCELLED … */
    int http;   /* 200, 304, 404 …; 0: no answer */
    const char *error; /* for people, what and what to do; NULL when OK */
    struct buf body;   /* decoded; empty unless OK and not 304 */
    const char *content_type, *etag, *last_modified; /* NULL: not given */
    const char *final_url;
    const char *moved_to; /* 301 and 308 all the way to a success: the new address; NULL */
    int64_t retry_after;  /* seconds from now; -1: not given */
    int64_t max_age;      /* seconds of freshness by Cache-Control or Expires; -1: not given */
    int gone;             /* 410 */
    int64_t duration_ms;  /* since the transfer began; time in the queue aside */
};

/* Called exactly once for each request that fetcher_start accepted, never from within it. */
typedef void (*fetch_fn)(void *user, struct fetch_result *result);

/* Ignores SIGPIPE in the process (sigpipe.h). E_NOMEM; E_INVALID: a control character in
 * user_agent, contact or proxy. */
int fetcher_create(uv_loop_t *loop, const struct fetch_options *options, struct fetcher **fetcher);
/* Cancels what runs and what waits (callbacks get E_CANCELLED from within this call) and frees once
 * libuv closed the handles, so the loop must run until then. */
void fetcher_destroy(struct fetcher *fetcher);
/* Queued when concurrency or the host's share is used up; hosts take turns. E_INVALID: not a URL,
 * or a header with a control character; E_REFUSED: a scheme that is not allowed; E_LIMIT: longer
 * than LIMIT_URL; E_NOMEM. The callback isn't called then. Validators longer than LIMIT_VALIDATOR
 * or with control characters are left out. */
int fetcher_start(struct fetcher *fetcher, const struct fetch_request *request, fetch_fn fn,
                  void *user);
/* Back-pressure from behind: while paused no transfer is started and running ones stop reading. It
 * must not depend on fetcher_bytes, which can only shrink when transfers go on: max_bytes sees to
 * those. */
void fetcher_pause(struct fetcher *fetcher, int paused);
/* Transfers that have begun and not ended. */
size_t fetcher_running(const struct fetcher *fetcher);
/* Requests that wait for their turn. */
size_t fetcher_waiting(const struct fetcher *fetcher);
/* Decoded bytes of bodies that are being received. */
size_t fetcher_bytes(const struct fetcher *fetcher);

#endif
