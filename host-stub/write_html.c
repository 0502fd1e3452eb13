/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text out of HTML that nobody has sanitised. This is no parser of HTML5: it need not find the tree
 * that a browser would, since what it gives is escaped again. It must only be linear, lose no prose
 * and put no script's or style's source before a reader.
 */
#include <libxml/HTMLparser.h>
#include <string.h>
#include <strings.h>

#include "../plugin/text/utf8.h"
#include "write_text.h"

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int in_list(const char *const *list, const char *p, size_t n)
{
    for (; *list; list++)
        if (strlen(*list) == n && !strncasecmp(*list, p, n))
            return 1;
    return 0;
}

/* Elements that begin and end a line. */
static const char *const block_names[] = {
    "address", "article",  "aside",      "blockquote", "br",     "caption", "dd",   "div", "dl",
    "dt",      "fieldset", "figcaption", "figure",     "footer", "form",    "h1",   "h2",  "h3",
    "h4",      "h5",       "h6",         "header",     "hr",     "li",      "main", "nav", "ol",
    "p",       "pre",      "section",    "table",      "td",     "th",      "tr",   "ul",  NULL};
/* Elements whose content is not prose. */
static const char *const hidden_names[] = {"script", "style",    "template", "noscript",
                                           "iframe", "object",   "svg",      "math",
                                           "head",   "textarea", NULL};

struct stripping {
    struct buf *to;
    int space, line; /* what is owed before the next character */
    size_t start;    /* of the output: nothing is owed there */
};

static void put(struct stripping *st, const char *p, size_t n)
{
    if (st->to->n > st->start) {
        if (st->line)
            buf_addc(st->to, '\n');
        else if (st->space)
            buf_addc(st->to, ' ');
    }
    st->space = st->line = 0;
    buf_add(st->to, p, n);
}

/* A reference at s[0] == '&': writes the character, returns the bytes it took, 0 if it is none. */
static size_t reference(struct stripping *st, const char *s, size_t n)
{
    uint32_t cp = 0;
    size_t i = 1;
    if (n > 3 && s[1] == '#') {
        int hex = s[2] == 'x' || s[2] == 'X';
        size_t first = i = hex ? 3 : 2;
        for (; i < n && i < first + 8; i++) {
            char c = s[i] | 0x20;
            if (s[i] >= '0' && s[i] <= '9')
                cp = cp * (hex ? 16 : 10) + (uint32_t)(s[i] - '0');
            else if (hex && c >= 'a' && c <= 'f')
                cp = cp * 16 + (uint32_t)(c - 'a' + 10);
            else
                break;
        }
        if (i == first)
            return 0;
    } else {
        char name[16];
        while (i < n && i < sizeof name && is_name(s[i]))
            i++;
        if (i < 2 || i >= n || s[i] != ';')
            return 0;
        memcpy(name, s + 1, i - 1);
        name[i - 1] = '\0';
        const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
        if (!entity && strcmp(name, "apos"))
            return 0;
        cp = entity ? entity->value : '\'';
    }
    if (i < n && s[i] == ';')
        i++;
    if (cp == 0xa0 || cp == ' ' || (cp >= '\t' && cp <= '\r')) {
        st->space = 1;
    } else {
        char bytes[4];
        size_t k = utf8_encode(cp < 0x20 ? 0xfffd : cp, bytes);
        put(st, bytes, k);
    }
    return i;
}

/* Behind "</name" of a hidden element, or the end. */
static size_t skip_hidden(const char *s, size_t n, size_t i, const char *name, size_t len)
{
    while (i < n) {
        const char *lt = memchr(s + i, '<', n - i);
        if (!lt)
            return n;
        i = (size_t)(lt - s) + 1;
        if (n - i > len && s[i] == '/' && !strncasecmp(s + i + 1, name, len) &&
            (n - i == len + 1 || !is_name(s[i + 1 + len]))) {
            const char *gt = memchr(s + i, '>', n - i);
            return gt ? (size_t)(gt - s) + 1 : n;
        }
    }
    return n;
}

/* Behind a comment, declaration or processing instruction that begins at s[i] == '<'. */
static size_t skip_markup(const char *s, size_t n, size_t i)
{
    if (n - i >= 4 && !memcmp(s + i, "<!--", 4)) {
        const char *end = memmem(s + i + 2, n - i - 2, "-->", 3);
        return end ? (size_t)(end - s) + 3 : n;
    }
    if (n - i >= 9 && !memcmp(s + i, "<![CDATA[", 9)) {
        const char *end = memmem(s + i, n - i, "]]>", 3);
        return end ? (size_t)(end - s) + 3 : n;
    }
    const char *gt = memchr(s + i, '>', n - i);
    return gt ? (size_t)(gt - s) + 1 : n;
}

/* Behind the tag that begins at s[i] == '<' with a name; quoted values may hold '>'. */
static size_t tag(struct stripping *st, const char *s, size_t n, size_t i)
{
    int closing = s[i + 1] == '/';
    size_t name = i + 1 + (size_t)closing, k = name;
    while (k < n && is_name(s[k]))
        k++;
    size_t len = k - name;
    char quote = 0;
    for (; k < n; k++) {
        if (quote) {
            if (s[k] == quote)
                quote = 0;
        } else if (s[k] == '>') {
            break;
        } else if ((s[k] == '"' || s[k] == '\'') && s[k - 1] == '=') {
            quote = s[k];
        }
    }
    if (k == n && quote) { /* never closed: end at the first '>' as if it were */
        const char *gt = memchr(s + name, '>', n - name);
        k = gt ? (size_t)(gt - s) : n;
    }
    if (in_list(block_names, s + name, len))
        st->line = 1;
    size_t after = k < n ? k + 1 : n;
    if (!closing && in_list(hidden_names, s + name, len) && s[after - 2] != '/')
        return skip_hidden(s, n, after, s + name, len);
    return after;
}

void text_of_html(struct buf *to, wn_str html)
{
    struct stripping st = {to, 0, 0, to->n};
    const char *s = html.ptr;
    size_t i = 0, n = s ? html.len : 0;
    while (i < n) {
        char c = s[i];
        size_t used;
        if (is_space(c)) {
            st.space = 1;
            i++;
        } else if (c == '<' && i + 1 < n && (s[i + 1] == '!' || s[i + 1] == '?')) {
            i = skip_markup(s, n, i);
        } else if (c == '<' && i + 2 < n &&
                   ((is_name(s[i + 1]) && s[i + 1] > '9') ||
                    (s[i + 1] == '/' && is_name(s[i + 2]) && s[i + 2] > '9'))) {
            i = tag(&st, s, n, i);
        } else if (c == '&' && (used = reference(&st, s + i, n - i)) > 0) {
            i += used;
        } else {
            size_t k = i + 1;
            while (k < n && s[k] != '<' && s[k] != '&' && !is_space(s[k]))
                k++;
            put(&st, s + i, k - i);
            i = k;
        }
    }
}
