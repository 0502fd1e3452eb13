/* SPDX-License-Identifier: Apache-2.0 */
/* schedule_fixture.h: a schedule, its fetcher and a loopback server, and what the polls gave.
 * Test's main thread. */
#ifndef WINNOW_SCHEDULE_FIXTURE_H
#define WINNOW_SCHEDULE_FIXTURE_H

#include "tests/support/test.h"

#include <time.h>

#include "host-stub/schedule_internal.h"
#include "host-stub/status.h"
#include "tests/support/loopback.h"

enum { MANY = 100000 };

struct world {
    uv_loop_t loop;
    struct loopback *server;
    struct fetcher *fetcher;
    struct schedule *schedule;
    struct config config;
    uv_timer_t guard;
    int polls, done, failures, stop_at, destroy_at, moved, cancelled;
    int64_t next;
    int status, http;
    const char *last; /* URL */
};

static inline struct source *sources_make(struct world *w, size_t n)
{
    struct source *sources = calloc(n, sizeof *sources);
    for (size_t i = 0; i < n; i++) {
        char path[32];
        snprintf(path, sizeof path, "/%zu", i);
        sources[i].url = strdup(loopback_url(w->server, path));
        sources[i].enabled = sources[i].allow_private = 1;
    }
    return sources;
}

static inline void sources_free(struct source *sources, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(sources[i].url);
    free(sources);
}

static inline void on_polled(void *user, const struct source *source, struct fetch_result *result,
                             int64_t next, int failures)
{
    struct world *w = user;
    w->polls++;
    w->next = next;
    w->failures = failures;
    w->status = result->status;
    w->http = result->http;
    w->last = source->url;
    w->moved += result->moved_to != NULL;
    w->cancelled += result->status == E_CANCELLED;
    if (w->polls == w->stop_at)
        uv_stop(&w->loop);
    if (w->polls == w->destroy_at) {
        schedule_destroy(w->schedule);
        w->schedule = NULL;
    }
}

static inline void on_done(void *user)
{
    struct world *w = user;
    w->done++;
    uv_stop(&w->loop);
}

static inline void world_open(struct world *w, size_t n)
{
    memset(w, 0, sizeof *w);
    uv_loop_init(&w->loop);
    w->server = loopback_start();
    assert_int_equal(fetcher_create(&w->loop, &(struct fetch_options){.timeout = 20}, &w->fetcher),
                     OK);
    w->config.every = 1800;
    w->config.sources = sources_make(w, n);
    w->config.n_sources = n;
    assert_int_equal(schedule_create(&w->loop, &w->config, w->fetcher, on_polled, w, &w->schedule),
                     OK);
}

static inline void world_close(struct world *w)
{
    schedule_destroy(w->schedule);
    fetcher_destroy(w->fetcher);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    loopback_stop(w->server);
    sources_free(w->config.sources, w->config.n_sources);
}

static inline void set(struct world *w, const char *path, struct reply reply)
{
    loopback_reply(w->server, path, &reply);
}

static inline void on_guard(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* Runs the loop for that long, or until something stops it. */
static inline void run_ms(struct world *w, uint64_t ms)
{
    uv_timer_t timer;
    uv_timer_init(&w->loop, &timer);
    uv_timer_start(&timer, on_guard, ms, 0);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

static inline void run_until(struct world *w, int polls)
{
    w->stop_at = polls;
    if (w->polls < polls)
        uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_true(w->polls >= polls);
}

#endif
