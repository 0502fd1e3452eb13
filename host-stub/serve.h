/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h: the clean feed over HTTP: libmicrohttpd on the loop (MHD_USE_EPOLL without an internal
 * thread). Loop thread, but for server_update and server_health.
 *
 * GET and HEAD of /feed.atom, /feed.rss, /feed.json and whatever else server_update puts there
 * (ETag, Last-Modified, 304, gzip), /healthz, and at / a page that lists the feeds. Unknown paths
 * 404, other methods 405, bad requests 400; never a 5xx for what a client sent, but for the 505
 * that libmicrohttpd itself gives to versions other than HTTP/1.x. No CORS header unless
 * server_allow_origin names who may read: a page of another site has no business with a reader's
 * feed. Each document says its own address in a Link header, relative to the request (RFC 8288),
 * which holds behind any proxy; the Host header of a request is not believed.
 *
 * A document is held once a version, for all clients: the file itself, opened at server_update, and
 * a gzip of it made there. A client that takes too long over its request, its answer or nothing at
 * all is cut off, so that slow ones never use up the connections.
 *
 * Sources: RFC 9110 (validators, conditional requests, Accept-Encoding), RFC 9111 (Cache-Control).
 */
#ifndef WINNOW_SERVE_H
#define WINNOW_SERVE_H

#include <uv.h>

#include "config.h"

struct server;

/* listen: "127.0.0.1:8080", "[::1]:8080", "localhost:8080", ":8080" (all addresses), port 0 for
 * any. Ignores SIGPIPE in the process (sigpipe.h) and raises its soft limit of descriptors.
 * E_INVALID (not such an address), E_BUSY (address in use), E_REFUSED (no right to the port),
 * E_ABSENT (no such local address), E_IO, E_NOMEM. */
int server_create(uv_loop_t *loop, const char *listen, struct server **server);
/* Cuts all connections; frees once libuv closed the handles. No other thread may call from then on.
 */
void server_destroy(struct server *server);
/* Pages of this origin ("https://reader.example", or "*" for all) may read what is served (CORS). Loop
 * thread, before the first server_update. NULL: none. E_NOMEM. */
int server_allow_origin(struct server *server, const char *origin);
int server_port(const struct server *server);
/* [any] A new version of a document: path ("/feed.atom"), the file that holds it (opened now, so
 * that a later rename doesn't matter; its time becomes Last-Modified), its type. The same bytes as
 * before change nothing. file NULL: announces a path whose document is on its way: 503 with
 * Retry-After until then, which is no client's fault. On failure (E_IO, E_NOMEM, E_LIMIT: more than
 * LIMIT_PAGES paths) the version before stays. One thread at a time a path. */
int server_update(struct server *server, const char *path, const char *file,
                  const char *content_type);
/* [any] What /healthz answers with: 200 and JSON, or 503 while `ok` is 0 (as it is before the first
 * call). */
void server_health(struct server *server, int ok, const char *json);

#endif
