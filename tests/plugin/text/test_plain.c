/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <string.h>

#include "plugin/text/limits.h"
#include "plugin/text/plain.h"

static void assert_text(const char *html, const char *wanted)
{
    struct tbuf out;
    tbuf_init(&out, TEXT_LIMIT_PLAIN);
    assert_int_equal(plain_from_html(html, strlen(html), &out), 0);
    assert_string_equal(out.p ? out.p : "", wanted);
    tbuf_finish(&out);
}

static void assert_line(const char *text, const char *wanted)
{
    struct tbuf out;
    tbuf_init(&out, TEXT_LIMIT_PLAIN);
    assert_int_equal(plain_line(text, strlen(text), &out), 0);
    assert_string_equal(out.p ? out.p : "", wanted);
    assert_int_equal(plain_line_differs(text, strlen(text)), strcmp(text, wanted) != 0);
    tbuf_finish(&out);
}

static void test_blocks(void **state)
{
    (void)state;
    assert_text("<p>One <b>two</b></p><p>three</p>", "One two\nthree");
    assert_text("a<br>b<div>c</div>d", "a\nb\nc\nd");
    assert_text("<ul><li>x<li>y</ul><table><tr><td>1<td>2</table>", "x\ny\n1\n2");
    assert_text("  much \n white&nbsp;space ", "much white space");
    assert_text("<pre>keep\n  this</pre>", "keep\n  this");
    assert_text("seen<span style='display: none'>unseen</span><script>x</script>", "seen");
    assert_text("", "");
}

static void test_inline_links_keep_their_text(void **state)
{
    (void)state;
    assert_text("<p>Minister <a href=x>Antony Blinken</a> said on <a href=y>Monday</a> so.</p>",
                "Minister Antony Blinken said on Monday so.");
}

static void test_lines(void **state)
{
    (void)state;
    assert_line("A plain title", "A plain title");
    assert_line("a < b, List<T> and 3 > 2", "a < b, List<T> and 3 > 2");
    assert_line("AT&T's <b>bold</b> move &amp; more", "AT&T's bold move & more");
    assert_line("x <script>alert(1)</script> y", "x y");
    assert_line("<<b>script>alert(1)<</b>/script>", "");
    assert_line("tabs\tand\nlines  here ", "tabs and lines here");
    assert_line("turn\xe2\x80\xae over", "turn over");
    assert_line("esc\x1b[31m", "esc[31m");
    assert_line("bad \xff byte", "bad \xef\xbf\xbd byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_inline_links_keep_their_text),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
