/* SPDX-License-Identifier: Apache-2.0 */
/* date_words.h: what words and marks in dates mean, for date.c alone. Pure; any thread. */
#ifndef WINNOW_DATE_WORDS_H
#define WINNOW_DATE_WORDS_H

#include "buf.h"

enum date_word_kind {
    WORD_UNKNOWN,
    WORD_FILLER,     /* "de", "th", a weekday's abbreviation that looks like a month … */
    WORD_MONTH,      /* value: 1 to 12 */
    WORD_MONTH_NEXT, /* the next number is the month: "tháng 12" */
    WORD_HALF,       /* 'a' or 'p' */
    WORD_ZONE,       /* minutes east */
    WORD_ERA,        /* the year before the era's first */
};

struct date_word {
    enum date_word_kind kind;
    int value;
};

/* What stands behind a number: 年, 월, "h" … */
enum date_mark {
    MARK_NONE,
    MARK_YEAR,
    MARK_MONTH,
    MARK_DAY,
    MARK_HOUR,
    MARK_MINUTE,
    MARK_SECOND,
};

/* Folds case, takes off accents and dots within words, makes every script's digits ASCII. Returns
 * the length, or 0 if it doesn't fit or isn't text. */
size_t date_plain(wn_str text, char *out, size_t room);
/* Bytes of the word at s, 0 if none begins there. */
size_t date_word_length(const char *s, const char *end);
struct date_word date_word(const char *s, size_t n);
/* Reads the mark at *s, if there is one, and goes past it. */
enum date_mark date_mark(const char **s, const char *end);

#endif
