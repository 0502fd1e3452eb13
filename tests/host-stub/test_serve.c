/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "tests/host-stub/serve_fixture.h"

static void documents(void **state)
{
    struct world *w = *state;
    write_file(w, "<feed>one</feed>");
    assert_int_equal(status_of(ask(w, "GET", "/feed.atom", "")), 404);
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), OK);
    const char *a = ask(w, "GET", "/feed.atom?x=1", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(body_of(a), "<feed>one</feed>");
    assert_string_equal(header_of(a, "Content-Type"), "application/atom+xml");
    assert_string_equal(header_of(a, "Content-Length"), "16");
    assert_string_equal(header_of(a, "Vary"), "Accept-Encoding");
    assert_string_equal(header_of(a, "Access-Control-Allow-Origin"), "");
    /* Relative to the request, whoever the client says that the server is. */
    assert_string_equal(header_of(a, "Link"),
                        "<feed.atom>; rel=\"self\"; type=\"application/atom+xml\"");
    assert_non_null(strstr(header_of(a, "Last-Modified"), " GMT"));
    char etag[64];
    strcpy(etag, header_of(a, "ETag"));
    assert_true(strlen(etag) == 34 && etag[0] == '"');
    a = ask(w, "HEAD", "/feed.atom", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(header_of(a, "Content-Length"), "16");
    assert_string_equal(header_of(a, "ETag"), etag);
    assert_string_equal(body_of(a), "");
    /* The file is gone from its name; what was told counts. */
    unlink(w->file);
    assert_string_equal(body_of(ask(w, "GET", "/feed.atom", "")), "<feed>one</feed>");
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), E_IO);
    assert_string_equal(body_of(ask(w, "GET", "/feed.atom", "")), "<feed>one</feed>");
    write_file(w, "<feed>two</feed>");
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), OK);
    a = ask(w, "GET", "/feed.atom", "");
    assert_string_equal(body_of(a), "<feed>two</feed>");
    assert_string_not_equal(header_of(a, "ETag"), etag);
}

static void conditions(void **state)
{
    struct world *w = *state;
    char lines[512], etag[64], date[64];
    write_file(w, "a document that is worth packing, packing, packing, packing, packing, packing");
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    const char *a = ask(w, "GET", "/feed.rss", "");
    strcpy(etag, header_of(a, "ETag"));
    strcpy(date, header_of(a, "Last-Modified"));
    static const char *const forms[] = {"%s", "W/%s", "\"a,b\", %s", "\"\",W/%s ,\"c\"", "*"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char value[256];
        snprintf(value, sizeof value, forms[i], etag);
        snprintf(lines, sizeof lines, "If-None-Match: %s\r\nIf-Modified-Since: nonsense\r\n",
                 value);
        a = ask(w, "GET", "/feed.rss", lines);
        assert_int_equal(status_of(a), 304);
        assert_string_equal(header_of(a, "ETag"), etag);
        assert_string_equal(body_of(a), "");
    }
    static const char *const others[] = {"\"other\"", "", "\"", "nonsense", "W/", ",,,"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        /* Where there is a tag the date doesn't count. */
        snprintf(lines, sizeof lines, "If-None-Match: %s\r\nIf-Modified-Since: %s\r\n", others[i],
                 date);
        assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 200);
    }
    snprintf(lines, sizeof lines, "If-None-Match: \"x\"\r\nIf-None-Match: %s\r\n", etag);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 304);
    snprintf(lines, sizeof lines, "If-Modified-Since: %s\r\n", date);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", lines)), 304);
    assert_int_equal(status_of(ask(w, "HEAD", "/feed.rss", lines)), 304);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss",
                                   "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n")),
                     200);
    assert_int_equal(status_of(ask(w, "GET", "/feed.rss", "If-Modified-Since: whenever\r\n")), 200);
    /* The same bytes again are no new version, whatever the file's time. */
    write_file(w, "a document that is worth packing, packing, packing, packing, packing, packing");
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, w->file, times, 0), 0);
    assert_int_equal(server_update(w->server, "/feed.rss", w->file, "application/rss+xml"), OK);
    a = ask(w, "GET", "/feed.rss", "");
    assert_string_equal(header_of(a, "ETag"), etag);
    assert_string_equal(header_of(a, "Last-Modified"), date);
}

static void compression(void **state)
{
    struct world *w = *state;
    char text[20001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_file(w, text);
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    const char *a = ask(w, "GET", "/feed.json", "Accept-Encoding: br, gzip\r\n");
    assert_string_equal(header_of(a, "Content-Encoding"), "gzip");
    assert_non_null(strstr(header_of(a, "ETag"), "-gz\""));
    char lines[512];
    snprintf(lines, sizeof lines, "Accept-Encoding: gzip\r\nIf-None-Match: %s\r\n",
             header_of(a, "ETag"));
    static unsigned char out[20002];
    z_stream z;
    memset(&z, 0, sizeof z);
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (unsigned char *)body_of(a);
    z.avail_in = (uInt)(all_n - (size_t)(body_of(a) - a));
    assert_true(z.avail_in < 200);
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, 20000);
    inflateEnd(&z);
    assert_memory_equal(out, text, 20000);
    a = ask(w, "GET", "/feed.json", lines);
    assert_int_equal(status_of(a), 304);
    assert_non_null(strstr(header_of(a, "ETag"), "-gz\""));
    assert_string_equal(
        header_of(ask(w, "GET", "/feed.json", "Accept-Encoding: gzip;q=0\r\n"), "Content-Encoding"),
        "");
    /* What doesn't become smaller goes as it is. */
    write_file(w, "x");
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    a = ask(w, "GET", "/feed.json", "Accept-Encoding: gzip\r\n");
    assert_string_equal(header_of(a, "Content-Encoding"), "");
    assert_string_equal(body_of(a), "x");
    write_file(w, "");
    assert_int_equal(server_update(w->server, "/feed.json", w->file, "application/feed+json"), OK);
    assert_int_equal(status_of(ask(w, "GET", "/feed.json", "")), 200);
}

static void accept_encoding(void **state)
{
    (void)state;
    static const char *const yes[] = {"gzip",
                                      "GZIP",
                                      "x-gzip",
                                      "deflate, gzip;q=0.5",
                                      "*",
                                      "gzip; q=0.001",
                                      "br;q=1, *;q=0.1",
                                      " gzip ,x",
                                      "gzip;q=1.000",
                                      "*;q=0, gzip"};
    static const char *const no[] = {"",          "identity", "gzip;q=0", "gzip;q=0.000",
                                     "gzip; Q=0", "*;q=0",    "gzipx",    "br, gzip;q=0, *",
                                     ",,,",       ";q=1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!gzip_accepted(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (gzip_accepted(no[i]))
            fail_msg("%s", no[i]);
}

static void other_answers(void **state)
{
    struct world *w = *state;
    const char *a = ask(w, "GET", "/healthz", "");
    assert_int_equal(status_of(a), 503);
    server_health(w->server, 1, "{\"ok\":true}");
    a = ask(w, "GET", "/healthz", "");
    assert_int_equal(status_of(a), 200);
    assert_string_equal(body_of(a), "{\"ok\":true}");
    assert_string_equal(header_of(a, "Content-Type"), "application/json");
    server_health(w->server, 0, "{\"ok\":false}");
    assert_int_equal(status_of(ask(w, "GET", "/healthz", "")), 503);
    assert_int_equal(status_of(ask(w, "GET", "/nowhere", "")), 404);
    a = ask(w, "GET", "/feeds.atom", "");
    assert_int_equal(status_of(a), 404);
    assert_non_null(strstr(body_of(a), "/healthz\n"));
    assert_int_equal(status_of(ask(w, "GET", "/../etc/passwd", "")), 404);
    assert_int_equal(status_of(ask(w, "GET", "/%2e%2e/etc/passwd", "")), 404);
    a = ask(w, "POST", "/feed.atom", "Content-Length: 3\r\n");
    assert_int_equal(status_of(a), 405);
    assert_string_equal(header_of(a, "Allow"), "GET, HEAD");
    assert_int_equal(status_of(ask(w, "DELETE", "/feed.atom", "")), 405);
    assert_int_equal(status_of(ask(w, "OPTIONS", "*", "")), 405);
    assert_int_equal(server_update(w->server, "/feed.atom", NULL, "application/atom+xml"), OK);
    a = ask(w, "GET", "/feed.atom", "");
    assert_int_equal(status_of(a), 503); /* on its way */
    assert_string_equal(header_of(a, "Retry-After"), "10");
    a = ask(w, "GET", "/", "");
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "<a href=\"/feed.atom\">Atom"));
    assert_non_null(strstr(header_of(a, "Content-Security-Policy"), "default-src 'none'"));
}

static void a_web_reader_that_was_named_may_read(void **state)
{
    struct world *w = *state;
    write_file(w, "<feed>one</feed>");
    assert_int_equal(server_allow_origin(w->server, "https://reader.example"), OK);
    assert_int_equal(server_update(w->server, "/feed.atom", w->file, "application/atom+xml"), OK);
    const char *a = ask(w, "GET", "/feed.atom", "Origin: https://other.example\r\n");
    assert_string_equal(header_of(a, "Access-Control-Allow-Origin"), "https://reader.example");
    char lines[512];
    snprintf(lines, sizeof lines, "If-None-Match: %s\r\n", header_of(a, "ETag"));
    a = ask(w, "GET", "/feed.atom", lines);
    assert_int_equal(status_of(a), 304);
    assert_string_equal(header_of(a, "Access-Control-Allow-Origin"), "https://reader.example");
    a = ask(w, "OPTIONS", "/feed.atom", "Access-Control-Request-Headers: if-none-match\r\n");
    assert_int_equal(status_of(a), 204);
    assert_string_equal(header_of(a, "Access-Control-Allow-Headers"),
                        "If-None-Match, If-Modified-Since");
    a = ask(w, "GET", "/nowhere", "");
    assert_int_equal(status_of(a), 404);
    assert_non_null(strstr(body_of(a), "/feed.atom\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents, setup, teardown),
        cmocka_unit_test_setup_teardown(conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(compression, setup, teardown),
        cmocka_unit_test(accept_encoding),
        cmocka_unit_test_setup_teardown(other_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_web_reader_that_was_named_may_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
