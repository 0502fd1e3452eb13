/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "tests/host-stub/serve_fixture.h"

/* Whatever a client sends, there is an answer under 500 or none, and the next client is served. */
static void bad_requests(void **state)
{
    struct world *w = *state;
    server_health(w->server, 1, "{}");
    static const struct {
        const char *text;
        size_t n;
    } list[] = {
#define RAW(s) {s, sizeof s - 1}
        RAW(""),
        RAW("\r\n\r\n\r\n"),
        RAW("GET\r\n\r\n"),
        RAW("GET /\r\n\r\n"),
        RAW("nonsense\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n\r\n"),
        RAW("GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        RAW("GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
        RAW("GET / HTTP/0.9\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\n: x\r\n\r\n"),
        RAW("GET /\0x HTTP/1.1\r\nHost: x\r\n\r\n"),
        RAW("GET /%00%ff%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"),
        RAW("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n"),
        RAW("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
            "chunked\r\n\r\nffffffffffffffff\r\nx"),
        RAW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        RAW("GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        RAW("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n"),
        RAW("\xff\xfe\xfd / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        const char *a = raw(w, list[i].text, list[i].n);
        /* libmicrohttpd has its own word for other versions of HTTP, before anyone is asked. */
        int version = strstr(list[i].text, "HTTP/9") || strstr(list[i].text, "HTTP/2") ||
                      strstr(list[i].text, "HTTP/0");
        if (all_n && status_of(a) >= 500 && !(version && status_of(a) == 505))
            fail_msg("case %zu: %.60s", i, a);
        assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
    }
    char *big = malloc(2000000);
    memset(big, 'a', 2000000);
    memcpy(big, "GET /", 5);
    const char *a = raw(w, big, 2000000); /* an endless address */
    assert_true(!all_n || (status_of(a) >= 400 && status_of(a) < 500));
    static const char start[] = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
    memset(big, 'a', 2000000);
    memcpy(big, start, sizeof start - 1);
    a = raw(w, big, 2000000); /* an endless header */
    assert_true(!all_n || (status_of(a) >= 400 && status_of(a) < 500));
    free(big);
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
}

static void kept_connections(void **state)
{
    struct world *w = *state;
    server_health(w->server, 1, "{}");
    int fd = dial(w);
    static const char two[] =
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, two, sizeof two - 1, 0), sizeof two - 1);
    const char *a = read_all(fd);
    int answers = 0;
    for (; (a = strstr(a, "HTTP/1.1 200")); a++)
        answers++;
    assert_int_equal(answers, 3);
    /* A body with a GET is thrown away, and the connection stays usable. */
    fd = dial(w);
    static const char body[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                               "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, body, sizeof body - 1, 0), sizeof body - 1);
    a = read_all(fd);
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "HTTP/1.1 404"));
}

static void many_clients(void **state)
{
    struct world *w = *state;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &files);
    int n = files.rlim_cur >= 2200 ? LIMIT_HTTP_CLIENTS : 200;
    int *fds = calloc((size_t)n + 50, sizeof *fds);
    server_health(w->server, 1, "{}");
    static const char half[] = "GET /healthz HTTP/1.1\r\nHo";
    static const char rest[] = "st: x\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < n; i++) {
        fds[i] = dial(w);
        assert_int_equal(send(fds[i], half, sizeof half - 1, 0), sizeof half - 1);
    }
    for (int i = n; i < n + 50; i++) /* over the limit: they wait, or are turned away */
        fds[i] = dial(w);
    for (int i = 0; i < n; i++) {
        assert_int_equal(send(fds[i], rest, sizeof rest - 1, 0), sizeof rest - 1);
        assert_int_equal(status_of(read_all(fds[i])), 200);
    }
    for (int i = n; i < n + 50; i++)
        close(fds[i]);
    free(fds);
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 200);
}

static void replaced_while_read(void **state)
{
    struct world *w = *state;
    size_t n = 3 << 20;
    char *text = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + (i * 7 + i / 1000) % 26);
    text[n] = '\0';
    write_file(w, text);
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    int fd = dial(w);
    static const char get[] = "GET /feed.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(fd, get, sizeof get - 1, 0), sizeof get - 1);
    char some[1000];
    assert_true(recv(fd, some, sizeof some, MSG_WAITALL) == sizeof some);
    for (int i = 0; i < 20; i++) {
        char small[32];
        snprintf(small, sizeof small, "version %d", i);
        write_file(w, small);
        assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    }
    const char *rest = read_all(fd);
    const char *body = strstr(some, "\r\n\r\n") + 4;
    size_t first = (size_t)(some + sizeof some - body);
    assert_int_equal(first + all_n, n);
    assert_memory_equal(text, body, first);
    assert_memory_equal(text + first, rest, all_n);
    free(text);
    assert_string_equal(body_of(ask(w, "GET", "/feed.rss", "")), "version 19");
    /* A client that goes away in the middle of it harms nobody. */
    fd = dial(w);
    assert_int_equal(send(fd, get, sizeof get - 1, 0), sizeof get - 1);
    close(fd);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", "")), 200);
}

/* Bytes that come one by one don't keep a connection for ever, nor does taking an answer slowly. */
static void slow_clients(void **state)
{
    struct world w;
    memset(&w, 0, sizeof w);
    (void)state;
    uv_loop_init(&w.loop);
    uv_async_init(&w.loop, &w.stop, on_stop);
    w.stop.data = &w;
    assert_int_equal(server_create(&w.loop, "127.0.0.1:0", &w.server), OK);
    w.port = server_port(w.server);
    w.server->request_ms = 400;
    w.server->answer_ms = 400;
    uv_timer_set_repeat(&w.server->sweep, 50);
    uv_timer_again(&w.server->sweep);
    strcpy(w.file, "/tmp/winnow-serve-XXXXXX");
    close(mkstemp(w.file));
    assert_int_equal(truncate(w.file, 100 << 20), 0);
    assert_int_equal(server_update(w.server, "/feed.rss", w.file, "application/rss+xml"), OK);
    assert_int_equal(pthread_create(&w.thread, NULL, run_loop, &w), 0);
    int slow = dial(&w), silent = dial(&w), lazy = dial(&w);
    static const char get[] = "GET /feed.rss HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(send(lazy, get, sizeof get - 1, 0), sizeof get - 1);
    const char *drip =
        "GET / HTTP/1.1\r\nX-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    while (*drip && send(slow, drip, 1, MSG_NOSIGNAL) == 1) {
        drip++;
        usleep(50000);
    }
    assert_true(*drip); /* cut off before its end */
    read_all(slow);
    read_all(silent);
    assert_int_equal(all_n, 0);
    static char some[65536];
    size_t taken = 0;
    for (ssize_t n; (n = recv(lazy, some, sizeof some, 0)) > 0;)
        taken += (size_t)n;
    close(lazy);
    assert_true(taken < 100 << 20);
    uv_async_send(&w.stop);
    pthread_join(w.thread, NULL);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    unlink(w.file);
}

static void addresses(void **state)
{
    (void)state;
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct server *s = NULL, *t = NULL;
    static const char *const bad[] = {
        "",       "x",       "127.0.0.1", "127.0.0.1:",   "127.0.0.1:x",      "127.0.0.1:70000",
        "::1:80", "[::1:80", "::1]:80",   "127.0.0.1:-1", "127.0.0.1:123456", "no such host.:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (server_create(&loop, bad[i], &s) != E_INVALID)
            fail_msg("%s", bad[i]);
    static const char *const good[] = {"127.0.0.1:0", "localhost:0", ":0", "*:0", "0.0.0.0:0"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (server_create(&loop, good[i], &s))
            fail_msg("%s", good[i]);
        char taken[32];
        snprintf(taken, sizeof taken, "127.0.0.1:%d", server_port(s));
        if (good[i][0] == '1')
            assert_int_equal(server_create(&loop, taken, &t), E_BUSY);
        server_destroy(s);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    assert_int_equal(server_create(&loop, "192.0.2.1:0", &s), E_ABSENT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bad_requests, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(many_clients, setup, teardown),
        cmocka_unit_test_setup_teardown(replaced_while_read, setup, teardown),
        cmocka_unit_test(slow_clients),
        cmocka_unit_test(addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
