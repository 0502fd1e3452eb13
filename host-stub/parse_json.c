/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_json.h"

#include <stdint.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "encoding.h"

void json_init(struct json *j, const char *bytes, size_t n, int dirty)
{
    *j = (struct json){bytes, bytes, bytes + n, dirty, 0};
}

static void space(struct json *j)
{
    while (j->p < j->end && (*j->p == ' ' || (*j->p >= '\t' && *j->p <= '\r') || *j->p == ','))
        j->p++;
}

int json_peek(struct json *j)
{
    space(j);
    if (j->p == j->end) {
        j->bad = 1;
        return 0;
    }
    char c = *j->p;
    if (c == '-' || (c >= '0' && c <= '9'))
        return '0';
    if (strchr("{[\"tfn", c) && c)
        return c;
    return 0;
}

int json_enter(struct json *j, char open)
{
    if (json_peek(j) != open)
        return 0;
    j->p++;
    return 1;
}

/* At what should end an object or array: goes past it. Anything else is malformed, and so is what
 * follows: reading ends. */
static int leave(struct json *j, char close)
{
    if (j->p < j->end && *j->p == close) {
        j->p++;
    } else {
        j->bad = 1;
        j->p = j->end;
    }
    return 0;
}

static int hex(const char *p, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return 0;
        *value = *value << 4 | (uint32_t)digit;
    }
    return 1;
}

/* At the character behind a backslash: appends what it means, returns where reading goes on. */
static const char *escape(const char *p, const char *end, struct buf *out)
{
    static const char from[] = "bfnrt", to[] = "\0\0\n\n\t";
    const char *at = *p ? strchr(from, *p) : NULL;
    if (at) {
        if (to[at - from])
            buf_addc(out, to[at - from]);
        return p + 1;
    }
    uint32_t cp, low;
    if (*p == '"' || *p == '\\') {
        buf_addc(out, *p);
        return p + 1;
    }
    if (*p != 'u' || end - p < 5 || !hex(p + 1, &cp))
        return p; /* no escape at all: the character stands for itself */
    p += 5;
    if (cp >= 0xd800 && cp < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
        hex(p + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        cp = 0x10000 + ((cp - 0xd800) << 10 | (low - 0xdc00));
        p += 6;
    }
    char utf8[4];
    if (cp >= 0x20 && cp != 0x7f)
        buf_add(out, utf8, utf8_encode(cp, utf8));
    else if (cp == '\n' || cp == '\t')
        buf_addc(out, (char)cp);
    return p;
}

/* At an opening quote. out NULL: only goes past it. */
static void string(struct json *j, struct buf *out)
{
    const char *p = j->p + 1;
    for (;;) {
        const char *q = p;
        while (q < j->end && *q != '"' && *q != '\\')
            q++;
        if (out &&
            (j->dirty ? encoding_clean(out, p, (size_t)(q - p)) : buf_add(out, p, (size_t)(q - p))))
            out = NULL;
        if (q == j->end || q + 1 == j->end) {
            j->bad |= q == j->end || *q != '"';
            j->p = j->end;
            return;
        }
        if (*q == '"') {
            j->p = q + 1;
            return;
        }
        p = out ? escape(q + 1, j->end, out) : q + 2;
    }
}

static int is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' || c == '-' ||
           c == '.';
}

int json_text(struct json *j, struct buf *out)
{
    int kind = json_peek(j);
    buf_reset(out);
    if (kind == '"') {
        string(j, out);
        return !out->err && out->n > 0;
    }
    if (kind == '0' || kind == 't' || kind == 'f') {
        const char *q = j->p;
        while (q < j->end && is_word(*q))
            q++;
        buf_add(out, j->p, (size_t)(q - j->p));
        j->p = q;
        return !out->err;
    }
    json_skip(j);
    return 0;
}

int json_key(struct json *j, struct buf *key)
{
    int kind = json_peek(j);
    if (kind != '"')
        return leave(j, '}');
    buf_reset(key);
    string(j, key);
    while (j->p < j->end && (*j->p == ' ' || (*j->p >= '\t' && *j->p <= '\r')))
        j->p++;
    if (j->p == j->end || *j->p != ':')
        return leave(j, ':');
    j->p++;
    if (!key->p)
        buf_add(key, "", 0);
    return key->err ? leave(j, ':') : 1;
}

int json_element(struct json *j)
{
    int kind = json_peek(j);
    return kind ? 1 : leave(j, ']');
}

void json_skip(struct json *j)
{
    size_t depth = 0;
    do {
        int kind = json_peek(j);
        if (kind == '{' || kind == '[') {
            depth++;
            j->p++;
        } else if (kind == '"') {
            string(j, NULL);
        } else if (kind) {
            while (j->p < j->end && is_word(*j->p))
                j->p++;
        } else if (j->p < j->end && (*j->p == '}' || *j->p == ']') && depth) {
            depth--;
            j->p++;
        } else if (j->p < j->end && *j->p == ':' && depth) {
            j->p++;
        } else {
            j->bad = 1;
            j->p = j->end;
        }
    } while (depth && j->p < j->end);
}
