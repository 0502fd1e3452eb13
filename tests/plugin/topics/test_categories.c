/* SPDX-License-Identifier: Apache-2.0 */
/* The publisher's categories, in many languages and in bad shape, become Media Topics. */
#include "host.h"

#include <stdio.h>

static void *filter;

static int setup(void **state)
{
    static wn_host host;
    (void)state;
    filter = filter_new(&host);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    topics_filter.destroy(filter);
    return 0;
}

static void expect(const char *lang, const char *category, const char *id)
{
    wn_item *item = item_new("x", NULL);
    if (lang)
        set(item, WN_DECLARED_LANG, lang);
    set(item, WN_CATEGORY_TERM, category);
    run(filter, item, NULL);
    if (tagged(item, id) < 500000)
        print_message("%s: expected %s, got %s\n", category, id,
                      item->count[WN_TOPIC_ID] ? item->s[WN_TOPIC_ID][0] : "nothing");
    assert_true(tagged(item, id) >= 500000);
    item_free(item);
}

static void expect_none(const char *category)
{
    wn_item *item = item_new("x", NULL);
    set(item, WN_CATEGORY_TERM, category);
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    item_free(item);
}

static void test_every_language(void **state)
{
    static const char *const cases[][3] = {
        {"en", "Politics", "11000000"},   {"ko", "정치", "11000000"},
        {"ja", "政治", "11000000"},       {"ar", "سياسة", "11000000"},
        {"zh-Hans", "财经", "04000000"},  {"zh-Hant", "財經", "04000000"},
        {"vi", "Thể thao", "15000000"},   {"th", "กีฬา", "15000000"},
        {"id", "Olahraga", "15000000"},   {"ms", "Sukan", "15000000"},
        {"de", "Wirtschaft", "04000000"}, {"ru", "Экономика", "04000000"},
        {"fr", "Économie", "04000000"},   {"es", "Salud", "07000000"},
        {"pt", "Saúde", "07000000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i][0], cases[i][1], cases[i][2]);
}

/* Each of the 17 top-level topics is found by its own name in each of the 15 languages. */
static void test_every_label(void **state)
{
    static const char *const langs[] = {"en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi", "th",
                                        "id", "ms", "de", "ru", "fr",      "es",      "pt"};
    const wn_topic_labels *labels = topics_filter.extension(filter, WN_TOPIC_LABELS);
    const wn_topic_names *names = topics_filter.extension(filter, WN_TOPIC_NAMES);
    (void)state;
    assert_non_null(labels);
    assert_non_null(names);
    for (uint32_t t = 0; t < 17; t++)
        for (size_t l = 0; l < 15; l++) {
            wn_str id = names->at(filter, t), name;
            assert_int_equal(labels->label(filter, id, wstr(langs[l]), &name), WN_OK);
            assert_true(name.len > 0);
            wn_item *item = item_new("x", NULL);
            set(item, WN_DECLARED_LANG, langs[l]);
            host_put(item, WN_CATEGORY_TERM, 0, name);
            run(filter, item, NULL);
            char want[9];
            snprintf(want, sizeof want, "%.*s", (int)id.len, id.ptr);
            if (tagged(item, want) < 0)
                print_message("%s in %s\n", item->s[WN_CATEGORY_TERM][0], langs[l]);
            assert_true(tagged(item, want) > 0);
            item_free(item);
        }
}

static void test_shapes(void **state)
{
    (void)state;
    expect(NULL, "  SPORTS ", "15000000");
    expect(NULL, "<b>Sport</b>", "15000000");
    expect(NULL, "Kunst &amp; Kultur", "01000000");
    expect(NULL, "Arts &amp;amp; Culture", "01000000");
    expect(NULL, "News > Sports > Football", "20001065");
    expect(NULL, "#economia", "04000000");    /* without its accents and with a hash */
    expect(NULL, "ＳＰＯＲＴＳ", "15000000"); /* full width */
    expect(NULL, "kinh te", "04000000");      /* Vietnamese typed without marks */
    expect(NULL, "Latest sports news", "15000000");
    expect(NULL, "体育新闻", "15000000");
    expect(NULL, "스포츠 뉴스", "15000000");
    expect(NULL, "Business/Markets", "20000385");
    expect(NULL, "medtop:20000574", "20000574");
    expect(NULL, "http://cv.iptc.org/newscodes/mediatopic/17000000", "17000000");
    expect(NULL, "subj:15054000", "15000000");
    expect("fr", "Social", "09000000"); /* a word whose meaning hangs on the language */
    expect("es", "Social", "14000000");
}

static void test_says_nothing(void **state)
{
    (void)state;
    expect_none("News");
    expect_none("Uncategorized");
    expect_none("Top news");
    expect_none("15000000"); /* digits without a scheme may be anything */
    expect_none("qwertz");
    expect_none("");
    expect_none("<>&;&#0;&#xFFFFFFFFF;\xff\xfe");
    expect_none("John Sports-Smith Jr. of the Daily Planet");
}

static void test_second_level_brings_its_parent(void **state)
{
    (void)state;
    expect(NULL, "Earthquake", "20000153");
    expect(NULL, "Earthquake", "03000000");
}

static void test_coded_label(void **state)
{
    (void)state;
    wn_item *item = item_new("x", NULL);
    set(item, WN_CATEGORY_TERM, "c-17");
    set(item, WN_CATEGORY_SCHEME, "https://example.org/sections");
    set(item, WN_CATEGORY_LABEL, "Wetter");
    run(filter, item, NULL);
    assert_true(tagged(item, "17000000") > 0);
    item_free(item);
    item = item_new("x", NULL);
    set(item, WN_CATEGORY_TERM, "15000000");
    set(item, WN_CATEGORY_SCHEME, "http://cv.iptc.org/newscodes/mediatopic/");
    run(filter, item, NULL);
    assert_true(tagged(item, "15000000") > 0);
    item_free(item);
}

/* 500 categories, a kilobyte of one, a thousand separators: bounded and harmless. */
static void test_floods(void **state)
{
    (void)state;
    wn_item *item = item_new("x", NULL);
    char name[1200];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "tag %d", i);
        set(item, WN_CATEGORY_TERM, name);
    }
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    assert_int_equal(item->count[WN_TOPIC_BEST_ID], 1); /* always, whatever its score */
    item_free(item);
    memset(name, '/', sizeof name);
    name[sizeof name - 1] = '\0';
    expect_none(name);
    memset(name, 's', sizeof name - 1);
    expect_none(name);
}

/* One publisher's cloud of tags is weaker evidence than one section. */
static void test_cloud(void **state)
{
    (void)state;
    static const char *const cloud[] = {"Sport",    "Health",    "Weather",     "Politics",
                                        "Religion", "Education", "Environment", "Science",
                                        "Crime",    "War",       "Economy",     "Labour"};
    wn_item *one = item_new("x", NULL), *many = item_new("x", NULL);
    set(one, WN_CATEGORY_TERM, "Sport");
    for (size_t i = 0; i < sizeof cloud / sizeof *cloud; i++)
        set(many, WN_CATEGORY_TERM, cloud[i]);
    run(filter, one, NULL);
    run(filter, many, NULL);
    assert_true(tagged(one, "15000000") > 700000);
    assert_true(tagged(many, "15000000") < tagged(one, "15000000"));
    item_free(one);
    item_free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_language),
        cmocka_unit_test(test_every_label),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_says_nothing),
        cmocka_unit_test(test_second_level_brings_its_parent),
        cmocka_unit_test(test_coded_label),
        cmocka_unit_test(test_floods),
        cmocka_unit_test(test_cloud),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
