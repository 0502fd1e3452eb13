/* SPDX-License-Identifier: Apache-2.0 */
#include "tables.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utrans.h>

#define POINTS 65536

static UTransliterator *open_rule(const char *id)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar name[80];
    u_uastrcpy(name, id);
    UTransliterator *t = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
    return U_SUCCESS(e) ? t : NULL;
}

static int apply(const UTransliterator *t, UChar c, UChar *out, int size)
{
    UErrorCode e = U_ZERO_ERROR;
    int32_t len = 1, limit = 1;
    out[0] = c;
    utrans_transUChars(t, out, &len, size, 0, &limit, &e);
    return U_SUCCESS(e) ? len : 0;
}

/* Arabic letters that one writer distinguishes and the next does not; vowel signs and tatweel go.
 */
static uint16_t fold_arabic(uint16_t c)
{
    if ((c >= 0x64B && c <= 0x65F) || c == 0x670 || c == 0x640)
        return 0;
    if (c == 0x622 || c == 0x623 || c == 0x625 || c == 0x671)
        return 0x627;
    if (c == 0x649 || c == 0x6CC || c == 0x626)
        return 0x64A;
    if (c == 0x629)
        return 0x647;
    if (c == 0x624)
        return 0x648;
    return c == 0x6A9 ? 0x643 : c;
}

static uint16_t fold_one(uint16_t c, const UNormalizer2 *nfkc, const UTransliterator *simplify)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar in[1] = {c}, out[32];
    int digit = u_charDigitValue(c);
    if (c >= 0xD800 && c < 0xE000)
        return 0;
    if (digit >= 0 && u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
        return (uint16_t)('0' + digit);
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x591 && c <= 0x5C7))
        return 0;
    int n = unorm2_normalize(nfkc, in, 1, out, 32, &e);
    uint16_t f = U_FAILURE(e) || n > 1 ? c : n == 0 ? 0 : out[0];
    f = fold_arabic(f);
    if (f && u_hasBinaryProperty(f, UCHAR_UNIFIED_IDEOGRAPH) && apply(simplify, f, out, 32) == 1)
        f = out[0];
    return f;
}

static enum text_class class_southeast(uint16_t c)
{
    if ((c >= 0xE40 && c <= 0xE44) || (c >= 0xEC0 && c <= 0xEC4))
        return CLASS_LEADING;
    if ((c >= 0xE30 && c <= 0xE3A) || c == 0xE45 || (c >= 0xE47 && c <= 0xE4E) ||
        (c >= 0xEB0 && c <= 0xECD) || (c >= 0x17B4 && c <= 0x17D3) || (c >= 0x102B && c <= 0x103E))
        return CLASS_ATTACHED;
    if ((c >= 0xE01 && c <= 0xE2E) || (c >= 0xE81 && c <= 0xEAE) || (c >= 0x1780 && c <= 0x17B3) ||
        (c >= 0x1000 && c <= 0x102A) || c == 0x103F)
        return CLASS_CLUSTER;
    return CLASS_NONE;
}

static enum text_class class_one(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return CLASS_DIGIT;
    if ((c >= 0xE00 && c < 0xF00) || (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800))
        return class_southeast(c);
    if (c >= 0xAC00 && c <= 0xD7A3)
        return CLASS_HANGUL;
    if (u_hasBinaryProperty(c, UCHAR_UNIFIED_IDEOGRAPH) || c == 0x3005 || c == 0x3006)
        return CLASS_HAN;
    if (c >= 0x3041 && c <= 0x3096)
        return CLASS_HIRA;
    if ((c >= 0x30A1 && c <= 0x30FA) || c == 0x30FC)
        return CLASS_KATA;
    if (c >= 0x1100 && c < 0x1200)
        return CLASS_NONE;
    if (u_isalpha(c))
        return CLASS_WORD;
    int type = u_charType(c);
    return type == U_NON_SPACING_MARK || type == U_COMBINING_SPACING_MARK ? CLASS_MARK : CLASS_NONE;
}

/* The offset of s in the pool, added if new; equal romanisations share one string. */
static uint16_t intern(char *pool, uint32_t *size, const char *s)
{
    for (uint32_t at = 1; at < *size; at += (uint32_t)strlen(pool + at) + 1)
        if (strcmp(pool + at, s) == 0)
            return (uint16_t)at;
    uint32_t at = *size;
    size_t n = strlen(s) + 1;
    if (at + n > POINTS)
        return 0;
    memcpy(pool + at, s, n);
    *size += (uint32_t)n;
    return (uint16_t)at;
}

int tables_build(struct text_tables *t)
{
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&e);
    UTransliterator *latin = open_rule("Any-Latin; Latin-ASCII; Lower");
    UTransliterator *simplify = open_rule("Traditional-Simplified");
    uint16_t *fold = calloc(POINTS, 2), *roman = calloc(POINTS, 2);
    uint8_t *class_ = calloc(POINTS, 1);
    char *pool = calloc(POINTS, 1);
    uint32_t size = 1;
    if (U_FAILURE(e) || !latin || !simplify || !fold || !roman || !class_ || !pool)
        return -1;
    for (unsigned c = 1; c < POINTS; c++)
        fold[c] = fold_one((uint16_t)c, nfkc, simplify);
    for (unsigned c = 1; c < POINTS; c++) {
        class_[c] = (uint8_t)class_one((uint16_t)c);
        if (class_[c] == CLASS_NONE || class_[c] == CLASS_DIGIT || class_[c] == CLASS_HANGUL ||
            c == 0x30FC || c == 0x30C3 || (c >= 'a' && c <= 'z'))
            continue;
        UChar out[64];
        char s[65];
        int n = apply(latin, (UChar)c, out, 64), m = 0;
        for (int i = 0; i < n; i++)
            if (out[i] >= 'a' && out[i] <= 'z')
                s[m++] = (char)out[i];
        s[m] = 0;
        roman[c] = m ? intern(pool, &size, s) : 0;
    }
    utrans_close(latin);
    utrans_close(simplify);
    *t = (struct text_tables){fold, class_, roman, pool, size};
    return 0;
}
