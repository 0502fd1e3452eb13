/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation. Each allocation of the whole filter fails in turn, from create to destroy; then each
 * put into the host. Nothing crashes or leaks (AddressSanitizer watches), no item is lost or emptied, and
 * none is marked as sanitised that isn't. */
#include "tests/support/test.h"

#include <stddef.h>
#include <unistd.h>

#include "tests/support/nomem.h"

/* The host's own memory doesn't fail: what is tested is the filter. */
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
#include <stdlib.h>
#define malloc __real_malloc
#define calloc __real_calloc
#define realloc __real_realloc
#include "host.h"
#undef malloc
#undef calloc
#undef realloc

#define ITEMS 4

/* A few rules of each kind: reading the shipped file anew for every allocation would take minutes. */
static const char rules[] = "@wire = acme wire|acme\n"
                            "=== appeared line max=700\n"
                            "(the|this) post * appeared first on *\n"
                            "=== continue line max=160\n"
                            "(read more|continue reading)\n"
                            "=== sectors category max=420\n"
                            "(sectors|sector)( :|:)*\n"
                            "=== dateline prefix\n"
                            "*[{wire}](-| -)\n"
                            "=== parameter\nutm_*\n"
                            "=== pixel\n*/pixel.gif*\n"
                            "=== class-strong\nsharedaddy\n"
                            "=== embed\nyoutube.com\n"
                            "=== unwrap\ngoogle.com/url q\n";

static char *content(int i)
{
    char *s = __real_malloc(20000);
    size_t n = (size_t)sprintf(
        s,
        "<p>LONDON, (Acme Wire) - The harbour %d was opened on Monday, and the first ship came "
        "in with <a href=\"/ship?utm_source=x&amp;id=%d\">forty people</a> on board, said the "
        "<b>mayor</b>.</p><script>alert(1)</script><img src=/p.jpg srcset='/q.jpg 2x' width=9>"
        "<pre>a\n b</pre><a href='https://www.google.com/url?q=https://example.org/t'>there</a>"
        "<iframe src='https://www.youtube.com/embed/%d'></iframe>",
        i, i, i);
    for (int k = 0; k < 40; k++)
        n += (size_t)sprintf(
            s + n, "<p>Paragraph %d of item %d says &amp; means <i>something</i> else.</p>", k, i);
    sprintf(s + n, "<p>Our club of beekeepers meets each month at the old mill by the river, see "
                   "www.example.org/mill</p><p>Sectors: Shipping, Trade</p>"
                   "<p>The post <a href=/x>T</a> appeared first on <a href=/>E</a>.</p>"
                   "<img src=https://t.example/pixel.gif width=1 height=1>");
    return s;
}

static int n_puts, bad_put; /* the put that fails */

static int failing_put(wn_item *item, uint32_t f, uint32_t i, wn_str value)
{
    return ++n_puts == bad_put ? WN_NOMEM : host_put(item, f, i, value);
}

/* All of the filter's life with two documents. Returns the number of statuses that weren't WN_OK. */
static int life(const char *data, const char *original[ITEMS])
{
    wn_api api = host_api;
    wn_host host = {0};
    wn_item items[ITEMS] = {0};
    wn_item *list[ITEMS];
    void *self = NULL;
    int told = 0;
    api.put = failing_put;
    host.options[0][0] = "data";
    host.options[0][1] = data;
    host.n_options = 1;
    if (boilerplate_filter.create(&api, &host, &self)) {
        assert_null(self);
        host_finish(&host);
        return 1;
    }
    void *thread = boilerplate_filter.thread_enter(self);
    for (int i = 0; i < ITEMS; i++) {
        list[i] = &items[i];
        items[i].id = i + 1;
        host_set(&items[i], WN_SOURCE_URL, "https://example.org/feed");
        host_set(&items[i], WN_LINK, "https://example.org/item?utm_source=rss");
        host_set(&items[i], WN_TITLE, "A <b>harbour</b> opened");
        host_set(&items[i], WN_CONTENT, original[i]);
        host_set(&items[i], WN_SUMMARY,
                 "<p>A summary <script>x</script> of it. <a>Read more</a></p>");
    }
    for (int from = 0; from < ITEMS; from += ITEMS / 2) {
        told += boilerplate_filter.analyse(self, thread, list + from, ITEMS / 2) != WN_OK;
        told += boilerplate_filter.observe(self, list + from, ITEMS / 2) != WN_OK;
        for (int i = from; i < from + ITEMS / 2; i++) {
            wn_verdict v = {.size = sizeof v, .score = 1};
            told += boilerplate_filter.judge(self, list[i], &v) != WN_OK;
        }
    }
    for (int i = 0; i < ITEMS; i++) {
        const char *now = host_get(&items[i], WN_CONTENT);
        assert_non_null(strstr(now, "was opened on Monday, and the first ship"));
        assert_non_null(strstr(now, "Paragraph 39 of item"));
        if (items[i].has_number[WN_SANITISED] && items[i].number[WN_SANITISED]) {
            assert_null(strstr(now, "<script"));
            assert_null(strstr(host_get(&items[i], WN_SUMMARY), "<script"));
        }
        host_item_finish(&items[i]);
    }
    boilerplate_filter.thread_leave(self, thread);
    boilerplate_filter.destroy(self);
    host_finish(&host);
    return told;
}

static char path[] = "/tmp/winnow-rules-XXXXXX";
static const char *original[ITEMS];

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    for (int i = 0; i < ITEMS; i++)
        original[i] = content(i);
    return fd < 0 || write(fd, rules, sizeof rules - 1) < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < ITEMS; i++)
        free((char *)original[i]);
    return unlink(path);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    int told = 0;
    long n = 1;
    for (int more = 1; more; n++) {
        nomem_fail(n);
        told += life(path, original) > 0;
        more = nomem_end();
        assert_true(n < 20000);
    }
    assert_true(n > 60);    /* the filter does allocate, so something was tested */
    assert_true(told > 30); /* and it says so where it couldn't go on */
}

static void test_each_put_fails(void **state)
{
    (void)state;
    n_puts = bad_put = 0;
    assert_int_equal(life(path, original), 0);
    int all = n_puts;
    for (bad_put = 1; bad_put <= all; bad_put++) {
        n_puts = 0;
        life(path, original);
    }
    bad_put = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_each_put_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
