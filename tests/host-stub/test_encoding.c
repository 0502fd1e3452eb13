/* SPDX-License-Identifier: Apache-2.0 */
#include "host-stub/encoding.h"

#include <unicode/ucnv.h>

#include "host-stub/parse.h"
#include "host-stub/status.h"
#include "tests/support/test.h"

/* UTF-8 text in another charset. */
static size_t encode(const char *charset, const char *text, char *out, size_t room)
{
    UErrorCode err = U_ZERO_ERROR;
    int32_t n = ucnv_convert(charset, "UTF-8", out, (int32_t)room, text, -1, &err);
    assert_true(U_SUCCESS(err));
    return (size_t)n;
}

/* Reads text that is in `real` and claims what `head` and `content_type` claim. */
static void assert_reads(const char *real, const char *content_type, const char *head,
                         const char *text, const char *name)
{
    char bytes[8192], expected[8192];
    struct encoding e;
    snprintf(expected, sizeof expected, "%s%s", head, text);
    size_t n = encode(real, expected, bytes, sizeof bytes);
    assert_int_equal(encoding_read(bytes, n, content_type, &e), OK);
    assert_int_equal(e.n, strlen(expected));
    assert_memory_equal(e.p, expected, e.n);
    if (name)
        assert_string_equal(e.name, name);
    encoding_finish(&e);
}

#define RUSSIAN "<title>Новости дня: правительство обсудило бюджет на следующий год</title>"
#define JAPANESE "<title>政府は来年度の予算案について話し合いを始めたと発表した</title>"

static void claims_are_followed(void **state)
{
    (void)state;
    assert_reads("windows-1251", NULL, "<?xml version='1.0' encoding='windows-1251'?>", RUSSIAN,
                 "windows-1251");
    assert_reads("KOI8-R", "text/xml; charset=\"koi8-r\"", "", RUSSIAN, "koi8-r");
    assert_reads("KOI8-R", "text/xml; charset=koi8-r", "<?xml version='1.0' encoding='utf-8'?>",
                 RUSSIAN, NULL); /* the header before the declaration */
    assert_reads("EUC-JP", NULL, "<?xml version=\"1.0\" encoding=\"EUC-JP\"?>", JAPANESE, NULL);
    assert_reads("Shift_JIS", NULL, "<?xml version=\"1.0\" encoding=\"shift_jis\"?>", JAPANESE,
                 NULL);
    assert_reads("ISO-2022-JP", NULL, "<?xml version=\"1.0\" encoding=\"iso-2022-jp\"?>", JAPANESE,
                 NULL);
    assert_reads("GB18030", "application/xml; charset=gb2312", "", "<t>新闻 頻道</t>", "gb18030");
    assert_reads("windows-1252", NULL, "<?xml version='1.0' encoding='iso-8859-1'?>",
                 "<t>“smart” – €5</t>", "windows-1252"); /* as the web means it */
}

static void marks_win(void **state)
{
    (void)state;
    assert_reads("UTF-16", "text/xml; charset=utf-8", "<?xml version='1.0' encoding='latin1'?>",
                 RUSSIAN, NULL);
    assert_reads("UTF-16LE", NULL, "<?xml version='1.0' encoding='utf-16'?>", RUSSIAN, "UTF-16LE");
    assert_reads("UTF-16BE", NULL, "<?xml version='1.0'?>", RUSSIAN, "UTF-16BE");
    assert_reads("UTF-32LE", NULL, "<?xml version='1.0'?>", RUSSIAN, "UTF-32LE");
    struct encoding e;
    assert_int_equal(encoding_read("\xef\xbb\xbf<a/>", 7, "text/xml; charset=koi8-r", &e), OK);
    assert_int_equal(e.n, 4);
    assert_null(e.own);
    encoding_finish(&e);
}

static void lies_are_passed_over(void **state)
{
    (void)state;
    struct encoding e;
    const char *utf8 = "<?xml version='1.0' encoding='ISO-8859-1'?>" RUSSIAN;
    assert_int_equal(encoding_read(utf8, strlen(utf8), "text/xml; charset=iso-8859-1", &e), OK);
    assert_ptr_equal(e.p, utf8); /* not even copied */
    assert_string_equal(e.lie, "iso-8859-1");
    encoding_finish(&e);
    /* Not UTF-8, although both say so: found out by what it looks like. */
    assert_reads("windows-1251", "text/xml; charset=utf-8",
                 "<?xml version='1.0' encoding='utf-8'?>", RUSSIAN RUSSIAN RUSSIAN, NULL);
    assert_reads("Shift_JIS", NULL, "<?xml version='1.0'?>", JAPANESE JAPANESE JAPANESE, NULL);
    assert_reads("windows-1252", "text/xml; charset=klingon", "", "<t>caf\xc3\xa9</t>", NULL);
}

static void a_broken_character_does_not_change_the_charset(void **state)
{
    (void)state;
    static const char text[] = RUSSIAN "\xff" RUSSIAN;
    struct encoding e;
    assert_int_equal(encoding_read(text, sizeof text - 1, NULL, &e), OK);
    assert_string_equal(e.name, "UTF-8");
    assert_true(e.flags & ENCODING_MALFORMED);
    struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(encoding_clean(&b, e.p, e.n), OK);
    assert_non_null(strstr(b.p, "</title>\xef\xbf\xbd<title>"));
    buf_finish(&b);
    encoding_finish(&e);
}

static void scans_blocks_and_tails(void **state)
{
    (void)state;
    char text[300];
    static const struct {
        const char *bytes;
        int flags;
    } cases[] = {
        {"\x01", ENCODING_CONTROLS},
        {"\r", ENCODING_CONTROLS},
        {"\x7f", ENCODING_CONTROLS},
        {"\xc2\x80", ENCODING_CONTROLS | ENCODING_HIGH},
        {"\n\t ", 0},
        {"\xc3\xa9", ENCODING_HIGH},
        {"\xe2\x82\xac", ENCODING_HIGH},
        {"\xf0\x9f\x98\x80", ENCODING_HIGH},
        {"\xc0\xaf", ENCODING_HIGH | ENCODING_MALFORMED},
        {"\xe0\x80\xaf", ENCODING_HIGH | ENCODING_MALFORMED},
        {"\xed\xa0\x80", ENCODING_HIGH | ENCODING_MALFORMED},
        {"\xf4\x90\x80\x80", ENCODING_HIGH | ENCODING_MALFORMED},
        {"\xff", ENCODING_HIGH | ENCODING_MALFORMED},
        {"\xe2\x82", ENCODING_HIGH | ENCODING_MALFORMED},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t at = 0; at < 200; at++) {
            memset(text, 'x', sizeof text);
            size_t k = strlen(cases[c].bytes);
            memcpy(text + at, cases[c].bytes, k);
            assert_int_equal(encoding_scan(text, 256), cases[c].flags);
            assert_int_equal(encoding_scan(text, at + k), cases[c].flags); /* at the very end */
        }
}

static void cleans(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    static const char dirty[] = "a\r\nb\rc\0d\x1b"
                                "e\x7f\xc2\x92\xff\xc3\xa9";
    assert_int_equal(encoding_clean(&b, dirty, sizeof dirty - 1), OK);
    assert_string_equal(b.p, "a\nb\ncde\xe2\x80\x99\xef\xbf\xbd\xc3\xa9");
    buf_finish(&b);
}

static void utf_7_is_not_a_charset(void **state)
{
    (void)state;
    static const char text[] = "<?xml version='1.0' encoding='UTF-7'?><t>+ADw-script+AD4-</t>";
    struct encoding e;
    assert_int_equal(encoding_read(text, sizeof text - 1, "text/xml; charset=utf-7", &e), OK);
    assert_ptr_equal(e.p, text);
    encoding_finish(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_followed),
        cmocka_unit_test(marks_win),
        cmocka_unit_test(lies_are_passed_over),
        cmocka_unit_test(a_broken_character_does_not_change_the_charset),
        cmocka_unit_test(scans_blocks_and_tails),
        cmocka_unit_test(cleans),
        cmocka_unit_test(utf_7_is_not_a_charset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
