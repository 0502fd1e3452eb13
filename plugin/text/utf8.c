/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <string.h>

uint32_t utf8_decode(const char *text, size_t n, size_t *used)
{
    const unsigned char *s = (const unsigned char *)text;
    *used = 1;
    if (s[0] < 0x80)
        return s[0];
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0xfffd;
    size_t more = s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    /* The second byte's range shuts out overlong forms, surrogates and what lies past U+10FFFF. */
    unsigned char low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    uint32_t cp = s[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if (i >= n || s[i] < low || s[i] > high) {
            *used = i;
            return 0xfffd;
        }
        cp = cp << 6 | (s[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *used = more + 1;
    return cp;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)(lead[more] | cp);
    return more + 1;
}

int utf8_valid(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        /* Eight ASCII bytes at a time: most feeds are mostly ASCII. */
        uint64_t eight;
        if (n - i >= 8 && (memcpy(&eight, s + i, 8), !(eight & 0x8080808080808080u))) {
            i += 8;
            continue;
        }
        if ((unsigned char)s[i] < 0x80) {
            i++;
            continue;
        }
        size_t used;
        if (utf8_decode(s + i, n - i, &used) == 0xfffd &&
            !(used == 3 && !memcmp(s + i, "\xef\xbf\xbd", 3)))
            return 0;
        i += used;
    }
    return 1;
}

size_t utf8_cut(const char *s, size_t len, size_t n)
{
    if (n >= len)
        return len;
    size_t k = n;
    while (k > 0 && n - k < 3 && ((unsigned char)s[k] & 0xc0) == 0x80)
        k--;
    return ((unsigned char)s[k] & 0xc0) == 0x80 ? n : k;
}
