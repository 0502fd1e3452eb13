/* SPDX-License-Identifier: Apache-2.0 */
#include "plain.h"

#include <string.h>

#include "../winnow_plugin.h"
#include "blocks.h"
#include "html.h"
#include "limits.h"
#include "utf8.h"

int plain_from_html(const char *html, size_t n, struct tbuf *out)
{
    struct html h;
    struct blocks b;
    html_init(&h);
    blocks_init(&b);
    int status = html_parse(&h, html, n);
    if (status == WN_OK)
        status = blocks_build(&b, &h);
    if (status == WN_OK)
        status = blocks_plain(&b, out, out->max - out->n);
    else if (status == WN_LIMIT)
        status = html_text_only(&h, out);
    blocks_finish(&b);
    html_finish(&h);
    return status;
}

/* Whether a tag of HTML begins here: the sign that a line of text is markup. */
static int tag_here(const char *s, size_t n)
{
    size_t i = 1, start;
    if (n > 3 && !memcmp(s, "<!--", 4))
        return 1;
    if (i < n && s[i] == '/')
        i++;
    start = i;
    while (i < n && i - start < 12 &&
           (((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'z') ||
            (i > start && s[i] >= '0' && s[i] <= '9')))
        i++;
    if (i == start || i >= n || !strchr("> \t\n\r/", s[i]))
        return 0;
    return gumbo_tagn_enum(s + start, (unsigned)(i - start)) != GUMBO_TAG_UNKNOWN &&
           memchr(s + i, '>', n - i) != NULL;
}

static int has_markup(const char *s, size_t n)
{
    const char *lt = s, *end = s + n;
    while ((lt = memchr(lt, '<', (size_t)(end - lt)))) {
        if (tag_here(lt, (size_t)(end - lt)))
            return 1;
        lt++;
    }
    return 0;
}

/* Characters that have no place in a line of text: controls, byte order marks, and the bidi
 * controls with which a title could turn the text around it. */
static int unfit(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xfeff ||
           (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

static void add_line(const char *s, size_t n, struct tbuf *out)
{
    size_t start = out->n;
    int space = 0;
    for (size_t i = 0; i < n;) {
        size_t used;
        uint32_t cp = utf8_decode(s + i, n - i, &used);
        if (cp == ' ' || cp == '\n' || cp == '\t' || cp == '\r' || cp == '\f' || cp == '\v') {
            space = 1;
        } else if (!unfit(cp)) {
            if (space && out->n > start)
                tbuf_addc(out, ' ');
            space = 0;
            if (cp == 0xfffd)
                tbuf_add(out, "\xef\xbf\xbd", 3);
            else
                tbuf_add(out, s + i, used);
        }
        i += used;
    }
}

int plain_line(const char *text, size_t n, struct tbuf *out)
{
    if (!has_markup(text, n)) {
        add_line(text, n, out);
        return out->err;
    }
    struct tbuf plain;
    tbuf_init(&plain, TEXT_LIMIT_PLAIN);
    /* Taking tags off may bring forth others ("<<b>script>"); as long as it does, again. */
    int status = plain_from_html(text, n < TEXT_LIMIT_PLAIN ? n : TEXT_LIMIT_PLAIN, &plain);
    for (int round = 0; round < 4 && status == WN_OK && has_markup(plain.p ? plain.p : "", plain.n);
         round++) {
        struct tbuf again;
        tbuf_init(&again, TEXT_LIMIT_PLAIN);
        status = plain_from_html(plain.p, plain.n, &again);
        tbuf_finish(&plain);
        plain = again;
    }
    if (status == WN_OK)
        add_line(plain.p ? plain.p : "", plain.n, out);
    tbuf_finish(&plain);
    return status == WN_OK ? out->err : status;
}

int plain_line_differs(const char *text, size_t n)
{
    if (n && (text[0] == ' ' || text[n - 1] == ' '))
        return 1;
    for (size_t i = 0; i < n;) {
        size_t used;
        unsigned char c = (unsigned char)text[i];
        uint32_t cp = c < 0x80 ? c : utf8_decode(text + i, n - i, &used);
        if (c < 0x80)
            used = 1;
        if (unfit(cp) || (cp == ' ' && i + 1 < n && text[i + 1] == ' ') ||
            (cp == 0xfffd && used < 3))
            return 1;
        i += used;
    }
    return has_markup(text, n);
}
