/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include "host-stub/discover.h"
#include "host-stub/status.h"
#include "tests/support/loopback.h"

#define FEED                                                                                       \
    "<?xml version='1.0'?><rss version='2.0'><channel><title> A feed "                             \
    "</title><language>de</language>"                                                              \
    "<item><title>x</title></item></channel></rss>"

static void check(const char *html, const char *url, const char *want)
{
    struct feed_links links;
    char got[4096] = "";
    /* A copy of exactly these bytes: nothing behind them may be read. */
    size_t n = strlen(html);
    char *copy = malloc(n ? n : 1);
    memcpy(copy, html, n);
    discover_links(copy, n, url, &links);
    free(copy);
    for (size_t i = 0; i < links.n; i++) {
        strcat(got, i ? " " : "");
        strcat(got, links.urls[i]);
    }
    feed_links_finish(&links);
    assert_string_equal(got, want);
}

static void links(void **state)
{
    (void)state;
    const char *page = "https://example.org/blog/index.html";
    check("", page, "");
    check("<link rel=alternate type=application/rss+xml href=feed.xml>", page,
          "https://example.org/blog/feed.xml");
    check("<LINK HREF='/a?x=1&amp;y=2#f' TYPE=\"Application/Atom+XML; charset=x\" REL='Home "
          "Alternate'/>",
          page, "https://example.org/a?x=1&y=2");
    check("<link rel=stylesheet type=application/rss+xml href=a><link rel=alternate type=text/html "
          "href=b>"
          "<link rel=alternate hreflang=de href=c><link rel=alternate type=application/json "
          "href=/wp-json/x>"
          "<link rel=alternate type='application/json+oembed' href=/oembed?u=1>",
          page, "");
    check("<a href=/x.rss>r</a><link rel=alternate type=application/rss+xml title='Comments' "
          "href=/comments/feed/>"
          "<link rel=alternate type=text/xml href=/t><link rel=alternate type=application/atom+xml "
          "href=/m>",
          page,
          "https://example.org/m https://example.org/t https://example.org/x.rss "
          "https://example.org/comments/feed/");
    check("<link rel=alternate type=application/rss+xml href=f><base href='//cdn.example.net/y/'>",
          page, "https://cdn.example.net/y/f");
    check("<!-- <link rel=alternate type=application/rss+xml href=no> --><script>'<link "
          "rel=alternate "
          "type=application/rss+xml href=no>'</script><link rel=alternate type=application/rss+xml "
          "href=yes>",
          page, "https://example.org/blog/yes");
    check("<link rel=alternate type=application/rss+xml href='javascript:alert(1)'>"
          "<link rel=alternate type=application/rss+xml href='file:///etc/passwd'>"
          "<link rel=alternate type=application/rss+xml href=''>",
          page, "");
    check("<a href='/feed?x=1'>a</a> <a href='/feed'>b</a> <a href=/feeding>c</a> <a "
          "href='/feed'>b</a>",
          page, "https://example.org/feed?x=1 https://example.org/feed");
}

static void broken_pages(void **state)
{
    (void)state;
    const char *page = "http://x/";
    static const char *const list[] = {"<",
                                       "<link",
                                       "<link ",
                                       "<link rel",
                                       "<link rel=",
                                       "<link rel='",
                                       "<link rel=alternate",
                                       "<!--",
                                       "<script>",
                                       "<script></scrip",
                                       "</",
                                       "<link =",
                                       "<link a=b=c '=\"",
                                       "<a href",
                                       "<base href=>",
                                       "<link rel=alternate type=application/rss+xml href=&",
                                       "<a href=&#x;"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct feed_links found;
        char *copy = strdup(list[i]);
        discover_links(copy, strlen(copy), page, &found);
        feed_links_finish(&found);
        free(copy);
    }
    check("<link rel=alternate type=application/rss+xml href=a", page, "http://x/a");
    char many[20000] = "";
    for (int i = 0; i < 200; i++)
        sprintf(many + strlen(many), "<link rel=alternate type=application/rss+xml href=/%d>", i);
    struct feed_links found;
    discover_links(many, strlen(many), page, &found);
    assert_int_equal(found.n, DISCOVER_LINKS);
    feed_links_finish(&found);
}

struct got {
    int calls, status;
    char url[256], title[64], lang[16], error[256];
};

static void on_found(void *user, const struct discovered *d)
{
    struct got *g = user;
    g->calls++;
    g->status = d->status;
    snprintf(g->url, sizeof g->url, "%s", d->url ? d->url : "");
    snprintf(g->title, sizeof g->title, "%s", d->title ? d->title : "");
    snprintf(g->lang, sizeof g->lang, "%s", d->lang ? d->lang : "");
    snprintf(g->error, sizeof g->error, "%s", d->error ? d->error : "");
}

static struct got *discover(const char *url, int allow_private)
{
    static struct got g;
    uv_loop_t loop;
    struct fetcher *fetcher;
    memset(&g, 0, sizeof g);
    uv_loop_init(&loop);
    assert_int_equal(fetcher_create(&loop, &(struct fetch_options){.timeout = 20}, &fetcher), OK);
    int r = discover_start(fetcher, url, allow_private, on_found, &g);
    if (r)
        g.status = r;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(g.calls, r ? 0 : 1);
    fetcher_destroy(fetcher);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return &g;
}

static void page(struct loopback *s, const char *path, const char *html)
{
    loopback_reply(s, path,
                   &(struct reply){.body = html, .headers = "Content-Type: text/html\r\n"});
}

static void resolves(void **state)
{
    (void)state;
    struct loopback *s = loopback_start();
    loopback_reply(s, "/feed.rss",
                   &(struct reply){.body = FEED, .headers = "Content-Type: text/html\r\n"});
    page(s, "/page",
         "<html><link rel=alternate type=application/rss+xml href=/broken>"
         "<link rel=alternate type=application/rss+xml href=feed.rss></html>");
    page(s, "/broken", "<html>no feed</html>");
    page(s, "/blog/", "<html>nothing said</html>");
    loopback_reply(s, "/blog/atom.xml", &(struct reply){.body = FEED});
    page(s, "/none/", "<html>nothing</html>");
    loopback_reply(s, "/moved",
                   &(struct reply){.status = 301, .headers = "Location: /feed.rss\r\n"});
    loopback_reply(s, "/for-now",
                   &(struct reply){.status = 302, .headers = "Location: /feed.rss\r\n"});
    /* A feed's address stays as it is. */
    struct got *g = discover(loopback_url(s, "/feed.rss"), 1);
    assert_int_equal(g->status, OK);
    assert_string_equal(g->url, loopback_url(s, "/feed.rss"));
    assert_string_equal(g->title, "A feed");
    assert_string_equal(g->lang, "de");
    assert_int_equal(loopback_count(s, NULL), 1);
    assert_string_equal(discover(loopback_url(s, "/page"), 1)->url, loopback_url(s, "/feed.rss"));
    assert_string_equal(discover(loopback_url(s, "/blog/"), 1)->url,
                        loopback_url(s, "/blog/atom.xml"));
    assert_string_equal(discover(loopback_url(s, "/moved"), 1)->url, loopback_url(s, "/feed.rss"));
    assert_string_equal(discover(loopback_url(s, "/for-now"), 1)->url, loopback_url(s, "/for-now"));
    size_t before = loopback_count(s, NULL);
    g = discover(loopback_url(s, "/none/"), 1);
    assert_int_equal(g->status, E_ABSENT);
    assert_non_null(strstr(g->error, "names no feed"));
    assert_true(loopback_count(s, NULL) - before <= DISCOVER_TRIES);
    g = discover(loopback_url(s, "/nowhere"), 1);
    assert_int_equal(g->status, E_HTTP);
    char bare[64];
    snprintf(bare, sizeof bare, "127.0.0.1:%d/feed.rss", loopback_port(s));
    g = discover(bare, 1); /* https first, then http */
    assert_int_equal(g->status, OK);
    assert_string_equal(g->url, loopback_url(s, "/feed.rss"));
    before = loopback_count(s, NULL);
    assert_int_equal(discover(loopback_url(s, "/feed.rss"), 0)->status, E_REFUSED);
    assert_int_equal(loopback_count(s, NULL), before);
    assert_int_equal(discover("file:///etc/hostname", 1)->status, E_REFUSED);
    assert_int_equal(discover("ftp://example.org/", 1)->status, E_REFUSED);
    assert_int_equal(discover("", 1)->status, E_INVALID);
    loopback_stop(s);
}

static void cancelled(void **state)
{
    (void)state;
    struct loopback *s = loopback_start();
    struct got g = {0};
    uv_loop_t loop;
    struct fetcher *fetcher;
    page(s, "/", "<html>");
    uv_loop_init(&loop);
    assert_int_equal(fetcher_create(&loop, &(struct fetch_options){.timeout = 20}, &fetcher), OK);
    assert_int_equal(discover_start(fetcher, loopback_url(s, "/"), 1, on_found, &g), OK);
    fetcher_destroy(fetcher);
    assert_int_equal(g.calls, 1);
    assert_int_equal(g.status, E_CANCELLED);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    loopback_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),
        cmocka_unit_test(broken_pages),
        cmocka_unit_test(resolves),
        cmocka_unit_test(cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
