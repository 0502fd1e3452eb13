/* SPDX-License-Identifier: Apache-2.0 */
#include "write_out.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "status.h"

void out_init(struct out *o, sink_fn sink, void *user)
{
    o->sink = sink;
    o->user = user;
    o->err = OK;
    o->n = 0;
}

int out_flush(struct out *o)
{
    if (!o->err && o->n)
        o->err = o->sink(o->user, o->bytes, o->n);
    o->n = 0;
    return o->err;
}

void out_raw(struct out *o, const char *p, size_t n)
{
    while (n && !o->err) {
        size_t room = sizeof o->bytes - o->n;
        size_t k = n < room ? n : room;
        memcpy(o->bytes + o->n, p, k);
        o->n += k;
        p += k;
        n -= k;
        if (o->n == sizeof o->bytes)
            out_flush(o);
    }
}

void out_s(struct out *o, const char *s)
{
    out_raw(o, s, strlen(s));
}

void out_f(struct out *o, const char *fmt, ...)
{
    char line[512]; /* numbers and names of ours alone: strings of others go through escapes */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n > 0)
        out_raw(o, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* What a byte needs: nothing, an escape in attributes alone, an escape, or a look at the whole
 * character. */
enum { P, A, E, L };
#define ROW8(x) x, x, x, x, x, x, x, x
#define ROW32(x) ROW8(x), ROW8(x), ROW8(x), ROW8(x)
/* clang-format off */
static const unsigned char needs[256] = {
    /* 00 */ E, E, E, E, E, E, E, E, E, A, A, E, E, E, E, E, ROW8(E), ROW8(E),
    /* 20 */ P, P, A, P, P, P, E, P, ROW8(P), ROW8(P), P, P, P, P, E, P, E, P,
    /* 40 */ ROW32(P), ROW8(P), ROW8(P), ROW8(P), P, P, P, P, P, P, P, E,
    /* 80 */ ROW32(L), ROW32(L), ROW32(L), ROW32(L)};
/* clang-format on */

/* The length of a character that is surely legal, which nearly all are: U+00C0 to U+07FF, U+1000 to
 * U+CFFF; 0: utf8_decode has to look. */
static size_t common_char(const unsigned char *s, size_t n)
{
    if (s[0] >= 0xc3 && s[0] <= 0xdf)
        return n > 1 && (s[1] & 0xc0) == 0x80 ? 2 : 0;
    if (s[0] >= 0xe1 && s[0] <= 0xec)
        return n > 2 && (s[1] & 0xc0) == 0x80 && (s[2] & 0xc0) == 0x80 ? 3 : 0;
    return 0;
}

/* XML 1.0 production [2], without the C1 controls: they are allowed, and never meant. */
static int xml_char(uint32_t cp)
{
    return (cp >= 0xa0 && cp <= 0xd7ff) || cp == 0x85 || (cp >= 0xe000 && cp <= 0xfffd) ||
           (cp >= 0x10000 && cp <= 0x10ffff && (cp & 0xfffe) != 0xfffe);
}

static void xml_escape(struct out *o, unsigned char c)
{
    switch (c) {
    case '&':
        out_raw(o, "&amp;", 5);
        break;
    case '<':
        out_raw(o, "&lt;", 4);
        break;
    case '>': /* "]]>" must not stand in character data */
        out_raw(o, "&gt;", 4);
        break;
    case '"':
        out_raw(o, "&quot;", 6);
        break;
    case '\t':
    case '\n':
    case '\r': /* a bare one would come back as a line feed, and in attributes as a space */
        out_f(o, "&#%d;", c);
        break;
    default:
        break; /* a control character that XML cannot say */
    }
}

static void xml_run(struct out *o, wn_str s, int in_attr)
{
    size_t i = 0, from = 0, n = s.ptr ? s.len : 0;
    while (i < n && !o->err) {
        int need = needs[(unsigned char)s.ptr[i]];
        if (need == P || (need == A && !in_attr)) {
            i++;
            continue;
        }
        size_t used = need == L ? common_char((const unsigned char *)s.ptr + i, n - i) : 1;
        if (need == L && !used) {
            uint32_t cp = utf8_decode(s.ptr + i, n - i, &used);
            char bytes[4];
            if (!xml_char(cp) || utf8_encode(cp, bytes) != used || memcmp(bytes, s.ptr + i, used)) {
                out_raw(o, s.ptr + from, i - from);
                out_raw(o, "\xef\xbf\xbd", 3);
                from = i + used;
            }
        } else if (need != L) {
            out_raw(o, s.ptr + from, i - from);
            xml_escape(o, (unsigned char)s.ptr[i]);
            from = i + 1;
        }
        i += used;
    }
    if (from < n)
        out_raw(o, s.ptr + from, n - from);
}

void xml_text(struct out *o, wn_str s)
{
    xml_run(o, s, 0);
}

void xml_attr(struct out *o, wn_str s)
{
    xml_run(o, s, 1);
}

void xml_pair(struct out *o, const char *name, wn_str value)
{
    if (absent(value))
        return;
    out_f(o, " %s=\"", name);
    xml_attr(o, value);
    out_s(o, "\"");
}

void xml_element(struct out *o, int indent, const char *name, wn_str text)
{
    if (absent(text))
        return;
    out_f(o, "%*s<%s>", indent, "", name);
    xml_text(o, text);
    out_f(o, "</%s>\n", name);
}

void json_inside(struct out *o, wn_str s)
{
    size_t i = 0, from = 0, n = s.ptr ? s.len : 0;
    while (i < n && !o->err) {
        unsigned char c = (unsigned char)s.ptr[i];
        size_t used = 1;
        if (c >= 0x80) {
            size_t common = common_char((const unsigned char *)s.ptr + i, n - i);
            if (common) {
                i += common;
                continue;
            }
            uint32_t cp = utf8_decode(s.ptr + i, n - i, &used);
            char bytes[4];
            if (utf8_encode(cp, bytes) == used && !memcmp(bytes, s.ptr + i, used)) {
                i += used;
                continue;
            }
        } else if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i++;
            continue;
        }
        out_raw(o, s.ptr + from, i - from);
        if (c >= 0x80)
            out_raw(o, "\xef\xbf\xbd", 3);
        else if (c == '"' || c == '\\')
            out_f(o, "\\%c", c);
        else if (c == '\n')
            out_raw(o, "\\n", 2);
        else if (c == '\t')
            out_raw(o, "\\t", 2);
        else if (c == '\r')
            out_raw(o, "\\r", 2);
        /* The other controls vanish, as in XML: many readers choke on \u0000. */
        i += used;
        from = i;
    }
    if (from < n)
        out_raw(o, s.ptr + from, n - from);
}

void json_quoted(struct out *o, wn_str s)
{
    out_raw(o, "\"", 1);
    json_inside(o, s);
    out_raw(o, "\"", 1);
}

void json_pair(struct out *o, const char *name, wn_str text)
{
    if (absent(text))
        return;
    out_f(o, "\"%s\":", name);
    json_quoted(o, text);
    out_raw(o, ",", 1);
}
