/* SPDX-License-Identifier: Apache-2.0 */
/* The filter through its ABI: fields made safe, phrases gone, removals told, options obeyed. */
#include "tests/support/test.h"

#include "host.h"

struct run {
    wn_host host;
    wn_api api;
    void *self, *thread;
    wn_item item;
    wn_verdict verdict;
};

static void begin(struct run *r)
{
    memset(r, 0, sizeof *r);
    r->api = host_api;
}

static void start(struct run *r)
{
    assert_int_equal(boilerplate_filter.create(&r->api, &r->host, &r->self), WN_OK);
    r->thread = boilerplate_filter.thread_enter(r->self);
    r->item.id = 7;
    host_set(&r->item, WN_SOURCE_URL, "https://example.org/feed");
    host_set(&r->item, WN_LINK, "https://example.org/article");
}

static void item(struct run *r)
{
    wn_item *list[] = {&r->item};
    r->verdict = (wn_verdict){.size = sizeof r->verdict, .score = 1};
    assert_int_equal(boilerplate_filter.analyse(r->self, r->thread, list, 1), WN_OK);
    assert_int_equal(boilerplate_filter.observe(r->self, list, 1), WN_OK);
    assert_int_equal(boilerplate_filter.judge(r->self, &r->item, &r->verdict), WN_OK);
    assert_int_equal(r->verdict.kind, WN_KEEP);
}

static void end(struct run *r)
{
    host_item_finish(&r->item);
    boilerplate_filter.thread_leave(r->self, r->thread);
    boilerplate_filter.destroy(r->self);
    host_finish(&r->host);
}

/* Content in, content out, with one option set (NULL: none). */
static void expect(const char *html, const char *wanted, const char *option, const char *value)
{
    struct run r;
    begin(&r);
    if (option) {
        r.host.options[0][0] = option;
        r.host.options[0][1] = value;
        r.host.n_options = 1;
    }
    start(&r);
    host_set(&r.item, WN_TITLE, "The title of the article");
    host_set(&r.item, WN_CONTENT, html);
    item(&r);
    assert_string_equal(host_get(&r.item, WN_CONTENT), wanted);
    assert_true(r.item.has_number[WN_SANITISED]);
    end(&r);
}

#define PROSE                                                                                      \
    "<p>The parliament voted on Monday for the law, after a debate of nine hours in which both "   \
    "sides had repeated what they had said for months, and some had not.</p>"

static int told(const wn_item *item, const char *rule, const char *text, const char *place)
{
    for (uint32_t i = 0; i < item->n[WN_REMOVED_RULE]; i++)
        if (!strcmp(item->field[WN_REMOVED_RULE][i].ptr, rule) &&
            strstr(item->field[WN_REMOVED_TEXT][i].ptr, text) &&
            !strcmp(item->field[WN_REMOVED_PLACE][i].ptr, place))
            return 1;
    return 0;
}

static void test_phrases(void **state)
{
    (void)state;
    expect(PROSE "<p>The post <a href=/a>T</a> appeared first on <a href=/>S</a>.</p>", PROSE, NULL,
           NULL);
    expect(PROSE "<p>The post <a href=/a>T</a> appeared first on S.</p>",
           PROSE "<p>The post <a href=\"https://example.org/a\">T</a> appeared first on S.</p>",
           "appeared", "false");
    expect("<p>BERLIN (dpa) \xe2\x80\x93 The parliament voted on Monday for the law.</p>" PROSE,
           "<p>The parliament voted on Monday for the law.</p>" PROSE, NULL, NULL);
    expect("<p><strong>(SeaPRwire)</strong> \xe2\x80\x93 <b>Bold</b> words open this article of "
           "some length, as "
           "they do in others.</p>" PROSE,
           "<p><b>Bold</b> words open this article of some length, as they do in others.</p>" PROSE,
           NULL, NULL);
    expect(PROSE "<p>Some sentence ends here. <a href=/a>Read more</a></p>",
           PROSE "<p>Some sentence ends here.</p>", NULL, NULL);
    expect(PROSE "one line<br>\nFollow us on Twitter<br>\nanother line of the article",
           PROSE "one line<br>\nanother line of the article", NULL, NULL);
}

static void test_never(void **state)
{
    (void)state;
    /* Linked words in a sentence are its words. */
    expect("<p>Minister <a href=/x>Antony</a> had <a href=/y>read more</a> than that.</p>" PROSE,
           "<p>Minister <a href=\"https://example.org/x\">Antony</a> had <a "
           "href=\"https://example.org/y\">read "
           "more</a> than that.</p>" PROSE,
           NULL, NULL);
    /* A credit inside the article, a list and a table of its own. */
    expect(PROSE "<p>Reuters contributed to this report.</p>",
           PROSE "<p>Reuters contributed to this report.</p>", NULL, NULL);
    expect(PROSE "<ul><li>email</li><li>facebook</li></ul>" PROSE PROSE,
           PROSE "<ul><li>email</li><li>facebook</li></ul>" PROSE PROSE, NULL, NULL);
    expect("<pre>share\nfollow us on twitter</pre>" PROSE,
           "<pre>share\nfollow us on twitter</pre>" PROSE, NULL, NULL);
    /* An item that is nothing else stays whole. */
    expect("<p><a href=/c>Comments</a></p>",
           "<p><a href=\"https://example.org/c\">Comments</a></p>", NULL, NULL);
}

static void test_restored_is_said(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    start(&r);
    host_set(&r.item, WN_CONTENT, "<p>Continue reading</p>");
    item(&r);
    assert_string_equal(host_get(&r.item, WN_CONTENT), "<p>Continue reading</p>");
    assert_non_null(strstr(r.verdict.reason.ptr, "kept"));
    assert_int_equal(r.item.n[WN_REMOVED_RULE], 0);
    end(&r);
}

static void test_trackers(void **state)
{
    (void)state;
    expect(PROSE "<img src=http://x.org/a.gif width=1 height=1>", PROSE, NULL, NULL);
    expect(PROSE "<img src=http://feeds.feedburner.com/~r/a/~4/b>", PROSE, NULL, NULL);
    expect(PROSE "<img src=/p.png style='width: 1px; height:1px'>", PROSE, NULL, NULL);
    expect(PROSE "<iframe src=https://www.youtube.com/x width=0 height=0></iframe>", PROSE, NULL,
           NULL);
    expect(PROSE "<img src=/photo.jpg width=600 height=400>",
           PROSE
           "<img src=\"https://example.org/photo.jpg\" alt=\"\" width=\"600\" height=\"400\">",
           NULL, NULL);
    expect(PROSE "<div class=feedflare><a href=http://feeds.x.org/~ff/1><img "
                 "src=http://feeds.x.org/~ff/1></a></div>",
           PROSE, NULL, NULL);
    expect("<p>See <a "
           "href='https://e.org/?utm_source=rss&amp;id=1&amp;fbclid=2#top'>this</a>.</p>" PROSE,
           "<p>See <a href=\"https://e.org/?id=1#top\">this</a>.</p>" PROSE, NULL, NULL);
    expect("<p>See <a href='https://e.org/?utm_source=rss'>this</a>.</p>" PROSE,
           "<p>See <a href=\"https://e.org/?utm_source=rss\">this</a>.</p>" PROSE, "parameters",
           "false");
}

static void test_structure(void **state)
{
    (void)state;
    expect("<h1>The title of the article</h1>" PROSE, PROSE, NULL, NULL);
    expect("<h1>Another heading of it</h1>" PROSE, "<h1>Another heading of it</h1>" PROSE, NULL,
           NULL);
    expect("<img src=/photo-300x200.jpg><figure><img src=/photo.jpg></figure>" PROSE,
           "<img src=\"https://example.org/photo-300x200.jpg\" alt=\"\">" PROSE, NULL, NULL);
    expect(PROSE "<p style='display:none'>unseen</p><p>&nbsp;</p>", PROSE, NULL, NULL);
    expect(PROSE "<div class=sharedaddy><h3>Share</h3><ul><li><a href=/t>Tweet</a></ul></div>",
           PROSE, NULL, NULL);
}

/* A whole web page: what stands around the text goes, each kind by a group that can be switched off. */
static void test_whole_page(void **state)
{
    static const char page[] =
        "<nav><a href=/>Home</a></nav><header><h1>Moss</h1><div class=byline-row>Ann, May "
        "2</div></header>" PROSE PROSE
        "<div class=x><span>And this</span> <a href=/2>Lichen on old stones</a></div>" PROSE
        "<figure><img src=/m.jpg width=600><figcaption>Troms\xc3\xb8, 2 "
        "May</figcaption></figure>" PROSE
        "<div class=post-tags-row><a href=/t>green</a> things</div>";
    static const struct {
        const char *off[2];
        int byline, link, tags; /* what stays then */
    } kinds[] = {{{NULL, NULL}, 0, 0, 0},
                 {{"page", NULL}, 0, 1, 0},
                 {{"widgets", NULL}, 0, 0, 0}, /* their place tells, too */
                 {{"page", "widgets"}, 1, 1, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct run r;
        begin(&r);
        for (; r.host.n_options < 2 && kinds[i].off[r.host.n_options]; r.host.n_options++) {
            r.host.options[r.host.n_options][0] = kinds[i].off[r.host.n_options];
            r.host.options[r.host.n_options][1] = "false";
        }
        start(&r);
        host_set(&r.item, WN_CONTENT, page);
        item(&r);
        const char *out = host_get(&r.item, WN_CONTENT);
        assert_int_equal(strstr(out, "Ann, May 2") != NULL, kinds[i].byline);
        assert_int_equal(strstr(out, "Lichen on") != NULL, kinds[i].link);
        assert_int_equal(strstr(out, "green") != NULL, kinds[i].tags);
        assert_non_null(strstr(out, "<h1>Moss</h1>"));
        assert_non_null(strstr(out, "2 May</figcaption>"));
        end(&r);
    }
}

static void test_sectors(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    start(&r);
    host_set(&r.item, WN_CATEGORY_TERM, "wirtschaft");
    host_set(&r.item, WN_CONTENT, PROSE "<p>Branchen: Wirtschaft, Raumfahrt; Top-Story</p>");
    item(&r);
    assert_string_equal(host_get(&r.item, WN_CONTENT), PROSE);
    assert_int_equal(r.item.n[WN_CATEGORY_TERM], 3);
    assert_string_equal(r.item.field[WN_CATEGORY_TERM][1].ptr, "Raumfahrt");
    assert_string_equal(r.item.field[WN_CATEGORY_TERM][2].ptr, "Top-Story");
    assert_true(told(&r.item, "sectors", "Branchen: Wirtschaft", "tail"));
    end(&r);
}

static void test_shadow(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    r.host.options[0][0] = "shadow";
    r.host.options[0][1] = "true";
    r.host.n_options = 1;
    start(&r);
    host_set(&r.item, WN_CONTENT,
             PROSE "<script>x</script><img src=http://x.org/a.gif width=1 height=1><p>Follow us on "
                   "Twitter</p>");
    item(&r);
    assert_string_equal(host_get(&r.item, WN_CONTENT),
                        PROSE "<img src=\"http://x.org/a.gif\" alt=\"\" width=\"1\" height=\"1\">"
                              "<p>Follow us on Twitter</p>");
    assert_true(told(&r.item, "share", "Follow us", "shadow:tail"));
    assert_true(told(&r.item, "pixels", "a.gif", "shadow:body"));
    end(&r);
}

static void test_fields(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    start(&r);
    host_put(&r.item, WN_LINK, 0, (wn_str){"https://example.org/a?utm_medium=rss&b=1", 40});
    host_set(&r.item, WN_TITLE, "A <b>bold</b><script>x</script> title");
    host_set(&r.item, WN_AUTHOR, "<a href='x'>A. Writer</a>");
    host_set(&r.item, WN_SUMMARY, "<p onclick=x>In short</p><script>y</script>");
    host_set(&r.item, WN_ENCLOSURE_URL, "javascript:alert(1)");
    host_set(&r.item, WN_ENCLOSURE_TYPE, "text/html");
    host_set(&r.item, WN_ENCLOSURE_URL, "https://example.org/ep1.mp3?utm_source=x");
    host_set(&r.item, WN_ENCLOSURE_TYPE, "audio/mpeg");
    host_set(&r.item, WN_LINK_HREF, "data:text/html,x");
    host_set(&r.item, WN_LINK_REL, "related");
    item(&r);
    assert_string_equal(host_get(&r.item, WN_LINK), "https://example.org/a?b=1");
    assert_string_equal(host_get(&r.item, WN_TITLE), "A bold title");
    assert_string_equal(host_get(&r.item, WN_AUTHOR), "A. Writer");
    assert_string_equal(host_get(&r.item, WN_SUMMARY), "<p>In short</p>");
    assert_int_equal(r.item.n[WN_ENCLOSURE_URL], 1);
    assert_string_equal(host_get(&r.item, WN_ENCLOSURE_URL),
                        "https://example.org/ep1.mp3?utm_source=x");
    assert_string_equal(host_get(&r.item, WN_ENCLOSURE_TYPE), "audio/mpeg");
    assert_int_equal(r.item.n[WN_LINK_HREF], 0);
    assert_string_equal(host_get(&r.item, WN_TEXT), "In short");
    end(&r);
}

static void test_text_and_language(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    start(&r);
    host_set(&r.item, WN_DECLARED_LANG, "de");
    host_set(&r.item, WN_CONTENT, PROSE "<p>Share</p>");
    item(&r);
    assert_null(strstr(host_get(&r.item, WN_TEXT), "Share"));
    assert_non_null(strstr(host_get(&r.item, WN_TEXT), "nine hours"));
    assert_string_equal(host_get(&r.item, WN_DETECTED_LANG), "en");
    end(&r);
}

static void test_bad_data_file(void **state)
{
    (void)state;
    wn_host host = {.options = {{"data", "/no/such/file"}}, .n_options = 1};
    void *self = NULL;
    assert_int_equal(boilerplate_filter.create(&host_api, &host, &self), WN_ERROR);
    assert_null(self);
    assert_non_null(strstr(host.log, "/no/such/file"));
    host_finish(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phrases),          cmocka_unit_test(test_never),
        cmocka_unit_test(test_restored_is_said), cmocka_unit_test(test_trackers),
        cmocka_unit_test(test_structure),        cmocka_unit_test(test_whole_page),
        cmocka_unit_test(test_sectors),          cmocka_unit_test(test_shadow),
        cmocka_unit_test(test_fields),           cmocka_unit_test(test_text_and_language),
        cmocka_unit_test(test_bad_data_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
