/* SPDX-License-Identifier: Apache-2.0 */
/* fetch_fixture.h: a loop, a loopback server and a fetcher, and what a fetch gave. Test's main
 * thread. */
#ifndef WINNOW_FETCH_FIXTURE_H
#define WINNOW_FETCH_FIXTURE_H

#include "tests/support/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host-stub/fetch_internal.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "tests/support/loopback.h"

/* A result that outlives its callback. */
struct got {
    int calls, status, http, gone;
    char error[1024], content_type[128], etag[128], last_modified[128], final_url[512],
        moved_to[512];
    char *body;
    size_t n;
    int64_t retry_after, max_age;
};

struct world {
    uv_loop_t loop;
    struct loopback *server;
    struct fetcher *fetcher;
};

static inline void copy(char *to, size_t n, const char *s)
{
    snprintf(to, n, "%s", s ? s : "(none)");
}

static inline void on_result(void *user, struct fetch_result *r)
{
    struct got *g = user;
    g->calls++;
    g->status = r->status;
    g->http = r->http;
    g->gone = r->gone;
    g->retry_after = r->retry_after;
    g->max_age = r->max_age;
    copy(g->error, sizeof g->error, r->error);
    copy(g->content_type, sizeof g->content_type, r->content_type);
    copy(g->etag, sizeof g->etag, r->etag);
    copy(g->last_modified, sizeof g->last_modified, r->last_modified);
    copy(g->final_url, sizeof g->final_url, r->final_url);
    copy(g->moved_to, sizeof g->moved_to, r->moved_to);
    free(g->body);
    g->n = r->body.n;
    g->body = buf_take(&r->body, NULL);
}

static inline void open_world(struct world *w, struct fetch_options options)
{
    memset(w, 0, sizeof *w);
    uv_loop_init(&w->loop);
    w->server = loopback_start();
    assert_int_equal(fetcher_create(&w->loop, &options, &w->fetcher), OK);
}

static inline void close_world(struct world *w)
{
    fetcher_destroy(w->fetcher);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    loopback_stop(w->server);
}

static inline int setup(void **state)
{
    struct world *w = malloc(sizeof *w);
    open_world(w, (struct fetch_options){
                      .timeout = 20, .max_body = 100000, .contact = "mailto:me@example.org"});
    *state = w;
    return 0;
}

static inline int teardown(void **state)
{
    close_world(*state);
    free(*state);
    return 0;
}

/* Fetches and waits for the end. */
static inline struct got *fetch(struct world *w, struct fetch_request request)
{
    static struct got g;
    free(g.body);
    memset(&g, 0, sizeof g);
    int r = fetcher_start(w->fetcher, &request, on_result, &g);
    if (r) {
        g.status = r;
        return &g;
    }
    assert_int_equal(g.calls, 0);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(g.calls, 1);
    assert_int_equal(fetcher_running(w->fetcher), 0);
    assert_int_equal(fetcher_waiting(w->fetcher), 0);
    assert_int_equal(fetcher_bytes(w->fetcher), 0);
    return &g;
}

static inline struct got *fetch_path(struct world *w, const char *path)
{
    return fetch(w,
                 (struct fetch_request){.url = loopback_url(w->server, path), .allow_private = 1});
}

static inline void set(struct world *w, const char *path, struct reply reply)
{
    loopback_reply(w->server, path, &reply);
}

#define assert_has(text, part) assert_non_null(strstr(text, part))

#endif
