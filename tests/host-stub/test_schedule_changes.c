/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/host-stub/schedule_fixture.h"

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
        set(&w, path, (struct reply){.body = "<rss/>", .etag = "\"v1\"", .gated = i == 1});
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
    loopback_open(w.server);
    run_ms(&w, 200);
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

/* A clock that ran ahead and is set right: nothing waits for the time that it once showed. */
static void a_clock_set_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2);
    set(&w, "/0", (struct reply){.body = "<rss/>"});
    set(&w, "/1", (struct reply){.body = "<rss/>"});
    w.schedule->clock_offset = 5 * 365 * 86400;
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 2);
    run_ms(&w, 100);
    assert_int_equal(w.polls, 2);
    w.schedule->clock_offset = 0;
    schedule_arm(w.schedule, 1); /* as a minute later */
    run_until(&w, 4);
    assert_true(w.next < (int64_t)time(NULL) + 86400);
    world_close(&w);
}

static void a_move_is_told_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1);
    set(&w, "/0", (struct reply){.status = 301, .headers = "Location: /new\r\n"});
    set(&w, "/new", (struct reply){.body = "<rss/>"});
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    for (int i = 1; i < 4; i++) {
        run_until(&w, i);
        assert_int_equal(w.moved, 1);
        schedule_refresh(w.schedule, NULL);
    }
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
    while (w.schedule) /* the second ten come a second later */
        uv_run(&w.loop, UV_RUN_ONCE);
    run_ms(&w, 100);
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
    while (fetcher_running(w.fetcher) + fetcher_waiting(w.fetcher) < 5)
        uv_run(&w.loop, UV_RUN_ONCE);
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
        cmocka_unit_test(once_without_sources),
        cmocka_unit_test(bad_addresses_are_told),
        cmocka_unit_test(comes_again),
        cmocka_unit_test(reload),
        cmocka_unit_test(a_shorter_interval_counts_at_once),
        cmocka_unit_test(a_clock_set_back),
        cmocka_unit_test(a_move_is_told_once),
        cmocka_unit_test(destroyed_by_a_callback),
        cmocka_unit_test(fetcher_goes_first),
        cmocka_unit_test(a_hundred_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
