/* SPDX-License-Identifier: Apache-2.0 */
/* What a source repeats, and what only looks like it. */
#include "tests/support/test.h"

#include "host.h"

struct feed {
    wn_host *host;
    wn_api api;
    void *self, *thread;
    int64_t next;
};

static void feed_open(struct feed *f, wn_host *host, const wn_api *api)
{
    f->host = host;
    f->api = *api;
    assert_int_equal(boilerplate_filter.create(&f->api, host, &f->self), WN_OK);
    f->thread = boilerplate_filter.thread_enter(f->self);
}

static void feed_close(struct feed *f)
{
    boilerplate_filter.thread_leave(f->self, f->thread);
    boilerplate_filter.destroy(f->self);
}

static const char *const subjects[] = {"parliament",    "harbour",    "orchestra", "glacier",
                                       "football club", "university", "bridge",    "museum",
                                       "railway",       "hospital"};

/* An article of its own for each number. */
static void article(char *out, size_t size, int i, const char *head, const char *tail)
{
    const char *s = subjects[i % 10];
    snprintf(
        out, size,
        "%s<p>The %s has a new director since Monday, who said at noon that number %d was only the "
        "beginning of what the %s would see.</p><p>Visitors of the %s were told to wait until "
        "day %d of the month, when more would be known about the %s and its %d doors.</p>%s",
        head, s, i, s, s, i * 3, s, i + 40, tail);
}

static void fill(struct feed *f, wn_item *item, const char *content)
{
    char title[60];
    item->id = ++f->next;
    snprintf(title, sizeof title, "News of the day, part %d", (int)f->next);
    host_set(item, WN_SOURCE_URL, "https://example.org/feed");
    host_set(item, WN_LINK, "https://example.org/article");
    host_set(item, WN_TITLE, title);
    host_set(item, WN_CONTENT, content);
    host_put_num(item, WN_ARRIVED, 0, 1700000000 + f->next);
}

/* One item alone through the filter, as from a host with or without observe. */
static void one(struct feed *f, wn_item *item, const char *content, int observe)
{
    wn_item *list[] = {item};
    wn_verdict v = {.size = sizeof v, .score = 1};
    if (content)
        fill(f, item, content);
    assert_int_equal(boilerplate_filter.analyse(f->self, f->thread, list, 1), WN_OK);
    if (observe)
        assert_int_equal(boilerplate_filter.observe(f->self, list, 1), WN_OK);
    assert_int_equal(boilerplate_filter.judge(f->self, item, &v), WN_OK);
    assert_true(item->has_number[WN_SANITISED]);
}

static const char plea[] = "<p><em>Our association of beekeepers meets in the old mill, see "
                           "www.example.org/mill</em></p>";

static void from_third(const wn_api *api, int observe)
{
    wn_host host = {0};
    struct feed f = {0};
    char text[2000];
    feed_open(&f, &host, api);
    for (int i = 0; i < 6; i++) {
        wn_item item = {0};
        article(text, sizeof text, i, "", plea);
        one(&f, &item, text, observe);
        int there = strstr(host_get(&item, WN_CONTENT), "beekeepers") != NULL;
        assert_int_equal(there, i < 2);
        assert_int_equal(strstr(host_get(&item, WN_TEXT), "beekeepers") != NULL, i < 2);
        assert_non_null(strstr(host_get(&item, WN_CONTENT), "new director"));
        if (i >= 2)
            assert_string_equal(item.field[WN_REMOVED_RULE][0].ptr, "learned");
        host_item_finish(&item);
    }
    feed_close(&f);
    host_finish(&host);
}

static void test_from_the_third_item_on(void **state)
{
    (void)state;
    from_third(&host_api, 1);
    from_third(&host_api, 0);
    wn_api memory = host_api;
    memory.kv_get = NULL;
    memory.kv_put = NULL;
    from_third(&memory, 0);
}

static void test_first_poll(void **state)
{
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    wn_item items[5] = {0}, *list[5];
    char text[2000];
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 5; i++) {
        article(text, sizeof text, i, "", plea);
        fill(&f, &items[i], text);
        list[i] = &items[i];
    }
    assert_int_equal(boilerplate_filter.analyse(f.self, f.thread, list, 5), WN_OK);
    assert_int_equal(boilerplate_filter.observe(f.self, list, 5), WN_OK);
    for (int i = 0; i < 5; i++) {
        wn_verdict v = {.size = sizeof v, .score = 1};
        assert_int_equal(boilerplate_filter.judge(f.self, list[i], &v), WN_OK);
        assert_null(strstr(host_get(list[i], WN_CONTENT), "beekeepers"));
        assert_non_null(strstr(host_get(list[i], WN_CONTENT), "doors"));
        host_item_finish(list[i]);
    }
    assert_int_equal(host.puts, 1);
    feed_close(&f);
    host_finish(&host);
}

static void test_survives_a_restart(void **state)
{
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    char text[2000];
    for (int i = 0; i < 4; i++) {
        wn_item item = {0};
        feed_open(&f, &host, &host_api);
        article(text, sizeof text, i, "", plea);
        one(&f, &item, text, 1);
        assert_int_equal(strstr(host_get(&item, WN_CONTENT), "beekeepers") != NULL, i < 2);
        host_item_finish(&item);
        feed_close(&f);
    }
    host_finish(&host);
}

static void test_the_same_item_counts_once(void **state)
{
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    char text[2000];
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 6; i++) {
        wn_item item = {0};
        article(text, sizeof text, 1, "", plea);
        f.next = 41; /* polled again and again */
        one(&f, &item, text, 1);
        assert_non_null(strstr(host_get(&item, WN_CONTENT), "beekeepers"));
        host_item_finish(&item);
    }
    for (int i = 0; i < 6; i++) {
        wn_item item = {0};
        f.next = 50 + i; /* and updates of one by their revision */
        fill(&f, &item, text);
        host_put_num(&item, WN_REVISION, 0, 1 + i);
        one(&f, &item, NULL, 1);
        assert_non_null(strstr(host_get(&item, WN_CONTENT), "beekeepers"));
        host_item_finish(&item);
    }
    feed_close(&f);
    host_finish(&host);
}

static void test_near_copies(void **state)
{
    static const char *const cities[] = {"Paris", "Berlin", "Vienna", "Warsaw", "Madrid", "Rome"};
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    char text[2400], tail[600];
    int removed = 0;
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 6; i++) {
        wn_item item = {0};
        snprintf(
            tail, sizeof tail,
            "<p>This text came to us by the good offices of the guild of travelling letter "
            "writers, whose "
            "members collect, compare and print what they hear on the markets of the continent, at "
            "their own cost and www.example.org/guild risk, written down in %s</p>",
            cities[i]);
        article(text, sizeof text, i, "", tail);
        one(&f, &item, text, 1);
        removed += strstr(host_get(&item, WN_CONTENT), "letter writers") == NULL;
        host_item_finish(&item);
    }
    assert_true(removed >= 3);
    feed_close(&f);
    host_finish(&host);
}

/* Sources whose real content repeats: nothing of it may go. */
static void keeps(const char *format, int numbers)
{
    wn_host host = {0};
    struct feed f = {0};
    char text[2000];
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 12; i++) {
        wn_item item = {0};
        if (numbers)
            snprintf(text, sizeof text, format, i, 10 + i, 20 + i, i * 3);
        else
            snprintf(text, sizeof text, format, subjects[i % 10]);
        one(&f, &item, text, 1);
        assert_string_equal(host_get(&item, WN_CONTENT), text);
        host_item_finish(&item);
    }
    feed_close(&f);
    host_finish(&host);
}

static void test_content_that_repeats(void **state)
{
    (void)state;
    /* A weather report: the same words, other numbers. */
    keeps(
        "<p>Weather for day %d: clouds in the morning, then sun over the whole of the country.</p>"
        "<p>Lowest temperature %d degrees, highest %d degrees.</p><p>Rain: %d per cent</p>",
        1);
    /* A table of the market. */
    keeps("<table><tbody><tr><td>Gold</td><td>%d</td></tr><tr><td>Silver</td><td>%d</td></tr></"
          "tbody></table>"
          "<p>%d trades, %d of them closed</p>",
          1);
    /* A report with a fixed text. */
    keeps("<p>No trains run today between the old station and the harbour, for the works go on as "
          "planned "
          "and will do so until further notice.</p><p>%s</p>",
          0);
}

static void test_live_blog(void **state)
{
    /* Each item holds all paragraphs so far, the newest first. */
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    char text[8000] = "", next[8000];
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 8; i++) {
        wn_item item = {0};
        snprintf(next, sizeof next,
                 "<p>The %s reported at this hour that nothing had changed for those who wait "
                 "outside in the "
                 "rain, and that a further word would come.</p>%.7000s",
                 subjects[i], text);
        snprintf(text, sizeof text, "%s", next);
        one(&f, &item, text, 1);
        assert_string_equal(host_get(&item, WN_CONTENT), text);
        host_item_finish(&item);
    }
    feed_close(&f);
    host_finish(&host);
}

static void test_summary_too(void **state)
{
    (void)state;
    wn_host host = {0};
    struct feed f = {0};
    feed_open(&f, &host, &host_api);
    for (int i = 0; i < 4; i++) {
        wn_item item = {0};
        char text[600];
        snprintf(
            text, sizeof text,
            "<p>A short word about the %s, which is all that this feed gives its readers.</p>%s",
            subjects[i], plea);
        fill(&f, &item, "");
        host_put(&item, WN_CONTENT, 0, (wn_str){NULL, 0});
        host_set(&item, WN_SUMMARY, text);
        one(&f, &item, NULL, 1);
        assert_int_equal(strstr(host_get(&item, WN_SUMMARY), "beekeepers") != NULL, i < 2);
        assert_int_equal(strstr(host_get(&item, WN_TEXT), "beekeepers") != NULL, i < 2);
        host_item_finish(&item);
    }
    feed_close(&f);
    host_finish(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_the_third_item_on),
        cmocka_unit_test(test_first_poll),
        cmocka_unit_test(test_survives_a_restart),
        cmocka_unit_test(test_the_same_item_counts_once),
        cmocka_unit_test(test_near_copies),
        cmocka_unit_test(test_content_that_repeats),
        cmocka_unit_test(test_live_blog),
        cmocka_unit_test(test_summary_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
