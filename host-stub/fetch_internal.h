/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_internal.h: what the files of the fetcher share: fetch.c (the fetcher, its loop side),
 * fetch_queue.c (who is next),
 * fetch_hold.c (who may read), fetch_transfer.c (one transfer), fetch_file.c, fetch_job.c. Loop thread only, but for the
 * work function of a file's reading.
 *
 * A job is one request from fetcher_start to its callback, redirects included; it owns copies of
 * the request's strings. A slot is a place for a running transfer; it keeps its curl handle for the
 * next job. A job waits in its host's queue or stands in a slot.
 */
#ifndef WINNOW_FETCH_INTERNAL_H
#define WINNOW_FETCH_INTERNAL_H

#include <curl/curl.h>
#include <uv.h>

#include "fetch.h"
#include "fetch_header.h"
#include "limits.h"

struct host { /* a host and port with jobs; lives while it has any */
    struct host *next_in_bucket;
    struct job *first, *last; /* waiting */
    int running;
    int ready; /* stands in the ring of hosts that may start a job */
    struct host *next_ready;
    uint64_t hash;
    char key[]; /* "host:port", lower case; "file:" */
};

struct job {
    struct job *next; /* in its host's queue */
    struct host *host;
    fetch_fn fn;
    void *user;
    char *url; /* of the next transfer */
    char *etag, *last_modified, *accept;
    char **headers;
    size_t n_headers;
    int allow_private, is_file;
    int own_headers; /* 0: left the origin, so the user's headers stay at home */
    int redirects;
    int permanent;    /* every redirect so far was 301 or 308 */
    uint64_t began;   /* uv_now of the first transfer */
    uint64_t left_ms; /* of the whole time, when a redirect ended a transfer */
    char strings[];
};

struct slot {
    struct fetcher *fetcher;
    struct slot *next; /* in the list of free ones */
    struct job *job;   /* NULL: free */
    CURL *easy;
    struct curl_slist *headers;
    struct response response;
    struct buf body;
    uint64_t deadline;  /* uv_now; moved by pauses; 0: failed at its start */
    size_t thrown_away; /* bytes of a body that nobody wants */
    int ending;         /* its callback is running */
    int held;           /* doesn't read: the fetcher is paused, or has its bytes */
    uint64_t held_at;   /* uv_now; what it was held for doesn't count as its time */
    int failed;         /* status that a callback ended the transfer with; OK: none */
    char refused[64];   /* the address that was not allowed; empty: none */
    int proxied;        /* another program connects */
    int tried;          /* a connection to an allowed address was tried */
    char message[CURL_ERROR_SIZE];
    struct file_read *working; /* the reading of a file that the pool is at; NULL */
};

struct fetcher {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t curl_timer; /* curl's own */
    uv_timer_t tick;       /* looks at the deadlines while something runs */
    char *user_agent, *proxy, *ca_file;
    int timeout_ms, concurrency, per_host;
    size_t max_body, max_bytes;
    int paused, closing;
    int n_held;         /* slots that are held */
    struct slot *pacer; /* goes on reading whatever max_bytes says, so that something ends; NULL */
    int kick;           /* curl is to look at its transfers at the next tick */
    int pins;           /* handles and pool jobs that still need this struct */
    struct slot *slots; /* `concurrency` of them */
    struct slot *free_slots;
    size_t running, waiting, bytes;
    size_t most_bytes;     /* there ever were, which tests look at */
    struct host **buckets; /* fetch_queue.c */
    size_t n_buckets, n_hosts;
    struct host *ready_first, *ready_last;
};

/* ---- fetch_queue.c ---- */
/* Puts a job behind (front: before) its host's others. E_INVALID, E_NOMEM: the job is in no queue.
 */
int queue_add(struct fetcher *f, struct job *job, int front);
/* The next job whose host may start one, taken out of its queue; NULL: none. Its host counts it as
 * running. */
struct job *queue_next(struct fetcher *f);
/* A job that queue_next gave is through, or leaves for another host. */
void queue_release(struct fetcher *f, struct job *job);
/* Any waiting job, taken out, whatever the limits; NULL: none waits. */
struct job *queue_drop(struct fetcher *f);
void queue_finish(struct fetcher *f);

/* ---- fetch_job.c ---- */
int job_create(const struct fetch_request *request, struct job **job);
void job_destroy(struct job *job);
/* The address that a Location header leads to, absolute and without fragment; the caller frees it.
 * NULL: none. */
char *url_resolve(const char *base, const char *location);
/* Whether the user's headers may go along from one URL to the other: the same scheme, host and
 * port, or the same host from http to https, both on their usual ports. */
int url_same_origin(const char *from, const char *to);
/* Path of a file: URL, decoded; the caller frees it. NULL: not one that names a local, absolute
 * path. */
char *url_file_path(const char *url);

/* ---- fetch_transfer.c ---- */
/* Begins the job in the slot; what fails at once is told by the tick. */
void slot_start(struct slot *slot, struct job *job);
/* curl is through with the slot's transfer: follows a redirect, or ends the job. */
void slot_done(struct slot *slot, CURLcode code);
/* Ends the slot's job from outside: its time is over, or the fetcher closes. */
void slot_abort(struct slot *slot, int status);
void slot_finish(struct slot *slot);

/* ---- fetch_file.c ---- */
/* Reads the job's file in libuv's pool. E_NOMEM and the like: not begun. */
int slot_start_file(struct slot *slot);
/* Lets go of a reading under way; what it brings is thrown away. */
void slot_abandon_file(struct slot *slot);

/* ---- fetch_hold.c ---- */
/* on_body asks: whether the slot may take n bytes more. Else it is held, and curl is to pause it. */
int fetcher_may_read(struct slot *slot, size_t n);
/* Lets held transfers go on as far as there is room. */
void fetcher_relieve(struct fetcher *f);

/* ---- fetch.c ---- */
/* Gives the slot back and calls the job's function with the result, then frees the job. */
void fetcher_end(struct slot *slot, struct fetch_result *result);
/* Calls the job's function and frees it. */
void job_end(struct fetcher *f, struct job *job, struct fetch_result *result);
/* Looks at the deadlines from now on; `soon`: one has passed already. */
void fetcher_watch(struct fetcher *f, int soon);
void slot_free(struct slot *slot);
void fetcher_pump(struct fetcher *f);
void fetcher_unpin(struct fetcher *f);

#endif
