/* SPDX-License-Identifier: Apache-2.0 */
#include "features.h"

#include <string.h>

#include "utf8.h"

/* Tags keep the kinds of features apart in the hash. */
enum tag {
    TAG_WORD = 1,
    TAG_NUMBER,
    TAG_GRAM,
    TAG_NATIVE,
    TAG_PREFIX,
    TAG_SKELETON,
    TAG_HANGUL,
    TAG_CJK,
    TAG_CLUSTER,
    TAG_PAIR,
    TAG_KEY
};

static uint64_t mix(uint64_t h, uint32_t c)
{
    h = (h ^ c) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 29);
}

static uint32_t slot_of(uint64_t h)
{
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> (64 - FEATURE_SLOT_BITS));
}

static uint32_t decode(const char *text, size_t len, size_t *at)
{
    size_t used;
    uint32_t c = utf8_decode(text + *at, len - *at, &used);
    *at += used;
    return c;
}

/* The folded code point and its class. Han outside the basic plane keeps its low bits: rare, but
 * not nothing. */
static enum text_class fold(const struct text_tables *t, uint32_t c, uint16_t *out)
{
    if (c < 0x10000) {
        *out = t->fold[c];
        return *out ? (enum text_class)t->class_[*out] : CLASS_NONE;
    }
    if (c >= 0x20000 && c < 0x32000) {
        *out = (uint16_t)c;
        return CLASS_HAN;
    }
    *out = 0;
    return CLASS_NONE;
}

void token_reader_init(struct token_reader *r, const struct text_tables *tables, const char *text,
                       size_t len)
{
    r->tables = tables;
    r->text = text;
    r->len = len;
    r->at = 0;
    r->kata_waits = false;
}

static bool is_cjk(enum text_class c)
{
    return c == CLASS_HAN || c == CLASS_HIRA || c == CLASS_KATA;
}

static bool is_cluster(enum text_class c)
{
    return c == CLASS_CLUSTER || c == CLASS_LEADING || c == CLASS_ATTACHED;
}

/* Whether a code point of class c may follow in a token of kind k whose first letter has class
 * first. */
static bool belongs(enum token_kind k, enum text_class first, enum text_class c)
{
    switch (k) {
    case TOKEN_WORD:
        return c == first || c == CLASS_MARK;
    case TOKEN_NUMBER:
        return c == CLASS_DIGIT;
    case TOKEN_CJK:
        return is_cjk(c);
    case TOKEN_CLUSTER:
        return is_cluster(c);
    default:
        return false;
    }
}

/* Whether a separator at `at` stands between two digits: 1,000 or 3.14 or 2.7.0 is one number. */
static bool joins_digits(const struct token_reader *r, uint32_t c, size_t at)
{
    uint16_t f;
    if ((c != '.' && c != ',' && c != 0x66B && c != 0x66C && c != 0xA0 && c != 0x202F) ||
        at >= r->len)
        return false;
    return fold(r->tables, decode(r->text, r->len, &at), &f) == CLASS_DIGIT;
}

static bool is_vietnamese(uint16_t c)
{
    return (c >= 0x1EA0 && c <= 0x1EF9) || c == 0x103 || c == 0x111 || c == 0x1A1 || c == 0x1B0;
}

static void finish(struct text_token *t)
{
    uint64_t h = mix(TAG_KEY, (uint32_t)t->kind);
    t->vietnamese = false;
    for (unsigned i = 0; i < t->n; i++) {
        h = mix(h, t->cp[i]);
        t->vietnamese |= is_vietnamese(t->cp[i]);
    }
    t->key = h ? h : 1;
}

/* Reads the code points that belong to the token which begins with c at `begin`. */
static void fill(struct token_reader *r, struct text_token *t, enum text_class first)
{
    while (r->at < r->len) {
        size_t next = r->at;
        uint16_t f;
        uint32_t c = decode(r->text, r->len, &next);
        enum text_class cl = fold(r->tables, c, &f);
        if (t->kind == TOKEN_NUMBER && cl == CLASS_NONE && joins_digits(r, c, next)) {
            r->at = next;
            continue;
        }
        /* A dropped code point (soft hyphen, tatweel, joiner, vowel sign) does not end a word. */
        if (cl == CLASS_NONE && c < 0x10000 && f == 0 && c > 0x7F && t->kind == TOKEN_WORD) {
            r->at = next;
            continue;
        }
        if (!belongs(t->kind, first, cl))
            break;
        if (t->n == TOKEN_MAX && t->kind != TOKEN_WORD && t->kind != TOKEN_NUMBER)
            break; /* runs without spaces go on in the next token */
        if (t->n < TOKEN_MAX) {
            t->cls[t->n] = (uint8_t)cl;
            t->cp[t->n++] = f;
        }
        r->at = next;
    }
    t->end = r->at;
}

/* Finds the first katakana run of two or more, to be given once more by its sound. */
static void keep_katakana(struct token_reader *r, const struct text_token *t)
{
    for (unsigned i = 0; i + 1 < t->n; i++) {
        unsigned n = 0;
        while (i + n < t->n && t->cls[i + n] == CLASS_KATA)
            n++;
        if (n < 2)
            continue;
        r->kata = *t;
        r->kata.kind = TOKEN_KATA;
        r->kata.n = n;
        memmove(r->kata.cp, t->cp + i, n * sizeof t->cp[0]);
        memset(r->kata.cls, CLASS_KATA, n);
        finish(&r->kata);
        r->kata_waits = true;
        return;
    }
}

bool token_next(struct token_reader *r, struct text_token *out)
{
    if (r->kata_waits) {
        *out = r->kata;
        r->kata_waits = false;
        return true;
    }
    while (r->at < r->len) {
        uint16_t f;
        out->begin = r->at;
        enum text_class c = fold(r->tables, decode(r->text, r->len, &r->at), &f);
        if (c == CLASS_NONE || c == CLASS_MARK)
            continue;
        out->kind = c == CLASS_DIGIT ? TOKEN_NUMBER
                    : is_cjk(c)      ? TOKEN_CJK
                    : is_cluster(c)  ? TOKEN_CLUSTER
                                     : TOKEN_WORD;
        out->n = 1;
        out->cp[0] = f;
        out->cls[0] = (uint8_t)c;
        fill(r, out, c);
        finish(out);
        if (out->kind == TOKEN_CJK)
            keep_katakana(r, out);
        return true;
    }
    return false;
}

/* Hangul syllables are spelled by arithmetic (Unicode 3.12), in the Revised Romanisation. */
static unsigned spell_hangul(uint16_t c, char *out, unsigned size)
{
    static const char lead[19][3] = {"g",  "kk", "n", "d",  "tt", "r", "m", "b", "pp", "s",
                                     "ss", "",   "j", "jj", "ch", "k", "t", "p", "h"};
    static const char vowel[21][4] = {"a",  "ae", "ya", "yae", "eo", "e",  "yeo",
                                      "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                      "wo", "we", "wi", "yu",  "eu", "ui", "i"};
    static const char tail[28][3] = {"",  "k",  "k", "k", "n", "n", "n", "t", "l", "k",
                                     "m", "l",  "l", "l", "p", "l", "m", "p", "p", "t",
                                     "t", "ng", "t", "t", "k", "t", "p", "h"};
    unsigned s = c - 0xAC00u, n = 0;
    const char *parts[3] = {lead[s / 588], vowel[s % 588 / 28], tail[s % 28]};
    for (int i = 0; i < 3; i++)
        for (const char *p = parts[i]; *p && n < size; p++)
            out[n++] = *p;
    return n;
}

unsigned token_latin(const struct text_tables *tables, const struct text_token *t, char *out,
                     unsigned size)
{
    unsigned n = 0;
    for (unsigned i = 0; i < t->n && n + 1 < size; i++) {
        uint16_t c = t->cp[i];
        if (c >= 'a' && c <= 'z') {
            out[n++] = (char)c;
        } else if (c >= 0xAC00 && c <= 0xD7A3) {
            n += spell_hangul(c, out + n, size - 1 - n);
        } else if (tables->latin[c] && tables->latin[c] < tables->pool_size) {
            for (const char *p = tables->pool + tables->latin[c]; *p && n + 1 < size; p++)
                out[n++] = *p;
        }
    }
    out[n] = 0;
    return n;
}

unsigned latin_skeleton(const char *latin, unsigned n, char *out, unsigned size)
{
    /*                          abcdefghijklmnopqrstuvwxyz */
    static const char map[] = ".PKT.PK..SKRMN.PKRST.P.K.S";
    unsigned m = 0;
    for (unsigned i = 0; i < n && m + 1 < size; i++) {
        char c = map[latin[i] - 'a'];
        if (latin[i] == 'c' && i + 1 < n &&
            (latin[i + 1] == 'h' || latin[i + 1] == 'e' || latin[i + 1] == 'i'))
            c = 'S';
        if (c == '.' || (m && out[m - 1] == c))
            continue;
        out[m++] = c;
    }
    out[m] = 0;
    return m;
}

static unsigned latin_features(const char *s, unsigned n, uint32_t *slots)
{
    unsigned m = 0;
    char w[132], skel[24];
    if (n > 126)
        n = 126;
    w[0] = '<';
    memcpy(w + 1, s, n);
    w[n + 1] = '>';
    for (unsigned i = 0; i + 4 <= n + 2; i++) {
        uint64_t h = TAG_GRAM;
        for (unsigned k = 0; k < 4; k++)
            h = mix(h, (unsigned char)w[i + k]);
        slots[m++] = slot_of(h);
    }
    uint64_t h = TAG_PREFIX;
    for (unsigned i = 0; i < n && i < 8; i++) {
        h = mix(h, (unsigned char)s[i]);
        if ((i == 5 || i == 7) && i + 1 < n)
            slots[m++] = slot_of(h);
    }
    unsigned k = latin_skeleton(s, n, skel, sizeof skel);
    if (k >= 2) {
        h = TAG_SKELETON;
        for (unsigned i = 0; i < k; i++)
            h = mix(h, (unsigned char)skel[i]);
        slots[m++] = slot_of(h);
    }
    return m;
}

/* n-grams of code points, of the sizes from..to, with word boundaries when bounded. */
static unsigned grams(const uint16_t *cp, unsigned n, enum tag tag, unsigned from, unsigned to,
                      bool bounded, uint32_t *slots)
{
    uint16_t w[TOKEN_MAX + 2];
    unsigned m = 0, len = 0;
    if (bounded)
        w[len++] = '<';
    memcpy(w + len, cp, n * sizeof *cp);
    len += n;
    if (bounded)
        w[len++] = '>';
    for (unsigned i = 0; i < len; i++) {
        uint64_t h = mix(tag, 0);
        for (unsigned k = 1; k <= to && i + k <= len; k++) {
            h = mix(h, w[i + k - 1]);
            if (k >= from)
                slots[m++] = slot_of(mix(h, k));
        }
    }
    return m;
}

/* Thai and its neighbours: n-grams of two to four clusters, a cluster being a consonant with what
 * belongs to it. */
static unsigned cluster_features(const struct text_tables *tables, const struct text_token *t,
                                 uint32_t *slots)
{
    uint64_t cluster[TOKEN_MAX];
    unsigned n = 0, m = 0;
    for (unsigned i = 0; i < t->n;) {
        uint64_t h = TAG_CLUSTER;
        if (t->cls[i] == CLASS_LEADING && i + 1 < t->n)
            h = mix(h, t->cp[i++]);
        h = mix(h, t->cp[i++]);
        while (i < t->n && t->cls[i] == CLASS_ATTACHED)
            h = mix(h, t->cp[i++]);
        cluster[n++] = h;
    }
    for (unsigned i = 0; i < n; i++) {
        uint64_t h = 0;
        for (unsigned k = 0; k < 4 && i + k < n; k++) {
            h = (h ^ cluster[i + k]) * 0x9E3779B97F4A7C15u;
            h ^= h >> 31;
            if (k > 0 || n == 1)
                slots[m++] = slot_of(h);
        }
    }
    char latin[128];
    unsigned len = token_latin(tables, t, latin, sizeof latin);
    for (unsigned i = 0; i + 4 <= len; i++) {
        uint64_t h = TAG_GRAM;
        for (unsigned k = 0; k < 4; k++)
            h = mix(h, (unsigned char)latin[i + k]);
        slots[m++] = slot_of(h);
    }
    return m;
}

unsigned token_features(const struct text_tables *tables, const struct text_token *t,
                        uint32_t *slots)
{
    char latin[128];
    unsigned m = 0;
    uint64_t h;
    switch (t->kind) {
    case TOKEN_NUMBER:
        h = TAG_NUMBER;
        for (unsigned i = 0; i < t->n; i++)
            h = mix(h, t->cp[i]);
        slots[0] = slot_of(h);
        return 1;
    case TOKEN_CJK:
        return grams(t->cp, t->n, TAG_CJK, 1, 3, false, slots);
    case TOKEN_CLUSTER:
        return cluster_features(tables, t, slots);
    case TOKEN_KATA:
        return latin_features(latin, token_latin(tables, t, latin, sizeof latin), slots);
    case TOKEN_WORD:
        break;
    }
    h = TAG_WORD;
    for (unsigned i = 0; i < t->n; i++)
        h = mix(h, t->cp[i]);
    slots[m++] = slot_of(h);
    if (t->cls[0] == CLASS_HANGUL)
        m += grams(t->cp, t->n, TAG_HANGUL, 2, 3, true, slots + m);
    else if (t->cp[0] >= 0x590 &&
             t->cp[0] < 0x900) /* scripts that leave vowels out have short words */
        m += grams(t->cp, t->n, TAG_NATIVE, 3, 4, true, slots + m);
    m += latin_features(latin, token_latin(tables, t, latin, sizeof latin), slots + m);
    return m;
}

bool token_pair_feature(const struct text_token *before, const struct text_token *t, uint32_t *slot)
{
    if (before->kind != TOKEN_WORD || t->kind != TOKEN_WORD ||
        !(before->vietnamese || t->vietnamese))
        return false;
    *slot = slot_of(mix(before->key * 31 + TAG_PAIR, (uint32_t)(t->key >> 32)));
    return true;
}
