/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include "host-stub/fetch_header.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"

static const int64_t NOW = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

static void lines(struct response *r, const char *text)
{
    response_reset(r);
    while (*text) {
        size_t n = strcspn(text, "\n") + 1;
        assert_int_equal(response_line(r, text, n), OK);
        text += n;
    }
}

static int64_t fresh(const char *text)
{
    struct response r;
    response_init(&r);
    lines(&r, text);
    int64_t v = response_freshness(&r, NOW);
    response_finish(&r);
    return v;
}

static int64_t retry(const char *text)
{
    struct response r;
    response_init(&r);
    lines(&r, text);
    int64_t v = response_retry(&r, NOW);
    response_finish(&r);
    return v;
}

static void validators_stay_as_they_are(void **state)
{
    (void)state;
    struct response r;
    response_init(&r);
    lines(&r, "HTTP/1.1 200 OK\r\nETAG:   W/\"a,b \"  \r\nLast-modified: yesterday, sort of\r\n"
              "Content-Type: text/xml; charset=\"x\"\r\n\r\n");
    assert_int_equal(r.http, 200);
    assert_string_equal(r.etag, "W/\"a,b \"");
    assert_string_equal(r.last_modified, "yesterday, sort of");
    assert_string_equal(r.content_type, "text/xml; charset=\"x\"");
    lines(&r, "HTTP/1.1 200 OK\r\nETag: \"a\x01\"\r\n\r\n");
    assert_null(r.etag);
    char big[2048] = "ETag: ";
    memset(big + 6, 'x', sizeof big - 7);
    response_reset(&r);
    assert_int_equal(response_line(&r, big, sizeof big - 1), OK);
    assert_null(r.etag);
    response_finish(&r);
}

static void a_status_line_starts_anew(void **state)
{
    (void)state;
    struct response r;
    response_init(&r);
    lines(
        &r,
        "HTTP/1.1 103 Early Hints\r\nETag: \"a\"\r\nRetry-After: 5\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    assert_int_equal(r.http, 204);
    assert_null(r.etag);
    assert_int_equal(response_retry(&r, NOW), -1);
    lines(&r, "HTTP/1.1\r\n");
    assert_int_equal(r.http, 0);
    lines(&r, "HTTP/1.1 2x0 odd\r\n");
    assert_int_equal(r.http, 0);
    response_finish(&r);
}

static void freshness(void **state)
{
    (void)state;
    assert_int_equal(fresh("HTTP/1.1 200 OK\r\n"), -1);
    assert_int_equal(fresh("Cache-Control: public, max-age=600\r\n"), 600);
    assert_int_equal(fresh("Cache-Control: MAX-AGE = \"600\"\r\nAge: 100\r\n"), 500);
    assert_int_equal(fresh("Cache-Control: max-age=600\r\nAge: 1000\r\n"), 0);
    assert_int_equal(fresh("Cache-Control: private=\"max-age=9\", max-age=7\r\n"), 7);
    assert_int_equal(fresh("Cache-Control: max-age=600, no-cache\r\n"), 0);
    assert_int_equal(fresh("Cache-Control: no-cache=\"set-cookie\", max-age=8\r\n"), 8);
    assert_int_equal(fresh("Cache-Control: no-store\r\n"), 0);
    assert_int_equal(fresh("Cache-Control: max-age=99999999999999999999\r\n"), INT32_MAX);
    assert_int_equal(fresh("Cache-Control: max-age=-5\r\n"), -1);
    assert_int_equal(fresh("Cache-Control: ,,, \"\r\n"), -1);
    assert_int_equal(fresh("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                           "Expires: Sun, 06 Nov 1994 08:59:37 GMT\r\n"),
                     600);
    assert_int_equal(fresh("Expires: Sunday, 06-Nov-94 08:50:37 GMT\r\n"), 60);
    assert_int_equal(fresh("Expires: 0\r\n"), 0);
    assert_int_equal(fresh("Expires: 0\r\nCache-Control: max-age=60\r\n"), 60);
}

static void retry_after(void **state)
{
    (void)state;
    assert_int_equal(retry("HTTP/1.1 503 No\r\n"), -1);
    assert_int_equal(retry("Retry-After: 120\r\n"), 120);
    assert_int_equal(retry("Retry-After: 0\r\n"), 0);
    assert_int_equal(retry("Retry-After: Sun Nov  6 08:51:37 1994\r\n"), 120);
    assert_int_equal(retry("Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n"), 0);
    /* The server's clock is an hour late; it means two minutes all the same. */
    assert_int_equal(retry("Date: Sun, 06 Nov 1994 07:49:37 GMT\r\n"
                           "Retry-After: Sun, 06 Nov 1994 07:51:37 GMT\r\n"),
                     120);
    assert_int_equal(retry("Retry-After: soon\r\n"), -1);
}

static void too_many_headers(void **state)
{
    (void)state;
    struct response r;
    response_init(&r);
    int status = OK, n = 0;
    for (; !status && n < 1000000; n++)
        status = n % 3 ? response_line(&r, "X-A: bbbbbbbbbbbbb\r\n", 20)
                       : response_line(&r, "HTTP/1.1 100 Continue\r\n", 23);
    assert_int_equal(status, E_LIMIT);
    assert_true((size_t)n * 20 < LIMIT_HEADERS + 100);
    response_finish(&r);
}

static void dates(void **state)
{
    (void)state;
    char text[32];
    http_date_format(NOW, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(http_date(text), NOW);
    assert_true(http_date("whenever") == INT64_MIN);
    http_date_format(INT64_MAX, text);
    http_date_format(INT64_MIN, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validators_stay_as_they_are),
        cmocka_unit_test(a_status_line_starts_anew),
        cmocka_unit_test(freshness),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(too_many_headers),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
