/* SPDX-License-Identifier: Apache-2.0 */
#include "fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "../text/utf8.h"

#define PLANE 0x10000
#define SPACE 0x20
#define GONE 0            /* marks that only decorate: left out */
#define LONG_FIRST 0xE000 /* private use: an index into `longs`, foldings of several units */
#define LONG_MAX 2048
#define LONG_UNITS 4

struct fold {
    uint16_t plain[PLANE];                /* the folded unit, SPACE, GONE or LONG_FIRST + i */
    uint16_t bare[PLANE];                 /* of a folded unit: the letter without its accents */
    uint16_t longs[LONG_MAX][LONG_UNITS]; /* zero-ended */
    unsigned n_longs;
    const UNormalizer2 *compose;
};

int fold_unspaced(uint16_t u)
{
    return (u >= 0x3040 && u <= 0x30FF) || (u >= 0x3400 && u <= 0x9FFF) ||
           (u >= 0x0E00 && u <= 0x0EFF) || (u >= 0x1000 && u <= 0x109F) ||
           (u >= 0x1780 && u <= 0x17FF) || (u >= 0xF900 && u <= 0xFAFF) || u == 0x3005;
}

int fold_hangul(uint16_t u)
{
    return u >= 0xAC00 && u <= 0xD7A3;
}

/* Arabic writes one word in several ways: alef with or without hamza, final ya and alef maqsura,
 * ta marbuta and ha. Readers take them as one. */
static uint16_t arabic(uint16_t u)
{
    switch (u) {
    case 0x0622:
    case 0x0623:
    case 0x0625:
    case 0x0671:
        return 0x0627;
    case 0x0649:
    case 0x06CC:
        return 0x064A;
    case 0x0629:
        return 0x0647;
    case 0x06A9:
        return 0x0643;
    default:
        return u;
    }
}

static int decorates(UChar32 c)
{
    return (c >= 0x064B && c <= 0x065F) || c == 0x0640 || c == 0x0670 || c == 0x00AD ||
           (c >= 0x200B && c <= 0x200F) || c == 0xFEFF || (c >= 0x0591 && c <= 0x05BD) ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0x2060;
}

/* What a letter, mark or digit is compared as; anything else parts words. */
static uint16_t unit_of(UChar32 c)
{
    if (decorates(c))
        return GONE;
    int digit = u_charDigitValue(c);
    if (digit >= 0)
        return (uint16_t)('0' + digit);
    uint32_t mask = U_GET_GC_MASK(c);
    if (mask & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK))
        return arabic((uint16_t)c);
    return c == '+' ? (uint16_t)c : SPACE; /* C++, Disney+ */
}

static uint16_t fold_one(struct fold *f, const UNormalizer2 *nfkc, UChar32 c)
{
    if ((c >= 0x3400 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3))
        return (uint16_t)c; /* Han and Hangul: nothing to fold, and most of the plane */
    if (U_IS_SURROGATE(c) || (c >= 0xE000 && c <= 0xF8FF) || c < 0x20)
        return SPACE;
    UChar in = (UChar)c, out[32];
    UErrorCode error = U_ZERO_ERROR;
    int32_t n = unorm2_normalize(nfkc, &in, 1, out, 32, &error);
    if (U_FAILURE(error))
        return SPACE;
    uint16_t units[LONG_UNITS] = {0};
    unsigned k = 0;
    for (int32_t i = 0; i < n && k < LONG_UNITS - 1; i++) {
        uint16_t u = U_IS_SURROGATE(out[i]) ? SPACE : unit_of(out[i]);
        if (u != GONE)
            units[k++] = u;
    }
    if (k <= 1)
        return n ? units[0] : GONE;
    if (f->n_longs == LONG_MAX)
        return units[0];
    memcpy(f->longs[f->n_longs], units, sizeof units);
    return (uint16_t)(LONG_FIRST + f->n_longs++);
}

static uint16_t bare_one(const UNormalizer2 *nfd, uint16_t u)
{
    if (u == 0x0111)
        return 'd'; /* đ has no decomposition, and Vietnamese without accents writes d */
    if (u < 0xC0 || u > 0x1FFF || (u >= 0x0590 && u < 0x1E00))
        return u;
    UChar out[32];
    UErrorCode error = U_ZERO_ERROR;
    int32_t n = unorm2_getRawDecomposition(nfd, u, out, 32, &error);
    if (U_FAILURE(error) || n < 1 || U_IS_SURROGATE(out[0]))
        return u;
    return bare_one(nfd, out[0]); /* ế → ê → e */
}

static void read_han(struct fold *f, const char *s, size_t len)
{
    const char *end = s + len;
    while (s < end) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        if (!stop)
            stop = end;
        size_t a, b;
        if (*s != '#' && stop - s >= 6) {
            uint32_t from = utf8_decode(s, (size_t)(stop - s), &a);
            uint32_t to = utf8_decode(s + a, (size_t)(stop - s) - a, &b);
            if (from < PLANE && to < PLANE && fold_unspaced((uint16_t)from))
                f->plain[from] = (uint16_t)to;
        }
        s = stop + 1;
    }
}

struct fold *fold_create(const char *han, size_t len)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&error);
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&error);
    if (U_FAILURE(error))
        return NULL;
    struct fold *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->compose = nfc;
    for (UChar32 c = 0; c < PLANE; c++) {
        f->plain[c] = fold_one(f, nfkc, c);
        f->bare[c] = bare_one(nfd, (uint16_t)c);
    }
    if (han)
        read_han(f, han, len);
    return f;
}

void fold_destroy(struct fold *f)
{
    free(f);
}

struct sink {
    const struct fold *fold;
    uint16_t *out;
    size_t n, cap;
    unsigned flags;
};

static void put(struct sink *k, uint16_t u)
{
    if (k->n && ((u >= 0x0300 && u <= 0x036F) || u == 0x3099 || u == 0x309A)) {
        /* A separate accent or kana mark joins the letter before it: most texts have one letter. */
        UChar32 c = unorm2_composePair(k->fold->compose, k->out[k->n - 1], u);
        if (c > 0 && c < PLANE)
            k->out[k->n - 1] = k->flags & FOLD_BARE ? k->fold->bare[c] : (uint16_t)c;
        return;
    }
    if (u == SPACE && (!k->n || k->out[k->n - 1] == SPACE))
        return;
    if (k->n < k->cap)
        k->out[k->n++] = k->flags & FOLD_BARE ? k->fold->bare[u] : u;
}

size_t fold_text(const struct fold *f, const char *s, size_t n, unsigned flags, uint16_t *out,
                 size_t cap)
{
    struct sink k = {f, out, 0, cap, flags};
    for (size_t i = 0; i < n && k.n < cap;) {
        size_t used = 1;
        unsigned char b = (unsigned char)s[i];
        uint32_t c = b < 0x80 ? b : utf8_decode(s + i, n - i, &used);
        i += used;
        if (c == 0xFFFD || c >= PLANE) {
            put(&k, SPACE);
            continue;
        }
        uint16_t u = f->plain[c];
        if (u >= LONG_FIRST && u < LONG_FIRST + f->n_longs) {
            for (const uint16_t *l = f->longs[u - LONG_FIRST]; *l; l++)
                put(&k, *l);
        } else if (u != GONE) {
            put(&k, u);
        }
    }
    if (k.n && out[k.n - 1] == SPACE)
        k.n--;
    return k.n;
}
