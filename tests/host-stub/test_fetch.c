/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
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
    char error[1024], content_type[128], etag[128], last_modified[128], final_url[512], moved_to[512];
    char *body;
    size_t n;
    int64_t retry_after, max_age;
};

struct world {
    uv_loop_t loop;
    struct loopback *server;
    struct fetcher *fetcher;
};

static void copy(char *to, size_t n, const char *s)
{
    snprintf(to, n, "%s", s ? s : "(none)");
}

static void on_result(void *user, struct fetch_result *r)
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

static void open_world(struct world *w, struct fetch_options options)
{
    memset(w, 0, sizeof *w);
    uv_loop_init(&w->loop);
    w->server = loopback_start();
    assert_int_equal(fetcher_create(&w->loop, &options, &w->fetcher), OK);
}

static void close_world(struct world *w)
{
    fetcher_destroy(w->fetcher);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    loopback_stop(w->server);
}

static int setup(void **state)
{
    struct world *w = malloc(sizeof *w);
    open_world(w, (struct fetch_options){.timeout = 20, .max_body = 100000, .contact = "mailto:me@example.org"});
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    close_world(*state);
    free(*state);
    return 0;
}

/* Fetches and waits for the end. */
static struct got *fetch(struct world *w, struct fetch_request request)
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

static struct got *fetch_path(struct world *w, const char *path)
{
    return fetch(w, (struct fetch_request){.url = loopback_url(w->server, path), .allow_private = 1});
}

static void set(struct world *w, const char *path, struct reply reply)
{
    loopback_reply(w->server, path, &reply);
}

#define assert_has(text, part) assert_non_null(strstr(text, part))

static void plain(void **state)
{
    struct world *w = *state;
    set(w, "/a", (struct reply){.headers = "Content-Type: text/xml\r\nLast-Modified: Some Day\r\n"
                                           "Cache-Control: max-age=70\r\n",
                                .body = "<rss/>", .etag = "W/\"x y\""});
    struct got *g = fetch_path(w, "/a");
    assert_int_equal(g->status, OK);
    assert_int_equal(g->http, 200);
    assert_string_equal(g->body, "<rss/>");
    assert_string_equal(g->content_type, "text/xml");
    assert_string_equal(g->etag, "W/\"x y\"");
    assert_string_equal(g->last_modified, "Some Day");
    assert_string_equal(g->error, "(none)");
    assert_string_equal(g->moved_to, "(none)");
    assert_string_equal(g->final_url, loopback_url(w->server, "/a"));
    assert_int_equal(g->max_age, 70);
    const char *head = loopback_last(w->server, "/a");
    assert_has(head, "User-Agent: Winnow/" WINNOW_VERSION " (+mailto:me@example.org)\r\n");
    assert_has(head, "Accept: application/atom+xml");
    assert_has(head, "gzip");
    assert_null(strstr(head, "If-"));
}

static void conditional(void **state)
{
    struct world *w = *state;
    set(w, "/a", (struct reply){.body = "<rss/>", .etag = "\"v1\""});
    struct got *g = fetch(w, (struct fetch_request){.url = loopback_url(w->server, "/a"), .etag = "\"v1\"",
                             .last_modified = "Mon, 1 Jan 2001 (odd)", .allow_private = 1});
    assert_int_equal(g->status, OK);
    assert_int_equal(g->http, 304);
    assert_int_equal(g->n, 0);
    const char *head = loopback_last(w->server, "/a");
    assert_has(head, "If-None-Match: \"v1\"\r\n");
    assert_has(head, "If-Modified-Since: Mon, 1 Jan 2001 (odd)\r\n");
    /* A 304 that nobody asked for has no document behind it. */
    set(w, "/b", (struct reply){.status = 304});
    g = fetch_path(w, "/b");
    assert_int_equal(g->status, E_HTTP);
}

static void encodings(void **state)
{
    struct world *w = *state;
    set(w, "/gz", (struct reply){.body = "hello hello hello hello", .gzip = 1});
    set(w, "/chunked", (struct reply){.body = "abc", .chunked = 1});
    set(w, "/close", (struct reply){.body = "abc", .close = 1});
    set(w, "/empty", (struct reply){.body = ""});
    set(w, "/bad", (struct reply){.body = "not gzip at all", .headers = "Content-Encoding: gzip\r\n"});
    assert_string_equal(fetch_path(w, "/gz")->body, "hello hello hello hello");
    assert_string_equal(fetch_path(w, "/chunked")->body, "abc");
    assert_string_equal(fetch_path(w, "/close")->body, "abc");
    assert_int_equal(fetch_path(w, "/empty")->status, OK);
    assert_int_equal(fetch_path(w, "/bad")->status, E_NET);
}

static void errors(void **state)
{
    struct world *w = *state;
    set(w, "/429", (struct reply){.status = 429, .headers = "Retry-After: 77\r\n", .body = "slow down"});
    set(w, "/410", (struct reply){.status = 410, .body = "gone"});
    set(w, "/503", (struct reply){.status = 503, .headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                                            "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT\r\n"});
    set(w, "/204", (struct reply){.status = 204});
    struct got *g = fetch_path(w, "/nowhere");
    assert_int_equal(g->status, E_HTTP);
    assert_int_equal(g->http, 404);
    assert_int_equal(g->n, 0);
    assert_has(g->error, "check the address");
    g = fetch_path(w, "/429");
    assert_int_equal(g->http, 429);
    assert_int_equal(g->retry_after, 77);
    g = fetch_path(w, "/410");
    assert_int_equal(g->gone, 1);
    g = fetch_path(w, "/503");
    assert_int_equal(g->retry_after, 600);
    g = fetch_path(w, "/204");
    assert_int_equal(g->status, E_HTTP);
}

static void broken_connections(void **state)
{
    struct world *w = *state;
    set(w, "/1", (struct reply){.break_at = BREAK_AT_ONCE});
    set(w, "/2", (struct reply){.break_at = BREAK_IN_HEADERS});
    set(w, "/3", (struct reply){.body = "half of this will come", .break_at = BREAK_IN_BODY});
    set(w, "/4", (struct reply){.body = "half of this will come", .break_at = BREAK_IN_BODY, .chunked = 1});
    char path[] = "/0";
    while (path[1]++ < '4') {
        struct got *g = fetch_path(w, path);
        assert_int_equal(g->status, E_NET);
        assert_int_equal(g->n, 0);
    }
    /* Nobody listens there. */
    int port = loopback_port(w->server);
    loopback_stop(w->server);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    assert_int_equal(fetch(w, (struct fetch_request){.url = url, .allow_private = 1})->status, E_NET);
    w->server = loopback_start();
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

static void redirect(struct world *w, const char *from, int status, const char *to)
{
    char headers[9000];
    snprintf(headers, sizeof headers, "Location: %s\r\n", to);
    set(w, from, (struct reply){.status = status, .headers = headers, .body = "see there"});
}

static void redirects(void **state)
{
    struct world *w = *state;
    set(w, "/end", (struct reply){.body = "there", .etag = "\"e\""});
    redirect(w, "/301", 301, "/308?x=1");
    redirect(w, "/308?x=1", 308, loopback_url(w->server, "/end#part"));
    redirect(w, "/302", 302, "/301");
    redirect(w, "/space", 307, "/a b/\xc3\xa4");
    set(w, "/a%20b/%c3%a4", (struct reply){.body = "spaced"});
    struct got *g = fetch_path(w, "/301");
    assert_string_equal(g->body, "there");
    assert_string_equal(g->final_url, loopback_url(w->server, "/end"));
    assert_string_equal(g->moved_to, loopback_url(w->server, "/end"));
    g = fetch_path(w, "/302"); /* one of them for now only: nothing to report */
    assert_string_equal(g->body, "there");
    assert_string_equal(g->moved_to, "(none)");
    assert_string_equal(fetch_path(w, "/space")->body, "spaced");
    assert_int_equal(loopback_connections(w->server), 1);
}

static void bad_redirects(void **state)
{
    struct world *w = *state;
    char path[32], next[32];
    redirect(w, "/self", 302, "/self");
    redirect(w, "/a", 302, "/b");
    redirect(w, "/b", 302, "/a");
    redirect(w, "/file", 301, "file:///etc/hostname");
    redirect(w, "/ftp", 301, "ftp://127.0.0.1/");
    redirect(w, "/gopher", 301, "gopher://127.0.0.1/");
    redirect(w, "/404", 301, "/nowhere");
    set(w, "/none", (struct reply){.status = 301});
    for (int i = 0; i < LIMIT_REDIRECTS + 1; i++) {
        snprintf(path, sizeof path, "/n%d", i);
        snprintf(next, sizeof next, "/n%d", i + 1);
        redirect(w, path, 302, next);
    }
    snprintf(path, sizeof path, "/n%d", LIMIT_REDIRECTS + 1);
    set(w, path, (struct reply){.body = "too far"});
    assert_int_equal(fetch_path(w, "/self")->status, E_HTTP);
    assert_int_equal(loopback_count(w->server, "/self"), 1);
    assert_int_equal(fetch_path(w, "/a")->status, E_HTTP);
    assert_int_equal(loopback_count(w->server, "/a") + loopback_count(w->server, "/b"), LIMIT_REDIRECTS + 1);
    assert_int_equal(fetch_path(w, "/n0")->status, E_HTTP);
    assert_string_equal(fetch_path(w, "/n1")->body, "too far");
    struct got *g = fetch(w, (struct fetch_request){.url = loopback_url(w->server, "/file"),
                                                    .allow_private = 1, .allow_file = 1});
    assert_int_equal(g->status, E_REFUSED);
    assert_has(g->error, "file:///etc/hostname");
    assert_int_equal(fetch_path(w, "/ftp")->status, E_REFUSED);
    assert_int_equal(fetch_path(w, "/gopher")->status, E_REFUSED);
    g = fetch_path(w, "/404");
    assert_int_equal(g->http, 404);
    assert_string_equal(g->moved_to, "(none)"); /* nothing is there */
    assert_int_equal(fetch_path(w, "/none")->status, E_HTTP);
}

static void headers_stay_at_home(void **state)
{
    struct world *w = *state;
    struct loopback *other = loopback_start();
    loopback_reply(other, "/there", &(struct reply){.body = "there"});
    redirect(w, "/out", 302, loopback_url(other, "/there"));
    redirect(w, "/in", 302, "/home");
    set(w, "/home", (struct reply){.body = "home"});
    char *headers[] = {"Authorization: Bearer secret", "X-Key: secret", "Accept: text/plain"};
    struct fetch_request request = {.headers = headers, .n_headers = 3, .allow_private = 1};
    request.url = loopback_url(w->server, "/out");
    assert_string_equal(fetch(w, request)->body, "there");
    assert_has(loopback_last(w->server, "/out"), "X-Key: secret\r\n");
    assert_has(loopback_last(w->server, "/out"), "Authorization: Bearer secret\r\n");
    assert_null(strstr(loopback_last(w->server, "/out"), "atom"));
    assert_null(strstr(loopback_last(other, "/there"), "secret"));
    request.url = loopback_url(w->server, "/in");
    assert_string_equal(fetch(w, request)->body, "home");
    assert_has(loopback_last(w->server, "/home"), "X-Key: secret\r\n");
    char *bad[] = {"X: a\r\nX-Injected: b"};
    request = (struct fetch_request){.url = request.url, .headers = bad, .n_headers = 1};
    assert_int_equal(fetch(w, request)->status, E_INVALID);
    loopback_stop(other);
}

static void private_addresses(void **state)
{
    struct world *w = *state;
    char url[128];
    int port = loopback_port(w->server);
    static const char *const hosts[] = {"127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
                                        "127.1", "2130706433", "0x7f.0.0.1", "[::ffff:7f00:1]"};
    set(w, "/", (struct reply){.body = "secret"});
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        snprintf(url, sizeof url, "http://%s:%d/", hosts[i], port);
        struct got *g = fetch(w, (struct fetch_request){.url = url});
        if (g->status != E_REFUSED || g->n)
            fail_msg("%s: status %d, %s", url, g->status, g->error);
        assert_has(g->error, "allow-private");
    }
    assert_int_equal(loopback_connections(w->server), 0);
    /* A connection that an allowed source left open is no way in either. */
    assert_int_equal(fetch_path(w, "/")->status, OK);
    assert_int_equal(fetch(w, (struct fetch_request){.url = loopback_url(w->server, "/")})->status, E_REFUSED);
    assert_int_equal(loopback_count(w->server, "/"), 1);
    assert_int_equal(loopback_connections(w->server), 1);
}

static void refused_requests(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *url;
        int status;
    } list[] = {
        {"file:///etc/hostname", E_REFUSED}, {"FILE:///etc/hostname", E_REFUSED},
        {"ftp://example.org/", E_REFUSED}, {"gopher://example.org/", E_REFUSED},
        {"example.org/feed", E_INVALID}, {"", E_INVALID}, {"http://", E_INVALID},
        {"http://a b/", E_INVALID}, {"http://a\r\nb/", E_INVALID}, {"http://[::1/", E_INVALID},
        {"http://example.org:99999/", E_INVALID},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct got *g = fetch(w, (struct fetch_request){.url = list[i].url});
        if (g->status != list[i].status)
            fail_msg("%s: %d instead of %d", list[i].url, g->status, list[i].status);
    }
    char big[LIMIT_URL + 100];
    memset(big, 'a', sizeof big);
    memcpy(big, "http://", 7);
    big[sizeof big - 1] = '\0';
    assert_int_equal(fetch(w, (struct fetch_request){.url = big})->status, E_LIMIT);
}

static void environment_proxy_is_ignored(void **state)
{
    struct world *w = *state;
    struct loopback *proxy = loopback_start();
    set(w, "/a", (struct reply){.body = "direct"});
    setenv("http_proxy", loopback_url(proxy, ""), 1);
    setenv("all_proxy", loopback_url(proxy, ""), 1);
    struct got *g = fetch_path(w, "/a");
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    assert_string_equal(g->body, "direct");
    assert_int_equal(loopback_connections(proxy), 0);
    loopback_stop(proxy);
}

static void named_proxy(void **state)
{
    (void)state;
    struct world w;
    struct loopback *proxy = loopback_start();
    loopback_reply(proxy, "http://feeds.invalid/a", &(struct reply){.body = "by proxy"});
    open_world(&w, (struct fetch_options){.proxy = loopback_url(proxy, "")});
    setenv("no_proxy", "feeds.invalid", 1);
    assert_string_equal(fetch(&w, (struct fetch_request){.url = "http://feeds.invalid/a"})->body, "by proxy");
    unsetenv("no_proxy");
    assert_int_equal(fetch(&w, (struct fetch_request){.url = loopback_url(w.server, "/")})->status, E_REFUSED);
    assert_int_equal(fetch(&w, (struct fetch_request){.url = "http://localhost/"})->status, E_REFUSED);
    assert_int_equal(loopback_count(proxy, NULL), 1);
    close_world(&w);
    loopback_stop(proxy);
}

static void time_is_limited(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, (struct fetch_options){.timeout = 1});
    set(&w, "/silent", (struct reply){.body = "late", .delay_ms = 60000});
    set(&w, "/drip", (struct reply){.body = "a body that comes one byte at a time", .drip_ms = 200});
    set(&w, "/slow", (struct reply){.status = 302, .headers = "Location: /slow2\r\n", .delay_ms = 700});
    set(&w, "/slow2", (struct reply){.body = "late", .delay_ms = 700});
    struct got *g = fetch_path(&w, "/silent");
    assert_int_equal(g->status, E_TIMEOUT);
    assert_has(g->error, "1 s");
    assert_int_equal(fetch_path(&w, "/drip")->status, E_TIMEOUT);
    assert_int_equal(fetch_path(&w, "/slow")->status, E_TIMEOUT); /* redirects don't start it anew */
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
    copy(etag, sizeof etag, g->etag);
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
    struct loopback *second = loopback_start(), *third = loopback_start(), *fourth = loopback_start();
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
    open_world(&w, (struct fetch_options){.concurrency = 3, .per_host = 3, .timeout = 3});
    char *big = malloc(4000000);
    memset(big, 'b', 4000000);
    set(&w, "/0", (struct reply){.body = big, .n = 4000000, .delay_ms = 500});
    set(&w, "/1", (struct reply){.body = big, .n = 4000000, .delay_ms = 500, .gzip = 1});
    set(&w, "/2", (struct reply){.body = "one byte after the other", .drip_ms = 10});
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
    size_t bytes = fetcher_bytes(w.fetcher);
    uv_timer_t timer;
    uv_timer_init(&w.loop, &timer);
    timer.data = &w;
    uv_timer_start(&timer, resume, 3500, 0); /* longer than a transfer may take */
    while (uv_is_active((uv_handle_t *)&timer)) {
        assert_int_equal(fetcher_bytes(w.fetcher), bytes);
        assert_int_equal(got[0].calls + got[1].calls + got[2].calls + got[3].calls, 0);
        uv_run(&w.loop, UV_RUN_ONCE);
    }
    uv_run(&w.loop, UV_RUN_DEFAULT);
    static const size_t lengths[] = {4000000, 4000000, 24, 7};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(got[i].calls, 1);
        assert_int_equal(got[i].status, OK);
        assert_int_equal(got[i].n, lengths[i]);
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
        loopback_reply(w.server, path, &(struct reply){.body = big, .n = 2000000, .gzip = i % 3 == 2, .half_ms = 100});
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
        struct fetch_request request = {.url = i == 3 ? "file:///etc/hostname" : loopback_url(w.server, "/a"),
                                        .allow_private = 1, .allow_file = 1};
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
    assert_int_equal(fetcher_start(w->fetcher, &(struct fetch_request){.url = "http://x/"}, NULL, NULL),
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
#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WORLD(plain), WORLD(conditional), WORLD(encodings), WORLD(errors),
        WORLD(broken_connections), WORLD(limits), WORLD(redirects), WORLD(bad_redirects),
        WORLD(headers_stay_at_home), WORLD(private_addresses), WORLD(refused_requests),
        WORLD(environment_proxy_is_ignored), cmocka_unit_test(named_proxy),
        cmocka_unit_test(time_is_limited), WORLD(files), cmocka_unit_test(shares),
        cmocka_unit_test(pausing), cmocka_unit_test(bytes_are_limited), cmocka_unit_test(destroying),
        cmocka_unit_test(destroying_in_a_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
