/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

#include <string.h>
#include <strings.h>

#include "../text/utf8.h"

/* References that stand in names and headlines; all others are numeric or left as they are. */
static const struct reference {
    const char *name;
    const char *text;
} references[] = {
    {"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},
    {"nbsp", " "},   {"auml", "ä"},   {"ouml", "ö"},   {"uuml", "ü"},   {"Auml", "Ä"},
    {"Ouml", "Ö"},   {"Uuml", "Ü"},   {"szlig", "ß"},  {"eacute", "é"}, {"egrave", "è"},
    {"ecirc", "ê"},  {"agrave", "à"}, {"aacute", "á"}, {"acirc", "â"},  {"atilde", "ã"},
    {"ccedil", "ç"}, {"iacute", "í"}, {"icirc", "î"},  {"oacute", "ó"}, {"ocirc", "ô"},
    {"otilde", "õ"}, {"uacute", "ú"}, {"ntilde", "ñ"}, {"Eacute", "É"}, {"middot", "·"},
    {"ndash", "–"},  {"mdash", "—"},  {"rsquo", "'"},  {"lsquo", "'"},  {"ldquo", "\""},
    {"rdquo", "\""}, {"hellip", "…"},
};

#define REFERENCE_MAX 12 /* bytes between & and ; that are looked at */

static size_t numeric(const char *s, size_t n, char *out)
{
    unsigned base = 10;
    uint32_t c = 0;
    size_t i = 0;
    if (n && (*s == 'x' || *s == 'X')) {
        base = 16;
        i = 1;
    }
    if (i == n)
        return 0;
    for (; i < n; i++) {
        unsigned char b = (unsigned char)s[i];
        unsigned d = 99;
        if (b >= '0' && b <= '9')
            d = b - (unsigned)'0';
        else if ((b | 32) >= 'a' && (b | 32) <= 'f')
            d = (b | 32u) - 'a' + 10;
        if (d >= base || c > 0x10FFFF)
            return 0;
        c = c * base + d;
    }
    return c < 0x20 ? 0 : utf8_encode(c, out);
}

/* Decodes the reference at s[0] == '&'; out[4]. Returns the bytes written, sets *used; 0: none. */
static size_t decode(const char *s, size_t n, char *out, size_t *used)
{
    size_t limit = n < REFERENCE_MAX ? n : REFERENCE_MAX;
    const char *semi = memchr(s, ';', limit);
    if (!semi || semi < s + 2)
        return 0;
    size_t len = (size_t)(semi - s) - 1;
    *used = len + 2;
    if (s[1] == '#')
        return numeric(s + 2, len - 1, out);
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (strlen(references[i].name) == len && !memcmp(references[i].name, s + 1, len)) {
            size_t k = strlen(references[i].text);
            memcpy(out, references[i].text, k);
            return k;
        }
    return 0;
}

static int opens(const char *s, size_t n, const char *name)
{
    size_t k = strlen(name);
    return n > k && !strncasecmp(s, name, k) && !((s[k] | 32) >= 'a' && (s[k] | 32) <= 'z');
}

/* The end of the element whose text is not for people, from behind its start tag. */
static size_t skip_raw(const char *s, size_t n, size_t i, const char *name)
{
    for (; i + 2 < n; i++)
        if (s[i] == '<' && s[i + 1] == '/' && opens(s + i + 2, n - i - 2, name))
            return i;
    return n;
}

static size_t strip(const char *s, size_t n, char *out, size_t cap)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k < cap;) {
        char one[8];
        size_t used, len;
        if (s[i] == '<' && i + 1 < n &&
            ((s[i + 1] | 32) >= 'a' ? (s[i + 1] | 32) <= 'z'
                                    : s[i + 1] == '/' || s[i + 1] == '!' || s[i + 1] == '?')) {
            const char *gt = memchr(s + i, '>', n - i);
            size_t close = gt ? (size_t)(gt - s) + 1 : n;
            const char *raw = opens(s + i + 1, n - i - 1, "script")  ? "script"
                              : opens(s + i + 1, n - i - 1, "style") ? "style"
                                                                     : NULL;
            i = raw ? skip_raw(s, n, close, raw) : close;
            out[k++] = ' ';
        } else if (s[i] == '&' && (len = decode(s + i, n - i, one, &used)) && k + len <= cap) {
            memcpy(out + k, one, len);
            k += len;
            i += used;
        } else {
            out[k++] = s[i++];
        }
    }
    return k;
}

static size_t redecode(char *s, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n;) {
        char one[8];
        size_t used, len;
        if (s[i] == '&' && (len = decode(s + i, n - i, one, &used))) {
            memcpy(s + k, one, len); /* a reference is never shorter than what it stands for */
            k += len;
            i += used;
        } else {
            s[k++] = s[i++];
        }
    }
    return k;
}

size_t plain_text(const char *s, size_t n, char *out, size_t cap)
{
    return redecode(out, strip(s, n, out, cap));
}
