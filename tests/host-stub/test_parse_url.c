/* SPDX-License-Identifier: Apache-2.0 */
#include "host-stub/parse_url.h"

#include "host-stub/parse_text.h"
#include "tests/support/test.h"

static const char *absolute(const char *base, const char *ref)
{
    static struct buf b;
    buf_finish(&b);
    buf_init(&b, 65536);
    assert_int_equal(url_absolute(&b, str_z(base), str_z(ref)), 0);
    return b.p ? b.p : "";
}

static void rfc_3986_section_5_4(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(absolute("http://a/b/c/d;p?q", cases[i][0]), cases[i][1]);
}

static void what_feeds_write(void **state)
{
    (void)state;
    assert_string_equal(absolute("http://e.org", "x"), "http://e.org/x");
    assert_string_equal(absolute(NULL, " /x "), "/x");
    assert_string_equal(absolute("feed.xml", "x"), "x"); /* a base that is none */
    assert_string_equal(absolute("http://e.org/", "a b\n\tc\x7f"), "http://e.org/a%20bc\x7f");
    assert_string_equal(absolute("http://e.org/", "www.e.org:80/x"), "http://e.org/www.e.org:80/x");
    assert_string_equal(absolute("http://e.org/a?b#c", "#d"), "http://e.org/a?b#d");
    assert_string_equal(absolute("http://\xc3\xa9.org/", "\xc3\xa9"),
                        "http://\xc3\xa9.org/\xc3\xa9");
}

static void only_links_that_a_reader_may_follow(void **state)
{
    (void)state;
    assert_true(url_is_safe(str_z("http://x/")));
    assert_true(url_is_safe(str_z("MAILTO:x@y")));
    assert_true(url_is_safe(str_z("relative/path:x")));
    assert_true(url_is_safe(str_z("www.example.org:80/")));
    assert_false(url_is_safe(str_z("javascript:x")));
    assert_false(url_is_safe(str_z("JaVaScRiPt:x")));
    assert_false(url_is_safe(str_z("data:text/html,x")));
    assert_false(url_is_safe(str_z("vbscript:x")));
    assert_false(url_is_safe(str_z("file:///etc/passwd")));
}

static void html_keeps_all_but_relative_urls(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<a href=\"x\">y</a>", "<a href=\"http://e/d/x\">y</a>"},
        {"<IMG alt='a > b' SRC=x.png>", "<IMG alt='a > b' SRC=\"http://e/d/x.png\">"},
        {"<a href='http://z/\"x'>", "<a href='http://z/\"x'>"},
        {"<a href='y\"x'>", "<a href=\"http://e/d/y&quot;x\">"},
        {"<a href=\"?a=1&amp;b=2\">", "<a href=\"http://e/d/f?a=1&amp;b=2\">"},
        {"<a title=\"href=x\">", "<a title=\"href=x\">"},
        {"1 < 2 <b", "1 < 2 <b"},
        {"<a href=\"unclosed", "<a href=\"unclosed"},
        {"<a href>", "<a href>"},
        {"text", "text"},
        {"<img srcset='a.jpg 300w, /b.jpg 2x,//c.example/d.jpg 3x, http://f/g.jpg'>",
         "<img srcset=\"http://e/d/a.jpg 300w, http://e/b.jpg 2x,http://c.example/d.jpg 3x, "
         "http://f/g.jpg\">"},
        {"<img data-srcset=\"http://f/a,b.jpg 1x\">", "<img data-srcset=\"http://f/a,b.jpg 1x\">"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 65536);
        html_resolve(&b, cases[i][0], strlen(cases[i][0]), str_z("http://e/d/f"));
        assert_string_equal(b.p, cases[i][1]);
        buf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_3986_section_5_4),
        cmocka_unit_test(what_feeds_write),
        cmocka_unit_test(only_links_that_a_reader_may_follow),
        cmocka_unit_test(html_keeps_all_but_relative_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
