/* SPDX-License-Identifier: Apache-2.0 */
/* From the tokens of a date to seconds. date_words.c says what words mean. */
#include "date.h"

#include <stdio.h>
#include <string.h>

#include "date_words.h"
#include "status.h"

enum { YEAR_MIN = 1900, YEAR_MAX = 2100, DAY = 86400 };

int64_t date_days(int64_t year, int month, int day)
{
    /* Years from March, so that the leap day is the last; eras of 400 years. */
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in(int64_t year, int month)
{
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

void date_format(int64_t seconds, char out[32])
{
    int64_t days = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), mp = (5 * of_year + 2) / 153;
    int day = (int)(of_year - (153 * mp + 2) / 5 + 1), month = (int)(mp < 10 ? mp + 3 : mp - 9);
    year += era * 400 + (month <= 2);
    if (seconds == INT64_MIN || year < 0 || year > 9999)
        out[0] = '\0';
    else
        snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, month, day,
                 (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

/* What has been read so far. */
struct reading {
    int64_t n[8]; /* numbers of the date, in their order */
    int digits[8];
    int count;
    char separator;    /* between the first two numbers of digits only */
    int64_t year, day; /* said to be such (年, 日), or by position; -1 */
    int month;         /* by name or 月; 0 */
    int month_at;      /* how many numbers stood before its name */
    int hour, minute, second, has_time;
    int half; /* 'a', 'p' or 0 */
    int has_zone;
    int64_t zone;       /* seconds east */
    int week, week_day; /* ISO week date; 0 */
    int month_next;     /* the next number is the month */
    int unknown;        /* words that mean nothing to us */
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to `most` digits from *s on; their count, the value in *n. */
static int digits(const char **s, const char *end, int most, int64_t *n)
{
    int k = 0;
    *n = 0;
    for (; *s < end && is_digit(**s) && k < most; ++*s, k++)
        *n = *n * 10 + (**s - '0');
    return k;
}

/* ":mm[:ss[.fraction]]" behind an hour. */
static int read_time(struct reading *r, const char **s, const char *end, int64_t hour)
{
    const char *p = *s + 1;
    int64_t minute, second = 0, fraction;
    if (!digits(&p, end, 2, &minute))
        return 0;
    if (p < end && (*p == ':' || (*p == '.' && end - p > 2 && is_digit(p[1]) && is_digit(p[2])))) {
        p++;
        digits(&p, end, 2, &second);
        if (p < end && (*p == '.' || *p == ',' || *p == ':') && p + 1 < end && is_digit(p[1])) {
            p++;
            while (digits(&p, end, 9, &fraction))
                ;
        }
    }
    r->hour = (int)hour;
    r->minute = (int)minute;
    r->second = (int)second;
    r->has_time = 1;
    *s = p;
    return 1;
}

/* "+hhmm", "+hh:mm", "+hh" at *s. Offsets that no place has count as none. */
static void read_offset(struct reading *r, const char **s, const char *end)
{
    int sign = **s == '-' ? -1 : 1;
    const char *p = *s + 1;
    int64_t hours, minutes = 0;
    int k = digits(&p, end, 4, &hours);
    if (k >= 3) {
        minutes = hours % 100;
        hours /= 100;
    } else if (p + 1 < end && *p == ':' && is_digit(p[1])) {
        p++;
        digits(&p, end, 2, &minutes);
    }
    while (p < end && is_digit(*p))
        p++;
    if (hours <= 14 && minutes < 60) {
        r->zone = sign * (hours * 3600 + minutes * 60);
        r->has_zone = 1;
    }
    *s = p;
}

/* A number of 8 or 14 digits is a whole date. */
static void read_compact(struct reading *r, int64_t n, int k)
{
    if (k == 14) {
        r->hour = (int)(n / 10000 % 100);
        r->minute = (int)(n / 100 % 100);
        r->second = (int)(n % 100);
        r->has_time = 1;
        n /= 1000000;
    } else if (k == 12) {
        r->hour = (int)(n / 100 % 100);
        r->minute = (int)(n % 100);
        r->has_time = 1;
        n /= 10000;
    }
    r->year = n / 10000;
    r->month = (int)(n / 100 % 100);
    r->day = n % 100;
}

/* "T101455.5" without colons: k digits with the value n, *s behind them. */
static void read_joined_time(struct reading *r, const char **s, const char *end, int64_t n, int k)
{
    r->hour = (int)(k == 2 ? n : k == 4 ? n / 100 : n / 10000);
    r->minute = (int)(k == 2 ? 0 : k == 4 ? n % 100 : n / 100 % 100);
    r->second = (int)(k == 6 ? n % 100 : 0);
    r->has_time = 1;
    if (*s < end && (**s == '.' || **s == ',')) {
        ++*s;
        while (digits(s, end, 9, &n))
            ;
    }
}

/* "W015" or "W01-5": k digits with the value n, *s behind them. */
static void read_week(struct reading *r, const char **s, const char *end, int64_t n, int k)
{
    r->week = (int)(k == 3 ? n / 10 : n);
    r->week_day = k == 3 ? (int)(n % 10) : 1;
    if (k == 2 && end - *s >= 2 && **s == '-' && is_digit((*s)[1])) {
        r->week_day = (*s)[1] - '0';
        *s += 2;
    }
}

/* A number that its mark explains (5月, 5일, 13h): 1, or 0 if it has none. */
static int read_marked(struct reading *r, const char **s, const char *end, int64_t n)
{
    enum date_mark mark = r->month_next ? MARK_MONTH : date_mark(s, end);
    int small = (int)(n > 99 ? 99 : n);
    r->month_next = 0;
    switch (mark) {
    case MARK_YEAR:
        r->year = r->year < -1 ? n - r->year : n; /* of an era */
        return 1;
    case MARK_MONTH:
        r->month = n >= 1 && n <= 12 ? (int)n : 99;
        return 1;
    case MARK_DAY:
        r->day = n;
        return 1;
    case MARK_HOUR:
        r->hour = small;
        r->has_time = 1;
        return 1;
    case MARK_MINUTE:
        r->minute = small;
        return 1;
    case MARK_SECOND:
        r->second = small;
        return 1;
    default:
        return 0;
    }
}

/* Digits at *s and what their neighbours make of them. */
static int read_number(struct reading *r, const char **s, const char *end, char before)
{
    int64_t n;
    int k = digits(s, end, 18, &n);
    char after = *s < end ? **s : 0;
    if (*s < end && is_digit(**s))
        return E_SYNTAX;
    if (!r->has_time && k <= 2 && (after == ':' || (after == '.' && k == 2 && before == 'T')))
        return read_time(r, s, end, n) ? OK : E_SYNTAX;
    if (!r->has_time && before == 'T' && (k == 2 || k == 4 || k == 6)) {
        read_joined_time(r, s, end, n, k);
        return OK;
    }
    if ((k == 8 || k == 12 || k == 14) && !r->count && !r->month) {
        read_compact(r, n, k);
        return OK;
    }
    if (read_marked(r, s, end, n))
        return OK;
    /* A fifth number, or digits behind time and date ("0000" without a sign), say nothing. */
    if (r->count >= 4 || (r->has_time && r->count + (r->month != 0) >= 3))
        return OK;
    if (r->count == 0 && k <= 4)
        r->separator = after;
    if (before == 'W' && k <= 3) {
        read_week(r, s, end, n, k);
        return OK;
    }
    r->n[r->count] = n;
    r->digits[r->count++] = k;
    return OK;
}

static void read_word(struct reading *r, const char *s, size_t n, int after_number)
{
    struct date_word w = date_word(s, n);
    switch (w.kind) {
    case WORD_MONTH:
        r->month = w.value;
        r->month_at = r->count;
        break;
    case WORD_MONTH_NEXT:
        r->month_next = 1;
        break;
    case WORD_HALF:
        r->half = w.value;
        break;
    case WORD_ZONE:
        if (r->has_time || after_number) {
            r->zone = w.value * 60;
            r->has_zone = 1;
        }
        break;
    case WORD_ERA:
        r->year = -w.value; /* the first year of the era less one; the number follows */
        break;
    case WORD_UNKNOWN:
        r->unknown++;
        break;
    default:
        break;
    }
}

static int64_t full_year(int64_t year, int digits)
{
    if (digits == 3 && year < 200)
        return year + 1900; /* RFC 2822, section 4.3 */
    if (digits > 2)
        return year;
    return year < 70 ? year + 2000 : year + 1900;
}

/* Which number is the year, which the day, when the month has a name. */
static int sort_named(struct reading *r)
{
    if (r->count < 2)
        return r->count == 1 && (r->year > 0 || r->day > 0) ? OK : E_SYNTAX;
    int first_is_year = r->digits[0] >= 3 || r->n[0] > 31;
    int y = first_is_year ? 0 : 1, d = !y;
    r->year = full_year(r->n[y], r->digits[y]);
    r->day = r->n[d];
    return OK;
}

/* All in digits: year first, else by the separator's custom; a month past 12 is a day. */
static int sort_digits(struct reading *r)
{
    if (r->digits[0] >= 4 || (r->count >= 2 && r->n[0] > 31)) {
        r->year = full_year(r->n[0], r->digits[0]);
        if (r->count == 2 && r->digits[1] == 3) { /* ordinal date */
            r->month = 1;
            r->day = r->n[1];
            return r->n[1] >= 1 && r->n[1] <= 366 ? 1 : E_INVALID;
        }
        r->month = r->count > 1 ? (int)r->n[1] : 1;
        r->day = r->count > 2 ? r->n[2] : 1;
        if (r->month > 12 && r->day <= 12 && r->day > 0) {
            int swap = r->month;
            r->month = (int)r->day;
            r->day = swap;
        }
        return OK;
    }
    if (r->count < 3)
        return E_SYNTAX;
    int month_first = r->separator == '/' && r->n[0] <= 12;
    int m = month_first ? 0 : 1;
    if (!month_first && r->n[1] > 12 && r->n[0] <= 12)
        m = 0;
    r->month = (int)(r->n[m] > 99 ? 99 : r->n[m]);
    r->day = r->n[!m];
    r->year = full_year(r->n[2], r->digits[2]);
    return OK;
}

static int finish(struct reading *r, int64_t *seconds)
{
    int ordinal = 0, status = OK;
    if (r->unknown > 4)
        return E_SYNTAX;
    if (r->year < -1 && r->count) { /* an era's year */
        r->year = -r->year + r->n[0];
        memmove(r->n, r->n + 1, sizeof r->n - sizeof *r->n);
        memmove(r->digits, r->digits + 1, sizeof r->digits - sizeof *r->digits);
        r->count--;
    }
    if (r->week && r->count) {
        int64_t jan4 = date_days(r->n[0], 1, 4), monday = jan4 - (jan4 + 3) % 7;
        if (r->week > 53 || r->week_day < 1 || r->week_day > 7 || r->n[0] < YEAR_MIN ||
            r->n[0] > YEAR_MAX)
            return E_INVALID;
        *seconds = (monday + (r->week - 1) * 7 + r->week_day - 1) * DAY;
        return OK;
    }
    if (r->month && r->year > 0 && r->day < 0)
        r->day = r->count ? r->n[0] : 1;
    if (!(r->month && r->year > 0 && r->day >= 0)) {
        if (r->month)
            status = sort_named(r);
        else if (r->count)
            status = sort_digits(r);
        else
            status = E_SYNTAX;
        ordinal = status == 1;
        if (status < 0)
            return status;
    }
    if (r->year >= 2400 && r->year < 2700)
        r->year -= 543; /* Buddhist */
    if (r->half == 'p' && r->hour < 12)
        r->hour += 12;
    else if (r->half == 'a' && r->hour == 12)
        r->hour = 0;
    if (r->year < YEAR_MIN || r->year > YEAR_MAX || r->month < 1 || r->month > 12 || r->day < 1 ||
        r->day > (ordinal ? 366 : days_in(r->year, r->month)))
        return E_INVALID;
    /* A time that can't be is no reason to lose the day. */
    if (r->hour > 24 || r->minute > 59 || r->second > 60 ||
        (r->hour == 24 && (r->minute || r->second)))
        r->hour = r->minute = r->second = 0;
    *seconds = date_days(r->year, r->month, (int)r->day) * DAY + r->hour * 3600 + r->minute * 60 +
               r->second - (r->has_zone ? r->zone : 0);
    return *seconds == 0 ? E_INVALID : OK;
}

/* Seconds or milliseconds since the epoch. */
static int read_epoch(const char *s, const char *end, int64_t *seconds)
{
    int64_t n;
    int k = digits(&s, end, 14, &n);
    if (s < end && *s == '.')
        s = end;
    if (s != end || (k != 9 && k != 10 && k != 13) || n <= 0)
        return E_SYNTAX;
    *seconds = k == 13 ? n / 1000 : n;
    return OK;
}

static int read_all(const char *s, const char *end, int64_t *seconds)
{
    struct reading r = {.year = -1, .day = -1};
    char before = 0;
    int status = read_epoch(s, end, seconds);
    if (status == OK)
        return OK;
    status = OK;
    while (s < end && !status) {
        if (is_digit(*s)) {
            status = read_number(&r, &s, end, before);
            before = '0';
        } else if ((*s == '+' || *s == '-') && r.has_time && s + 1 < end && is_digit(s[1])) {
            read_offset(&r, &s, end);
            before = 0;
        } else if (*s == '(') { /* a comment, RFC 822 */
            while (s < end && *s != ')')
                s++;
        } else {
            size_t n = date_word_length(s, end), two;
            if (n && s + n + 1 < end && s[n] == ' ' &&
                (two = date_word_length(s + n + 1, end)) > 0 &&
                date_word(s, n + 1 + two).kind == WORD_MONTH)
                n += 1 + two; /* months of two words: Arabic, Vietnamese */
            if (n) {
                int one = n == 1 ? *s & ~32 : 0;
                if ((one == 'T' || one == 'W') && (before == '0' || before == '-') && s + 1 < end &&
                    is_digit(s[1]))
                    before = (char)one;
                else {
                    read_word(&r, s, n, before == '0');
                    before = 0;
                }
                s += n;
            } else {
                before = *s++;
            }
        }
    }
    return status ? status : finish(&r, seconds);
}

int date_parse(wn_str text, int64_t *seconds)
{
    char plain[256];
    text = str_trim(text);
    if (!text.ptr || !text.len)
        return E_ABSENT;
    if (text.len > 200)
        return E_SYNTAX;
    size_t n = date_plain(text, plain, sizeof plain);
    int64_t result;
    int status = n ? read_all(plain, plain + n, &result) : E_SYNTAX;
    if (!status)
        *seconds = result;
    return status;
}
