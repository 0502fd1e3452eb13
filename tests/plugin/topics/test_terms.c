/* SPDX-License-Identifier: Apache-2.0 */
/* Terms are found where a word stands, in scripts with and without spaces, and nowhere else. */
#include "host.h"

#include <stdio.h>

#include "plugin/topics/data.h"
#include "plugin/topics/terms.h"

static const char labels[] =
    "id\tparent\ten\n01000000\t-\ta\n02000000\t-\tb\n03000000\t-\tc\n04000000\t-\td\n"
    "05000000\t-\te\n06000000\t-\tf\n07000000\t-\tg\n08000000\t-\th\n09000000\t-\ti\n"
    "10000000\t-\tj\n11000000\t-\tk\n12000000\t-\tl\n13000000\t-\tm\n14000000\t-\tn\n"
    "15000000\t-\to\n16000000\t-\tp\n17000000\t-\tq\n";

static struct fold *fold;
static struct vocabulary *vocabulary;

static int setup(void **state)
{
    char error[200];
    (void)state;
    fold = fold_create(NULL, 0);
    return !fold || vocabulary_create(labels, sizeof labels - 1, &vocabulary, error, sizeof error);
}

static int teardown(void **state)
{
    (void)state;
    vocabulary_destroy(vocabulary);
    fold_destroy(fold);
    return 0;
}

/* What the list says of sport (number 14) in a text. */
static float says(const char *list, unsigned lang, const char *text)
{
    char error[200] = "";
    uint16_t units[512];
    struct term_sums sums;
    struct terms *t = terms_create(fold, vocabulary);
    memset(&sums, 0, sizeof sums);
    assert_int_equal(terms_read(t, list, strlen(list), error, sizeof error), WN_OK);
    size_t n = fold_text(fold, text, strlen(text), FOLD_PLAIN, units, 512);
    terms_scan(t, units, n, lang, &sums);
    float open = sums.topic[14];
    memset(&sums, 0, sizeof sums);
    terms_ready(t); /* packed, it says the same */
    terms_scan(t, units, n, lang, &sums);
    assert_true(sums.topic[14] == open);
    terms_destroy(t);
    return open;
}

static int near(float a, float b)
{
    return a > b - 0.01f && a < b + 0.01f;
}

static void test_words(void **state)
{
    const char *list = "15000000\ten\tgoal | world cup | footbal* | !penalty";
    (void)state;
    assert_true(near(says(list, LANG_EN, "A goal!"), 1));
    assert_true(near(says(list, LANG_EN, "goals"), 0)); /* no star, no other endings */
    assert_true(near(says(list, LANG_EN, "footballers"), 1));
    assert_true(near(says(list, LANG_EN, "The World-Cup is over"), 1));
    assert_true(near(says(list, LANG_EN, "worldcup"), 0));
    assert_true(near(says(list, LANG_EN, "penalty"), 2.5f));
    assert_true(near(says(list, LANG_EN, "goal, goal, goal"), 1.6f)); /* again counts less */
    assert_true(near(says(list, LANG_DE, "goal"), 0.3f)); /* in another language: a loan word? */
    assert_true(near(says(list, LANG_NONE, "goal"), 1));
}

static void test_scripts(void **state)
{
    (void)state;
    assert_true(near(says("15000000\tzh\t足球", LANG_HANS, "他喜欢足球和篮球"), 1));
    assert_true(near(says("15000000\tth\tฟุตบอล", LANG_TH, "ทีมฟุตบอลชาติ"), 1));
    assert_true(near(says("15000000\tja\tサッカー", LANG_JA, "日本サッカー協会"), 1));
    assert_true(near(says("15000000\tko\t축구", LANG_KO, "축구를 한다"), 1)); /* a particle */
    assert_true(near(says("15000000\tko\t축구", LANG_KO, "족축구"), 0));
    assert_true(near(says("15000000\tar\tرياضة", LANG_AR, "والرياضة"), 1)); /* and the … */
    assert_true(near(says("15000000\tar\tرياضة", LANG_AR, "للرياضة"), 1));
    assert_true(near(says("15000000\tar\tرياضة", LANG_AR, "سنرياضة"), 0));
    assert_true(near(says("15000000\tid\tgol", LANG_MS, "gol"), 0.8f)); /* sisters */
}

static void test_bad_lists(void **state)
{
    static const char *const bad[] = {"15000000\ten", "99999999\ten\tgoal", "15000000\ten\t...",
                                      "15000000\ten\tx\ty"};
    char error[200];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct terms *t = terms_create(fold, vocabulary);
        assert_int_equal(terms_read(t, bad[i], strlen(bad[i]), error, sizeof error), WN_INVALID);
        assert_non_null(strstr(error, "line 1"));
        terms_destroy(t);
    }
}

/* A text that is one term again and again, and one of a single endless word. */
static void test_long(void **state)
{
    static char text[20000];
    static uint16_t units[20000];
    struct term_sums sums;
    char error[200];
    (void)state;
    memset(text, 'a', sizeof text);
    struct terms *t = terms_create(fold, vocabulary);
    const char *list = "15000000\ten\ta | a a a";
    assert_int_equal(terms_read(t, list, strlen(list), error, sizeof error), WN_OK);
    memset(&sums, 0, sizeof sums);
    size_t n = fold_text(fold, text, sizeof text, FOLD_PLAIN, units, 20000);
    terms_scan(t, units, n, LANG_EN, &sums);
    assert_true(near(sums.topic[14], 0));
    for (size_t i = 1; i < sizeof text; i += 2)
        text[i] = ' ';
    n = fold_text(fold, text, sizeof text, FOLD_PLAIN, units, 20000);
    terms_scan(t, units, n, LANG_EN, &sums);
    assert_true(sums.topic[14] > 100);
    terms_destroy(t);
}

/* Every shipped term can be found again: none hides another so that it never speaks. */
static void test_shipped(void **state)
{
    char *text = NULL, error[200];
    size_t len = 0, n, found = 0, all = 0;
    (void)state;
    struct vocabulary *v;
    char *names = NULL;
    size_t names_len;
    assert_int_equal(
        data_read(WINNOW_FILTERS_DIR "/topics-labels.tsv", 1 << 20, &names, &names_len), WN_OK);
    assert_int_equal(vocabulary_create(names, names_len, &v, error, sizeof error), WN_OK);
    free(names);
    assert_int_equal(data_read(WINNOW_FILTERS_DIR "/topics-terms.tsv", 1 << 22, &text, &len),
                     WN_OK);
    struct terms *t = terms_create(fold, v);
    if (terms_read(t, text, len, error, sizeof error))
        fail_msg("%s", error);
    terms_ready(t);
    assert_int_equal(terms_own(t, 0, wstr("late")), WN_INVALID);
    const char *at = text, *end = text + len;
    struct field f[DATA_FIELDS_MAX], term;
    unsigned line = 0;
    while ((n = data_line(&at, end, &line, f))) {
        uint16_t topic = vocabulary_id(v, (wn_str){f[0].ptr, f[0].len});
        unsigned lang = vocabulary_lang((wn_str){f[1].ptr, f[1].len});
        while (data_name(&f[2], &term)) {
            uint16_t units[512];
            struct term_sums sums;
            size_t k = term.len;
            while (k && term.ptr[k - 1] == '*')
                k--;
            memset(&sums, 0, sizeof sums);
            k = fold_text(fold, term.ptr, k, FOLD_PLAIN, units, 512);
            terms_scan(t, units, k, lang, &sums);
            all++;
            found += sums.topic[topic] > 0;
        }
    }
    assert_true(all > 5000);
    assert_true(found >= all - all / 100);
    terms_destroy(t);
    vocabulary_destroy(v);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),     cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_bad_lists), cmocka_unit_test(test_long),
        cmocka_unit_test(test_shipped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
