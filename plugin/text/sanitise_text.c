/* SPDX-License-Identifier: Apache-2.0 */
/* Text of the tree, escaped, and the white space and line breaks around it. */
#include <string.h>

#include "sanitise_writer.h"

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

void writer_break(struct writer *w)
{
    if (!w->swallow || !w->breaks)
        w->breaks++;
    w->swallow = 0;
}

void writer_flush_inline(struct writer *w)
{
    if (w->breaks && w->inlined) {
        for (unsigned i = 0; i < w->breaks && i < 2; i++)
            tbuf_adds(w->out, w->pre ? "\n" : "<br>");
        if (!w->space)
            w->after_space = 1;
    }
    w->breaks = 0;
    w->swallow = 0;
    /* A newline that something left behind at the beginning of a <pre> would be text, and the next
     * reading drops it there, as writer_text() does. */
    if (w->space == '\n' && w->pre && !w->inlined && w->out->n && w->out->p[w->out->n - 1] == '>')
        w->space = 0;
    if (w->space && !w->after_space)
        tbuf_addc(w->out, w->space);
    if (w->space)
        w->after_space = 1;
    w->space = 0;
}

void writer_flush_block(struct writer *w, int opening)
{
    w->breaks = 0;
    w->swallow = 0;
    if (w->pre)
        w->space = 0; /* a newline there would be text, which the next reading drops */
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
            writer_flush_inline(w);
            sanitise_text(w->out, s + start, i - start);
            w->after_space = 0;
            w->inlined = 1;
        }
    }
}

void writer_text(struct writer *w, const struct html_node *node)
{
    const char *s = node->text + node->skip;
    size_t n = node->len - node->skip;
    if (writer_table_inside(writer_top(w))) {
        /* A parser would move text out of the table. */
        if (html_blank(s, n))
            w->space = '\n';
        return;
    }
    if (!w->pre) {
        /* Where a <pre> could not stand its lines still do, but for blank ones. */
        while (node->flags & HN_PRE && n) {
            const char *nl = memchr(s, '\n', n);
            size_t line = nl ? (size_t)(nl - s) : n;
            if (html_blank(s, line))
                w->space = w->space || !line ? w->space : ' ';
            else
                write_collapsed(w, s, line);
            if (!nl)
                return;
            writer_break(w);
            n -= line + 1;
            s = nl + 1;
        }
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
    writer_flush_inline(w);
    sanitise_text(w->out, s, n);
    w->after_space = s[n - 1] == '\n' || s[n - 1] == ' ';
    w->inlined = 1;
}

void writer_pre_break(struct writer *w)
{
    if (!w->pre) {
        writer_break(w);
        return;
    }
    /* At a block's beginning newlines are dropped, as writer_text() does. */
    if (w->inlined || !w->out->n || w->out->p[w->out->n - 1] != '>') {
        tbuf_addc(w->out, '\n');
        w->inlined = 1;
    }
}

void writer_pass_over(struct writer *w, uint32_t i)
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
            writer_break(w);
        } else if (html_tag_flags[nodes[k].tag] & HT_BLOCK && !w->breaks) {
            w->breaks = 1;
        }
    }
}
