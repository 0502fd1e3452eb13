/* SPDX-License-Identifier: Apache-2.0 */
/* Markup within a text: XHTML in Atom, naked HTML in RSS. It becomes HTML again, its URLs made
 * absolute by the xml:base in force just there. */
#include <string.h>
#include <strings.h>

#include "encoding.h"
#include "parse_feed.h"
#include "parse_text.h"
#include "parse_url.h"

static int is_void(wn_str name)
{
    static const char *const names[] = {"br",   "img", "hr",    "input", "meta",   "link",  "area",
                                        "base", "col", "embed", "param", "source", "track", "wbr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == name.len && strncasecmp(names[i], name.ptr, name.len) == 0)
            return 1;
    return 0;
}

/* The one <div> around XHTML in Atom is the format's, not the author's. */
static int is_wrapper(const struct feed_parser *p, size_t depth, wn_str name)
{
    return p->collect.xhtml && depth == p->collect.depth + 1 && name.len == 3 &&
           strncasecmp(name.ptr, "div", 3) == 0;
}

/* A name as written; only what is no text in it goes. */
static void add_name(struct feed_parser *p, wn_str name)
{
    if (p->xml.dirty)
        encoding_clean(&p->text, name.ptr, name.len);
    else
        buf_addstr(&p->text, name);
}

static void escape_what_is_there(struct feed_parser *p)
{
    buf_reset(&p->scratch);
    text_to_html(&p->scratch, p->text.p ? p->text.p : "", p->text.n);
    struct buf swap = p->text;
    p->text = p->scratch;
    p->scratch = swap;
    p->collect.mode = COLLECT_XHTML;
    p->collect.html = 1;
}

static void add_attr(struct feed_parser *p, const struct xml_attr *a, wn_str base)
{
    struct buf *out = &p->text;
    int xml = a->prefix.len == 3 && strncasecmp(a->prefix.ptr, "xml", 3) == 0;
    if (xml && !(a->name.len == 4 && strncasecmp(a->name.ptr, "lang", 4) == 0))
        return;
    buf_reset(&p->scratch);
    xml_decode(&p->xml, a->raw.ptr, a->raw.len, &p->scratch);
    buf_addc(out, ' ');
    if (a->prefix.len && !xml) {
        add_name(p, a->prefix);
        buf_addc(out, ':');
    }
    add_name(p, a->name);
    buf_adds(out, "=\"");
    wn_str value = str_of(p->scratch.p ? p->scratch.p : "", p->scratch.n);
    struct buf absolute;
    buf_init(&absolute, 16 * LIMIT_URL);
    if (html_url_attr(a->name) && value.len && value.len < LIMIT_URL && !url_is_absolute(value) &&
        !url_absolute(&absolute, base, value) && absolute.n)
        value = str_of(absolute.p, absolute.n);
    text_to_attr(out, value.ptr, value.len);
    buf_finish(&absolute);
    buf_addc(out, '"');
}

void markup_start(struct feed_parser *p)
{
    struct xml *x = &p->xml;
    const struct scope *parent = &p->scopes[x->depth - 1];
    struct scope *s = &p->scopes[x->depth];
    if (p->collect.mode == COLLECT_SWITCH)
        escape_what_is_there(p);
    if (p->text.n > LIMIT_ITEM / 2)
        p->collect.cut = 1;
    for (size_t i = 0; i < x->n_attrs; i++)
        if (x->attrs[i].prefix.len == 3 && x->attrs[i].name.len == 4 &&
            memcmp(x->attrs[i].name.ptr, "base", 4) == 0) {
            wn_str base = attr_text(p, "xml", "base");
            buf_reset(&p->scratch);
            if (base.len && !url_absolute(&p->scratch, parent->base, base) && p->scratch.n)
                s->base = arena_str(level_arena(p), p->scratch.p, p->scratch.n);
        }
    if (p->collect.cut || is_wrapper(p, x->depth, x->name))
        return;
    buf_addc(&p->text, '<');
    add_name(p, x->name);
    for (size_t i = 0; i < x->n_attrs; i++)
        add_attr(p, &x->attrs[i], s->base);
    buf_addc(&p->text, '>');
}

void markup_stop(struct feed_parser *p, size_t depth)
{
    wn_str name = p->xml.frames[depth - 1].name;
    if (p->collect.cut || is_void(name) || is_wrapper(p, depth, name))
        return;
    buf_adds(&p->text, "</");
    add_name(p, name);
    buf_addc(&p->text, '>');
}

void markup_text(struct feed_parser *p)
{
    buf_reset(&p->scratch);
    if (xml_read_text(&p->xml, &p->scratch) == 0 && p->scratch.n)
        text_to_html(&p->text, p->scratch.p, p->scratch.n);
}
