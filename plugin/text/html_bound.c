/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_bound.c: what gumbo gets to see. A small tokenizer copies the input tag by tag and leaves
 * out what would make gumbo slow (it is quadratic in open elements, in open formatting elements and
 * in attributes) or what is dropped later anyway (comments, scripts, styles, unknown attributes).
 * Safety doesn't rest on it: sanitising works on gumbo's tree, whatever this file lets through.
 */
#include <string.h>

#include "html_bound.h"
#include "limits.h"
#include "utf8.h"

static int alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The place behind the next </name, or n + 1 if there is none. */
static size_t skip_past_end(struct bound *b, size_t from, const char *name, size_t len)
{
    for (size_t i = from; i + len + 2 <= b->n; i++) {
        const char *lt = memchr(b->s + i, '<', b->n - i);
        if (!lt)
            break;
        i = (size_t)(lt - b->s);
        if (i + len + 2 > b->n || b->s[i + 1] != '/')
            continue;
        size_t k = 0;
        while (k < len && lower(b->s[i + 2 + k]) == name[k])
            k++;
        if (k < len || (i + 2 + k < b->n && alpha(b->s[i + 2 + k])))
            continue;
        const char *gt = memchr(b->s + i, '>', b->n - i);
        return gt ? (size_t)(gt - b->s) + 1 : b->n;
    }
    b->wasted += b->n - from;
    return b->n + 1;
}

static void pop_to(struct bound *b, unsigned depth)
{
    b->depth = depth;
}

/* The place of the nearest open table, or -1. */
static int open_table(const struct bound *b)
{
    for (unsigned i = b->depth; i-- > 0;)
        if (b->stack[i].tag == GUMBO_TAG_TABLE)
            return (int)i;
    return -1;
}

/* Whether a start tag may go to gumbo; keeps the books of what is open. */
static int admit_start(struct bound *b, GumboTag t)
{
    if (++b->tags > TEXT_LIMIT_TAGS) {
        *b->warnings |= HTML_CUT_TAGS;
        return 0;
    }
    if (bound_cell(t)) {
        int table = open_table(b);
        if (table >= 0) {
            pop_to(b, (unsigned)table + 1);
            b->active = b->stack[table].active;
        }
    }
    if (bound_shallow(t))
        return 1;
    if (bound_formatting(t)) {
        if (b->active >= TEXT_LIMIT_FORMATS) {
            *b->warnings |= HTML_CUT_DEPTH;
            return 0;
        }
    }
    if (b->depth >= TEXT_LIMIT_DEPTH) {
        *b->warnings |= HTML_CUT_DEPTH;
        b->flattened++;
        return 0;
    }
    b->stack[b->depth].tag = (uint16_t)t;
    b->stack[b->depth++].active = (uint16_t)b->active;
    if (bound_formatting(t))
        b->active++;
    return 1;
}

static int admit_end(struct bound *b, GumboTag t)
{
    if (++b->tags > TEXT_LIMIT_TAGS * 2)
        return 0;
    if (bound_shallow(t))
        return !(t == GUMBO_TAG_P && b->tags > TEXT_LIMIT_TAGS);
    int format = bound_formatting(t);
    for (unsigned i = b->depth; i-- > 0;) {
        if (b->stack[i].tag == t) {
            if (format) {
                /* Only this one goes; those above it are reopened by the parser. */
                memmove(&b->stack[i], &b->stack[i + 1], (b->depth - i - 1) * sizeof b->stack[0]);
                b->depth--;
                b->active -= b->active > 0;
            } else {
                if (t == GUMBO_TAG_TABLE)
                    b->active = b->stack[i].active;
                pop_to(b, i);
            }
            return 1;
        }
        if (format && b->stack[i].tag == GUMBO_TAG_TABLE)
            return 0;
    }
    return 0;
}

/* Copies one attribute, its value as it stands but surely quoted. */
static void copy_attribute(struct bound *b, const char *name, size_t nn, const char *value,
                           size_t nv)
{
    int has_double = memchr(value, '"', nv) != NULL;
    char quote = has_double ? '\'' : '"';
    if (has_double && memchr(value, '\'', nv))
        return; /* an unquoted value with both quotes: nobody means that */
    tbuf_addc(b->out, ' ');
    tbuf_add(b->out, name, nn);
    tbuf_addc(b->out, '=');
    tbuf_addc(b->out, quote);
    bound_copy_text(b, value, nv);
    tbuf_addc(b->out, quote);
}

/* Reads the attributes from i on, copying the wanted ones if `copy`. Returns the place behind '>',
 * or 0 when the tag never ends. */
static size_t attributes(struct bound *b, size_t i, int copy)
{
    unsigned count = 0;
    for (;;) {
        while (i < b->n && (bound_space(b->s[i]) || b->s[i] == '/'))
            i++;
        if (i >= b->n)
            return 0;
        if (b->s[i] == '>')
            return i + 1;
        char name[32];
        size_t start = i, nn = 0;
        do {
            if (nn < sizeof name)
                name[nn++] = lower(b->s[i]);
            i++;
        } while (i < b->n && !bound_space(b->s[i]) && b->s[i] != '/' && b->s[i] != '>' &&
                 b->s[i] != '=');
        size_t whole = i - start, k = i;
        const char *value = "";
        size_t nv = 0;
        while (k < b->n && bound_space(b->s[k]))
            k++;
        if (k < b->n && b->s[k] == '=') {
            for (k++; k < b->n && bound_space(b->s[k]); k++)
                ;
            if (k < b->n && (b->s[k] == '"' || b->s[k] == '\'')) {
                const char *close = memchr(b->s + k + 1, b->s[k], b->n - k - 1);
                if (!close)
                    return 0;
                value = b->s + k + 1;
                nv = (size_t)(close - value);
                i = (size_t)(close - b->s) + 1;
            } else {
                size_t v = k;
                while (k < b->n && !bound_space(b->s[k]) && b->s[k] != '>')
                    k++;
                value = b->s + v;
                nv = k - v;
                i = k;
            }
        }
        if (!copy || whole > sizeof name || !bound_wanted(name, nn))
            continue;
        if (++count > TEXT_LIMIT_ATTRIBUTES || nv > TEXT_LIMIT_ATTRIBUTE)
            *b->warnings |= HTML_CUT_ATTRIBUTES;
        else
            copy_attribute(b, name, nn, value, nv);
    }
}

static void tag_name(const struct bound *b, size_t i, char name[24], size_t *len, size_t *end)
{
    *len = 0;
    for (; i < b->n && !bound_space(b->s[i]) && b->s[i] != '/' && b->s[i] != '>'; i++)
        if (*len < 23)
            name[(*len)++] = (unsigned char)b->s[i] < 0x80 && b->s[i] > ' ' ? lower(b->s[i]) : 'x';
    name[*len] = '\0';
    *end = i;
}

static void start_tag(struct bound *b)
{
    char name[24];
    size_t len, i;
    tag_name(b, b->i + 1, name, &len, &i);
    GumboTag t = gumbo_tag_enum(name);
    if (t == GUMBO_TAG_XMP || t == GUMBO_TAG_PLAINTEXT || t == GUMBO_TAG_LISTING) {
        strcpy(name, "pre");
        t = GUMBO_TAG_PRE;
    }
    size_t mark = b->out->n;
    int copy = bound_opaque(t) && t != GUMBO_TAG_IFRAME ? 0 : admit_start(b, t);
    if (copy) {
        tbuf_addc(b->out, '<');
        tbuf_adds(b->out, name);
    }
    size_t end = attributes(b, i, copy);
    if (!end) {
        /* A quote or a tag that never closes: leave this tag out, go on behind the next '>'. */
        if (b->out->n > mark)
            b->out->p[b->out->n = mark] = '\0';
        b->wasted += b->n - i;
        const char *gt = memchr(b->s + i, '>', b->n - i);
        b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
        return;
    }
    if (copy)
        tbuf_addc(b->out, '>');
    if (bound_opaque(t)) {
        size_t past = skip_past_end(b, end, name, len);
        if (past <= b->n)
            end = past;
        else if (t == GUMBO_TAG_SCRIPT || t == GUMBO_TAG_STYLE)
            end = b->n;
        if (copy)
            tbuf_adds(b->out, "</iframe>");
    }
    b->i = end;
}

static void end_tag(struct bound *b)
{
    char name[24];
    size_t len, i;
    tag_name(b, b->i + 2, name, &len, &i);
    const char *gt = memchr(b->s + i, '>', b->n - i);
    b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
    GumboTag t = gumbo_tag_enum(name);
    if (t == GUMBO_TAG_XMP || t == GUMBO_TAG_LISTING) {
        strcpy(name, "pre");
        t = GUMBO_TAG_PRE;
    }
    if (bound_opaque(t) || !admit_end(b, t))
        return;
    tbuf_adds(b->out, "</");
    tbuf_adds(b->out, name);
    tbuf_addc(b->out, '>');
}

/* Behind "<!" or "<?": comments, CDATA marks, declarations. */
static void declaration(struct bound *b)
{
    const char *s = b->s + b->i;
    size_t left = b->n - b->i;
    if (left >= 4 && !memcmp(s, "<!--", 4)) {
        size_t k = 4;
        if (left > 4 && s[4] == '>')
            k = 5;
        else if (left > 5 && s[4] == '-' && s[5] == '>')
            k = 6;
        else {
            for (; k + 3 <= left; k++) {
                const char *dash = memchr(s + k, '-', left - k);
                k = dash ? (size_t)(dash - s) : left;
                if (k + 3 <= left && !memcmp(s + k, "-->", 3))
                    break;
            }
            /* A comment that never ends would swallow the article: only its mark goes. */
            if (k + 3 > left)
                b->wasted += left;
            k = k + 3 <= left ? k + 3 : 4;
        }
        b->i += k;
    } else if (left >= 9 && !memcmp(s, "<![CDATA[", 9)) {
        b->cdata = 1; /* a mistake of the feed's author; what it wraps is meant */
        b->i += 9;
    } else {
        const char *gt = memchr(s, '>', left);
        b->i = gt ? (size_t)(gt - b->s) + 1 : b->n;
    }
}

int html_bound(const char *html, size_t n, struct tbuf *out, struct tbuf *runs, unsigned *warnings)
{
    struct bound b = {.s = html, .n = n, .out = out, .runs = runs, .warnings = warnings};
    if (n > TEXT_LIMIT_HTML) {
        b.n = utf8_cut(html, n, TEXT_LIMIT_HTML);
        *warnings |= HTML_CUT_SIZE;
    }
    while (b.i < b.n && !out->err) {
        const char *lt = memchr(b.s + b.i, '<', b.n - b.i);
        size_t end = lt ? (size_t)(lt - b.s) : b.n;
        const char *mark;
        if (b.cdata && (mark = memmem(b.s + b.i, end - b.i, "]]>", 3))) {
            bound_copy_run(&b, b.s + b.i, (size_t)(mark - b.s) - b.i);
            b.i = (size_t)(mark - b.s) + 3;
            continue;
        }
        bound_copy_run(&b, b.s + b.i, end - b.i);
        b.i = end;
        if (b.i + 1 >= b.n) {
            if (b.i < b.n)
                tbuf_adds(out, "&lt;");
            break;
        }
        char c = b.s[b.i + 1];
        if (b.wasted > ((size_t)16 << 20) + 2 * b.n) {
            *warnings |= HTML_CUT_TAGS;
            c = ' ';
        }
        if (alpha(c)) {
            start_tag(&b);
        } else if (c == '/' && b.i + 2 < b.n && alpha(b.s[b.i + 2])) {
            end_tag(&b);
        } else if (c == '!' || c == '?' || c == '/') {
            declaration(&b);
        } else {
            tbuf_adds(out, "&lt;");
            b.i++;
        }
    }
    if (out->err == WN_LIMIT) {
        *warnings |= HTML_CUT_SIZE;
        out->err = 0;
    }
    return out->err;
}
