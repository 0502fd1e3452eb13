/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include "host-stub/opml.h"
#include "host-stub/status.h"

static char told[8192];

/* "url|title|site|tag,tag\n" for each feed. */
static int tell(void *user, const struct opml_feed *f)
{
    (void)user;
    char *to = told + strlen(told);
    size_t n = sizeof told - strlen(told);
    int at = snprintf(to, n, "%s|%s|%s|", f->url, f->title ? f->title : "", f->site ? f->site : "");
    for (size_t i = 0; i < f->n_tags && (size_t)at < n; i++)
        at += snprintf(to + at, n - (size_t)at, "%s%s", i ? "," : "", f->tags[i]);
    if ((size_t)at < n)
        snprintf(to + at, n - (size_t)at, "\n");
    return OK;
}

static int parse(const char *text)
{
    char why[OPML_WHY];
    told[0] = '\0';
    return opml_parse(text, strlen(text), tell, NULL, NULL, why);
}

static void reads(void **state)
{
    (void)state;
    assert_int_equal(
        parse("<?xml version='1.0'?><opml version='1.0'><head><title>x</title></head><body>"
              "<outline text='A' xmlUrl=' http://a/?x=1&amp;y ' htmlUrl='http://a/'/>"
              "<outline text='News'><outline title='Tech'>"
              "<outline text='b' title='B &lt;3' type='rss' xmlUrl='http://b/' "
              "category='/x/y,News'/></outline>"
              "<outline text='http://c/' xmlurl='http://c/'/></outline>"
              "<outline text='Empty'></outline>"
              "<outline XMLURL='http://d/'><outline text='inside' xmlUrl='http://e/'/></outline>"
              "<outline text='no feed'/></body></opml>"),
        OK);
    assert_string_equal(told, "http://a/?x=1&y|A|http://a/|\n"
                              "http://b/|B <3||News,Tech,x,y\n"
                              "http://c/|||News\n"
                              "http://d/|||\n"
                              "http://e/|inside||\n");
}

static void damaged(void **state)
{
    (void)state;
    char why[OPML_WHY];
    int warned = 0;
    static const char cut[] =
        "<opml><body><outline xmlUrl='http://a/'/><outline xmlUrl='http://b/'/><outl";
    told[0] = '\0';
    assert_int_equal(opml_parse(cut, sizeof cut - 1, tell, NULL, &warned, why), OK);
    assert_string_equal(told, "http://a/|||\nhttp://b/|||\n");
    assert_int_equal(warned, 1);
    assert_int_equal(
        parse("<opml><body><outline text='a & b' xmlUrl='http://a/?x=1&y=2'/></body></opml>"), OK);
    assert_non_null(strstr(told, "http://a/"));
    assert_int_equal(parse("<opml><body></body></opml>"), OK);
    assert_string_equal(told, "");
}

static void not_opml(void **state)
{
    (void)state;
    static const char *const list[] = {"",
                                       " ",
                                       "hello",
                                       "<rss><channel/></rss>",
                                       "<html><body>opml</body></html>",
                                       "{}",
                                       "\xff\xfe\x00\x01"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        char why[OPML_WHY];
        if (opml_parse(list[i], strlen(list[i]), tell, NULL, NULL, why) != E_NOTFEED)
            fail_msg("%s", list[i]);
        assert_non_null(strstr(why, "not OPML"));
    }
}

static void hostile(void **state)
{
    (void)state;
    /* Neither files nor addresses that the list names are read, and bombs don't go off. */
    assert_int_equal(parse("<!DOCTYPE opml [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
                           "<opml><body><outline text='&f;' xmlUrl='http://a/'/></body></opml>"),
                     OK);
    assert_string_equal(told, "http://a/|||\n");
    char bomb[4096] = "<!DOCTYPE opml [<!ENTITY a 'aaaaaaaaaa'>";
    for (int i = 1; i < 12; i++)
        sprintf(bomb + strlen(bomb), "<!ENTITY %c '&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;'>",
                'a' + i, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1,
                'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1, 'a' + i - 1);
    strcat(bomb, "]><opml><body><outline text='&l;' xmlUrl='http://a/'/></body></opml>");
    parse(bomb);
    size_t n = 200000 * 9 + 100;
    char *deep = malloc(n);
    size_t at = (size_t)sprintf(deep, "<opml><body>");
    for (int i = 0; i < 200000; i++)
        at += (size_t)sprintf(deep + at, "<outline>");
    char why[OPML_WHY];
    opml_parse(deep, at, tell, NULL, NULL, why);
    free(deep);
}

static int stop(void *user, const struct opml_feed *f)
{
    (void)f;
    ++*(int *)user;
    return E_CANCELLED;
}

static void ended_by_the_callback(void **state)
{
    (void)state;
    char why[OPML_WHY];
    int calls = 0;
    static const char two[] =
        "<opml><outline xmlUrl='http://a/'/><outline xmlUrl='http://b/'/></opml>";
    assert_int_equal(opml_parse(two, sizeof two - 1, stop, &calls, NULL, why), E_CANCELLED);
    assert_int_equal(calls, 1);
}

static void writes(void **state)
{
    (void)state;
    struct buf b;
    struct opml_writer w;
    char *tags[] = {"News & \"more\"", "Tech"}, *other[] = {"Other"};
    buf_init(&b, 1 << 20);
    opml_begin(&w, &b, "Mine <1>");
    opml_add(&w, &(struct opml_feed){.url = "http://a/?x=1&y=<2>", .title = "A\n\x01"});
    opml_add(&w, &(struct opml_feed){
                     .url = "http://b/", .title = "\xc3\xa4", .tags = tags, .n_tags = 2});
    opml_add(&w, &(struct opml_feed){.url = "http://c/", .tags = tags, .n_tags = 1});
    opml_add(&w, &(struct opml_feed){
                     .url = "http://d/", .tags = other, .n_tags = 1, .site = "http://d/page"});
    opml_add(&w, &(struct opml_feed){.url = "http://e/"});
    assert_int_equal(opml_end(&w), OK);
    assert_int_equal(parse(b.p), OK);
    assert_string_equal(told, "http://a/?x=1&y=<2>|A||\n"
                              "http://b/|\xc3\xa4||News & \"more\",Tech\n"
                              "http://c/|||News & \"more\"\n"
                              "http://d/||http://d/page|Other\n"
                              "http://e/|||\n");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(damaged),
        cmocka_unit_test(not_opml),
        cmocka_unit_test(hostile),
        cmocka_unit_test(ended_by_the_callback),
        cmocka_unit_test(writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
