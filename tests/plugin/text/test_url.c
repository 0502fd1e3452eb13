/* SPDX-License-Identifier: Apache-2.0 */
/* URL keys: what is one article, what is two, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/text/url.h"

static void test_canonical(void **state)
{
    static const char *const cases[][2] = {
        {"https://www.example.org/news/1", "example.org/news/1"},
        {"HTTP://Example.ORG:80/news/1/", "example.org/news/1"},
        {"https://example.org/news/1?utm_source=rss&utm_medium=feed", "example.org/news/1"},
        {"https://example.org/news/1?b=2&a=1&fbclid=x", "example.org/news/1?a=1&b=2"},
        {"https://example.org/news/1#comments", "example.org/news/1"},
        {"https://example.org/#!/news/1", "example.org/#!/news/1"},
        {"https://example.org/a/./b/../c//d", "example.org/a/c/d"},
        {"https://example.org/a/index.html", "example.org/a"},
        {"https://user:secret@example.org/a", "example.org/a"},
        {"https://example.org/%7euser/%e4%B8%ad", "example.org/~user/%E4%B8%AD"},
        {"https://example.org/中", "example.org/%E4%B8%AD"},
        {"https://example.org/a?ref=rss", "example.org/a"},
        {"https://example.org/a?ref=main-branch", "example.org/a?ref=main-branch"},
        {" https://example.org/a \n", "example.org/a"},
        {"https://example.org/a?id=7", "example.org/a?id=7"},
        {"https://example.org/a?", "example.org/a"},
        {"https://[2001:db8::1]:8080/a", "[2001:db8::1]:8080/a"},
        {"https://example.org/", ""},
        {"https://example.org", ""},
        {"ftp://example.org/a", ""},
        {"javascript:alert(1)", ""},
        {"/relative", ""},
        {"", ""},
        {"https://", ""},
        {"https:///a", ""},
        {"https://example.org/..", ""},
        {"https://example.org/100%", "example.org/100%"},
    };
    char out[URL_KEY_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t n = url_canonical(cases[i][0], strlen(cases[i][0]), out);
        if (n != strlen(cases[i][1]) || memcmp(out, cases[i][1], n) != 0)
            fail_msg("%s gives %.*s, not %s", cases[i][0], (int)n, out, cases[i][1]);
    }
    char *long_url = malloc(100000);
    memset(long_url, 'a', 100000);
    memcpy(long_url, "https://a/", 10);
    assert_int_equal(url_canonical(long_url, 100000, out), 0);
    assert_int_equal(url_key(long_url, 100000), 0);
    memset(long_url + 10, '.', 2000);
    url_canonical(long_url, 2000, out);
    memset(long_url + 10, 0x80, 1000);
    assert_int_equal(url_canonical(long_url, 1010, out), 0);
    free(long_url);
}

static void test_language(void **state)
{
    static const struct {
        const char *a, *b, *lang;
    } same[] = {
        {"https://example.org/de/news/1", "https://example.org/en/news/1", "de"},
        {"https://de.example.org/news/1", "https://ko.example.org/news/1", "de"},
        {"https://example.org/news/1?lang=zh_TW", "https://example.org/news/1?lang=ja", "zh-tw"},
        {"https://example.org/pt-BR/x", "https://example.org/en/x", "pt-br"},
    };
    char lang[12];
    uint64_t a, b;
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(url_language(same[i].a, strlen(same[i].a), lang, &a));
        assert_string_equal(lang, same[i].lang);
        assert_true(url_language(same[i].b, strlen(same[i].b), lang, &b));
        assert_true(a == b);
    }
    static const char *const none[] = {"https://example.de/news", "https://example.org/news/1",
                                       "https://go.example.org/xy/1", "x"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(url_language(none[i], strlen(none[i]), lang, &a));
}

static void test_site(void **state)
{
    (void)state;
#define SITE(u) url_site(u, sizeof(u) - 1)
    assert_true(SITE("https://www.example.org/a") == SITE("http://news.example.org/b"));
    assert_true(SITE("https://a.example.co.uk/a") == SITE("https://b.example.co.uk/b"));
    assert_true(SITE("https://a.co.uk/a") != SITE("https://b.co.uk/b"));
    assert_true(SITE("https://a.org/a") != SITE("https://b.org/b"));
    assert_true(SITE("nonsense") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_language),
        cmocka_unit_test(test_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
