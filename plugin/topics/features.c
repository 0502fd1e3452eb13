/* SPDX-License-Identifier: Apache-2.0 */
#include "features.h"

#include "fold.h"

#define SPACE 0x20
#define EDGE 1 /* stands for the beginning or the end of a word in its pieces */

enum seed { SEED_WORD = 1, SEED_PAIR, SEED_PIECE, SEED_RUN, SEED_HANGUL };

/* Never 0, which means "none". */
static uint32_t finish(uint64_t h)
{
    h ^= h >> 29;
    h *= 0xBF58476D1CE4E5B9u;
    h ^= h >> 32;
    return (uint32_t)h ? (uint32_t)h : 1;
}

static uint64_t mix(uint64_t h, uint16_t u)
{
    return (h ^ u) * 0x100000001B3u;
}

static uint32_t hash(enum seed seed, const uint16_t *s, size_t n)
{
    uint64_t h = 0xCBF29CE484222325u + seed;
    for (size_t i = 0; i < n; i++)
        h = mix(h, s[i]);
    return finish(h);
}

static int is_digit(uint16_t u)
{
    return u >= '0' && u <= '9';
}

static int han_or_kana(uint16_t u)
{
    return u >= 0x3000;
}

static void add(struct feature_word *w, uint32_t h)
{
    if (w->n_pieces < FEATURE_PIECES)
        w->pieces[w->n_pieces++] = h;
}

/* Han and kana: one, two and three units; Thai and its like, whose letters say less: three to
 * five, and six. */
static void run_pieces(const uint16_t *s, size_t n, struct feature_word *w)
{
    size_t least = han_or_kana(s[0]) ? 1 : 3, most = han_or_kana(s[0]) ? 3 : 5;
    w->n_pieces = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = least; k <= most && i + k <= n; k++)
            if (k > 1 || s[i] >= 0x3400) /* a single kana says nothing */
                add(w, hash(SEED_RUN, s + i, k));
}

static void hangul_pieces(const uint16_t *s, size_t n, struct feature_word *w)
{
    for (size_t k = 1; k < n && k <= 4; k++) { /* the noun without its particles */
        uint64_t h = 0xCBF29CE484222325u + SEED_HANGUL;
        for (size_t i = 0; i < k; i++)
            h = mix(h, s[i]);
        add(w, finish(h));
    }
    for (size_t i = 1; i < n; i++)
        for (size_t k = 2; k <= 3 && i + k <= n; k++)
            add(w, hash(SEED_PIECE, s + i, k));
}

void feature_pieces(const uint16_t *s, size_t n, struct feature_word *w)
{
    w->n_pieces = 0;
    if (n && fold_hangul(s[0])) {
        hangul_pieces(s, n, w);
        return;
    }
    uint16_t edged[FEATURE_WORD_MAX + 2];
    size_t m = 0;
    edged[m++] = EDGE;
    for (size_t i = 0; i < n && i < FEATURE_WORD_MAX; i++)
        edged[m++] = s[i];
    edged[m++] = EDGE;
    for (size_t i = 0; i < m; i++)
        for (size_t k = 3; k <= 6 && i + k <= m; k++)
            if (k < m)
                add(w, hash(SEED_PIECE, edged + i, k));
}

/* Arabic writes the article and "and", "in", "like" before it onto the noun; those with it and
 * without it are one word here: ال وال فال بال كال لل ولل. */
static size_t arabic_prefix(const uint16_t *s, size_t n)
{
    enum { ALEF = 0x0627, LAM = 0x0644, WAW = 0x0648, FEH = 0x0641, BEH = 0x0628, KAF = 0x0643 };
    size_t i = n > 3 && (s[0] == WAW || s[0] == FEH || s[0] == BEH || s[0] == KAF);
    if (n < i + 5 || s[i + 1] != LAM || (s[i] != ALEF && s[i] != LAM))
        return 0;
    return i + 2;
}

void feature_reader_init(struct feature_reader *r, const uint16_t *text, size_t n)
{
    *r = (struct feature_reader){text, n, 0, 0};
}

static int next_run(struct feature_reader *r, struct feature_word *w, size_t begin)
{
    int kind = han_or_kana(r->text[begin]);
    size_t end = begin;
    while (end < r->n && end - begin < FEATURE_RUN_MAX && fold_unspaced(r->text[end]) &&
           han_or_kana(r->text[end]) == kind)
        end++;
    r->at = end;
    r->before = 0;
    w->word = w->pair = 0;
    run_pieces(r->text + begin, end - begin, w);
    return 1;
}

int feature_next(struct feature_reader *r, struct feature_word *w, const uint16_t **begin,
                 size_t *len)
{
    for (;;) {
        while (r->at < r->n && r->text[r->at] == SPACE)
            r->at++;
        if (r->at == r->n)
            return 0;
        size_t start = r->at, end = start, digits = 0;
        if (fold_unspaced(r->text[start])) {
            *begin = r->text + start;
            next_run(r, w, start);
            *len = r->at - start;
            return 1;
        }
        while (end < r->n && r->text[end] != SPACE && !fold_unspaced(r->text[end]))
            digits += is_digit(r->text[end++]);
        r->at = end;
        if (digits == end - start) { /* numbers say little, and each is another one */
            r->before = 0;
            continue;
        }
        start += arabic_prefix(r->text + start, end - start);
        *begin = r->text + start;
        *len = end - start < FEATURE_WORD_MAX ? end - start : FEATURE_WORD_MAX;
        w->word = hash(SEED_WORD, *begin, *len);
        w->pair = 0;
        if (r->before)
            w->pair =
                finish(((uint64_t)r->before << 32 | w->word) * 0x9E3779B97F4A7C15u + SEED_PAIR);
        r->before = w->word;
        w->n_pieces = 0;
        return 1;
    }
}
