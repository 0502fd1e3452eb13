/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input is normal input: whatever comes, a bounded tree, its text, and a word about it. */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/text/html.h"
#include "plugin/text/limits.h"
#include "plugin/text/plain.h"
#include "plugin/text/utf8.h"

static char *repeat(const char *s, size_t times, const char *tail, size_t *n)
{
    size_t len = strlen(s);
    char *text = malloc(len * times + strlen(tail) + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * len, s, len);
    strcpy(text + len * times, tail);
    *n = strlen(text);
    return text;
}

static unsigned parse(const char *s, size_t n, uint32_t *nodes)
{
    struct html h;
    html_init(&h);
    int status = html_parse(&h, s, n);
    assert_true(status == WN_OK || status == WN_LIMIT);
    unsigned warnings = h.warnings;
    *nodes = h.n;
    assert_true(h.arena_used <= TEXT_LIMIT_ARENA);
    html_finish(&h);
    return warnings;
}

static void assert_plain(const char *html, size_t n, const char *wanted)
{
    struct tbuf out;
    tbuf_init(&out, TEXT_LIMIT_PLAIN);
    assert_int_equal(plain_from_html(html, n, &out), WN_OK);
    assert_string_equal(out.p ? out.p : "", wanted);
    tbuf_finish(&out);
}

static void test_deep(void **state)
{
    static const char *const tags[] = {"<div>",      "<b>",          "<table><tr><td>", "<ul><li>",
                                       "<a href=x>", "<blockquote>", "<font size=1>",   "<x-y>",
                                       "<svg>",      "<p><i>"};
    (void)state;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t n;
        uint32_t nodes;
        char *s = repeat(tags[i], 30000, "the text", &n);
        parse(s, n, &nodes);
        assert_true(nodes < 2 * TEXT_LIMIT_TAGS);
        struct tbuf out;
        tbuf_init(&out, TEXT_LIMIT_PLAIN);
        plain_from_html(s, n, &out);
        if (strcmp(tags[i], "<svg>")) /* a drawing that never ends has no text */
            assert_non_null(strstr(out.p ? out.p : "", "the text"));
        tbuf_finish(&out);
        free(s);
    }
}

static void test_floods(void **state)
{
    static const char *const parts[] = {"<",
                                        "&",
                                        "</p>",
                                        "<!--",
                                        "<![CDATA[",
                                        "<a b='",
                                        "\"<p a=\"",
                                        "<p a=1 ",
                                        "</b></i>",
                                        "<title>",
                                        "&#99999999999;",
                                        "<p>x",
                                        "<table><td><b>x</b>",
                                        "]]>",
                                        "<select>",
                                        "<a><p>"};
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n;
        uint32_t nodes;
        char *s = repeat(parts[i], ((size_t)1 << 19) / strlen(parts[i]), "", &n);
        parse(s, n, &nodes);
        free(s);
    }
}

static void test_formats(void **state)
{
    /* Each <p> reopens all formatting that is open: without a bound this has 10^9 nodes. */
    (void)state;
    size_t n = 0;
    uint32_t nodes;
    char *s = malloc(40000 * 24);
    for (int i = 0; i < 30000; i++)
        n += (size_t)sprintf(s + n, "<font size=%d><p>x", i);
    assert_true(parse(s, n, &nodes) & HTML_CUT_DEPTH);
    assert_true(nodes < 1500000);
    free(s);
}

static void test_attributes(void **state)
{
    (void)state;
    size_t n = 0;
    uint32_t nodes;
    char *s = malloc(100000 * 20 + 100);
    n += (size_t)sprintf(s, "<p ");
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(s + n, "data-s%d=1 ", i);
    n += (size_t)sprintf(s + n, ">the text</p>");
    assert_true(parse(s, n, &nodes) & HTML_CUT_ATTRIBUTES);
    assert_plain(s, n, "the text");
    free(s);
}

static void test_large(void **state)
{
    (void)state;
    size_t n;
    uint32_t nodes;
    char *s = repeat("<p>twenty megabytes of this</p>\n", ((size_t)21 << 20) / 32, "", &n);
    unsigned warnings = parse(s, n, &nodes);
    assert_true(warnings & HTML_CUT_SIZE);
    assert_true(warnings & HTML_CUT_TAGS);
    assert_non_null(html_warning_text(&warnings));
    free(s);
}

static void test_bytes(void **state)
{
    (void)state;
    uint32_t nodes;
    assert_true(parse("a\0b", 3, &nodes) & HTML_BAD_NUL);
    assert_plain("a\0b", 3, "ab");
    assert_true(parse("\xff\xfe x \xc0\xaf", 8, &nodes) & HTML_BAD_UTF8);
    assert_plain("\xe4 \xed\xa0\x80", 5, "\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_plain("&#0;&#xD800;&#x110000;&#9999999999;x", 36,
                 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx");
    assert_plain("word &#1610000005010&x", 22, "word \xef\xbf\xbd&x");
    struct tbuf out;
    tbuf_init(&out, 1000);
    plain_from_html("&#99999\0\0"
                    "99999999;",
                    19, &out);
    assert_true(utf8_valid(out.p, out.n));
    tbuf_finish(&out);
    assert_plain("a&#1;b\xc2\x85"
                 "c",
                 10, "abc");
}

static void test_unclosed(void **state)
{
    (void)state;
    assert_plain("<![CDATA[<p>in <![CDATA[cdata]]></p>]]>", 39, "in cdata");
    assert_plain("before <!-- never closed <p>after", 33, "before never closed\nafter");
    assert_plain("text <a href=\"x>link</a> <b>more</b>", 36, "text link more");
    assert_plain("<p>a<p>b<li>c<dd>d", 18, "a\nb\nc\nd");
    assert_plain("x < y and y > z", 15, "x < y and y > z");
    assert_plain("cut <sp", 7, "cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deep),     cmocka_unit_test(test_floods),
        cmocka_unit_test(test_formats),  cmocka_unit_test(test_large),
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_unclosed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
