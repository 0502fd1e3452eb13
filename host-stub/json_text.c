/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <string.h>

/* 1: may not stand in a string as it is, or may not: C2 begins the C1 controls. */
static int is_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c == 0xc2;
}

static int block_special(const unsigned char *s)
{
    unsigned char any = 0;
    for (int i = 0; i < 32; i++)
        any |= (unsigned char)((s[i] < 0x20) | (s[i] == '"') | (s[i] == '\\') | (s[i] == 0x7f) |
                               (s[i] == 0xc2));
    return any;
}

/* Writes what stands for s[0] to `to`; *used: the bytes of s that it took. */
static size_t escape(const unsigned char *s, size_t n, char *to, size_t *used)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = s[0];
    *used = 1;
    if (c == 0xc2) {
        if (n < 2 || s[1] < 0x80 || s[1] >= 0xa0) {
            to[0] = (char)c;
            return 1;
        }
        *used = 2;
        c = s[1];
    }
    to[0] = '\\';
    if (c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r') {
        to[1] = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : (char)c;
        return 2;
    }
    memcpy(to + 1, "u00", 3);
    to[4] = hex[c >> 4];
    to[5] = hex[c & 15];
    return 6;
}

int buf_json_inside(struct buf *out, wn_str str)
{
    enum { PIECE = 4096 };
    const unsigned char *s = (const unsigned char *)str.ptr, *end = s + (str.ptr ? str.len : 0);
    while (s < end) {
        const unsigned char *stop = (size_t)(end - s) > PIECE ? s + PIECE : end;
        char *start = buf_room(out, 6 * (size_t)(stop - s) + 6), *to = start;
        if (!start)
            return out->err;
        while (s < stop) {
            if (stop - s >= 32 && !block_special(s)) {
                memcpy(to, s, 32);
                to += 32;
                s += 32;
                continue;
            }
            const unsigned char *here = stop - s > 32 ? s + 32 : stop;
            while (s < here) {
                if (!is_special(*s)) {
                    *to++ = (char)*s++;
                    continue;
                }
                size_t used;
                to += escape(s, (size_t)(end - s), to, &used);
                s += used;
            }
        }
        out->n += (size_t)(to - start);
    }
    return out->err;
}

int buf_json_string(struct buf *out, wn_str s)
{
    if (!s.ptr)
        return buf_adds(out, "null");
    buf_addc(out, '"');
    buf_json_inside(out, s);
    return buf_addc(out, '"');
}
