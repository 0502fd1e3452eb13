/* SPDX-License-Identifier: Apache-2.0 */
/*
 * date.h: dates as feeds write them. Pure; any thread.
 *
 * Reads RFC 822/2822/5322 with all that is done to it in the wild (no seconds, two-digit years,
 * unknown or absent zones, names of months and weekdays in some thirty languages, day and month
 * swapped), ISO 8601 and W3C-DTF in every precision (basic and extended form, ordinal and week
 * dates), RFC 3339, asctime, Unix seconds and milliseconds, Korean, Japanese and Chinese forms
 * (年月日, 오전/오후), Buddhist and Japanese eras, 24:00 and leap seconds.
 */
#ifndef WINNOW_DATE_H
#define WINNOW_DATE_H

#include <stdint.h>

#include "buf.h"

/* Sets *seconds since the epoch. E_ABSENT: empty. E_SYNTAX: no date that we know. E_INVALID: a date
 * that no feed item can have: before 1900, past 2100, the epoch itself (a clock never set), the
 * 31st of April. *seconds is then untouched. UTF-8, any case. */
int date_parse(wn_str s, int64_t *seconds);

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar; month 1 to 12. */
int64_t date_days(int64_t year, int month, int day);

/* RFC 3339 in UTC, "2003-12-31T10:14:55Z", to out[32]; a year past 9999 or before 0 gives "". */
void date_format(int64_t seconds, char out[32]);

#endif
