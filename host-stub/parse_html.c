/* SPDX-License-Identifier: Apache-2.0 */
/* URLs in HTML that came as text. Not a parser: tags are found as a tokenizer would find them,
 * and everything but relative URLs is copied byte for byte. */
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "parse_entity.h"
#include "parse_text.h"
#include "parse_url.h"
#include "status.h"

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

int html_url_attr(wn_str name)
{
    static const char *const attrs[] = {"href",       "src",     "cite",     "action",
                                        "background", "poster",  "longdesc", "classid",
                                        "codebase",   "profile", "data",     "usemap"};
    for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
        if (strlen(attrs[i]) == name.len && strncasecmp(attrs[i], name.ptr, name.len) == 0)
            return 1;
    return 0;
}

/* Appends a relative URL made absolute, between double quotes: 1, or 0 and nothing is appended. */
static int add_absolute(struct buf *out, wn_str raw, wn_str base)
{
    if (raw.len > LIMIT_URL || url_is_absolute(str_trim(raw)))
        return 0;
    struct buf plain, absolute;
    int done = 0;
    buf_init(&plain, 2 * LIMIT_URL);
    buf_init(&absolute, 16 * LIMIT_URL);
    entity_text(&plain, raw.ptr, raw.len);
    if (!plain.err && !url_absolute(&absolute, base, str_of(plain.p, plain.n)) && absolute.n) {
        buf_addc(out, '"');
        text_to_attr(out, absolute.p, absolute.n);
        buf_addc(out, '"');
        done = 1;
    }
    buf_finish(&plain);
    buf_finish(&absolute);
    return done;
}

/* The same for a srcset, "a.jpg 300w, b.jpg 2x": each of its URLs. 0 where none is relative. */
static int add_absolute_set(struct buf *out, wn_str raw, wn_str base)
{
    struct buf plain, one, all;
    int changed = 0;
    if (raw.len > LIMIT_URL)
        return 0;
    buf_init(&plain, 2 * LIMIT_URL);
    buf_init(&one, 16 * LIMIT_URL);
    buf_init(&all, 64 * LIMIT_URL);
    entity_text(&plain, raw.ptr, raw.len);
    for (const char *p = plain.p, *end = p + plain.n; p && p < end && !all.err;) {
        const char *from = p;
        while (p < end && (is_space(*p) || *p == ','))
            p++;
        buf_add(&all, from, (size_t)(p - from));
        from = p;
        while (p < end && !is_space(*p))
            p++;
        const char *stop = p;
        while (stop > from && stop[-1] == ',')
            stop--;
        wn_str url = str_of(from, (size_t)(stop - from));
        buf_reset(&one);
        if (url.len && !url_is_absolute(url) && !url_absolute(&one, base, url) && one.n) {
            buf_add(&all, one.p, one.n);
            changed = 1;
        } else {
            buf_add(&all, url.ptr, url.len);
        }
        from = stop;
        for (int words = stop == p; words && p < end && *p != ',';)
            p++;
        buf_add(&all, from, (size_t)(p - from));
    }
    changed = changed && !plain.err && !all.err;
    if (changed) {
        buf_addc(out, '"');
        text_to_attr(out, all.p, all.n);
        buf_addc(out, '"');
    }
    buf_finish(&plain);
    buf_finish(&one);
    buf_finish(&all);
    return changed;
}

static int is_srcset(wn_str name)
{
    return name.len >= 6 && name.len < 20 && !strncasecmp(name.ptr + name.len - 6, "srcset", 6);
}

/* p stands behind a tag's name. Copies its attributes up to and with ">" and returns what follows.
 */
static const char *copy_attrs(struct buf *out, const char *p, const char *end, wn_str base)
{
    while (p < end && *p != '>') {
        const char *name = p;
        while (p < end && !is_space(*p) && *p != '>' && *p != '=')
            p++;
        wn_str attr = str_of(name, (size_t)(p - name));
        while (p < end && is_space(*p))
            p++;
        if (p == end || *p != '=') {
            buf_add(out, name, (size_t)(p - name));
            continue;
        }
        p++;
        while (p < end && is_space(*p))
            p++;
        buf_add(out, name, (size_t)(p - name));
        char quote = p < end && (*p == '"' || *p == '\'') ? *p : 0;
        const char *start = p + (quote != 0), *q = start;
        if (quote)
            q = memchr(start, quote, (size_t)(end - start));
        else
            while (q < end && !is_space(*q) && *q != '>')
                q++;
        if (!q) { /* the quote never closes: nothing more to do */
            buf_add(out, p, (size_t)(end - p));
            return end;
        }
        wn_str raw = str_of(start, (size_t)(q - start));
        if (is_srcset(attr) ? !add_absolute_set(out, raw, base)
                            : !html_url_attr(attr) || !add_absolute(out, raw, base))
            buf_add(out, p, (size_t)(q - p) + (quote != 0));
        p = q + (quote != 0);
    }
    return p;
}

int html_resolve(struct buf *out, const char *p, size_t n, wn_str base)
{
    const char *end = p + n;
    while (p < end) {
        const char *q = p;
        while ((q = memchr(q, '<', (size_t)(end - q))) != NULL && q + 1 < end &&
               !((q[1] | 32) >= 'a' && (q[1] | 32) <= 'z'))
            q++;
        if (!q || q + 1 >= end)
            return buf_add(out, p, (size_t)(end - p));
        q++;
        while (q < end && !is_space(*q) && *q != '>')
            q++;
        buf_add(out, p, (size_t)(q - p));
        p = copy_attrs(out, q, end, base);
        if (out->err)
            return out->err;
    }
    return out->err;
}
