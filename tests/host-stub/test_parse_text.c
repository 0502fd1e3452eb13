/* SPDX-License-Identifier: Apache-2.0 */
#include "host-stub/parse_text.h"

#include "host-stub/parse_entity.h"
#include "host-stub/status.h"
#include "tests/support/test.h"

static void assert_line(const char *in, enum text_kind kind, const char *out)
{
    struct buf b;
    buf_init(&b, 65536);
    assert_int_equal(text_line(&b, in, strlen(in), kind), OK);
    assert_string_equal(b.p ? b.p : "", out);
    buf_finish(&b);
}

static void lines(void **state)
{
    (void)state;
    assert_line(" a \n\t b ", TEXT_PLAIN, "a b");
    assert_line("a &amp; <b>", TEXT_PLAIN, "a &amp; <b>");
    assert_line("", TEXT_HTML, "");
    assert_line(" \n ", TEXT_GUESSED, "");
    assert_line("a<br>b<p>c", TEXT_HTML, "a b c");
    assert_line("a<foo>b", TEXT_HTML, "ab");
    assert_line("a<foo>b", TEXT_GUESSED, "a<foo>b");
    assert_line("a<em class='>'>b</em>", TEXT_GUESSED, "ab");
    assert_line("<b", TEXT_GUESSED, "<b");
    assert_line("x <3 y", TEXT_HTML, "x <3 y");
    assert_line("a<!-- b -->c<!-- d", TEXT_GUESSED, "ac");
    assert_line("a<style>b</style>c<SCRIPT>d", TEXT_GUESSED, "ac");
    assert_line("&lt;b&gt; &#x41;&#66; &copy &amp;amp;", TEXT_GUESSED, "<b> AB \xc2\xa9 &amp;");
}

static void a_flood_of_openings_ends(void **state)
{
    (void)state;
    enum { N = 60000 };
    char *text = malloc(N);
    for (size_t i = 0; i < N; i++)
        text[i] = "<a"[i % 2];
    struct buf b;
    buf_init(&b, 4 * N);
    assert_int_equal(text_line(&b, text, N, TEXT_HTML), OK);
    assert_int_equal(b.n, N);
    buf_finish(&b);
    free(text);
}

static void assert_reference(const char *text, int loose, const char *out, size_t used)
{
    char c[ENTITY_MOST + 1];
    size_t len = 0;
    assert_int_equal(entity_decode(text, strlen(text), loose, c, &len), used);
    if (used) {
        c[len] = '\0';
        assert_string_equal(c, out);
    }
}

static void references(void **state)
{
    (void)state;
    assert_reference("&amp;x", 0, "&", 5);
    assert_reference("&sup1;", 0, "\xc2\xb9", 6);
    assert_reference("&sup;", 0, "\xe2\x8a\x83", 5);
    assert_reference("&Aacute;", 0, "\xc3\x81", 8);
    assert_reference("&NotEqualTilde;", 0, "\xe2\x89\x82\xcc\xb8", 15); /* two characters */
    assert_reference("&amp", 0, "", 0);
    assert_reference("&amp", 1, "&", 4);
    assert_reference("&hearts", 1, "", 0); /* never had a form without ";" */
    assert_reference("&copyright", 1, "", 0);
    assert_reference("&nope;", 1, "", 0);
    assert_reference("&#65;", 0, "A", 5);
    assert_reference("&#65 ", 0, "A", 4);
    assert_reference("&#x41;", 0, "A", 6);
    assert_reference("&#X1F600;", 0, "\xf0\x9f\x98\x80", 9);
    assert_reference("&#150;", 0, "\xe2\x80\x93", 6);
    assert_reference("&#xD800;", 0, "\xef\xbf\xbd", 8);
    assert_reference("&#99999999999999;", 0, "\xef\xbf\xbd", 17);
    assert_reference("&#27;", 0, "", 5);
    assert_reference("&#;", 0, "", 0);
    assert_reference("&#x;", 0, "", 0);
    assert_reference("&", 1, "", 0);
}

static void base64(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(text_from_base64(&b, "RXhh bXBs\nZQ==", 14), OK);
    assert_string_equal(b.p, "Example");
    assert_int_equal(text_from_base64(&b, "a=b", 3), E_SYNTAX);
    assert_int_equal(text_from_base64(&b, "a b?", 4), E_SYNTAX);
    buf_finish(&b);
}

static void back_to_html(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    text_to_html(&b, "a<b>&\"", 6);
    assert_string_equal(b.p, "a&lt;b&gt;&amp;\"");
    buf_reset(&b);
    text_to_attr(&b, "a<b>&\"", 6);
    assert_string_equal(b.p, "a&lt;b>&amp;&quot;");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),        cmocka_unit_test(a_flood_of_openings_ends),
        cmocka_unit_test(references),   cmocka_unit_test(base64),
        cmocka_unit_test(back_to_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
