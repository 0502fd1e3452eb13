/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <string.h>

#include "plugin/text/blocks.h"
#include "plugin/text/sanitise.h"

struct page {
    struct html h;
    struct blocks b;
};

static void begin(struct page *p, const char *html)
{
    html_init(&p->h);
    blocks_init(&p->b);
    assert_int_equal(html_parse(&p->h, html, strlen(html)), WN_OK);
    assert_int_equal(blocks_build(&p->b, &p->h), WN_OK);
}

static void end(struct page *p)
{
    blocks_finish(&p->b);
    html_finish(&p->h);
}

static void assert_written(struct page *p, const char *wanted)
{
    struct sanitise s;
    struct tbuf out;
    sanitise_init(&s);
    s.base = (wn_str){"https://example.org/", 20};
    tbuf_init(&out, 1 << 20);
    assert_int_equal(sanitise_write(&p->h, &s, &out, NULL), WN_OK);
    assert_string_equal(out.p ? out.p : "", wanted);
    tbuf_finish(&out);
    sanitise_finish(&s);
}

static void assert_block(const struct page *p, uint32_t i, int kind, const char *text)
{
    assert_true(i < p->b.n);
    wn_str s = block_text(&p->b, &p->b.v[i]);
    assert_int_equal(p->b.v[i].kind, kind);
    assert_int_equal(s.len, strlen(text));
    assert_memory_equal(s.ptr, text, s.len);
}

static void test_kinds(void **state)
{
    struct page p;
    (void)state;
    begin(&p, "<h2>Head</h2><p>Para "
              "<b>graph</b></p><ul><li>entry</li></ul><blockquote><p>quote</p></blockquote>"
              "<table><tr><td>cell</td></tr></table><figure><img "
              "src=x><figcaption>cap</figcaption></figure>"
              "<pre>co\n de</pre>first<br>second<iframe src=x></iframe>");
    assert_int_equal(p.b.n, 10);
    assert_block(&p, 0, BLOCK_HEADING, "Head");
    assert_block(&p, 1, BLOCK_PARAGRAPH, "Para graph");
    assert_block(&p, 2, BLOCK_LIST, "entry");
    assert_block(&p, 3, BLOCK_QUOTE, "quote");
    assert_block(&p, 4, BLOCK_TABLE, "cell");
    assert_block(&p, 5, BLOCK_FIGURE, "");
    assert_int_equal(p.b.v[5].media, 1);
    assert_block(&p, 6, BLOCK_FIGURE, "cap");
    assert_block(&p, 7, BLOCK_CODE, "co\n de");
    assert_block(&p, 8, BLOCK_PARAGRAPH, "first");
    assert_block(&p, 9, BLOCK_PARAGRAPH, "second");
    assert_true(p.b.v[9].flags & BLOCK_AFTER_BREAK);
    end(&p);
}

static void test_links(void **state)
{
    struct page p;
    (void)state;
    begin(&p, "<p><a href=x>linked</a> and <a href=y>two</a></p><p>\xe4\xb8\xad\xe6\x96\x87</p>");
    assert_int_equal(p.b.v[0].links, 2);
    assert_int_equal(p.b.v[0].linked, 9);
    assert_int_equal(p.b.v[0].letters, 12);
    assert_int_equal(p.b.v[1].letters, 4); /* a Chinese character says as much as two letters */
    end(&p);
}

static void test_removed_and_restored(void **state)
{
    struct page p;
    (void)state;
    begin(&p, "<div><p>one</p><ul><li><a href=/x>two</a></li></ul></div><p>three<br>four</p>");
    block_remove(&p.h, &p.b.v[1], 1);
    assert_written(&p, "<div><p>one</p></div><p>three<br>four</p>");
    block_remove(&p.h, &p.b.v[2], 1);
    assert_written(&p, "<div><p>one</p></div><p>four</p>");
    block_restore(&p.h, &p.b.v[1]);
    assert_written(&p, "<div><p>one</p><ul><li><a "
                       "href=\"https://example.org/x\">two</a></li></ul></div><p>four</p>");
    struct tbuf out;
    tbuf_init(&out, 1000);
    blocks_plain(&p.b, &out, 1000);
    assert_string_equal(out.p, "one\ntwo\nfour");
    tbuf_reset(&out);
    blocks_plain(&p.b, &out, 6);
    assert_string_equal(out.p, "one\ntw");
    tbuf_finish(&out);
    end(&p);
}

static void test_cut_front(void **state)
{
    struct page p;
    (void)state;
    begin(&p, "<p>  <b>BERLIN</b> (x)  - The <i>text</i></p>");
    block_cut_front(&p.h, &p.b, &p.b.v[0], 12, 1); /* "BERLIN (x) -" */
    assert_block(&p, 0, BLOCK_PARAGRAPH, "The text");
    assert_written(&p, "<p>The <i>text</i></p>");
    end(&p);
}

static void test_cut_back(void **state)
{
    struct page p;
    (void)state;
    begin(&p, "<p>A sentence. <a href=/x>Read <b>more</b></a></p>");
    uint32_t from = p.b.v[0].first + 1;
    block_cut_back(&p.h, &p.b.v[0], &p.b, from, 1);
    assert_block(&p, 0, BLOCK_PARAGRAPH, "A sentence.");
    assert_written(&p, "<p>A sentence.</p>");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_removed_and_restored),
        cmocka_unit_test(test_cut_front),
        cmocka_unit_test(test_cut_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
