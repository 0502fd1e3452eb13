/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/host-stub/schedule_fixture.h"

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

/* 429 speaks for the host: the neighbours are left alone as well, unless a person insists. */
static void neighbours_wait_too(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 3);
    int64_t now = (int64_t)time(NULL);
    free(w.config.sources[2].url);
    struct loopback *other = loopback_start();
    w.config.sources[2].url = strdup(loopback_url(other, "/2"));
    assert_int_equal(schedule_reload(w.schedule, &w.config), OK);
    set(&w, "/0", (struct reply){.status = 429, .headers = "Retry-After: 5000\r\n"});
    set(&w, "/1", (struct reply){.body = "<rss/>"});
    loopback_reply(other, "/2", &(struct reply){.body = "<rss/>"});
    struct source_state one = state_of(w.config.sources[1].url, now + 600);
    struct source_state two = state_of(w.config.sources[2].url, now + 600);
    assert_int_equal(schedule_restore(w.schedule, &one), OK);
    assert_int_equal(schedule_restore(w.schedule, &two), OK);
    assert_int_equal(schedule_start(w.schedule, 0, NULL, NULL), OK);
    run_until(&w, 1);
    w.schedule->clock_offset = 601; /* both are due, and one may not */
    schedule_arm(w.schedule, 1);
    run_until(&w, 2); /* the one at another host */
    run_ms(&w, 50);
    schedule_refresh(w.schedule, NULL);
    run_until(&w, 3);
    run_ms(&w, 50);
    assert_int_equal(loopback_count(w.server, "/0"), 1);
    assert_int_equal(loopback_count(w.server, "/1"), 0);
    assert_int_equal(loopback_count(other, "/2"), 2);
    assert_int_equal(schedule_refresh(w.schedule, w.config.sources[1].url), OK);
    run_until(&w, w.polls + 1);
    assert_int_equal(loopback_count(w.server, "/1"), 1);
    world_close(&w);
    loopback_stop(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once),
        cmocka_unit_test(goes_on_where_it_was),
        cmocka_unit_test(wishes_outlive_the_process),
        cmocka_unit_test(validators_only_when_committed),
        cmocka_unit_test(failures_and_wishes),
        cmocka_unit_test(neighbours_wait_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
