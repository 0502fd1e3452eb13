/* SPDX-License-Identifier: Apache-2.0 */
#include "surface.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>

#include "../text/limits.h"
#include "../text/utf8.h"

#define SHINGLE 4

static uint32_t final_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xFF51AFD7ED558CCDu;
    h ^= h >> 33;
    return (uint32_t)(h >> 16);
}

/* Scripts in which each character stands as a word of its own for this purpose. */
static bool stands_alone(uint32_t c)
{
    return (c >= 0x0E00 && c < 0x0F00) || (c >= 0x1000 && c < 0x10A0) ||
           (c >= 0x1780 && c < 0x1800) || (c >= 0x3040 && c < 0x3100) ||
           (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000;
}

/* Puts h into the ascending list of the smallest; equal ones once. */
static unsigned keep_smallest(uint32_t *list, unsigned n, unsigned most, uint32_t h)
{
    unsigned k = n;
    if (n == most && h >= list[n - 1])
        return n;
    while (k > 0 && list[k - 1] > h)
        k--;
    if (k > 0 && list[k - 1] == h)
        return n;
    unsigned move = n == most ? n - 1 - k : n - k;
    memmove(list + k + 1, list + k, move * sizeof *list);
    list[k] = h;
    return n == most ? n : n + 1;
}

struct shingler {
    uint64_t last[SHINGLE]; /* hashes of the last words */
    uint32_t words, tokens;
    uint32_t *out;
    unsigned n, most;
};

/* A word has ended; true when enough words were seen. */
static bool end_word(struct shingler *s, uint64_t word)
{
    uint64_t h = 0;
    memmove(s->last, s->last + 1, sizeof s->last - sizeof s->last[0]);
    s->last[SHINGLE - 1] = word;
    if (++s->words >= SHINGLE) {
        for (int i = 0; i < SHINGLE; i++)
            h = (h ^ s->last[i]) * 0x9E3779B97F4A7C15u + 1;
        s->n = keep_smallest(s->out, s->n, s->most, final_mix(h));
    }
    return s->words >= s->tokens;
}

unsigned surface_shingles(wn_str text, uint32_t tokens, uint32_t *out, unsigned most)
{
    struct shingler s = {{0}, 0, tokens, out, 0, most};
    uint64_t word = 0;
    bool done = false;
    size_t used, len = text.len < TEXT_LIMIT_ENCODED ? text.len : TEXT_LIMIT_ENCODED;
    for (size_t i = 0; i < len && !done; i += used) {
        uint32_t c = utf8_decode(text.ptr + i, len - i, &used);
        bool letter = c < 0x80 ? (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')
                               : u_isalnum((UChar32)c) || stands_alone(c);
        uint32_t low =
            c < 0x80 ? (c >= 'A' && c <= 'Z' ? c | 32 : c) : (uint32_t)u_tolower((UChar32)c);
        bool alone = letter && stands_alone(c);
        if (word && (!letter || alone)) {
            done = end_word(&s, word);
            word = 0;
        }
        if (alone && !done)
            done = end_word(&s, low);
        else if (letter)
            word = (word ^ low) * 0x100000001B3u + 0x9E37;
    }
    if (word && !done)
        end_word(&s, word);
    if (s.words > 0 && s.n == 0) {
        uint64_t h = s.words;
        for (int i = 0; i < SHINGLE; i++)
            h = (h ^ s.last[i]) * 0x9E3779B97F4A7C15u + 1;
        s.n = keep_smallest(out, 0, most, final_mix(h));
    }
    return s.n;
}

struct number {
    uint64_t hash;
    unsigned digits, dots, marks, group;
    bool thousands; /* so far its groups after the first have three digits each */
};

#define NO_NUMBER ((struct number){.thousands = true})

/* The bytes of a version's suffix at s, "-rc1" or "p353": a mark or none, letters, a digit. */
static size_t suffix_length(const char *s, size_t n)
{
    size_t at = n > 0 && (s[0] == '-' || s[0] == '_'), letters = 0;
    for (; at < n && letters <= 10 && (s[at] | 32) >= 'a' && (s[at] | 32) <= 'z'; at++)
        letters++;
    if (letters == 0 || letters > 10 || at >= n || s[at] < '0' || s[at] > '9')
        return 0;
    while (at < n && s[at] >= '0' && s[at] <= '9')
        at++;
    return at;
}

static unsigned end_number(const struct number *x, uint32_t *numbers, unsigned n, unsigned most,
                           uint8_t *versions)
{
    bool thousands = x->thousands && x->group == 3;
    uint32_t h = final_mix(x->hash);
    if (x->digits < 2 && !versions)
        return n; /* one digit says little, and may be written as a word */
    for (unsigned i = 0; i < n; i++)
        if (numbers[i] == h)
            return n;
    if (n == most)
        return n;
    numbers[n++] = h;
    /* 2.7.1, 3.0, and the numbers of reports and laws: long, without any mark for reading. */
    bool version = x->dots > 0 && !thousands && (x->dots > 1 || x->digits <= 3);
    if (versions && (version || (x->digits >= 5 && !x->marks)) && *versions < 255)
        (*versions)++;
    return n;
}

/* The value of a decimal digit of any script, or -1. */
static int digit_of(uint32_t c)
{
    if (c < 0x80)
        return c >= '0' && c <= '9' ? (int)(c - '0') : -1;
    return u_charType((UChar32)c) == U_DECIMAL_DIGIT_NUMBER ? u_charDigitValue((UChar32)c) : -1;
}

unsigned surface_numbers(wn_str text, uint32_t *numbers, unsigned n, unsigned most,
                         uint8_t *versions)
{
    struct number x = NO_NUMBER;
    size_t used, len = text.len < TEXT_LIMIT_ENCODED ? text.len : TEXT_LIMIT_ENCODED;
    for (size_t i = 0; i < len; i += used) {
        uint32_t c = utf8_decode(text.ptr + i, len - i, &used);
        int digit = digit_of(c);
        if (digit >= 0) {
            x.hash = x.hash * 31 + (uint64_t)digit + 1;
            x.digits++;
            x.group++;
            continue;
        }
        if (!x.digits)
            continue;
        size_t after;
        bool mark = c == '.' || c == ',' || c == 0x66B || c == 0x66C || c == 0xA0 || c == 0x202F;
        if (mark && i + used < len &&
            digit_of(utf8_decode(text.ptr + i + used, len - i - used, &after)) >= 0) {
            x.thousands = x.thousands && (x.dots == 0 || x.group == 3);
            x.dots += c == '.';
            x.marks++;
            x.group = 0;
            continue;
        }
        size_t suffix = x.dots ? suffix_length(text.ptr + i, len - i) : 0;
        for (size_t k = 0; k < suffix; k++)
            x.hash = x.hash * 31 + (uint64_t)(text.ptr[i + k] | 32);
        if (suffix)
            used = suffix;
        n = end_number(&x, numbers, n, most, versions);
        x = NO_NUMBER;
    }
    return x.digits ? end_number(&x, numbers, n, most, versions) : n;
}

/* Walks two ascending lists up to the smaller of their ends' reach. */
static void walk(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb, unsigned most,
                 unsigned *both, unsigned *only_a, unsigned *only_b)
{
    /* A full list knows nothing of hashes past its last. */
    uint32_t reach_a = na == most ? a[na - 1] : UINT32_MAX;
    uint32_t reach_b = nb == most ? b[nb - 1] : UINT32_MAX;
    uint32_t reach = reach_a < reach_b ? reach_a : reach_b;
    unsigned i = 0, j = 0;
    *both = *only_a = *only_b = 0;
    while (i < na || j < nb) {
        uint32_t x = i < na ? a[i] : UINT32_MAX, y = j < nb ? b[j] : UINT32_MAX;
        if ((x < y ? x : y) > reach)
            break;
        *both += x == y && i < na && j < nb;
        *only_a += i < na && (j >= nb || x < y);
        *only_b += j < nb && (i >= na || y < x);
        bool step_a = i < na && (j >= nb || x <= y), step_b = j < nb && (i >= na || y <= x);
        i += step_a;
        j += step_b;
    }
}

float surface_contained(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb,
                        unsigned most, unsigned *seen)
{
    unsigned both, only_a, only_b;
    walk(a, na, b, nb, most, &both, &only_a, &only_b);
    unsigned less = only_a < only_b ? only_a : only_b;
    *seen = both + less;
    return *seen ? (float)both / (float)*seen : 0;
}

float surface_alike(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb, unsigned most)
{
    unsigned both, only_a, only_b;
    walk(a, na, b, nb, most, &both, &only_a, &only_b);
    unsigned all = both + only_a + only_b;
    return all ? (float)both / (float)all : 0;
}

unsigned surface_shared(const uint32_t *a, unsigned na, const uint32_t *b, unsigned nb)
{
    unsigned n = 0;
    for (unsigned i = 0; i < na; i++)
        for (unsigned j = 0; j < nb; j++)
            if (a[i] == b[j]) {
                n++;
                break;
            }
    return n;
}
