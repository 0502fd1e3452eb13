/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "limits.h"
#include "parse_entity.h"
#include "status.h"

/* Elements of HTML, past and present, sorted: what a "<" in an RSS title may begin. */
static const char *const elements[] = {
    "a",          "abbr",     "acronym", "address",    "applet",   "area",     "article",
    "aside",      "audio",    "b",       "base",       "basefont", "bdi",      "bdo",
    "bgsound",    "big",      "blink",   "blockquote", "body",     "br",       "button",
    "canvas",     "caption",  "center",  "cite",       "code",     "col",      "colgroup",
    "data",       "datalist", "dd",      "del",        "details",  "dfn",      "dialog",
    "dir",        "div",      "dl",      "dt",         "em",       "embed",    "fieldset",
    "figcaption", "figure",   "font",    "footer",     "form",     "frame",    "frameset",
    "h1",         "h2",       "h3",      "h4",         "h5",       "h6",       "head",
    "header",     "hgroup",   "hr",      "html",       "i",        "iframe",   "img",
    "input",      "ins",      "kbd",     "label",      "legend",   "li",       "link",
    "main",       "map",      "mark",    "marquee",    "menu",     "meta",     "meter",
    "nav",        "nobr",     "noembed", "noframes",   "noscript", "object",   "ol",
    "optgroup",   "option",   "output",  "p",          "param",    "picture",  "pre",
    "progress",   "q",        "rb",      "rp",         "rt",       "ruby",     "s",
    "samp",       "script",   "search",  "section",    "select",   "slot",     "small",
    "source",     "span",     "strike",  "strong",     "style",    "sub",      "summary",
    "sup",        "table",    "tbody",   "td",         "template", "textarea", "tfoot",
    "th",         "thead",    "time",    "title",      "tr",       "track",    "tt",
    "u",          "ul",       "var",     "video",      "wbr",      "xmp",
};

struct word {
    const char *p;
    size_t n;
};

static int compare(const void *key, const void *element)
{
    const struct word *w = key;
    const char *name = *(const char *const *)element;
    int c = strncasecmp(w->p, name, w->n);
    return c ? c : name[w->n] ? -1 : 0;
}

int html_is_element(wn_str name)
{
    struct word w = {name.ptr, name.len};
    return bsearch(&w, elements, sizeof elements / sizeof *elements, sizeof *elements, compare) !=
           NULL;
}

static int is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Elements that end a word. */
static int is_block(const char *p, size_t n)
{
    static const char *const blocks[] = {"br", "p",  "div", "li", "td", "tr", "h1",
                                         "h2", "h3", "h4",  "dd", "dt", "hr", "th"};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (strlen(blocks[i]) == n && strncasecmp(p, blocks[i], n) == 0)
            return 1;
    return 0;
}

/* Past the ">" of a tag; one in a quoted value is none. NULL if there is none. */
static const char *past_tag(const char *q, const char *end)
{
    const char *first = NULL;
    for (char quote = 0; q < end; q++) {
        if (quote) {
            quote = *q == quote ? 0 : quote;
            first = *q == '>' && !first ? q : first;
        } else if (*q == '>') {
            return q + 1;
        } else if ((*q == '"' || *q == '\'') && q[-1] == '=') {
            quote = *q;
        }
    }
    return first ? first + 1 : NULL; /* a quote too few */
}

/* The end of the tag that begins at p ("<"), past its ">"; NULL if none begins there. */
static const char *tag_end(const char *p, const char *end, enum text_kind kind, wn_str *name)
{
    const char *q = p + 1;
    *name = str_of(q, 0);
    if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
        const char *close = memmem(p + 4, (size_t)(end - p - 4), "-->", 3);
        if (close)
            return close + 3;
        close = memchr(p, '>', (size_t)(end - p));
        return close ? close + 1 : end;
    }
    if (q < end && *q == '/')
        q++;
    else if (q < end && (*q == '!' || *q == '?') && kind == TEXT_HTML)
        return (q = memchr(q, '>', (size_t)(end - q))) ? q + 1 : NULL;
    const char *start = q;
    while (q < end && (is_letter(*q) || (*q >= '0' && *q <= '9')))
        q++;
    size_t n = (size_t)(q - start);
    if (!n || !is_letter(*start) || (kind != TEXT_HTML && !html_is_element(str_of(start, n))))
        return NULL;
    if (q < end && !is_space(*q) && *q != '>' && *q != '/' && kind != TEXT_HTML)
        return NULL;
    *name = str_of(start, n);
    return past_tag(q, end);
}

/* Past the end tag of an element whose text isn't text (script, style), or `p` itself. */
static const char *past_raw(const char *tag, const char *p, const char *end, wn_str name)
{
    int raw = (name.len == 6 && strncasecmp(name.ptr, "script", 6) == 0) ||
              (name.len == 5 && strncasecmp(name.ptr, "style", 5) == 0);
    if (!raw || tag[1] == '/' || p[-2] == '/')
        return p;
    for (const char *q = p; (q = memchr(q, '<', (size_t)(end - q))) != NULL; q++)
        if ((size_t)(end - q) > name.len + 2 && q[1] == '/' &&
            strncasecmp(q + 2, name.ptr, name.len) == 0) {
            q = memchr(q, '>', (size_t)(end - q));
            return q ? q + 1 : end;
        }
    return end;
}

static int strip_tags(struct buf *out, const char *p, size_t n, enum text_kind kind)
{
    const char *end = p + n;
    unsigned misses = 0;
    while (p < end) {
        const char *lt = memchr(p, '<', (size_t)(end - p)), *next = NULL;
        wn_str name;
        if (lt && misses < 64 && !(next = tag_end(lt, end, kind, &name)))
            misses++; /* each miss may search to the end: a flood of "<" isn't worth it */
        const char *stop = !lt ? end : next ? lt : lt + 1;
        if (entity_text(out, p, (size_t)(stop - p)))
            return out->err;
        p = stop;
        if (next) {
            if (is_block(name.ptr, name.len))
                buf_addc(out, ' ');
            p = past_raw(lt, next, end, name);
        }
    }
    return out->err;
}

static int fold(struct buf *out, const char *p, size_t n)
{
    wn_str s = str_trim(str_of(p, n));
    const char *end = s.ptr + s.len;
    for (p = s.ptr; p < end;) {
        const char *q = p;
        while (q < end && !is_space(*q))
            q++;
        if (q < end && *q == ' ' && q + 1 < end && !is_space(q[1])) {
            q++; /* one blank between words is taken along */
        }
        if (buf_add(out, p, (size_t)(q - p)))
            return out->err;
        if (q < end && is_space(*q)) {
            while (q < end && is_space(*q))
                q++;
            if (q < end && buf_addc(out, ' '))
                return out->err;
        }
        p = q;
    }
    return out->err;
}

int text_line(struct buf *out, const char *p, size_t n, enum text_kind kind)
{
    if (kind == TEXT_PLAIN || (!memchr(p, '<', n) && !memchr(p, '&', n)))
        return fold(out, p, n);
    struct buf b;
    buf_init(&b, LIMIT_ITEM);
    int status = strip_tags(&b, p, n, kind);
    if (!status && b.n)
        status = fold(out, b.p, b.n);
    buf_finish(&b);
    return status;
}

static int escape(struct buf *out, const char *p, size_t n, int attr)
{
    const char *end = p + n, *from = p;
    for (; p < end; p++) {
        const char *instead = *p == '&'            ? "&amp;"
                              : *p == '<'          ? "&lt;"
                              : *p == '>' && !attr ? "&gt;"
                              : *p == '"' && attr  ? "&quot;"
                                                   : NULL;
        if (!instead)
            continue;
        if (buf_add(out, from, (size_t)(p - from)) || buf_adds(out, instead))
            return out->err;
        from = p + 1;
    }
    return buf_add(out, from, (size_t)(end - from));
}

int text_is(wn_str s, const char *word)
{
    size_t n = strlen(word);
    return s.len == n && (!n || strncasecmp(s.ptr, word, n) == 0);
}

int text_begins(wn_str s, const char *word)
{
    size_t n = strlen(word);
    return s.len >= n && strncasecmp(s.ptr, word, n) == 0;
}

int text_to_html(struct buf *out, const char *p, size_t n)
{
    return escape(out, p, n, 0);
}

int text_to_attr(struct buf *out, const char *p, size_t n)
{
    return escape(out, p, n, 1);
}

int text_from_base64(struct buf *out, const char *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int have = 0, pad = 0;
    char *to = buf_room(out, n / 4 * 3 + 3), *start = to;
    if (!to)
        return out->err;
    for (size_t i = 0; i < n; i++) {
        if (is_space(p[i]))
            continue;
        const char *d = p[i] ? strchr(digits, p[i]) : NULL;
        if (p[i] == '=') {
            pad = 1;
            continue;
        }
        if (!d || pad)
            return E_SYNTAX;
        bits = bits << 6 | (uint32_t)(d - digits);
        if ((have += 6) >= 8)
            *to++ = (char)(bits >> (have -= 8) & 0xff);
    }
    out->n += (size_t)(to - start);
    return buf_add(out, "", 0);
}
