/* SPDX-License-Identifier: Apache-2.0 */
#include "norm.h"

#include <string.h>
#include <unicode/uchar.h>

#include "../text/utf8.h"

/* What becomes of a code point past ASCII: 0 drop it, ' ' or another ASCII character, or itself. */
static uint32_t fold(uint32_t cp)
{
    if (cp >= 0xff01 && cp <= 0xff5e) {
        cp -= 0xfee0; /* full-width forms */
        if (cp < 0x80 && cp != '(' && cp != ')' && cp != '"' && cp != '\'' && cp != '`')
            return cp == '|' ? '/' : cp >= 'A' && cp <= 'Z' ? cp | 0x20 : cp;
    }
    switch (cp) {
    case 0xa0:
    case 0x1680:
    case 0x202f:
    case 0x205f:
    case 0x3000:
        return ' ';
    case 0xb7:
    case 0x2022:
    case 0x25cf:
    case 0x25a0:
    case 0x25aa:
    case 0x25b6:
    case 0x25ba:
    case 0x2043:
    case 0x30fb:
    case 0x2023:
    case 0x25c6:
    case 0x25cb:
        return ' ';
    case 0x60:
    case 0xb4:
    case 0xab:
    case 0xbb:
    case 0x22:
    case 0x27:
    case 0x300c:
    case 0x300d:
    case 0x300e:
    case 0x300f:
    case 0x300a:
    case 0x300b:
    case 0x2039:
    case 0x203a:
        return 0;
    case 0x2026:
        return '.';
    case 0x3001:
    case 0x60c:
    case 0xff64:
        return ',';
    case 0x3002:
    case 0xff61:
    case 0x6d4:
        return '.';
    case 0x28:
    case 0x3010:
    case 0x3014:
    case 0xff5b:
        return '[';
    case 0x29:
    case 0x3011:
    case 0x3015:
    case 0xff5d:
        return ']';
    case 0x61b:
        return ';';
    case 0x61f:
        return '?';
    case 0x2212:
    case 0x30fc: /* the Japanese length mark is kept below */
        return cp == 0x30fc ? cp : '-';
    case 0x640:
    case 0xad:
    case 0xfeff:
    case 0xfe0f:
    case 0xfe0e:
        return 0;
    default:
        break;
    }
    if (cp >= 0x2000 && cp <= 0x200a)
        return ' ';
    if (cp >= 0x2010 && cp <= 0x2015)
        return '-';
    if ((cp >= 0x2018 && cp <= 0x201f) || (cp >= 0x200b && cp <= 0x200f) ||
        (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
        (cp >= 0x64b && cp <= 0x652))
        return 0;
    if ((cp >= 0x2190 && cp <= 0x21ff) || (cp >= 0x2700 && cp <= 0x27bf) ||
        (cp >= 0x1f000 && cp <= 0x1faff) || (cp >= 0x2600 && cp <= 0x26ff))
        return ' '; /* arrows, dingbats, emoji */
    if (cp >= 0x660 && u_charType((UChar32)cp) == U_DECIMAL_DIGIT_NUMBER)
        return '0';
    return (uint32_t)u_foldCase((UChar32)cp, U_FOLD_CASE_DEFAULT);
}

int norm_decoration(char c)
{
    return c > 0 && c <= 0x7e && strchr(" .,:;!?-*|>#()[]/+=~_<&^{}", c) != NULL;
}

void norm_trim(const char **s, size_t *n)
{
    while (*n && norm_decoration((*s)[0])) {
        ++*s;
        --*n;
    }
    while (*n && norm_decoration((*s)[*n - 1]))
        --*n;
}

/* The letters of ASCII at s: most of most texts, and nothing in them needs a second look. */
static size_t ascii_word(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && (unsigned char)((s[i] | 0x20) - 'a') < 26)
        i++;
    return i;
}

int norm_text(const char *s, size_t n, int trim, struct tbuf *out, uint32_t *map)
{
    size_t start = out->n, k = 0;
    if (tbuf_room(out, n + 8))
        return out->err;
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t word = ascii_word(s + i, n - i);
        if (word) {
            if (tbuf_room(out, word))
                return out->err;
            for (size_t b = 0; b < word; b++) {
                out->p[out->n++] = (char)(s[i + b] | 0x20);
                if (map)
                    map[k++] = (uint32_t)(i + b + 1);
            }
            out->p[out->n] = '\0';
            i += word;
            continue;
        }
        char bytes[4];
        size_t used = 1, len = 1;
        uint32_t cp = c;
        if (c < 0x80) {
            if (c <= ' ' || c == 0x7f)
                cp = ' ';
            else if (c >= '0' && c <= '9')
                cp = '0';
            else if (c == '\'' || c == '"' || c == '`')
                cp = 0;
            else if (c == '|')
                cp = '/';
            else if (c == '(')
                cp = '[';
            else if (c == ')')
                cp = ']';
        } else {
            cp = fold(utf8_decode(s + i, n - i, &used));
            if (cp >= '0' && cp <= '9')
                cp = '0';
        }
        i += used;
        if (!cp)
            continue;
        char last = out->n > start ? out->p[out->n - 1] : trim ? ' ' : '\0';
        if ((cp == ' ' && (last == ' ' || (trim && out->n == start))) ||
            (cp == '0' && last == '0') || (cp == '.' && last == '.')) {
            if (map && k)
                map[k - 1] = (uint32_t)i;
            continue;
        }
        if (trim && out->n == start && cp < 0x80 && norm_decoration((char)cp))
            continue;
        if (cp < 0x80)
            bytes[0] = (char)cp;
        else
            len = utf8_encode(cp, bytes);
        if (tbuf_addn(out, bytes, len))
            return out->err;
        for (size_t b = 0; map && b < len; b++)
            map[k++] = (uint32_t)i;
    }
    if (trim)
        while (out->n > start && norm_decoration(out->p[out->n - 1]))
            out->p[--out->n] = '\0';
    return out->err;
}
