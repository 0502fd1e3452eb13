/* SPDX-License-Identifier: Apache-2.0 */
#include "host-stub/date.h"
#include "host-stub/status.h"
#include "tests/support/test.h"

static const struct {
    const char *text, *means; /* NULL: no date */
} dates[] = {
    /* RFC 822 and what is made of it */
    {"Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"},
    {"Thu, 1 Jan 04 19:48:21 EST", "2004-01-02T00:48:21Z"},
    {"Thu, 01 Jan 2004 19:48 PDT", "2004-01-02T02:48:00Z"},
    {"01 Jan 2004", "2004-01-01T00:00:00Z"},
    {"Jan 1, 2004 7:48 PM", "2004-01-01T19:48:00Z"},
    {"January 1st, 2004 at 12:05 am", "2004-01-01T00:05:00Z"},
    {"Thu, 01 Jan 2004 19:48:21 +0200", "2004-01-01T17:48:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 -05:30", "2004-01-02T01:18:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 GMT+02:00", "2004-01-01T17:48:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 +9999", "2004-01-01T19:48:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 XYZ", "2004-01-01T19:48:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 0000", "2004-01-01T19:48:21Z"},
    {"Thu, 01 Jan 2004 19:48:21 -0500 (EST)", "2004-01-02T00:48:21Z"},
    {"Thu,01 Jan 2004 19:48:21Z", "2004-01-01T19:48:21Z"},
    {"Mon, 31 Dec 99 23:59:59 GMT", "1999-12-31T23:59:59Z"},
    {"Thu, 01 Jan 104 00:00:00 GMT", "2004-01-01T00:00:00Z"},
    {"Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z"},
    {"Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00Z"},
    {"Thu, 01 Jan 2004 25:61:00 GMT", "2004-01-01T00:00:00Z"},
    {"Thu Jan  1 19:48:21 2004", "2004-01-01T19:48:21Z"},
    {"Thu Jan  1 19:48:21 PST 2004", "2004-01-02T03:48:21Z"},
    {"01-Jan-2004 10:00", "2004-01-01T10:00:00Z"},
    {"2004 Jan 05 10:00", "2004-01-05T10:00:00Z"},
    /* ISO 8601 */
    {"2003", "2003-01-01T00:00:00Z"},
    {"2003-12", "2003-12-01T00:00:00Z"},
    {"2003-12-31", "2003-12-31T00:00:00Z"},
    {"20031231", "2003-12-31T00:00:00Z"},
    {"20031231T101455Z", "2003-12-31T10:14:55Z"},
    {"20031231101455", "2003-12-31T10:14:55Z"},
    {"2003-12-31T10:14Z", "2003-12-31T10:14:00Z"},
    {"2003-12-31T10:14:55.123456-08:00", "2003-12-31T18:14:55Z"},
    {"2003-12-31 10:14:55", "2003-12-31T10:14:55Z"},
    {"2003-12-31t10:14:55z", "2003-12-31T10:14:55Z"},
    {"2003-12-31T10:14:55+0530", "2003-12-31T04:44:55Z"},
    {"2003-335", "2003-12-01T00:00:00Z"},
    {"2003-W01-1", "2002-12-30T00:00:00Z"},
    {"2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"},
    {"2004-02-29T00:00:00Z", "2004-02-29T00:00:00Z"},
    /* digits alone */
    {"1072951200", "2004-01-01T10:00:00Z"},
    {"1072951200000", "2004-01-01T10:00:00Z"},
    {"12/31/2003", "2003-12-31T00:00:00Z"},
    {"31/12/2003 10:00", "2003-12-31T10:00:00Z"},
    {"31.12.2003 10:00", "2003-12-31T10:00:00Z"},
    {"2003/12/31", "2003-12-31T00:00:00Z"},
    {"12/31/2003 11:59:59 PM", "2003-12-31T23:59:59Z"},
    /* other languages */
    {"Do, 01 Jän 2004 10:00:00 +0100", "2004-01-01T09:00:00Z"},
    {"Mi, 31 Dez 2003 10:00:00 GMT", "2003-12-31T10:00:00Z"},
    {"31. März 2004 um 10:00 Uhr", "2004-03-31T10:00:00Z"},
    {"lun., 02 févr. 2004 10:00:00 GMT", "2004-02-02T10:00:00Z"},
    {"1 août 2004", "2004-08-01T00:00:00Z"},
    {"2 de enero de 2004", "2004-01-02T00:00:00Z"},
    {"mar, 02 dic 2003 10:00:00 GMT", "2003-12-02T10:00:00Z"},
    {"Sex, 02 Jan 2004 10:00:00 -0300", "2004-01-02T13:00:00Z"},
    {"3 fevereiro 2004", "2004-02-03T00:00:00Z"},
    {"Чт, 01 янв 2004 10:00:00 +0300", "2004-01-01T07:00:00Z"},
    {"1 января 2004 г.", "2004-01-01T00:00:00Z"},
    {"Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z"},
    {"2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z"},
    {"2004-05-25 오후 11:23:17", "2004-05-25T23:23:17Z"},
    {"2004년 05월 28일 오전 01:31:15", "2004-05-28T01:31:15Z"},
    {"2004年5月28日", "2004-05-28T00:00:00Z"},
    {"2004年5月28日 下午3:04", "2004-05-28T15:04:00Z"},
    {"令和5年3月2日 午後1時5分", "2023-03-02T13:05:00Z"},
    {"2004年5月28日 13時05分09秒", "2004-05-28T13:05:09Z"},
    {"الأربعاء, 31 ديسمبر 2003 10:00", "2003-12-31T10:00:00Z"},
    {"٣١ ديسمبر ٢٠٠٣", "2003-12-31T00:00:00Z"},
    {"31 كانون الأول 2003", "2003-12-31T00:00:00Z"},
    {"Thứ Tư, 31 tháng 12 2003 10:00", "2003-12-31T10:00:00Z"},
    {"พ., 31 ธ.ค. 2546 10:00", "2003-12-31T10:00:00Z"},
    {"31 ธันวาคม 2546", "2003-12-31T00:00:00Z"},
    {"3 Mei 2004", "2004-05-03T00:00:00Z"},
    {"31 Desember 2003", "2003-12-31T00:00:00Z"},
    {"31 grudnia 2003", "2003-12-31T00:00:00Z"},
    {"31. prosince 2003", "2003-12-31T00:00:00Z"},
    {"31 Aralık 2003", "2003-12-31T00:00:00Z"},
    {"31 בדצמבר 2003", "2003-12-31T00:00:00Z"},
    {"31 दिसंबर 2003", "2003-12-31T00:00:00Z"},
    {"2003-13-01", "2003-01-13T00:00:00Z"}, /* day and month in a wrong order */
    /* none */
    {"yesterday", NULL},
    {"10:14", NULL},
    {"Thu, 32 Jan 2004 10:00:00 GMT", NULL},
    {"31 Apr 2004", NULL},
    {"2003-02-29", NULL},
    {"2003-13-32", NULL},
    {"0001-01-01T00:00:00Z", NULL},
    {"1970-01-01T00:00:00Z", NULL},
    {"9999-12-31", NULL},
    {"-1", NULL},
    {"99999999999999999999999999", NULL},
    {"one two three four five six 1 Jan 2004", NULL},
    {"\xff\xfe", NULL},
};

static void every_form(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        int64_t t = 12345;
        char text[32] = "";
        int status = date_parse(str_z(dates[i].text), &t);
        if (status == OK)
            date_format(t, text);
        else
            assert_int_equal(t, 12345); /* untouched */
        if (strcmp(text, dates[i].means ? dates[i].means : "")) {
            print_message("%s: got \"%s\", want %s\n", dates[i].text, text,
                          dates[i].means ? dates[i].means : "none");
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void statuses(void **state)
{
    (void)state;
    int64_t t;
    assert_int_equal(date_parse(str_z("  "), &t), E_ABSENT);
    assert_int_equal(date_parse(str_of(NULL, 0), &t), E_ABSENT);
    assert_int_equal(date_parse(str_z("no date"), &t), E_SYNTAX);
    assert_int_equal(date_parse(str_z("0001-01-01"), &t), E_INVALID);
}

static void days_and_back(void **state)
{
    (void)state;
    char text[32];
    assert_int_equal(date_days(1970, 1, 1), 0);
    assert_int_equal(date_days(2000, 3, 1), 11017);
    assert_int_equal(date_days(1969, 12, 31), -1);
    date_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    date_format(951782400, text);
    assert_string_equal(text, "2000-02-29T00:00:00Z");
    date_format(INT64_MIN, text);
    assert_string_equal(text, "");
    for (int64_t t = -5000000000; t < 5000000000; t += 86399) {
        int64_t back;
        date_format(t, text);
        if (date_parse(str_z(text), &back) == OK)
            assert_int_equal(back, t);
        else
            assert_true(strncmp(text, "18", 2) == 0 || strncmp(text, "21", 2) == 0 || t == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
        cmocka_unit_test(statuses),
        cmocka_unit_test(days_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
