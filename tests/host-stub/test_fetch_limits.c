/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "tests/host-stub/fetch_fixture.h"

static void broken_connections(void **state)
{
    struct world *w = *state;
    set(w, "/1", (struct reply){.break_at = BREAK_AT_ONCE});
    set(w, "/2", (struct reply){.break_at = BREAK_IN_HEADERS});
    set(w, "/3", (struct reply){.body = "half of this will come", .break_at = BREAK_IN_BODY});
    set(w, "/4",
        (struct reply){.body = "half of this will come", .break_at = BREAK_IN_BODY, .chunked = 1});
    char path[] = "/0";
    while (path[1]++ < '4') {
        struct got *g = fetch_path(w, path);
        assert_int_equal(g->status, E_NET);
        assert_int_equal(g->n, 0);
    }
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", loopback_dead_port());
    assert_int_equal(fetch(w, (struct fetch_request){.url = url, .allow_private = 1})->status,
                     E_NET);
}

static void limits(void **state)
{
    struct world *w = *state;
    char *big = calloc(1, 50000001);
    memset(big, 'a', 50000000);
    set(w, "/announced", (struct reply){.body = big, .n = 100001});
    set(w, "/exact", (struct reply){.body = big, .n = 100000});
    set(w, "/bomb", (struct reply){.body = big, .n = 50000000, .gzip = 1});
    set(w, "/endless", (struct reply){.body = "endless ", .endless = 1});
    set(w, "/endless404", (struct reply){.status = 404, .body = "endless ", .endless = 1});
    set(w, "/headers", (struct reply){.endless_headers = 1});
    free(big);
    assert_int_equal(fetch_path(w, "/announced")->status, E_LIMIT);
    assert_int_equal(fetch_path(w, "/exact")->n, 100000);
    struct got *g = fetch_path(w, "/bomb");
    assert_int_equal(g->status, E_LIMIT);
    assert_has(g->error, "100000 bytes");
    assert_int_equal(g->n, 0);
    assert_int_equal(fetch_path(w, "/endless")->status, E_LIMIT);
    g = fetch_path(w, "/endless404");
    assert_int_equal(g->status, E_HTTP);
    assert_int_equal(g->http, 404);
    g = fetch_path(w, "/headers");
    assert_int_equal(g->status, E_LIMIT);
    assert_has(g->error, "headers");
}

/* A megabyte in a few bytes, in each encoding that curl decodes, and encodings upon encodings. */
static void bombs(void **state)
{
    struct world *w = *state;
    static const char br[] = "\x5b\xff\xff\x8f\x7f\x02\x20\x1e\x0b\x04\x72\xef\x1f\x00";
    static const char zstd[] = "\x28\xb5\x2f\xfd\x00\x68\x4c\x00\x00\x08\x00\x01\x00\xfc\xff\x39"
                               "\x10\x02\x02\x00\x10\x00\x02"
                               "\x00\x10\x00\x02\x00\x10\x00\x02\x00\x10\x00\x02\x00\x10\x00\x02"
                               "\x00\x10\x00\x03\x00\x10\x00";
    set(w, "/br",
        (struct reply){.body = br, .n = sizeof br - 1, .headers = "Content-Encoding: br\r\n"});
    set(w, "/zstd",
        (struct reply){
            .body = zstd, .n = sizeof zstd - 1, .headers = "Content-Encoding: zstd\r\n"});
    set(w, "/layers",
        (struct reply){.body = "x",
                       .gzip = 1,
                       .headers =
                           "Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n"});
    set(w, "/after", (struct reply){.body = "still here"});
    struct got *g = fetch_path(w, "/br");
    if (strstr(loopback_last(w->server, "/br"), ", br"))
        assert_int_equal(g->status, E_LIMIT);
    assert_int_equal(g->n, 0);
    g = fetch_path(w, "/zstd");
    if (strstr(loopback_last(w->server, "/zstd"), ", zstd"))
        assert_int_equal(g->status, E_LIMIT);
    assert_int_equal(g->n, 0);
    assert_int_not_equal(fetch_path(w, "/layers")->status, OK);
    assert_string_equal(fetch_path(w, "/after")->body, "still here");
}

static void time_is_limited(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct fetch_options){.timeout = 1});
    set(&w, "/silent", (struct reply){.body = "late", .delay_ms = 60000});
    set(&w, "/drip",
        (struct reply){.body = "a body that comes one byte at a time", .drip_ms = 200});
    set(&w, "/slow",
        (struct reply){.status = 302, .headers = "Location: /slow2\r\n", .delay_ms = 700});
    set(&w, "/slow2", (struct reply){.body = "late", .delay_ms = 700});
    struct got *g = fetch_path(&w, "/silent");
    assert_int_equal(g->status, E_TIMEOUT);
    assert_has(g->error, "1 s");
    assert_int_equal(fetch_path(&w, "/drip")->status, E_TIMEOUT);
    assert_int_equal(fetch_path(&w, "/slow")->status,
                     E_TIMEOUT); /* redirects don't start it anew */
    close_world(&w);
}

static void files(void **state)
{
    struct world *w = *state;
    char folder[] = "/tmp/winnow-fetch-XXXXXX", path[64], url[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a b.xml", folder);
    FILE *f = fopen(path, "w");
    fputs("<feed/>", f);
    fclose(f);
    snprintf(url, sizeof url, "file://localhost%s/a%%20b.xml", folder);
    struct fetch_request request = {.url = url, .allow_file = 1};
    struct got *g = fetch(w, request);
    assert_int_equal(g->status, OK);
    assert_string_equal(g->body, "<feed/>");
    char etag[128];
    memcpy(etag, g->etag, sizeof etag);
    request.etag = etag;
    assert_int_equal(fetch(w, request)->http, 304);
    f = fopen(path, "w");
    fputs("<feed></feed>", f);
    fclose(f);
    g = fetch(w, request);
    assert_int_equal(g->http, 200);
    assert_string_equal(g->body, "<feed></feed>");
    assert_int_equal(truncate(path, 100001), 0);
    assert_int_equal(fetch(w, request)->status, E_LIMIT);
    assert_int_equal(truncate(path, 100000), 0);
    assert_int_equal(fetch(w, request)->n, 100000);
    unlink(path);
    g = fetch(w, request);
    assert_int_equal(g->status, E_IO);
    assert_has(g->error, "No such file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(fetch(w, request)->status, E_INVALID); /* and doesn't wait for a writer */
    unlink(path);
    rmdir(folder);
    request.url = "file:///dev/zero";
    assert_int_equal(fetch(w, request)->status, E_INVALID);
    request.url = "file:relative.xml";
    g = fetch(w, request);
    assert_int_equal(g->status, E_INVALID);
    assert_has(g->error, "absolute");
    request.url = "file://elsewhere/etc/hostname";
    assert_int_equal(fetch(w, request)->status, E_INVALID);
    request.url = "file:///etc%00/hostname";
    assert_int_equal(fetch(w, request)->status, E_INVALID);
}

static void shares(void **state)
{
    (void)state;
    struct world w;
    struct got got[40];
    memset(got, 0, sizeof got);
    open_world(&w, (struct fetch_options){.concurrency = 6, .per_host = 2});
    struct loopback *second = loopback_start(), *third = loopback_start(),
                    *fourth = loopback_start();
    struct loopback *servers[] = {w.server, second, third, fourth};
    for (int i = 0; i < 40; i++) {
        struct loopback *server = servers[i / 10];
        char path[32];
        snprintf(path, sizeof path, "/%d", i);
        loopback_reply(server, path, &(struct reply){.body = "x", .delay_ms = 20});
        struct fetch_request request = {.url = loopback_url(server, path), .allow_private = 1};
        assert_int_equal(fetcher_start(w.fetcher, &request, on_result, &got[i]), OK);
    }
    assert_int_equal(fetcher_running(w.fetcher), 6);
    assert_int_equal(fetcher_waiting(w.fetcher), 34);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(got[i].calls, 1);
        assert_int_equal(got[i].status, OK);
        free(got[i].body);
    }
    for (int i = 0; i < 4; i++)
        assert_true(loopback_peak(servers[i]) <= 2);
    close_world(&w);
    loopback_stop(second);
    loopback_stop(third);
    loopback_stop(fourth);
}

static void resume(uv_timer_t *timer)
{
    struct world *w = timer->data;
    fetcher_pause(w->fetcher, 0);
    uv_close((uv_handle_t *)timer, NULL);
}

/* Two answers come while paused, one is half here by then, and one waits for its turn. */
static void pausing(void **state)
{
    (void)state;
    struct world w;
    struct got got[4];
    memset(got, 0, sizeof got);
    open_world(&w, (struct fetch_options){.concurrency = 3, .per_host = 3, .timeout = 5});
    char *big = malloc(4000000);
    memset(big, 'b', 4000000);
    set(&w, "/0", (struct reply){.body = big, .n = 4000000, .gated = 1, .etag = "\"v1\""});
    set(&w, "/1", (struct reply){.body = big, .n = 4000000, .gated = 1, .gzip = 1});
    set(&w, "/2", (struct reply){.body = "one byte and then the rest", .gated_body = 1});
    set(&w, "/3", (struct reply){.body = "waiting"});
    free(big);
    for (int i = 0; i < 4; i++) {
        char path[32];
        snprintf(path, sizeof path, "/%d", i);
        struct fetch_request request = {.url = loopback_url(w.server, path), .allow_private = 1};
        assert_int_equal(fetcher_start(w.fetcher, &request, on_result, &got[i]), OK);
    }
    while (fetcher_bytes(w.fetcher) == 0)
        uv_run(&w.loop, UV_RUN_ONCE);
    fetcher_pause(w.fetcher, 1);
    loopback_open(w.server);
    size_t bytes = fetcher_bytes(w.fetcher);
    uv_timer_t timer;
    uv_timer_init(&w.loop, &timer);
    timer.data = &w;
    uv_timer_start(&timer, resume, 5500, 0); /* longer than a transfer may take */
    while (uv_is_active((uv_handle_t *)&timer)) {
        assert_int_equal(fetcher_bytes(w.fetcher), bytes);
        assert_int_equal(got[0].calls + got[1].calls + got[2].calls + got[3].calls, 0);
        uv_run(&w.loop, UV_RUN_ONCE);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    static const size_t lengths[] = {4000000, 4000000, 26, 7};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(got[i].calls, 1);
        assert_int_equal(got[i].status, OK);
        assert_int_equal(got[i].n, lengths[i]);
        assert_string_equal(got[i].etag, i == 0 ? "\"v1\"" : "(none)");
        free(got[i].body);
    }
    assert_int_equal(fetcher_bytes(w.fetcher), 0);
    close_world(&w);
}

/* More is on its way than may be held at once: it comes all the same, one after the other. */
static void bytes_are_limited(void **state)
{
    (void)state;
    struct world w;
    struct got got[12];
    memset(got, 0, sizeof got);
    open_world(&w, (struct fetch_options){.concurrency = 12, .per_host = 12, .max_bytes = 300000});
    char *big = malloc(2000000);
    memset(big, 'b', 2000000);
    for (int i = 0; i < 12; i++) {
        char path[32];
        snprintf(path, sizeof path, "/%d", i);
        loopback_reply(
            w.server, path,
            &(struct reply){.body = big, .n = 2000000, .gzip = i % 3 == 2, .half_ms = 100});
        struct fetch_request request = {.url = loopback_url(w.server, path), .allow_private = 1};
        assert_int_equal(fetcher_start(w.fetcher, &request, on_result, &got[i]), OK);
    }
    free(big);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_in_range(w.fetcher->most_bytes, 300000, 300000 + 2000000);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(got[i].calls, 1);
        assert_int_equal(got[i].status, OK);
        assert_int_equal(got[i].n, 2000000);
        free(got[i].body);
    }
    assert_int_equal(fetcher_bytes(w.fetcher), 0);
    close_world(&w);
}

static void destroying(void **state)
{
    (void)state;
    struct world w;
    struct got got[12];
    memset(got, 0, sizeof got);
    open_world(&w, (struct fetch_options){.concurrency = 6, .per_host = 4});
    set(&w, "/a", (struct reply){.body = "late", .delay_ms = 60000});
    for (int i = 0; i < 12; i++) {
        struct fetch_request request = {.url = i == 3 ? "file:///etc/hostname"
                                                      : loopback_url(w.server, "/a"),
                                        .allow_private = 1,
                                        .allow_file = 1};
        assert_int_equal(fetcher_start(w.fetcher, &request, on_result, &got[i]), OK);
    }
    uv_run(&w.loop, UV_RUN_NOWAIT);
    close_world(&w);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(got[i].calls, 1);
        assert_int_equal(got[i].status, i == 3 && got[i].status == OK ? OK : E_CANCELLED);
        free(got[i].body);
    }
}

static void destroy_now(void *user, struct fetch_result *result)
{
    struct world *w = user;
    if (result->status == OK)
        fetcher_destroy(w->fetcher);
    assert_int_equal(
        fetcher_start(w->fetcher, &(struct fetch_request){.url = "http://x/"}, NULL, NULL),
        E_CANCELLED);
}

static void destroying_in_a_callback(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct fetch_options){.concurrency = 4, .per_host = 2});
    set(&w, "/a", (struct reply){.body = "now"});
    for (int i = 0; i < 8; i++) {
        struct fetch_request request = {.url = loopback_url(w.server, "/a"), .allow_private = 1};
        assert_int_equal(fetcher_start(w.fetcher, &request, destroy_now, &w), OK);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    loopback_stop(w.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(broken_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(bombs, setup, teardown),
        cmocka_unit_test(time_is_limited),
        cmocka_unit_test_setup_teardown(files, setup, teardown),
        cmocka_unit_test(shares),
        cmocka_unit_test(pausing),
        cmocka_unit_test(bytes_are_limited),
        cmocka_unit_test(destroying),
        cmocka_unit_test(destroying_in_a_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
