/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over a document's tokens: scopes, items, and what to do where markup is broken. */
#include "parse_feed.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../plugin/text/utf8.h"
#include "parse_text.h"
#include "parse_url.h"
#include "status.h"

/* Atom, RSS and no namespace are one to us: feeds mix them. So is a root element's own default
 * namespace that nobody knows. */
static int core_ns(struct feed_parser *p)
{
    struct xml *x = &p->xml;
    if (x->ns == NS_RSS || x->ns == NS_ATOM)
        return NS_NONE;
    if (x->ns != NS_OTHER || x->prefix.len)
        return x->ns;
    wn_str uri;
    xml_resolve(x, str_of("", 0), &uri);
    return p->root_uri.ptr && str_eq(uri, p->root_uri) ? NS_NONE : NS_OTHER;
}

static int is_item_name(wn_str name)
{
    return (name.len == 4 && strncasecmp(name.ptr, "item", 4) == 0) ||
           (name.len == 5 && strncasecmp(name.ptr, "entry", 5) == 0);
}

/* ---- items ---- */

/* What an unfinished element of the feed or of an item has gathered must not reach the other: the
 * strings live in different arenas. */
static void forget_parts(struct feed_parser *p)
{
    memset(&p->person, 0, sizeof p->person);
    memset(&p->link, 0, sizeof p->link);
    memset(p->category, 0, sizeof p->category);
}

int item_begin(struct feed_parser *p)
{
    if (!p->spare && !(p->spare = item_create()))
        return p->status = E_NOMEM;
    p->item = p->spare;
    p->spare = NULL;
    p->item_depth = p->xml.depth;
    forget_parts(p);
    memset(p->rank[1], 0, sizeof p->rank[1]);
    return OK;
}

void item_end(struct feed_parser *p)
{
    struct item *item = p->item;
    if (!item)
        return;
    item_finish_fields(p);
    forget_parts(p);
    p->item = NULL;
    if (p->xml.cut && !item->guid.len && !item->link.len) {
        /* The document was cut in the middle of it, before anything by which its whole could be
         * known again: the next poll brings that, and this piece would stand beside it. */
        item_reset(item);
        p->spare = item;
        return;
    }
    p->n_items++;
    if (p->n_items > LIMIT_ITEMS) {
        p->doc->n_left_out++;
    } else {
        int status = p->on_item(p->user, &item);
        if (status)
            p->status = status;
    }
    if (item)
        item_reset(item);
    p->spare = item;
}

/* ---- scopes ---- */

static void scope_attrs(struct feed_parser *p, struct scope *s)
{
    for (size_t i = 0; i < p->xml.n_attrs; i++) {
        const struct xml_attr *a = &p->xml.attrs[i];
        if (a->prefix.len != 3 || strncasecmp(a->prefix.ptr, "xml", 3))
            continue;
        if (a->name.len == 4 && strncasecmp(a->name.ptr, "lang", 4) == 0) {
            s->lang = attr_text(p, "xml", "lang");
        } else if (a->name.len == 4 && strncasecmp(a->name.ptr, "base", 4) == 0) {
            wn_str base = attr_text(p, "xml", "base");
            struct buf b;
            buf_init(&b, 16 * LIMIT_URL);
            if (base.len && url_is_safe(base) && !url_absolute(&b, s->base, base) && b.n) {
                wn_str absolute = arena_str(level_arena(p), b.p, b.n);
                if (absolute.ptr) {
                    s->base = absolute;
                    s->own_base = 1;
                }
            }
            buf_finish(&b);
        }
    }
}

static void gather(struct feed_parser *p, const struct element *e)
{
    static const unsigned char modes[] = {
        [TAKE_TITLE] = COLLECT_HTML, [TAKE_HTML] = COLLECT_HTML, [TAKE_CONSTRUCT] = COLLECT_HTML,
        [TAKE_LINE] = COLLECT_HTML,  [TAKE_TEXT] = COLLECT_TEXT, [TAKE_RAW] = COLLECT_TEXT,
        [TAKE_URL] = COLLECT_TEXT,   [TAKE_DATE] = COLLECT_TEXT,
    };
    buf_reset(&p->text);
    p->collect = (struct collect){
        .depth = p->xml.depth, .mode = modes[e->take], .html = modes[e->take] == COLLECT_HTML};
}

static void element_begin(struct feed_parser *p, const struct element *e)
{
    struct scope *s = &p->scopes[p->xml.depth];
    s->element = e;
    s->context = e->context ? e->context : C_SKIP;
    if (e->context == C_ITEM) {
        if (item_begin(p))
            return;
    }
    /* Behind item_begin(), so that the item's own attributes live as long as it does. */
    if (p->xml.n_attrs)
        scope_attrs(p, s);
    if (e->take != TAKE_NONE)
        gather(p, e);
    if (e->start)
        e->start(p);
}

static void scope_stop(struct feed_parser *p, size_t depth)
{
    struct scope *s = &p->scopes[depth];
    p->depth = depth;
    if (p->collect.depth && depth > p->collect.depth && p->collect.mode != COLLECT_TEXT) {
        markup_stop(p, depth);
        return;
    }
    const struct element *e = s->element;
    s->element = NULL;
    if (!e)
        return;
    wn_str text = str_of("", 0);
    if (p->collect.depth == depth) {
        if (p->text.n)
            text = str_of(p->text.p, p->text.n);
        take_end(p, e, text);
        p->collect.depth = 0;
    } else if (e->end) {
        e->end(p, text);
    }
    if (e->context == C_ITEM)
        item_end(p);
}

/* Closes what lies between the current START and its new parent at `depth`. */
static void reparent(struct feed_parser *p, size_t depth)
{
    for (size_t d = p->xml.depth - 1; d > depth; d--)
        scope_stop(p, d);
    if (p->xml.depth - 1 > depth)
        xml_reparent(&p->xml, depth);
}

/* ---- tokens ---- */

/* Broken documents: an item that begins within an item, an element of an item within a title. */
static void mend(struct feed_parser *p, int ns)
{
    struct xml *x = &p->xml;
    struct scope *parent = &p->scopes[x->depth - 1];
    if (ns != NS_NONE && ns < NS_DC)
        return;
    int xhtml = p->collect.depth && p->collect.mode == COLLECT_XHTML;
    if (p->item && ns == NS_NONE && is_item_name(x->name) && !xhtml) {
        reparent(p, p->item_depth - 1);
        return;
    }
    const struct element *e = parent->element;
    int gathers = p->collect.depth == x->depth - 1, empty = e && !e->take && !e->context;
    if (!e || x->depth < 3 || !(gathers ? !xhtml : empty))
        return;
    /* A text or an <enclosure> without its end tag. Where HTML may stand, only what HTML hasn't
     * got ends it. */
    unsigned in = p->scopes[x->depth - 2].context & (C_ITEM | C_FEED);
    int html = e->take == TAKE_HTML || e->take == TAKE_CONSTRUCT;
    int inner = parent->context == C_PERSON ? element_find(p, ns, x->name, C_PERSON) != NULL
                                            : parent->context != C_SKIP;
    if (in && !inner && element_find(p, ns, x->name, in) && !(html && html_is_element(x->name)))
        reparent(p, x->depth - 2);
}

static void on_start(struct feed_parser *p)
{
    struct xml *x = &p->xml;
    int ns = core_ns(p);
    mend(p, ns);
    if (p->scopes[x->depth - 1].context == C_TOP && x->depth > 1)
        xml_reparent(x, 0); /* an HTML page: its depth is nothing to us */
    struct scope *parent = &p->scopes[x->depth - 1], *s = &p->scopes[x->depth];
    p->depth = x->depth;
    *s = (struct scope){.context = parent->context,
                        .extension = -1,
                        .enclosure = -1,
                        .own_base = parent->own_base,
                        .base = parent->base,
                        .lang = parent->lang};
    if (p->collect.depth && x->depth > p->collect.depth && p->collect.mode != COLLECT_TEXT) {
        markup_start(p);
        return;
    }
    unsigned in = parent->context;
    if (in == C_TOP && p->root_uri.ptr == NULL && x->ns == NS_OTHER && !x->prefix.len)
        xml_resolve(x, x->prefix, &p->root_uri);
    const struct element *e = element_find(p, in == C_TOP ? (ns = core_ns(p)) : ns, x->name, in);
    int item = e && e->context == C_ITEM;
    if (e && !(item && (p->item || (in == C_TOP && p->seen_html)))) {
        element_begin(p, e);
        return;
    }
    if (in == C_TOP) {
        p->root_uri = str_of(NULL, 0);
        if (!p->top_name.len)
            p->top_name = x->name;
        if (ns == NS_XHTML || (x->name.len == 4 && !strncasecmp(x->name.ptr, "html", 4)))
            p->seen_html = 1;
        return;
    }
    if (x->n_attrs)
        scope_attrs(p, s);
    s->context = C_SKIP;
    if ((in & (C_ITEM | C_MEDIA | C_EXT)) && p->item && xml_ns_known(x->ns)) {
        s->element = &extension_element;
        s->context = C_EXT;
        gather(p, s->element);
        extension_start(p);
    }
}

/* The version a root element claims, and what it means. */
void root_start(struct feed_parser *p)
{
    struct xml *x = &p->xml;
    struct feed_info *feed = &p->doc->feed;
    char c = x->name.ptr[0] | 32;
    p->seen_root = 1;
    if (scope_now(p)->lang.len && !p->root_lang.len)
        p->root_lang = scope_now(p)->lang;
    if (c == 'c') { /* channel: within rss, or CDF's root */
        if (feed->format == FORMAT_UNKNOWN && p->xml.depth == 1)
            feed->format =
                xml_attr_find(x, NULL, "href") || x->name.ptr[0] == 'C' ? FORMAT_CDF : FORMAT_RSS2;
        cdf_start(p);
        return;
    }
    if (feed->format != FORMAT_UNKNOWN)
        return;
    wn_str version = attr_text(p, NULL, "version"), uri;
    if (c == 'f') {
        xml_resolve(x, x->prefix, &uri);
        int old = memmem(uri.ptr ? uri.ptr : "", uri.ptr ? uri.len : 0, "purl.org/atom", 13) ||
                  (version.len == 3 && !memcmp(version.ptr, "0.3", 3)) ||
                  (version.len == 3 && !memcmp(version.ptr, "0.2", 3));
        feed->format = old ? FORMAT_ATOM03 : FORMAT_ATOM1;
    } else if (x->ns == NS_RDF || (x->name.ptr[1] | 32) == 'd') {
        feed->format = FORMAT_RSS1;
        for (size_t i = 0; i < x->n_bindings; i++)
            if (memmem(x->bindings[i].uri.ptr, x->bindings[i].uri.len, "rdf/simple/0.9", 14))
                feed->format = FORMAT_RSS09;
    } else {
        feed->format =
            version.len >= 3 && !memcmp(version.ptr, "0.9", 3) ? FORMAT_RSS09 : FORMAT_RSS2;
    }
}

static void on_text(struct feed_parser *p)
{
    struct collect *c = &p->collect;
    struct xml *x = &p->xml;
    if (!c->depth || (x->depth != c->depth && c->mode == COLLECT_TEXT &&
                      !(p->scopes[c->depth].context & (C_SKIP | C_PERSON))))
        return; /* the text of <source> is its own, not that of what is in it */
    size_t most = LIMIT_ITEM / 2;
    if (p->text.n + x->raw.len > most) {
        c->cut = 1;
        x->raw.len = p->text.n >= most ? 0 : utf8_cut(x->raw.ptr, x->raw.len, most - p->text.n);
    }
    if (c->mode == COLLECT_XHTML)
        markup_text(p);
    else
        xml_read_text(x, &p->text);
}

static void on_fault(void *user, int fault, size_t line, wn_str what)
{
    static const char *const texts[FAULT_COUNT] = {
        [FAULT_MISMATCH] = "<%.*s> is not closed where it should be",
        [FAULT_UNCLOSED] = "<%.*s> is never closed: the document may be cut short",
        [FAULT_STRAY_END] = "</%.*s> closes nothing",
        [FAULT_AMPERSAND] = "a bare \"%.*s\" should be \"&amp;\"",
        [FAULT_ENTITY] = "%.*s is not defined in XML, read as HTML's",
        [FAULT_ENTITY_EXTERNAL] = "entity %.*s lies outside the document, left out",
        [FAULT_ENTITY_LIMIT] = "entity %.*s would grow past the limit, left out",
        [FAULT_ATTRIBUTE] = "a malformed attribute%.*s",
        [FAULT_ATTRIBUTES] = "too many attributes, %.*s and what follows left out",
        [FAULT_NAMESPACES] = "too many namespaces, %.*s and what follows left out",
        [FAULT_PREFIX] = "namespace prefix %.*s is not declared",
        [FAULT_COMMENT] = "a comment or declaration is never closed%.*s",
        [FAULT_CDATA] = "a CDATA section is never closed%.*s",
        [FAULT_DEPTH] = "elements nested too deep, <%.*s> and what is in it left out",
        [FAULT_JUNK] = "a stray \"%.*s\"",
    };
    struct feed_parser *p = user;
    char line_of[64], message[256];
    int n = what.len ? (int)utf8_cut(what.ptr, what.len, 40) : 0;
    snprintf(line_of, sizeof line_of, "line %zu: ", line);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(message, sizeof message, texts[fault], n, what.ptr ? what.ptr : "");
#pragma GCC diagnostic pop
    document_warn(p->doc, "%s%s", line_of, message);
}

int xml_feed_parse(struct feed_parser *p, const char *bytes, size_t n, int dirty)
{
    struct xml *x = &p->xml;
    xml_init(x, bytes, n, dirty);
    x->warn = on_fault;
    x->user = p;
    elements_index(p);
    for (int token; !p->status && (token = xml_next(x)) != XML_EOF;) {
        if (!p->seen_root && (size_t)(x->p - x->begin) > LIMIT_PROLOG)
            break;
        if (token == XML_TEXT)
            on_text(p);
        else if (token == XML_START)
            on_start(p);
        else
            scope_stop(p, x->depth);
        if (p->text.err || p->scratch.err)
            return E_NOMEM;
    }
    feed_finish_fields(p);
    return p->status;
}
