/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h: the clean feed over HTTP: libmicrohttpd on the loop (MHD_USE_EPOLL without an internal
 * thread). Loop thread, but for server_update.
 *
 * GET and HEAD of /feed.atom, /feed.rss, /feed.json (ETag, Last-Modified, 304, gzip), /healthz. Unknown
 * paths 404, other methods 405, bad requests 400; never a 5xx for what a client sent.
 */
#ifndef WINNOW_SERVE_H
#define WINNOW_SERVE_H

#include <uv.h>

#include "config.h"

struct server;

/* listen: "127.0.0.1:8080", "[::1]:8080", ":0" …; E_INVALID, E_BUSY (address in use), E_NOMEM. */
int server_create(uv_loop_t *loop, const char *listen, struct server **server);
void server_destroy(struct server *server);
int server_port(const struct server *server);
/* [any] A new version of a document: path ("/feed.atom"), the file that holds it (opened now, so that a later
 * rename doesn't matter), its type. */
int server_update(struct server *server, const char *path, const char *file, const char *content_type);
/* [any] What /healthz answers with: 200 and JSON, or 503 while `ok` is 0. */
void server_health(struct server *server, int ok, const char *json);

#endif
