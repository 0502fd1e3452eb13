/* SPDX-License-Identifier: Apache-2.0 */
#include "date_words.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static const struct month {
    int value;
    const char *name;
} months[] = {
#define M(value, name) {value, name},
#include "date_months.h"
#undef M
};

/* Names that time zones go by, minutes east of Greenwich. Ambiguous ones as RFC 822 has them; a
 * single letter but Z says nothing (RFC 2822, section 4.3). */
static const struct {
    const char *name;
    int minutes;
} zones[] = {
    {"z", 0},      {"ut", 0},     {"utc", 0},    {"gmt", 0},     {"wet", 0},     {"west", 60},
    {"bst", 60},   {"cet", 60},   {"met", 60},   {"mez", 60},    {"cest", 120},  {"mest", 120},
    {"mesz", 120}, {"eet", 120},  {"sast", 120}, {"eest", 180},  {"msk", 180},   {"msd", 240},
    {"ist", 330},  {"wib", 420},  {"ict", 420},  {"sgt", 480},   {"hkt", 480},   {"awst", 480},
    {"jst", 540},  {"kst", 540},  {"acst", 570}, {"aest", 600},  {"aedt", 660},  {"nzst", 720},
    {"nzdt", 780}, {"est", -300}, {"edt", -240}, {"cst", -360},  {"cdt", -300},  {"mst", -420},
    {"mdt", -360}, {"pst", -480}, {"pdt", -420}, {"akst", -540}, {"akdt", -480}, {"hst", -600},
    {"ast", -240}, {"adt", -180}, {"nst", -210}, {"ndt", -150},  {"brt", -180},  {"art", -180},
    {"et", -300},  {"ct", -360},  {"mt", -420},  {"pt", -480},
};

static const struct {
    const char *word;
    enum date_word_kind kind;
    int value;
} others[] = {
    {"mon", WORD_FILLER, 0},   {"tue", WORD_FILLER, 0},       {"wed", WORD_FILLER, 0},
    {"thu", WORD_FILLER, 0},   {"fri", WORD_FILLER, 0},       {"sat", WORD_FILLER, 0},
    {"sun", WORD_FILLER, 0},   {"am", WORD_HALF, 'a'},        {"a", WORD_HALF, 'a'},
    {"pm", WORD_HALF, 'p'},    {"p", WORD_HALF, 'p'},         {"오전", WORD_HALF, 'a'},
    {"오후", WORD_HALF, 'p'},  {"午前", WORD_HALF, 'a'},      {"午後", WORD_HALF, 'p'},
    {"上午", WORD_HALF, 'a'},  {"下午", WORD_HALF, 'p'},      {"π.μ", WORD_HALF, 'a'},
    {"μ.μ", WORD_HALF, 'p'},   {"πμ", WORD_HALF, 'a'},        {"μμ", WORD_HALF, 'p'},
    {"ص", WORD_HALF, 'a'},     {"م", WORD_HALF, 'p'},         {"ch", WORD_HALF, 'p'},
    {"sa", WORD_HALF, 'a'},    {"du", WORD_HALF, 'p'},        {"vorm", WORD_HALF, 'a'},
    {"nachm", WORD_HALF, 'p'}, {"令和", WORD_ERA, 2018},      {"平成", WORD_ERA, 1988},
    {"昭和", WORD_ERA, 1925},  {"大正", WORD_ERA, 1911},      {"民國", WORD_ERA, 1911},
    {"民国", WORD_ERA, 1911},  {"de", WORD_FILLER, 0},        {"of", WORD_FILLER, 0},
    {"st", WORD_FILLER, 0},    {"nd", WORD_FILLER, 0},        {"rd", WORD_FILLER, 0},
    {"th", WORD_FILLER, 0},    {"at", WORD_FILLER, 0},        {"um", WORD_FILLER, 0},
    {"ngay", WORD_FILLER, 0},  {"г", WORD_FILLER, 0},         {"р", WORD_FILLER, 0},
    {"o", WORD_FILLER, 0},     {"เวลา", WORD_FILLER, 0},      {"พศ", WORD_FILLER, 0},
    {"น", WORD_FILLER, 0},     {"thang", WORD_MONTH_NEXT, 0}, {"thg", WORD_MONTH_NEXT, 0},
    {"เดือน", WORD_FILLER, 0},
};

static const struct {
    const char *mark;
    enum date_mark meaning;
} marks[] = {
    {"年", MARK_YEAR},   {"년", MARK_YEAR},   {"月", MARK_MONTH},  {"월", MARK_MONTH},
    {"日", MARK_DAY},    {"号", MARK_DAY},    {"일", MARK_DAY},    {"時", MARK_HOUR},
    {"时", MARK_HOUR},   {"點", MARK_HOUR},   {"点", MARK_HOUR},   {"시", MARK_HOUR},
    {"分", MARK_MINUTE}, {"분", MARK_MINUTE}, {"秒", MARK_SECOND}, {"초", MARK_SECOND},
};

/* Marks that make letters look different but not mean anything else: accents, vowel points of
 * Hebrew and Arabic. Thai and Indic marks are letters. */
static int is_decoration(UChar32 c)
{
    return (c >= 0x300 && c < 0x370) || (c >= 0x591 && c < 0x5c8) || (c >= 0x64b && c < 0x660) ||
           c == 0x200e || c == 0x200f || c == 0xfeff;
}

size_t date_plain(wn_str text, char *out, size_t room)
{
    UChar wide[256], folded[512], apart[1024];
    UErrorCode err = U_ZERO_ERROR;
    int32_t n, k = 0;
    size_t i;
    for (i = 0; i < text.len && (unsigned char)text.ptr[i] < 0x80; i++)
        ;
    if (i == text.len) { /* nearly always */
        if (text.len >= room)
            return 0;
        for (i = 0; i < text.len; i++)
            out[i] =
                text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] | 32) : text.ptr[i];
        return text.len;
    }
    u_strFromUTF8(wide, 256, &n, text.ptr, (int32_t)text.len, &err);
    n = U_SUCCESS(err) ? u_strFoldCase(folded, 512, wide, n, U_FOLD_CASE_DEFAULT, &err) : 0;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&err);
    n = U_SUCCESS(err) ? unorm2_normalize(nfd, folded, n, apart, 1024, &err) : 0;
    if (U_FAILURE(err))
        return 0;
    for (int32_t at = 0; at < n;) {
        UChar32 c;
        U16_NEXT(apart, at, n, c);
        int digit = c >= 0x80 ? u_charDigitValue(c) : -1;
        if (is_decoration(c))
            continue;
        if (digit >= 0)
            c = '0' + digit;
        else if (u_isUWhiteSpace(c))
            c = ' ';
        U16_APPEND_UNSAFE(apart, k, c);
    }
    /* Hangul was taken apart with the rest. */
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&err);
    n = U_SUCCESS(err) ? unorm2_normalize(nfc, apart, k, folded, 512, &err) : 0;
    int32_t used = 0;
    u_strToUTF8(out, (int32_t)room, &used, folded, n, &err);
    return U_FAILURE(err) || used < 0 ? 0 : (size_t)used;
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c & 0x80);
}

/* Chinese, Japanese and Korean don't part words: a known word or mark ends where it ends. */
static size_t known_length(const char *s, const char *end)
{
    if (!(*s & 0x80))
        return 0;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = strlen(others[i].word);
        if ((size_t)(end - s) >= n && ((unsigned char)others[i].word[0] & 0xf0) == 0xe0 &&
            memcmp(s, others[i].word, n) == 0)
            return n;
    }
    return 0;
}

size_t date_word_length(const char *s, const char *end)
{
    size_t n = known_length(s, end);
    if (n)
        return n;
    const char *p = s;
    while (p < end && (is_letter(*p) ||
                       (*p == '.' && p > s && p + 1 < end && is_letter(p[1]) && (p[1] & 0x80))))
        p++;
    return (size_t)(p - s);
}

static int compare(const void *key, const void *entry)
{
    return strcmp(key, ((const struct month *)entry)->name);
}

struct date_word date_word(const char *s, size_t n)
{
    struct date_word w = {WORD_UNKNOWN, 0};
    char word[64];
    size_t k = 0;
    if (n >= sizeof word)
        return w;
    for (size_t i = 0; i < n; i++)
        if (s[i] != '.')
            word[k++] = s[i];
    word[k] = '\0';
    const struct month *m =
        bsearch(word, months, sizeof months / sizeof *months, sizeof *months, compare);
    if (!m && k > 4 && memcmp(word, "ב", 2) == 0) /* Hebrew: "in December" */
        m = bsearch(word + 2, months, sizeof months / sizeof *months, sizeof *months, compare);
    if (m)
        return (struct date_word){WORD_MONTH, m->value};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].word, word) == 0)
            return (struct date_word){others[i].kind, others[i].value};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strcmp(zones[i].name, word) == 0)
            return (struct date_word){WORD_ZONE, zones[i].minutes};
    if (k == 1)
        w.kind = WORD_FILLER;
    return w;
}

enum date_mark date_mark(const char **s, const char *end)
{
    const char *p = *s;
    while (p < end && *p == ' ')
        p++;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i].mark);
        if ((size_t)(end - p) >= n && memcmp(p, marks[i].mark, n) == 0) {
            *s = p + n;
            return marks[i].meaning;
        }
    }
    return MARK_NONE;
}
