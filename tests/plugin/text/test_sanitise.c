/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "plugin/text/sanitise.h"
#include "plugin/text/limits.h"

static int embed(void *user, wn_str host)
{
    (void)user;
    return url_host_in(host, "youtube.com", 11);
}

static char *clean(const char *html)
{
    struct html h;
    struct sanitise s;
    struct tbuf out;
    html_init(&h);
    sanitise_init(&s);
    tbuf_init(&out, TEXT_LIMIT_HTML_OUT);
    s.base = (wn_str){"https://example.org/news/item", 29};
    s.embed = embed;
    assert_int_equal(sanitise_html(&h, &s, html, strlen(html), &out), WN_OK);
    char *text = strdup(out.p ? out.p : "");
    tbuf_finish(&out);
    sanitise_finish(&s);
    html_finish(&h);
    return text;
}

static void expect(const char *html, const char *wanted)
{
    char *got = clean(html), *again = clean(got);
    assert_string_equal(got, wanted);
    assert_string_equal(again, wanted); /* written, read and written: the same tree */
    free(got);
    free(again);
}

static void test_allowed(void **state)
{
    (void)state;
    expect("<p>One <b>two</b> <em>three</em></p>", "<p>One <b>two</b> <em>three</em></p>");
    expect("<h2>Head</h2>\n<ul><li>a<li>b</ul>", "<h2>Head</h2>\n<ul><li>a</li><li>b</li></ul>");
    expect(
        "<table><tr><th scope=col>A<td colspan=2>B</table>",
        "<table><tbody><tr><th scope=\"col\">A</th><td colspan=\"2\">B</td></tr></tbody></table>");
    expect("<pre>\n a\n  <b>b</b>\n</pre>", "<pre> a\n  <b>b</b>\n</pre>");
    expect("a &lt;b&gt; &amp; c &copy; &#x1F600;", "a &lt;b&gt; &amp; c \xc2\xa9 \xf0\x9f\x98\x80");
    expect("<ruby>\xe6\xbc\xa2<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
           "<ruby>\xe6\xbc\xa2<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>");
    expect("<video src=/v.mp4 autoplay onplay=x()></video>",
           "<video src=\"https://example.org/v.mp4\" controls=\"\" preload=\"none\"></video>");
}

static void test_modernised(void **state)
{
    (void)state;
    expect("<center><font color=red>x</font> <tt>y</tt> <strike>z</strike></center>",
           "<div>x <code>y</code> <s>z</s></div>");
    expect("<span style='color:red'>a</span> <span lang=de>b</span>",
           "a <span lang=\"de\">b</span>");
    expect("<marquee>text stays</marquee>", "text stays");
}

static void test_active(void **state)
{
    (void)state;
    expect("a<script>alert(1)</script>b", "ab");
    expect("<style>p{}</style><p onclick=alert(1) style='x' id=a class=b name=c>t</p>", "<p>t</p>");
    expect("<form action=/x><input name=a><button>go</button>text</form>", "text");
    expect("<object data=x.swf><embed src=x></object><svg onload=alert(1)><a>x</a></svg>t", "t");
    expect("<a href='javascript:alert(1)'>a</a> <a href=' java\nscript:alert(1)'>b</a>", "a b");
    expect("<a href='&#106;avascript:alert(1)'>a</a> <a href='vbscript:x'>b</a>", "a b");
    expect("<a href='data:text/html,<script>x</script>'>a</a>", "a");
    expect("<img src='data:image/svg+xml;base64,AAAA' onerror=alert(1)>t", "t");
    expect("<img src=x onerror=alert(1) srcset='javascript:a 1x, /b.png 2x'>",
           "<img src=\"https://example.org/news/x\" srcset=\"https://example.org/b.png 2x\" "
           "alt=\"\">");
    expect("<meta http-equiv=refresh content=0><base href=//evil><link rel=stylesheet href=x>t",
           "t");
    expect("<template><script>x</script></template><p>t</p>", "<p>t</p>");
    expect("<math><mi>x</mi><annotation>\\frac</annotation></math>", "x");
}

static void test_mutation(void **state)
{
    (void)state;
    /* What parsers build another tree from, when they read it a second time. */
    expect("<a href=/1>x<a href=/2>y</a></a>",
           "<a href=\"https://example.org/1\">x</a><a href=\"https://example.org/2\">y</a>");
    expect("<p><b>x<p>y</b>z", "<p><b>x</b></p><p><b>y</b>z</p>");
    expect("<table><p>out</p><tr><td>in</table>",
           "<p>out</p><table><tbody><tr><td>in</td></tr></tbody></table>");
    expect("<b><b><b><b>x</b></b></b></b>", "<b><b><b><b>x</b></b></b></b>");
    expect("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></p>t</noscript>", "t");
    expect("<svg></p><style><a title=\"</style><img src onerror=alert(1)>\">", "\"&gt;");
    expect("<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 "
           "onerror=alert(1)&gt;\">",
           "");
    expect("<p title='<b>\"&'><abbr title='<i>\"&amp;lt;'>x</abbr></p>",
           "<p><abbr title=\"&lt;i&gt;&quot;&amp;lt;\">x</abbr></p>");
}

static void test_urls(void **state)
{
    (void)state;
    expect("<a href='../up?a=1#f'>x</a>", "<a href=\"https://example.org/up?a=1#f\">x</a>");
    expect("<a href='//host/p'>x</a> <a href='\\\\host\\p'>y</a>",
           "<a href=\"https://host/p\">x</a> <a href=\"https://host/p\">y</a>");
    expect("<a href='mailto:a@b.c'>x</a>", "<a href=\"mailto:a@b.c\">x</a>");
    expect("<a href='/a b\"c'>x</a>", "<a href=\"https://example.org/a%20b%22c\">x</a>");
    expect("<img data-src=/lazy.jpg src='data:image/gif;base64,R0lG'>",
           "<img src=\"https://example.org/lazy.jpg\" alt=\"\">");
}

static void test_srcset(void **state)
{
    (void)state;
    expect("<img src=/p.jpg srcset='/p-300.jpg 300w, q.jpg 2x,//cdn.example/r.jpg 3x'>",
           "<img src=\"https://example.org/p.jpg\" srcset=\"https://example.org/p-300.jpg 300w, "
           "https://example.org/news/q.jpg 2x, https://cdn.example/r.jpg 3x\" alt=\"\">");
    expect("<img src=/p.jpg data-srcset='a.jpg'>",
           "<img src=\"https://example.org/p.jpg\" srcset=\"https://example.org/news/a.jpg\" "
           "alt=\"\">");
    /* A picture without an address of its own has those of its widths. */
    expect(
        "<img srcset='javascript:x 1x, /w-320.jpg 320w, /w-640.jpg 640w'>",
        "<img src=\"https://example.org/w-320.jpg\" srcset=\"https://example.org/w-320.jpg 320w, "
        "https://example.org/w-640.jpg 640w\" alt=\"\">");
    expect(
        "<img src='data:image/gif;base64,R0lG' data-lazy-srcset='/l.jpg 1x'>",
        "<img src=\"https://example.org/l.jpg\" srcset=\"https://example.org/l.jpg 1x\" alt=\"\">");
    /* What could part the list in another place is left out. */
    expect("<img src=/p.jpg srcset='/a,b.jpg 1x, /c.jpg 2y, /d.jpg 99999999999999999w'>",
           "<img src=\"https://example.org/p.jpg\" alt=\"\">");
    expect("<p>x <img srcset='javascript:x 1x'></p>", "<p>x</p>");
}

/* A <pre> that may not stand where it is: its lines do. */
static void test_pre_that_does_not_fit(void **state)
{
    (void)state;
    expect("<p>a<math><mtext><table></table><pre>one\n  two</pre>", "<p>a<br>one<br> two</p>");
    expect("<p>a<b><math><mtext><table><mglyph></ul><pre>c\n  more<br>d</pre>",
           "<p>a<b><br>c<br> more<br>d</b></p>");
}

static void test_frames(void **state)
{
    (void)state;
    char *got = clean("<iframe src='https://www.youtube.com/embed/x' onload=y()></iframe>");
    assert_non_null(strstr(got, "<iframe src=\"https://www.youtube.com/embed/x\" sandbox="));
    assert_null(strstr(got, "onload"));
    free(got);
    expect("<iframe src='https://evil.example/x'></iframe>",
           "<a href=\"https://evil.example/x\">evil.example</a>");
    expect("<iframe srcdoc='<script>alert(1)</script>'></iframe>t", "t");
    expect("<iframe src='https://www.youtube.com.evil.example/'></iframe>",
           "<a href=\"https://www.youtube.com.evil.example/\">www.youtube.com.evil.example</a>");
}

static void test_pruned(void **state)
{
    (void)state;
    expect("<p></p><div><p>&nbsp;</p></div><p>x</p>", "<p>x</p>");
    expect("<p><br><br>x<br><br><br><br>y<br></p>", "<p>x<br><br>y</p>");
    expect("<ul><li></li><li>a</li></ul>", "<ul><li>a</li></ul>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_modernised),
        cmocka_unit_test(test_active),
        cmocka_unit_test(test_mutation),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_pruned),
        cmocka_unit_test(test_srcset),
        cmocka_unit_test(test_pre_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
