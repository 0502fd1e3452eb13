/* SPDX-License-Identifier: Apache-2.0 */
#include "sanitise.h"

#include <string.h>

#include "limits.h"

#define DEPTH 190 /* of written elements: within TEXT_LIMIT_DEPTH, so that it can be read again */

struct writer {
    struct html *h;
    struct sanitise *s;
    struct tbuf *out;
    struct html_span *spans;
    struct {
        uint32_t node;
        uint8_t tag; /* HTML_NONE: not written, stands here only to note its span */
    } open[DEPTH * 4];
    unsigned depth, written;
    char space;      /* white space that waits to be written: 0, ' ' or '\n' */
    int after_space; /* the last text written ended in white space, or nothing was written */
    int inlined;     /* something stands in the current line of text */
    unsigned breaks; /* <br> that wait for text behind them */
    int swallow;     /* a removed line stood between two breaks: one of them is enough */
};

void sanitise_init(struct sanitise *s)
{
    memset(s, 0, sizeof *s);
    tbuf_init(&s->url, TEXT_LIMIT_ATTRIBUTE);
}

void sanitise_finish(struct sanitise *s)
{
    tbuf_finish(&s->url);
}

/* How many bytes from s on are written as they are. */
static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;
    for (; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '&' || c == '<' || c == '>' || c < 0x20 || c == 0x7f || c == 0xc2)
            break;
    }
    return i;
}

void sanitise_text(struct tbuf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t run = plain_run(s + i, n - i);
        if (run) {
            tbuf_add(out, s + i, run);
            i += run;
            if (i == n)
                break;
        }
        unsigned char c = (unsigned char)s[i];
        if (c == '&')
            tbuf_adds(out, "&amp;");
        else if (c == '<')
            tbuf_adds(out, "&lt;");
        else if (c == '>')
            tbuf_adds(out, "&gt;");
        else if (c == 0xc2 && i + 1 < n && (unsigned char)s[i + 1] < 0xa0)
            i++; /* C1, from a character reference */
        else if (c >= 0x20 ? c != 0x7f : c == '\n' || c == '\t')
            tbuf_addc(out, (char)c);
    }
}

static void add_break(struct writer *w)
{
    if (!w->swallow || !w->breaks)
        w->breaks++;
    w->swallow = 0;
}

/* The innermost element that was written. */
static enum html_tag top(const struct writer *w)
{
    for (unsigned i = w->depth; i-- > 0;)
        if (w->open[i].tag)
            return (enum html_tag)w->open[i].tag;
    return HTML_NONE;
}

static int table_inside(enum html_tag t)
{
    return t == HTML_TABLE || t == HTML_TBODY || t == HTML_THEAD || t == HTML_TFOOT ||
           t == HTML_TR || t == HTML_COLGROUP;
}

/* Whether an open element of one of two tags would be closed by a new one: the search goes up until
 * an element that ends the scope. */
static int would_close(const struct writer *w, enum html_tag a, enum html_tag b)
{
    for (unsigned i = w->depth; i-- > 0;) {
        enum html_tag t = (enum html_tag)w->open[i].tag;
        if (t == HTML_NONE)
            continue;
        if (t == a || t == b)
            return 1;
        if (html_tag_flags[t] & HT_BLOCK && t != HTML_DIV && t != HTML_P && t != HTML_ADDRESS)
            return 0;
    }
    return 0;
}

/* An open element of this tag, up to the border of the cell. */
static int open_in_cell(const struct writer *w, enum html_tag tag)
{
    for (unsigned i = w->depth; i-- > 0;) {
        enum html_tag t = (enum html_tag)w->open[i].tag;
        if (t == tag)
            return 1;
        if (html_tag_flags[t] & HT_SCOPE || (tag == HTML_P && t == HTML_TABLE))
            return 0;
    }
    return 0;
}

/* Whether a parser would make a start tag here a child of the innermost open element, and leave
 * everything else as it is. HTML Standard 13.2.6.4.7 ff. */
static int fits(const struct writer *w, enum html_tag tag)
{
    unsigned flags = html_tag_flags[tag];
    enum html_tag parent = top(w);
    if (w->written >= DEPTH)
        return 0;
    switch (tag) {
    case HTML_CAPTION:
    case HTML_COLGROUP:
    case HTML_TBODY:
    case HTML_THEAD:
    case HTML_TFOOT:
        return parent == HTML_TABLE;
    case HTML_TR:
        return parent == HTML_TBODY || parent == HTML_THEAD || parent == HTML_TFOOT;
    case HTML_TD:
    case HTML_TH:
        return parent == HTML_TR;
    case HTML_COL:
        return parent == HTML_COLGROUP;
    default:
        break;
    }
    if (table_inside(parent))
        return 0;
    if (flags & HT_BLOCK && open_in_cell(w, HTML_P))
        return 0;
    if (flags & HT_HEADING && html_tag_flags[parent] & HT_HEADING)
        return 0;
    switch (tag) {
    case HTML_A:
        return !open_in_cell(w, HTML_A);
    case HTML_LI:
        return !would_close(w, HTML_LI, HTML_LI);
    case HTML_DT:
    case HTML_DD:
        return !would_close(w, HTML_DT, HTML_DD);
    case HTML_RT:
    case HTML_RP:
        return parent == HTML_RUBY;
    case HTML_SOURCE:
        return parent == HTML_AUDIO || parent == HTML_VIDEO;
    default:
        return 1;
    }
}

/* Writes the white space and line breaks that wait, in front of text or an inline element. */
static void flush_inline(struct writer *w)
{
    if (w->breaks && w->inlined) {
        int pre = 0;
        for (unsigned i = 0; i < w->depth; i++)
            pre |= w->open[i].tag == HTML_PRE;
        for (unsigned i = 0; i < w->breaks && i < 2; i++)
            tbuf_adds(w->out, pre ? "\n" : "<br>");
        if (!w->space)
            w->after_space = 1;
    }
    w->breaks = 0;
    w->swallow = 0;
    if (w->space && !w->after_space)
        tbuf_addc(w->out, w->space);
    if (w->space)
        w->after_space = 1;
    w->space = 0;
}

/* At the border of a block: breaks go, white space stands between the tags. */
static void flush_block(struct writer *w, int opening)
{
    w->breaks = 0;
    w->swallow = 0;
    if (opening && w->space && !w->after_space) {
        tbuf_addc(w->out, '\n');
        w->after_space = 1;
        w->space = 0;
    }
    w->inlined = 0;
}

static void write_collapsed(struct writer *w, const char *s, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t start = i;
        char space = 0;
        while (i < n &&
               (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r' || s[i] == '\f')) {
            if (s[i] == '\n')
                space = '\n';
            i++;
        }
        if (i > start && !w->space)
            w->space = space ? space : ' ';
        /* A run of words: single spaces within it are as they are to be. */
        start = i;
        while (i < n &&
               !(s[i] == '\n' || s[i] == '\t' || s[i] == '\r' || s[i] == '\f' ||
                 (s[i] == ' ' && (i + 1 == n || s[i + 1] == ' ' || s[i + 1] == '\n' ||
                                  s[i + 1] == '\t' || s[i + 1] == '\r' || s[i + 1] == '\f'))))
            i++;
        if (i > start) {
            flush_inline(w);
            sanitise_text(w->out, s + start, i - start);
            w->after_space = 0;
            w->inlined = 1;
        }
    }
}

static void write_text(struct writer *w, const struct html_node *node)
{
    const char *s = node->text + node->skip;
    size_t n = node->len - node->skip;
    if (table_inside(top(w))) {
        /* A parser would move text out of the table. */
        if (html_blank(s, n))
            w->space = '\n';
        return;
    }
    if (!(node->flags & HN_PRE)) {
        write_collapsed(w, s, n);
        return;
    }
    if (!w->inlined && w->out->n && w->out->p[w->out->n - 1] == '>') {
        w->space = w->space == '\n' ? 0 : w->space;
        while (n && *s == '\n') {
            s++; /* parsers drop the first newline of <pre> */
            n--;
        }
    }
    if (!n)
        return;
    flush_inline(w);
    sanitise_text(w->out, s, n);
    w->after_space = s[n - 1] == '\n' || s[n - 1] == ' ';
    w->inlined = 1;
}

/* An iframe that may not stay: its address as a link, for a reader to decide. */
static void write_frame_link(struct writer *w, const struct html_node *node)
{
    const char *src = html_attr(node, "src");
    wn_str url = {src, src ? strlen(src) : 0};
    struct tbuf *t = &w->s->url;
    tbuf_reset(t);
    if (!src || !fits(w, HTML_A) || url_clean(url, w->s->base, URL_WEB, t))
        return;
    wn_str clean = {t->p, t->n}, host = url_host(clean);
    flush_inline(w);
    tbuf_adds(w->out, "<a");
    sanitise_attribute(w->out, "href", t->p, t->n);
    tbuf_addc(w->out, '>');
    sanitise_text(w->out, host.ptr, host.len);
    tbuf_adds(w->out, "</a>");
    w->after_space = 0;
    w->inlined = 1;
}

/* Tries to write a start tag; returns whether it stands. */
static int write_start(struct writer *w, const struct html_node *node, enum html_tag tag)
{
    if (tag == HTML_NONE || !fits(w, tag))
        return 0;
    unsigned flags = html_tag_flags[tag];
    char space = w->space;
    int after = w->after_space;
    size_t mark = w->out->n;
    unsigned breaks = w->breaks;
    int inlined = w->inlined;
    if (flags & (HT_BLOCK | HT_PART))
        flush_block(w, 1);
    else
        flush_inline(w);
    tbuf_addc(w->out, '<');
    tbuf_adds(w->out, html_tag_names[tag]);
    if (!sanitise_attributes(w->s, node, tag, w->out) || w->out->err) {
        if (w->out->n > mark)
            w->out->p[w->out->n = mark] = '\0';
        w->space = space;
        w->after_space = after;
        w->breaks = breaks;
        w->inlined = inlined;
        return 0;
    }
    tbuf_addc(w->out, '>');
    if (flags & HT_MEDIA) {
        w->inlined = 1;
        w->after_space = 0;
    }
    return 1;
}

/* Closes elements that end at or before node i. */
static void close_until(struct writer *w, uint32_t i)
{
    while (w->depth && w->h->nodes[w->open[w->depth - 1].node].end <= i) {
        uint32_t node = w->open[--w->depth].node;
        enum html_tag tag = (enum html_tag)w->open[w->depth].tag;
        if (tag) {
            if (html_tag_flags[tag] & (HT_BLOCK | HT_PART))
                flush_block(w, 0);
            tbuf_adds(w->out, "</");
            tbuf_adds(w->out, html_tag_names[tag]);
            tbuf_addc(w->out, '>');
            w->written--;
        } else if (html_tag_flags[w->h->nodes[node].tag] & HT_BLOCK && !w->breaks) {
            w->breaks = 1;
        }
        if (w->spans)
            w->spans[node].end = (uint32_t)w->out->n;
    }
}

/* What a subtree that isn't written leaves behind: white space, line breaks, borders of blocks. */
static void pass_over(struct writer *w, uint32_t i)
{
    const struct html_node *nodes = w->h->nodes;
    for (uint32_t k = i; k < nodes[i].end; k++) {
        if (nodes[k].flags & HN_REMOVED && !html_is_text(&nodes[k]) && nodes[k].tag != HTML_BR)
            continue;
        if (html_is_text(&nodes[k])) {
            w->swallow |= nodes[k].flags & HN_REMOVED;
            /* What a rule took leaves a space only between words that stay. */
            if (nodes[k].flags & HN_REMOVED && !w->inlined)
                continue;
            if (!w->space)
                w->space = memchr(nodes[k].text, '\n', nodes[k].len) ? '\n' : ' ';
        } else if (nodes[k].tag == HTML_BR) {
            add_break(w);
        } else if (html_tag_flags[nodes[k].tag] & HT_BLOCK && !w->breaks) {
            w->breaks = 1;
        }
    }
}

static void write_element(struct writer *w, uint32_t i)
{
    const struct html_node *node = &w->h->nodes[i];
    enum html_tag tag = (enum html_tag)node->tag;
    int stands = write_start(w, node, tag);
    if (stands && html_tag_flags[tag] & HT_VOID) {
        if (html_tag_flags[tag] & HT_BLOCK)
            w->inlined = 0;
        if (w->spans)
            w->spans[i].end = (uint32_t)w->out->n;
        return;
    }
    if (!stands && tag == HTML_IFRAME)
        write_frame_link(w, node);
    if (!stands && html_tag_flags[tag] & HT_BLOCK && !w->breaks)
        w->breaks = 1;
    if (w->depth < sizeof w->open / sizeof *w->open) {
        w->open[w->depth].node = i;
        w->open[w->depth++].tag = stands ? (uint8_t)tag : HTML_NONE;
        w->written += (unsigned)stands;
    } else if (stands) {
        /* Unreachable while DEPTH bounds what stands; the tag must not stay open. */
        tbuf_adds(w->out, "</");
        tbuf_adds(w->out, html_tag_names[tag]);
        tbuf_addc(w->out, '>');
    }
}

int sanitise_write(struct html *h, struct sanitise *s, struct tbuf *out, struct html_span *spans)
{
    struct writer w = {.h = h, .s = s, .out = out, .spans = spans, .after_space = 1};
    if (spans)
        memset(spans, 0, h->n * sizeof *spans);
    sanitise_media(h, s);
    html_live(h);
    for (uint32_t i = 1; i < h->n && !out->err;) {
        struct html_node *node = &h->nodes[i];
        close_until(&w, i);
        int keep = html_is_text(node) ? node->flags & HN_PRE : html_tag_flags[node->tag] & HT_KEEP;
        if (node->flags & HN_REMOVED || !(node->flags & HN_LIVE || keep)) {
            pass_over(&w, i);
            i = node->end;
            continue;
        }
        if (spans)
            spans[i].start = (uint32_t)out->n;
        if (html_is_text(node)) {
            write_text(&w, node);
            if (spans)
                spans[i].end = (uint32_t)out->n;
        } else if (node->tag == HTML_BR) {
            if (node->flags & HN_PRE) {
                /* At a block's beginning newlines are dropped, as write_text() does. */
                if (w.inlined || !out->n || out->p[out->n - 1] != '>') {
                    tbuf_addc(out, '\n');
                    w.inlined = 1;
                }
            } else {
                add_break(&w);
            }
        } else {
            write_element(&w, i);
            /* Nothing is written inside an iframe; a player's fallback text stays. */
            if (node->tag == HTML_IFRAME) {
                i = node->end;
                continue;
            }
        }
        i++;
    }
    close_until(&w, h->n);
    return out->err;
}

int sanitise_html(struct html *h, struct sanitise *s, const char *html, size_t n, struct tbuf *out)
{
    int status = html_parse(h, html, n);
    if (status == WN_OK)
        return sanitise_write(h, s, out, NULL);
    if (status != WN_LIMIT)
        return status;
    struct tbuf text;
    tbuf_init(&text, TEXT_LIMIT_HTML);
    html_text_only(h, &text);
    sanitise_text(out, text.p ? text.p : "", text.n);
    tbuf_finish(&text);
    return out->err;
}
