/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the topics filter: threshold, most, detail, map, topics, drop; and bad ones. */
#include "host.h"

static wn_item *with_category(const char *category)
{
    wn_item *item = item_new("x", NULL);
    set(item, WN_CATEGORY_TERM, category);
    return item;
}

static void test_threshold_and_most(void **state)
{
    wn_host host = {.options = {{"threshold", NULL, "0.999"},
                                {"threshold", "low", "0.3"},
                                {"most", "one", "1"},
                                {"threshold", "one", "0.3"},
                                {"detail", "coarse", "false"},
                                {"threshold", "coarse", "0.3"}}};
    void *filter = filter_new(&host);
    (void)state;
    wn_item *item = with_category("Football");
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    assert_string_equal(item->s[WN_TOPIC_BEST_ID][0], "15000000");
    item->source = "low";
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 2);
    assert_string_equal(item->s[WN_TOPIC_ID][0], "15000000"); /* the parent first */
    assert_string_equal(item->s[WN_TOPIC_ID][1], "20001065");
    item->source = "one";
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 1);
    item->source = "coarse";
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 1);
    assert_string_equal(item->s[WN_TOPIC_ID][0], "15000000");
    item_free(item);
    topics_filter.destroy(filter);
}

static void test_map(void **state)
{
    wn_host host = {
        .options = {{"map", NULL, "Grützwurst\t04000000\nsport\t-\nPressestelle\tPolitik\n"},
                    {"map", "other", "Grützwurst\t12000000\n"}}};
    void *filter = filter_new(&host);
    (void)state;
    wn_item *item = with_category("GRÜTZWURST");
    run(filter, item, NULL);
    assert_true(tagged(item, "04000000") > 0);
    item->source = "other";
    run(filter, item, NULL);
    assert_true(tagged(item, "12000000") > 0);
    assert_int_equal(tagged(item, "04000000"), -1);
    item_free(item);
    item = with_category("Sport"); /* ignored by "-" */
    run(filter, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    item_free(item);
    item = with_category("pressestelle");
    run(filter, item, NULL);
    assert_true(tagged(item, "11000000") > 0);
    item_free(item);
    topics_filter.destroy(filter);
}

static void test_drop(void **state)
{
    wn_host host = {.options = {{"drop", NULL,
                                 "[{\"topic\": [\"Sport\", 10000000], \"unless\": \"Football\"}, "
                                 "{\"topic\": 4000000, \"above\": 0.999}]"}}};
    void *filter = filter_new(&host);
    wn_verdict v;
    (void)state;
    wn_item *item = with_category("Tennis");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_DROP);
    assert_true(v.reason.len > 0 && v.score > 0.5);
    item_free(item);
    item = with_category("Football");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_KEEP);
    item_free(item);
    item = with_category("Travel");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_DROP);
    item_free(item);
    item = with_category("Economy"); /* not sure enough for the second rule */
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_KEEP);
    item_free(item);
    topics_filter.destroy(filter);
}

static void test_only(void **state)
{
    wn_host host = {
        .options = {{"drop", NULL, "{\"unless\": [\"Politics\", \"Iran\"]}"},
                    {"topics", NULL,
                     "[{\"name\": \"Iran\", \"words\": [\"Iran\", \"Teheran*\", \"이란\"]}]"}}};
    void *filter = filter_new(&host);
    const wn_topic_names *names = topics_filter.extension(filter, WN_TOPIC_NAMES);
    wn_verdict v;
    (void)state;
    wn_item *item = with_category("Sport");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_DROP);
    item_free(item);
    item = with_category("Politics");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_KEEP);
    item_free(item);
    item = item_new("Gespräche in Teherans Altstadt", "Worte");
    run(filter, item, &v);
    assert_int_equal(v.kind, WN_KEEP);
    assert_true(tagged(item, "own:Iran") > 0);
    assert_string_equal(names->term(filter, wstr("own:Iran")).ptr, "Iran");
    assert_null(names->scheme(filter, wstr("own:Iran")).ptr);
    item_free(item);
    item = item_new("이란과의 협상", NULL); /* a particle follows the noun */
    run(filter, item, &v);
    assert_true(tagged(item, "own:Iran") > 0);
    item_free(item);
    item = item_new("Miranda sings", NULL); /* inside a word is not a word */
    run(filter, item, &v);
    assert_int_equal(tagged(item, "own:Iran"), -1);
    item_free(item);
    topics_filter.destroy(filter);
}

static void refused(const char *key, const char *value, const char *says)
{
    wn_host host = {.options = {{key, NULL, value}}};
    void *self = NULL;
    assert_int_equal(topics_filter.create(&host_api, &host, &self), WN_ERROR);
    assert_null(self);
    assert_int_equal(host.log_level, WN_LOG_ERROR);
    if (!strstr(host.log, says))
        print_message("%s\n", host.log);
    assert_non_null(strstr(host.log, says));
}

static void test_bad_options(void **state)
{
    (void)state;
    refused("map", "Wirtschaft\t99999999\n", "99999999");
    refused("drop", "{\"topic\": 99999999}", "99999999");
    refused("drop", "{\"topc\": 15000000}", "topc");
    refused("drop", "{}", "says nothing");
    refused("drop", "[1]", "a rule is written");
    refused("drop", "{", "drop");
    refused("topics", "[{\"name\": \"Iran\"}]", "words");
    refused("topics", "[{\"name\": \"\", \"words\": [\"x\"]}]", "name");
    refused("topics", "[{\"name\": \"Iran\", \"words\": [\"...\"]}]", "word 1");
    refused("topics", "[{\"nam\": \"Iran\", \"words\": [\"x\"]}]", "nam");
}

static void test_two_instances(void **state)
{
    wn_host a = {.options = {{"map", NULL, "zzz\t15000000\n"}}}, b = {.log_level = 0};
    void *fa = filter_new(&a), *fb = filter_new(&b);
    (void)state;
    wn_item *item = with_category("zzz");
    run(fb, item, NULL);
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    run(fa, item, NULL);
    assert_true(tagged(item, "15000000") > 0);
    run(fb, item, NULL); /* what an earlier run put is replaced */
    assert_int_equal(item->count[WN_TOPIC_ID], 0);
    item_free(item);
    topics_filter.destroy(fa);
    topics_filter.destroy(fb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threshold_and_most),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_only),
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_two_instances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
