/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <string.h>

#include "plugin/text/html_url.h"

static wn_str z(const char *s)
{
    return (wn_str){s, strlen(s)};
}

static void assert_clean(const char *url, unsigned allowed, const char *wanted)
{
    struct tbuf out;
    tbuf_init(&out, 1 << 20);
    int status = url_clean(z(url), z("https://example.org/a/b/c?q#f"), allowed, &out);
    if (wanted) {
        assert_int_equal(status, WN_OK);
        assert_string_equal(out.p, wanted);
    } else {
        assert_int_equal(status, WN_INVALID);
        assert_int_equal(out.n, 0);
    }
    tbuf_finish(&out);
}

static void test_resolved(void **state)
{
    (void)state;
    /* RFC 3986, section 5.4 */
    assert_clean("g", URL_WEB, "https://example.org/a/b/g");
    assert_clean("./g", URL_WEB, "https://example.org/a/b/g");
    assert_clean("g/", URL_WEB, "https://example.org/a/b/g/");
    assert_clean("/g", URL_WEB, "https://example.org/g");
    assert_clean("//g", URL_WEB, "https://g");
    assert_clean("?y", URL_WEB, "https://example.org/a/b/c?y");
    assert_clean("#s", URL_WEB, "https://example.org/a/b/c?q#s");
    assert_clean("../g", URL_WEB, "https://example.org/a/g");
    assert_clean("../../../g", URL_WEB, "https://example.org/g");
    assert_clean("./g/.", URL_WEB, "https://example.org/a/b/g/");
    assert_clean("HTTP://Host/x", URL_WEB, "http://Host/x");
    assert_clean("http:///host/x", URL_WEB, "http://host/x");
}

static void test_schemes(void **state)
{
    (void)state;
    assert_clean("javascript:alert(1)", URL_WEB | URL_MAIL | URL_PICTURE | URL_FILES, NULL);
    assert_clean("\x01 java\tscr\nipt:alert(1)", URL_WEB, NULL);
    assert_clean("JaVaScRiPt:x", URL_WEB, NULL);
    assert_clean("data:text/html,x", URL_WEB | URL_PICTURE, NULL);
    assert_clean("data:image/svg+xml;base64,AAAAAAAA", URL_PICTURE, NULL);
    assert_clean("data:image/png;base64,iVBORw0KGgo=", URL_PICTURE,
                 "data:image/png;base64,iVBORw0KGgo=");
    assert_clean("data:image/png;base64,iVBORw0KGgo=\" onerror=x", URL_PICTURE, NULL);
    assert_clean("file:///etc/passwd", URL_WEB | URL_FILES, NULL);
    assert_clean("mailto:a@b.c", URL_WEB, NULL);
    assert_clean("MAILTO:a@b.c?subject=x y", URL_MAIL, "mailto:a@b.c?subject=x%20y");
    assert_clean("ftp://h/f", URL_FILES, "ftp://h/f");
    assert_clean("https://", URL_WEB, NULL);
    assert_clean("a:b", URL_WEB, NULL);
}

static void test_encoded(void **state)
{
    (void)state;
    assert_clean("/a b\"<c>'`", URL_WEB, "https://example.org/a%20b%22%3Cc%3E%27%60");
    assert_clean("/\xc3\xbc?x=\xc3\xbc", URL_WEB, "https://example.org/\xc3\xbc?x=\xc3\xbc");
    assert_clean("\\\\evil\\x", URL_WEB, "https://evil/x");
}

static int tracking(void *user, const char *host, size_t nh, const char *name, size_t n)
{
    (void)user, (void)host, (void)nh;
    return n >= 4 && !memcmp(name, "utm_", 4);
}

static void assert_stripped(const char *url, const char *wanted, unsigned removed)
{
    struct tbuf b;
    tbuf_init(&b, 10000);
    tbuf_adds(&b, url);
    assert_int_equal(url_strip(&b, 0, tracking, NULL), removed);
    assert_string_equal(b.p, wanted);
    tbuf_finish(&b);
}

static void test_stripped(void **state)
{
    (void)state;
    assert_stripped("https://e.org/?utm_a=1", "https://e.org/", 1);
    assert_stripped("https://e.org/?a=1&utm_b=2&c=3#x", "https://e.org/?a=1&c=3#x", 1);
    assert_stripped("https://e.org/?utm_a=1&utm_b=2#x", "https://e.org/#x", 2);
    assert_stripped("https://e.org/?a=1&amp;utm_b=2&amp;c=3", "https://e.org/?a=1&amp;c=3", 1);
    assert_stripped("https://e.org/x#utm_source=rss", "https://e.org/x", 1);
    assert_stripped("https://e.org/?a=1", "https://e.org/?a=1", 0);
    assert_stripped("https://e.org/?a&b=&=c", "https://e.org/?a&b=&=c", 0);
}

static void test_hosts(void **state)
{
    (void)state;
    wn_str h = url_host(z("https://user:pw@www.Example.org:8080/x"));
    assert_int_equal(h.len, 15);
    assert_true(url_host_in(h, "example.org", 11));
    assert_false(url_host_in(z("badexample.org"), "example.org", 11));
    assert_false(url_host_in(z("example.org.evil"), "example.org", 11));
    assert_int_equal(url_host(z("mailto:a@b")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolved), cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_encoded),  cmocka_unit_test(test_stripped),
        cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
