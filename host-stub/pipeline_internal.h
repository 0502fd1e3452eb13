/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline_internal.h: what pipeline.c, intake.c and pipeline_control.c share. The loop thread owns all
 * of it but for what is marked.
 */
#ifndef WINNOW_PIPELINE_INTERNAL_H
#define WINNOW_PIPELINE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "control.h"
#include "events.h"
#include "fetch.h"
#include "judge.h"
#include "pipeline.h"
#include "publish.h"
#include "schedule.h"
#include "serve.h"
#include "store.h"
#include "workers.h"

/* Word from the judge about a document: committed, with what the schedule wants to know. */
struct committed_note {
    struct committed_note *next;
    char *url, *etag, *last_modified;
    int64_t ttl;
    uint32_t skip_hours, skip_days;
};

struct pipeline {
    struct config *config;
    int once, progress;
    uv_loop_t loop;
    struct workers *workers;
    struct store *store;
    struct judge *judge;
    struct publisher *publisher;
    struct fetcher *fetcher;
    struct schedule *schedule;
    struct server *server;   /* NULL: not configured */
    struct control *control; /* NULL under --once */
    int64_t sequence;        /* of the last transfer that ended */
    size_t polled, failed, unchanged;
    int64_t round;              /* epoch: when the present round of --once began; 0: not yet */
    atomic_size_t items;        /* parsed; workers add */
    atomic_size_t parse_failed; /* documents that were no feed; workers add */
    atomic_size_t bytes;        /* bodies and documents between fetch and commit: the budget */
    atomic_int alarm;           /* an output cannot be written; the publisher sets it */
    uv_timer_t health;          /* tells the server how it stands */
    uv_timer_t watchdog;        /* tells the service manager that the loop turns */
    int paused;                 /* transfers wait for the budget */
    int through;                /* --once: every source was polled */
    int reloading;
    int asks;        /* questions that threads of libuv's pool are answering */
    int ending;      /* no new ones */
    uv_async_t wake; /* workers and judge → loop */
    uv_signal_t signals[4];
    pthread_mutex_t lock; /* guards notes */
    struct committed_note *notes;
};

/* intake.c: what happens with a poll's result. */
void intake_polled(void *user, const struct source *source, struct fetch_result *result,
                   int64_t next, int failures);
/* [judge] Bytes back, validators and wishes to the schedule. */
void intake_released(void *user, const struct document *doc);
/* On the loop: hands the notes to the schedule, pauses and resumes transfers. */
void intake_wake(uv_async_t *wake);

/* pipeline_tell.c: the one line that tells a log what runs and where its results are; READY=1, and
 * from then on WATCHDOG=1, for a service manager; the same for a reload's begin and end, and for the
 * end. */
void pipeline_announce(struct pipeline *p);
void pipeline_reloads(struct pipeline *p, int done);
void pipeline_ends(const struct pipeline *p);

/* pipeline_control.c: requests on the control socket. */
void pipeline_request(void *user, const json_t *request, struct control_call *call);
/* reload.c: SIGUSR2 and the control socket: call may be NULL. Says ok or what failed. */
void pipeline_reload(struct pipeline *p, struct control_call *call);

/* pipeline.c: for reload. */
int pipeline_start_publisher(struct pipeline *p, const struct config *config);
void pipeline_show_served(struct pipeline *p);

#endif
