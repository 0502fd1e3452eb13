/* SPDX-License-Identifier: Apache-2.0 */
#include "sanitise.h"

#include <string.h>

#include "limits.h"
#include "sanitise_writer.h"

void sanitise_init(struct sanitise *s)
{
    memset(s, 0, sizeof *s);
    tbuf_init(&s->url, TEXT_LIMIT_ATTRIBUTE);
}

void sanitise_finish(struct sanitise *s)
{
    tbuf_finish(&s->url);
}

/* An iframe that may not stay: its address as a link, for a reader to decide. */
static void write_frame_link(struct writer *w, const struct html_node *node)
{
    const char *src = html_attr(node, "src");
    wn_str url = {src, src ? strlen(src) : 0};
    struct tbuf *t = &w->s->url;
    tbuf_reset(t);
    if (!src || !writer_fits(w, HTML_A) || url_clean(url, w->s->base, URL_WEB, t))
        return;
    wn_str clean = {t->p, t->n}, host = url_host(clean);
    writer_flush_inline(w);
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
    if (tag == HTML_NONE || !writer_fits(w, tag))
        return 0;
    unsigned flags = html_tag_flags[tag];
    char space = w->space;
    int after = w->after_space;
    size_t mark = w->out->n;
    unsigned breaks = w->breaks;
    int inlined = w->inlined;
    if (flags & (HT_BLOCK | HT_PART))
        writer_flush_block(w, 1);
    else
        writer_flush_inline(w);
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
                writer_flush_block(w, 0);
            tbuf_adds(w->out, "</");
            tbuf_adds(w->out, html_tag_names[tag]);
            tbuf_addc(w->out, '>');
            w->written--;
            w->pre -= tag == HTML_PRE;
        } else if (html_tag_flags[w->h->nodes[node].tag] & HT_BLOCK && !w->breaks) {
            w->breaks = 1;
        }
        if (w->spans)
            w->spans[node].end = (uint32_t)w->out->n;
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
        w->pre += stands && tag == HTML_PRE;
    } else if (stands) {
        /* Unreachable while WRITER_DEPTH bounds what stands; the tag must not stay open. */
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
            writer_pass_over(&w, i);
            i = node->end;
            continue;
        }
        if (spans)
            spans[i].start = (uint32_t)out->n;
        if (html_is_text(node)) {
            writer_text(&w, node);
            if (spans)
                spans[i].end = (uint32_t)out->n;
        } else if (node->tag == HTML_BR) {
            if (node->flags & HN_PRE)
                writer_pre_break(&w);
            else
                writer_break(&w);
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
