/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "tests/host-stub/fetch_fixture.h"

static void plain(void **state)
{
    struct world *w = *state;
    set(w, "/a",
        (struct reply){.headers = "Content-Type: text/xml\r\nLast-Modified: Some Day\r\n"
                                  "Cache-Control: max-age=70\r\n",
                       .body = "<rss/>",
                       .etag = "W/\"x y\""});
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
    struct got *g = fetch(w, (struct fetch_request){.url = loopback_url(w->server, "/a"),
                                                    .etag = "\"v1\"",
                                                    .last_modified = "Mon, 1 Jan 2001 (odd)",
                                                    .allow_private = 1});
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
    set(w, "/bad",
        (struct reply){.body = "not gzip at all", .headers = "Content-Encoding: gzip\r\n"});
    assert_string_equal(fetch_path(w, "/gz")->body, "hello hello hello hello");
    assert_string_equal(fetch_path(w, "/chunked")->body, "abc");
    assert_string_equal(fetch_path(w, "/close")->body, "abc");
    assert_int_equal(fetch_path(w, "/empty")->status, OK);
    assert_int_equal(fetch_path(w, "/bad")->status, E_NET);
    /* Whatever this curl asks for it has to understand. */
    static const char br[] = "\x1b\x16\x00\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x21"
                             "\x4f\x1c\xe0\x38";
    static const char zstd[] = "\x28\xb5\x2f\xfd\x00\x68\x65\x00\x00\x30\x68\x65\x6c\x6c\x6f\x20"
                               "\x01\x00\x99\x4b\x11";
    set(w, "/br",
        (struct reply){.body = br, .n = sizeof br - 1, .headers = "Content-Encoding: br\r\n"});
    set(w, "/zstd",
        (struct reply){
            .body = zstd, .n = sizeof zstd - 1, .headers = "Content-Encoding: zstd\r\n"});
    if (strstr(loopback_last(w->server, "/gz"), ", br"))
        assert_string_equal(fetch_path(w, "/br")->body, "hello hello hello hello");
    if (strstr(loopback_last(w->server, "/gz"), ", zstd"))
        assert_string_equal(fetch_path(w, "/zstd")->body, "hello hello hello hello");
}

static void errors(void **state)
{
    struct world *w = *state;
    set(w, "/429",
        (struct reply){.status = 429, .headers = "Retry-After: 77\r\n", .body = "slow down"});
    set(w, "/410", (struct reply){.status = 410, .body = "gone"});
    set(w, "/503",
        (struct reply){.status = 503,
                       .headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
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
    assert_int_equal(loopback_count(w->server, "/a") + loopback_count(w->server, "/b"),
                     LIMIT_REDIRECTS + 1);
    assert_int_equal(fetch_path(w, "/n0")->status, E_HTTP);
    assert_string_equal(fetch_path(w, "/n1")->body, "too far");
    struct got *g =
        fetch(w, (struct fetch_request){
                     .url = loopback_url(w->server, "/file"), .allow_private = 1, .allow_file = 1});
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
    static const char *const hosts[] = {"127.0.0.1",  "localhost",          "0.0.0.0",
                                        "[::1]",      "[::ffff:127.0.0.1]", "127.1",
                                        "2130706433", "0x7f.0.0.1",         "[::ffff:7f00:1]"};
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
    assert_int_equal(fetch(w, (struct fetch_request){.url = loopback_url(w->server, "/")})->status,
                     E_REFUSED);
    assert_int_equal(loopback_count(w->server, "/"), 1);
    assert_int_equal(loopback_connections(w->server), 1);
}

static void addresses_in_any_script(void **state)
{
    struct world *w = *state;
    struct got *g;
    char url[256];
    set(w, "/%c3%a4%20b?q=%d1%8f", (struct reply){.body = "here"});
    g = fetch_path(w, "/\xc3\xa4 b?q=\xd1\x8f");
    assert_int_equal(g->status, OK);
    assert_string_equal(g->body, "here");
    /* Names in other scripts go out in ASCII: "example" in Korean, under a top level that isn't. */
    struct loopback *proxy = loopback_start();
    struct world p;
    open_world(&p, (struct fetch_options){.proxy = loopback_url(proxy, "")});
    loopback_reply(proxy, "http://xn--9n2bp8q.invalid/a", &(struct reply){.body = "there"});
    loopback_reply(
        proxy, "http://xn--bcher-kva.invalid/",
        &(struct reply){.status = 301,
                        .headers = "Location: http://\xec\x8b\xa4\xeb\xa1\x80.invalid/a\r\n"});
    g = fetch(&p, (struct fetch_request){.url = "http://\xec\x8b\xa4\xeb\xa1\x80.invalid/a"});
    assert_string_equal(g->body, "there");
    g = fetch(&p, (struct fetch_request){.url = "http://B\xc3\xbc"
                                                "cher.invalid/"});
    assert_string_equal(g->body, "there");
    assert_string_equal(g->final_url, "http://xn--9n2bp8q.invalid/a");
    snprintf(url, sizeof url, "http://\xff\xfe.invalid/");
    assert_int_equal(fetch(&p, (struct fetch_request){.url = url})->status, E_INVALID);
    close_world(&p);
    loopback_stop(proxy);
}

static void refused_requests(void **state)
{
    struct world *w = *state;
    static const struct {
        const char *url;
        int status;
    } list[] = {
        {"file:///etc/hostname", E_REFUSED},
        {"FILE:///etc/hostname", E_REFUSED},
        {"ftp://example.org/", E_REFUSED},
        {"gopher://example.org/", E_REFUSED},
        {"example.org/feed", E_INVALID},
        {"", E_INVALID},
        {"http://", E_INVALID},
        {"http://a b/", E_INVALID},
        {"http://a\r\nb/", E_INVALID},
        {"http://[::1/", E_INVALID},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain, setup, teardown),
        cmocka_unit_test_setup_teardown(conditional, setup, teardown),
        cmocka_unit_test_setup_teardown(encodings, setup, teardown),
        cmocka_unit_test_setup_teardown(errors, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(headers_stay_at_home, setup, teardown),
        cmocka_unit_test_setup_teardown(private_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_in_any_script, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_requests, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
