/* SPDX-License-Identifier: Apache-2.0 */
/* Folding: what is one word to a reader is one string afterwards; damage is harmless. */
#include "host.h"

#include "plugin/topics/data.h"
#include "plugin/topics/fold.h"
#include "plugin/topics/plain.h"
#include "plugin/text/utf8.h"

static struct fold *fold;

static int setup(void **state)
{
    char *han = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(data_read(WINNOW_FILTERS_DIR "/topics-han.tsv", 1 << 20, &han, &len), WN_OK);
    fold = fold_create(han, len);
    free(han);
    return fold ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fold_destroy(fold);
    return 0;
}

static void expect(const char *from, unsigned flags, const char *to)
{
    uint16_t units[256];
    char out[1024];
    size_t n = fold_text(fold, from, strlen(from), flags, units, 256), k = 0;
    for (size_t i = 0; i < n; i++)
        k += utf8_encode(units[i], out + k);
    out[k] = '\0';
    assert_string_equal(out, to);
}

static void test_forms(void **state)
{
    (void)state;
    expect("  Straße,  GRÖSSE! ", FOLD_PLAIN, "strasse grösse");
    expect("ＦＩＦＡ　２０２２", FOLD_PLAIN, "fifa 2022");
    expect("ﬁnance", FOLD_PLAIN, "finance");
    expect("٢٠٢٢ ४५", FOLD_PLAIN, "2022 45");
    expect("economi\xcc\x81"
           "a",
           FOLD_PLAIN, "economía"); /* an accent of its own */
    expect("Kinh tế Économie Ёлка đá", FOLD_BARE, "kinh te economie елка da");
    expect("الإقتصـاد أُمّة", FOLD_PLAIN, "الاقتصاد امه");
    expect("經濟 國際", FOLD_PLAIN, "经济 国际");
    expect("ｶﾞｽ", FOLD_PLAIN, "ガス"); /* half-width kana */
    expect("C++ & C#", FOLD_PLAIN, "c++ c");
    expect("zero\xe2\x80\x8bwidth", FOLD_PLAIN, "zerowidth");
}

static void test_damage(void **state)
{
    uint16_t units[4];
    (void)state;
    expect("a\xff\xfe"
           "b\xc3",
           FOLD_PLAIN, "a b");
    expect("\xf0\x9f\x98\x80 ok \xed\xa0\x80", FOLD_PLAIN, "ok");
    expect("", FOLD_PLAIN, "");
    assert_int_equal(fold_text(fold, "abcdefgh", 8, FOLD_PLAIN, units, 4), 4);
    assert_int_equal(fold_text(fold, "ab  cd", 6, FOLD_PLAIN, units, 3),
                     2); /* no space at the end */
}

static void test_plain(void **state)
{
    static const char *const cases[][2] = {
        {"a<b>c</b>&amp;d", "a c &d"},
        {"x < y &unknown; z", "x < y &unknown; z"},
        {"<script>var a='<p>';</script>seen", "  seen"},
        {"&#65;&#x42;&#0;", "AB&#0;"},
        {"1 <2> 3", "1 <2> 3"},
        {"<unclosed", " "},
        {"&amp;lt;", "<"},
        {"&;&#;&#x;", "&;&#;&#x;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[128];
        size_t n = plain_text(cases[i][0], strlen(cases[i][0]), out, sizeof out - 1);
        out[n] = '\0';
        assert_string_equal(out, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_plain),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
