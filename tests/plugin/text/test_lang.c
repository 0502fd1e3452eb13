/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include <string.h>

#include "plugin/text/lang.h"

static void assert_language(const char *text, const char *declared, const char *wanted)
{
    char tag[TEXT_LANG_MAX];
    text_language(text, strlen(text), declared, declared ? strlen(declared) : 0, tag);
    if (strcmp(tag, wanted))
        fail_msg("\"%s\" declared %s: %s, not %s", text, declared ? declared : "-", tag, wanted);
}

static void test_fifteen(void **state)
{
    (void)state;
    assert_language("The government said on Monday that it would raise taxes next year.", NULL,
                    "en");
    assert_language("Die Regierung teilte am Montag mit, dass sie die Steuern erh\xc3\xb6hen will.",
                    NULL, "de");
    assert_language(
        "Le gouvernement a annonc\xc3\xa9 lundi qu\xe2\x80\x99il augmenterait les imp\xc3\xb4ts.",
        NULL, "fr");
    assert_language("El Gobierno anunci\xc3\xb3 el lunes que subir\xc3\xa1 los impuestos el "
                    "a\xc3\xb1o que viene.",
                    NULL, "es");
    assert_language(
        "O governo anunciou na segunda-feira que vai aumentar os impostos no pr\xc3\xb3ximo ano.",
        NULL, "pt");
    assert_language("Правительство сообщило в понедельник, что повысит налоги в следующем году.",
                    NULL, "ru");
    assert_language("政府は月曜日、来年に増税すると発表した。", NULL, "ja");
    assert_language("정부는 월요일 내년에 세금을 인상하겠다고 밝혔다.", NULL, "ko");
    assert_language("政府周一表示，明年将提高税收，这是经过讨论后的决定。", NULL, "zh-Hans");
    assert_language("政府週一表示，明年將提高稅收，這是經過討論後的決定。", NULL, "zh-Hant");
    assert_language("قالت الحكومة يوم الاثنين إنها سترفع الضرائب في العام المقبل.", NULL, "ar");
    assert_language("รัฐบาลกล่าวเมื่อวันจันทร์ว่าจะขึ้นภาษีในปีหน้า", NULL, "th");
    assert_language("Chính phủ cho biết hôm thứ Hai rằng họ sẽ tăng thuế vào năm tới.", NULL, "vi");
    assert_language(
        "Pemerintah mengatakan pada Senin bahwa pajak akan dinaikkan tahun depan karena anggaran.",
        "id", "id");
    assert_language("Kerajaan berkata pada hari Isnin bahawa cukai akan dinaikkan tahun hadapan.",
                    "ms", "ms");
}

static void test_declared(void **state)
{
    (void)state;
    /* It decides where the text cannot … */
    assert_language("Pajak naik tahun depan", "ms", "ms");
    assert_language("Berlin", "de", "de");
    assert_language("12:30", "fr-CA", "fr");
    assert_language("", NULL, "");
    /* … and gives way where the text is clear, as with feeds that declare "en" by default. */
    assert_language("Die Regierung teilte am Montag mit, dass sie die Steuern im n\xc3\xa4"
                    "chsten Jahr erh\xc3\xb6hen "
                    "will, um die L\xc3\xbc"
                    "cke im Haushalt zu schlie\xc3\x9f"
                    "en.",
                    "en", "de");
    assert_language("政府は月曜日、来年に増税すると発表した。", "en-US", "ja");
}

static void test_canonical(void **state)
{
    static const char *const pairs[][2] = {
        {"de_DE", "de"},
        {"EN-us", "en"},
        {"in", "id"},
        {"iw", "he"},
        {"zh-TW", "zh-Hant"},
        {"zh", "zh-Hans"},
        {"zh-Hant-HK", "zh-Hant"},
        {"zh-cn", "zh-Hans"},
        {"pt-BR", "pt"},
        {"jp", "ja"},
        {"eng", "en"},
        {"und", ""},
        {"", ""},
        {"english", ""},
        {" fr ", "fr"},
    };
    char tag[TEXT_LANG_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        text_language_canonical(pairs[i][0], strlen(pairs[i][0]), tag);
        assert_string_equal(tag, pairs[i][1]);
    }
    assert_true(text_language_same("de", "de"));
    assert_false(text_language_same("zh-Hans", "zh-Hant"));
    assert_false(text_language_same("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fifteen),
        cmocka_unit_test(test_declared),
        cmocka_unit_test(test_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
