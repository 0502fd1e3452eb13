/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_internal.h: what the files of the server share: serve.c (daemon and loop), serve_answer.c
 * (a request's answer), serve_page.c (a document's version). The lock guards the list of pages and
 * the health.
 */
#ifndef WINNOW_SERVE_INTERNAL_H
#define WINNOW_SERVE_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdint.h>

#include "serve.h"

/* A version of a document. libmicrohttpd counts the references to its responses, so a version that
 * is replaced lives on until its last client has it. */
struct version {
    struct MHD_Response *plain, *gzip; /* gzip NULL: not smaller */
    struct MHD_Response *unchanged[2]; /* 304 for plain and gzip */
    char etag[40], etag_gzip[48];      /* quoted */
    int64_t modified;                  /* epoch seconds */
    uint64_t hash[2];
};

struct page {
    char *path, *type;
    struct version *version; /* NULL: on its way */
};

struct client { /* a connection */
    struct client *next, *before;
    int fd;
    int busy;       /* an answer is under way */
    uint64_t since; /* uv_now when it became busy or idle */
};

struct server {
    uv_poll_t poll;
    uv_timer_t timer; /* libmicrohttpd's */
    uv_timer_t sweep; /* slow clients */
    int handles;      /* that libuv has not closed */
    struct MHD_Daemon *daemon;
    int port;
    struct client *clients;
    uint64_t request_ms; /* for a request to arrive, and between two of them */
    uint64_t answer_ms;  /* for an answer to be taken */
    pthread_mutex_t lock;
    struct page *pages;
    size_t n_pages;
    char *health;
    int healthy;
    char *origin; /* whose pages may read; NULL: none */
};

/* ---- serve_page.c ---- */
/* Reads the file. E_IO, E_NOMEM. */
/* path: where it is served; origin: whose pages may read it, NULL: none. */
int version_create(const char *file, const char *type, const char *path, const char *origin,
                   struct version **version);
void version_destroy(struct version *version);
/* Common to all answers; MHD_NO without memory. */
int add_header(struct MHD_Response *response, const char *name, const char *value);

/* ---- serve_match.c: pure ---- */
/* Whether an If-None-Match list (RFC 9110 13.1.2, weak comparison) holds the opaque tag, given
 * without quotes, or is "*". */
int etag_listed(const char *list, const char *tag);
/* Whether an Accept-Encoding allows gzip. */
int gzip_accepted(const char *accept);

/* ---- serve_answer.c ---- */
enum MHD_Result server_answer(void *server, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request);

#endif
