/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <time.h>

#include "host-stub/schedule.h"
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
    int polls, done, failures, stop_at, destroy_at, reload_at, cancelled;
    int64_t next;
    int status, http;
    const char *last; /* URL */
};

static struct source *sources_make(struct world *w, size_t n)
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

static void sources_free(struct source *sources, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(sources[i].url);
    free(sources);
}

static void on_polled(void *user, const struct source *source, struct fetch_result *result,
                      int64_t next, int failures)
{
    struct world *w = user;
    w->polls++;
    w->next = next;
    w->failures = failures;
    w->status = result->status;
    w->http = result->http;
    w->last = source->url;
    w->cancelled += result->status == E_CANCELLED;
    if (w->polls == w->stop_at)
        uv_stop(&w->loop);
    if (w->polls == w->destroy_at) {
        schedule_destroy(w->schedule);
        w->schedule = NULL;
    }
}

static void on_done(void *user)
{
    struct world *w = user;
    w->done++;
    uv_stop(&w->loop);
}

static void world_open(struct world *w, size_t n)
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

static void world_close(struct world *w)
{
    schedule_destroy(w->schedule);
    fetcher_destroy(w->fetcher);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    loopback_stop(w->server);
    sources_free(w->config.sources, w->config.n_sources);
}

static void set(struct world *w, const char *path, struct reply reply)
{
    loopback_reply(w->server, path, &reply);
}

static void on_guard(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* Runs the loop for that long, or until something stops it. */
static void run_ms(struct world *w, uint64_t ms)
{
    uv_timer_t timer;
    uv_timer_init(&w->loop, &timer);
    uv_timer_start(&timer, on_guard, ms, 0);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

static void run_until(struct world *w, int polls)
{
    w->stop_at = polls;
    if (w->polls < polls)
        uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_true(w->polls >= polls);
}

static void once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 30);
    w.config.sources[7].enabled = 0;
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    for (int i = 0; i < 29; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        set(&w, path, (struct reply){.body = "<rss/>"});
    }
    assert_int_equal(schedule_start(w.schedule, 1, on_done, &w), OK);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.done, 1);
    assert_int_equal(w.polls, 29);
    assert_int_equal(loopback_count(w.server, "/7"), 0);
    assert_int_equal(loopback_count(w.server, "/29"), 1);
    size_t sources, failing;
    schedule_count(w.schedule, &sources, &failing);
    assert_int_equal(sources, 29);
    assert_int_equal(failing, 1); /* the last has no answer but 404 */
    run_ms(&w, 50);
    assert_int_equal(w.polls, 29);
    world_close(&w);
}

static void once_without_sources(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 0);
    assert_int_equal(schedule_start(w.schedule, 1, on_done, &w), OK);
    assert_int_equal(w.done, 0);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.done, 1);
    world_close(&w);
}

static void bad_addresses_are_told(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2);
    free(w.config.sources[0].url);
    free(w.config.sources[1].url);
    w.config.sources[0].url = strdup("gopher://example.org/");
    w.config.sources[1].url = strdup("http://");
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    assert_int_equal(schedule_start(w.schedule, 1, on_done, &w), OK);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(w.polls, 2);
    assert_int_equal(w.done, 1);
    assert_int_equal(w.status, E_INVALID);
    world_close(&w);
}

static struct source_state state_of(const char *url, int64_t next)
{
    return (struct source_state){.url = str_z(url),
                                 .etag = str_z("\"v1\""),
                                 .next = next,
                                 .last_modified = str_z("once upon a time"),
                                 .ttl = 7200};
}

static void goes_on_where_it_was(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 3);
    int64_t now = (int64_t)time(NULL);
    set(&w, "/0", (struct reply){.body = "<rss/>", .etag = "\"v1\""});
    struct source_state late = state_of(w.config.sources[0].url, now - 1000);
    struct source_state soon = state_of(w.config.sources[1].url, now + 600);
    struct source_state absurd = state_of(w.config.sources[2].url, now + 86400 * 365);
    late.failures = 3;
    assert_int_equal(schedule_restore(w.schedule, &late), OK);
    assert_int_equal(schedule_restore(w.schedule, &soon), OK);
    assert_int_equal(schedule_restore(w.schedule, &absurd), OK);
    struct source_state unknown = state_of("http://unknown.example/", now);
    assert_int_equal(schedule_restore(w.schedule, &unknown), OK);
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 2);
    run_ms(&w, 50);
    assert_int_equal(w.polls, 2);
    assert_int_equal(loopback_count(w.server, "/1"), 0); /* not due yet */
    assert_int_equal(loopback_count(w.server, "/2"), 1);
    const char *head = loopback_last(w.server, "/0");
    assert_non_null(strstr(head, "If-None-Match: \"v1\"\r\n"));
    assert_non_null(strstr(head, "If-Modified-Since: once upon a time\r\n"));
    assert_int_equal(schedule_refresh(w.schedule, w.config.sources[0].url), OK);
    run_until(&w, 3);
    assert_int_equal(w.http, 304);
    assert_int_equal(w.failures, 0);
    assert_true(w.next >= now + 7200); /* a 304 doesn't say the ttl, but it is remembered */
    world_close(&w);
}

static int restore(void *user, const struct source_state *state)
{
    return schedule_restore(user, state);
}

/* What the last document wished is the store's to remember: after a restart all answers may be 304.
 */
static void wishes_outlive_the_process(void **state)
{
    (void)state;
    struct world w;
    struct store *store;
    struct reader *reader;
    int64_t generation, now = (int64_t)time(NULL);
    world_open(&w, 1);
    const char *url = w.config.sources[0].url;
    set(&w, "/0", (struct reply){.body = "<rss/>", .etag = "\"v1\""});
    assert_int_equal(store_open(NULL, "test", &store, NULL), OK);
    struct document *doc = document_create();
    doc->source_key = str_z(url);
    doc->etag = str_z("\"v1\"");
    doc->feed.ttl = 7200;
    doc->feed.skip_days = 0x3f;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_put_source(store, doc, NULL), OK);
    assert_int_equal(store_commit(store, &generation), OK);
    document_destroy(doc);
    assert_int_equal(reader_open(store, &reader), OK);
    assert_int_equal(reader_each_source(reader, restore, w.schedule), OK);
    reader_close(reader);
    store_close(store);
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 1);
    assert_int_equal(w.http, 304);
    assert_true(w.next >= now + 7200);
    assert_int_equal((w.next / 86400 + 4) % 7, 6); /* a Saturday, the only day left */
    world_close(&w);
}

static void validators_only_when_committed(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1);
    const char *url = w.config.sources[0].url;
    set(&w, "/0", (struct reply){.body = "<rss/>", .etag = "\"v1\""});
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 1);
    assert_int_equal(w.http, 200);
    assert_int_equal(schedule_refresh(w.schedule, NULL), OK);
    run_until(&w, 2);
    assert_int_equal(w.http, 200);
    schedule_validators(w.schedule, url, "\"v1\"", NULL);
    schedule_refresh(w.schedule, url);
    run_until(&w, 3);
    assert_int_equal(w.http, 304);
    schedule_validators(w.schedule, url, NULL, NULL);
    schedule_refresh(w.schedule, url);
    run_until(&w, 4);
    assert_int_equal(w.http, 200);
    assert_int_equal(schedule_refresh(w.schedule, "http://nowhere.example/"), E_ABSENT);
    world_close(&w);
}

static void failures_and_wishes(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1);
    const char *url = w.config.sources[0].url;
    int64_t now = (int64_t)time(NULL);
    set(&w, "/0", (struct reply){.status = 503, .headers = "Retry-After: 9000\r\n"});
    set(&w, "/0", (struct reply){.status = 500});
    set(&w, "/0", (struct reply){.body = "<rss/>"});
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 1);
    assert_int_equal(w.failures, 1);
    assert_true(w.next >= now + 9000);
    schedule_refresh(w.schedule, url);
    run_until(&w, 2);
    assert_int_equal(w.failures, 2);
    schedule_refresh(w.schedule, url);
    run_until(&w, 3);
    assert_int_equal(w.failures, 0);
    assert_in_range(w.next, now + 1800, now + 1800 + 90 + 60);
    assert_true(schedule_wishes(w.schedule, url, 7200, 0, 0) >= now + 7200);
    assert_int_equal(schedule_wishes(w.schedule, "http://nowhere.example/", 1, 0, 0), -1);
    schedule_refresh(w.schedule, url);
    run_until(&w, 4);
    assert_true(w.next >= now + 7200);
    world_close(&w);
}

static void comes_again(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2);
    w.config.sources[1].every = 1;
    set(&w, "/0", (struct reply){.body = "<rss/>"});
    set(&w, "/1", (struct reply){.body = "<rss/>"});
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 4);
    assert_int_equal(loopback_count(w.server, "/0"), 1);
    assert_int_equal(loopback_count(w.server, "/1"), 3);
    world_close(&w);
}

static void reload(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 4);
    struct config first = w.config;
    for (int i = 0; i < 6; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        set(&w, path,
            (struct reply){.body = "<rss/>", .etag = "\"v1\"", .delay_ms = i == 1 ? 300 : 0});
    }
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 3); /* /1 is still under way */
    schedule_validators(w.schedule, first.sources[2].url, "\"v1\"", NULL);
    struct config second = first;
    second.sources = sources_make(&w, 6);
    second.n_sources = 6;
    second.sources[0].enabled = second.sources[1].enabled = 0;
    assert_int_equal(schedule_reload(w.schedule, &second), OK);
    sources_free(first.sources, first.n_sources);
    w.config = second;
    run_until(&w, 5); /* the two new ones */
    run_ms(&w, 400);
    assert_int_equal(w.polls, 5); /* and no word of the one that was dropped under way */
    schedule_refresh(w.schedule, second.sources[2].url);
    run_until(&w, 6);
    assert_int_equal(w.http, 304);
    assert_ptr_equal(w.last, second.sources[2].url);
    assert_int_equal(schedule_refresh(w.schedule, second.sources[0].url), E_ABSENT);
    world_close(&w);
}

static void a_shorter_interval_counts_at_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1);
    set(&w, "/0", (struct reply){.body = "<rss/>"});
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 1);
    w.config.every = 1;
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    run_until(&w, 2);
    world_close(&w);
}

static void destroyed_by_a_callback(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 20);
    for (int i = 0; i < 10; i++) { /* half of them fail within fetcher_start */
        free(w.config.sources[2 * i].url);
        w.config.sources[2 * i].url = strdup("nonsense 00");
        sprintf(w.config.sources[2 * i].url, "nonsense %d", i);
    }
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    w.destroy_at = 12;
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_ms(&w, 1500);
    assert_null(w.schedule);
    assert_int_equal(w.polls, 12);
    world_close(&w);
}

static void fetcher_goes_first(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 5);
    for (int i = 0; i < 5; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        set(&w, path, (struct reply){.body = "late", .delay_ms = 60000});
    }
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_ms(&w, 50);
    fetcher_destroy(w.fetcher);
    w.fetcher = NULL;
    assert_int_equal(w.cancelled, 5);
    assert_int_equal(w.failures, 0);
    world_close(&w);
}

static void a_hundred_thousand(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 0);
    free(w.config.sources);
    w.config.sources = calloc(MANY, sizeof *w.config.sources);
    w.config.n_sources = MANY;
    for (int i = 0; i < MANY; i++) {
        char url[64];
        snprintf(url, sizeof url, "nonsense of host %d", i % 50000); /* each twice */
        w.config.sources[i].url = strdup(url);
        w.config.sources[i].enabled = 1;
    }
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    size_t sources, failing;
    schedule_count(w.schedule, &sources, &failing);
    assert_int_equal(sources, MANY / 2);
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_ms(&w, 200);
    assert_in_range(w.polls, 1, 1000); /* spread */
    w.polls = 0;
    assert_int_equal(schedule_refresh(w.schedule, NULL), OK);
    run_until(&w, MANY / 2);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once),
        cmocka_unit_test(once_without_sources),
        cmocka_unit_test(bad_addresses_are_told),
        cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(wishes_outlive_the_process),
        cmocka_unit_test(validators_only_when_committed),
        cmocka_unit_test(failures_and_wishes),
        cmocka_unit_test(comes_again),
        cmocka_unit_test(reload),
        cmocka_unit_test(a_shorter_interval_counts_at_once),
        cmocka_unit_test(destroyed_by_a_callback),
        cmocka_unit_test(fetcher_goes_first),
        cmocka_unit_test(a_hundred_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
