/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "utf8.h"

/* ---- the arena: gumbo makes thousands of small allocations and frees them one by one; here they
 * come from chunks that are reused. gumbo doesn't expect NULL, so a full arena jumps out of it;
 * nothing leaks, for all of gumbo's memory is in the arena. ---- */

#define CHUNK ((size_t)256 << 10)

struct html_chunk {
    struct html_chunk *next;
    size_t size, used;
    max_align_t data[];
};

/* One element on the way down gumbo's tree. */
struct html_level {
    const GumboVector *children;
    unsigned next;
    uint32_t node;
};

struct parse {
    struct html *h;
    jmp_buf full;
    int status;
};

static void *arena_alloc_cb(void *user, size_t n)
{
    struct parse *p = user;
    struct html *h = p->h;
    n = (n + 15) & ~(size_t)15;
    struct html_chunk *c = h->chunks;
    if (!c || c->size - c->used < n) {
        size_t size = n > CHUNK ? n : CHUNK;
        if (h->arena_used + size > TEXT_LIMIT_ARENA) {
            p->status = WN_LIMIT;
            longjmp(p->full, 1);
        }
        c = malloc(sizeof *c + size);
        if (!c) {
            p->status = WN_NOMEM;
            longjmp(p->full, 1);
        }
        c->next = h->chunks;
        c->size = size;
        c->used = 0;
        h->chunks = c;
        h->arena_used += size;
    }
    void *r = (char *)c->data + c->used;
    c->used += n;
    return r;
}

static void arena_free_cb(void *user, void *p)
{
    (void)user;
    (void)p;
}

/* Keeps one chunk of the common size for the next item. */
static void arena_reset_html(struct html *h)
{
    struct html_chunk *keep = NULL;
    while (h->chunks) {
        struct html_chunk *c = h->chunks;
        h->chunks = c->next;
        if (!keep && c->size == CHUNK)
            keep = c;
        else
            free(c);
    }
    h->arena_used = 0;
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
        h->chunks = keep;
        h->arena_used = keep->size;
    }
}

void html_init(struct html *h)
{
    memset(h, 0, sizeof *h);
    tbuf_init(&h->clean, TEXT_LIMIT_HTML + (TEXT_LIMIT_HTML >> 1));
    tbuf_init(&h->runs, TEXT_LIMIT_HTML * 2);
}

void html_finish(struct html *h)
{
    arena_reset_html(h);
    free(h->chunks);
    free(h->nodes);
    tbuf_finish(&h->clean);
    tbuf_finish(&h->runs);
    free(h->run_at);
    free(h->levels);
    memset(h, 0, sizeof *h);
}

/* ---- from gumbo's tree to ours ---- */

static struct html_node *add_node(struct html *h, uint32_t parent)
{
    if (h->n == h->cap) {
        uint32_t cap = h->cap ? h->cap * 2 : 512;
        struct html_node *nodes = realloc(h->nodes, cap * sizeof *nodes);
        if (!nodes)
            return NULL;
        h->nodes = nodes;
        h->cap = cap;
    }
    struct html_node *node = &h->nodes[h->n];
    memset(node, 0, sizeof *node);
    node->parent = parent;
    node->block = parent == 0 || html_tag_flags[h->nodes[parent].tag] & HT_BLOCK
                      ? parent
                      : h->nodes[parent].block;
    node->link = parent == 0 ? 0 : h->nodes[parent].link;
    node->flags = parent == h->n ? 0
                                 : h->nodes[parent].flags & (HN_PRE | HN_FORM | HN_NOSCRIPT |
                                                             HN_NAV | HN_HIDDEN | HN_REMOVED);
    h->n++;
    return node;
}

/* Whether a style attribute hides its element. */
static int style_hides(const char *style)
{
    char low[256];
    size_t n = 0;
    for (; *style && n < sizeof low - 1; style++)
        if (*style != ' ' && *style != '\t' && *style != '\n')
            low[n++] = *style >= 'A' && *style <= 'Z' ? (char)(*style | 0x20) : *style;
    low[n] = '\0';
    return strstr(low, "display:none") || strstr(low, "visibility:hidden") ||
           strstr(low, "mso-hide:all") || strstr(low, "font-size:0;") ||
           strstr(low, "font-size:0px");
}

static void note_element(struct html_node *node, const GumboElement *e)
{
    node->element = e;
    if (node->tag == HTML_PRE)
        node->flags |= HN_PRE;
    else if (node->tag == HTML_NAV)
        node->flags |= HN_NAV;
    if (e->tag == GUMBO_TAG_FORM)
        node->flags |= HN_FORM;
    else if (e->tag == GUMBO_TAG_NOSCRIPT)
        node->flags |= HN_NOSCRIPT;
    if (!e->attributes.length)
        return;
    const char *style = html_attr(node, "style");
    const char *hidden = html_attr(node, "hidden");
    if ((hidden && strcmp(hidden, "until-found")) || (style && style_hides(style)))
        node->flags |= HN_HIDDEN | HN_REMOVED;
}

static const GumboVector *children_of(const GumboNode *node)
{
    static const GumboVector none;
    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE
               ? &node->v.element.children
               : &none;
}

/* Takes controls out of a text that character references put there ("&#14;"), in place: it is in our
 * arena. Returns its new length. */
static size_t drop_controls(char *s)
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
        if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
            p++;
        else if (p[0] == '\f' || p[0] == '\r') /* white space that is not written: one that is */
            s[n++] = p[0] == '\f' ? ' ' : '\n';
        else if (p[0] >= 0x20 ? p[0] != 0x7f : p[0] == '\t' || p[0] == '\n')
            s[n++] = (char)p[0];
    }
    s[n] = '\0';
    return n;
}

/* Numeric references can still overflow in gumbo where controls stood between their digits; what
 * then is no UTF-8 becomes question marks. */
static void repair(char *s, size_t n)
{
    if (utf8_valid(s, n))
        return;
    for (size_t i = 0, used; i < n; i += used)
        if (utf8_decode(s + i, n - i, &used) == 0xfffd &&
            !(used == 3 && !memcmp(s + i, "\xef\xbf\xbd", 3)))
            memset(s + i, '?', used);
}

/* Notes where each run of text begins. */
static int find_runs(struct html *h)
{
    h->n_runs = 0;
    for (size_t at = 0; at < h->runs.n; at += strlen(h->runs.p + at) + 1) {
        if (h->n_runs == h->cap_runs) {
            uint32_t cap = h->cap_runs ? h->cap_runs * 2 : 256;
            uint32_t *more = realloc(h->run_at, cap * sizeof *more);
            if (!more)
                return WN_NOMEM;
            h->run_at = more;
            h->cap_runs = cap;
        }
        h->run_at[h->n_runs++] = (uint32_t)at;
    }
    return WN_OK;
}

static const char mark[] = "\xef\xa3\xbe"; /* HTML_RUN_MARK */

/* The run that the mark at s stands for; "" for a number that there isn't. */
static const char *run_of(const struct html *h, const char *s)
{
    uint32_t number = 0;
    for (unsigned k = 0; k < 4; k++) {
        unsigned digit = (unsigned)(unsigned char)s[3 + k] - 'A';
        if (digit > 15)
            return "";
        number |= digit << (4 * k);
    }
    return number < h->n_runs ? h->runs.p + h->run_at[number] : "";
}

/* The next whole mark from s on, or end. */
static const char *next_mark(const char *s, const char *end)
{
    const char *m = memmem(s, (size_t)(end - s), mark, 3);
    return m && m + HTML_RUN_BYTES <= end ? m : end;
}

/* A text with its runs in place of their marks. Where it is one run alone, that itself. */
static const char *expand(struct parse *p, char *text, size_t n, size_t *len)
{
    const char *end = text + n, *first = next_mark(text, end);
    *len = n;
    if (first == end)
        return text;
    if (first == text && n == HTML_RUN_BYTES) {
        const char *run = run_of(p->h, text);
        *len = strlen(run);
        return run;
    }
    size_t total = n + 1;
    for (const char *m = first; m < end; m = next_mark(m + HTML_RUN_BYTES, end))
        total += strlen(run_of(p->h, m));
    char *out = arena_alloc_cb(p, total), *w = out;
    for (const char *s = text; s < end;) {
        const char *m = next_mark(s, end);
        memcpy(w, s, (size_t)(m - s));
        w += m - s;
        s = m;
        if (s < end) {
            const char *run = run_of(p->h, s);
            size_t k = strlen(run);
            memcpy(w, run, k);
            w += k;
            s += HTML_RUN_BYTES;
        }
    }
    *w = '\0';
    *len = (size_t)(w - out);
    return out;
}

/* Adds what a gumbo node becomes; sets *index to the node under which its children go, or
 * HTML_NO_NODE when they are left out. */
static int convert(struct parse *p, const GumboNode *node, uint32_t parent, uint32_t *index)
{
    struct html *h = p->h;
    *index = HTML_NO_NODE;
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA) {
        size_t n = drop_controls((char *)node->v.text.text);
        repair((char *)node->v.text.text, n);
        const char *text = expand(p, (char *)node->v.text.text, n, &n);
        struct html_node *t = n ? add_node(h, parent) : NULL;
        if (n && !t)
            return WN_NOMEM;
        if (t) {
            t->text = text;
            t->len = (uint32_t)n;
            t->end = h->n;
        }
        return WN_OK;
    }
    if (node->type != GUMBO_NODE_ELEMENT)
        return WN_OK;
    enum html_tag tag = html_tag_of(&node->v.element);
    if (tag == HTML_DROP)
        return WN_OK;
    uint32_t self = h->n;
    struct html_node *e = add_node(h, parent);
    if (!e)
        return WN_NOMEM;
    e->tag = (uint8_t)tag;
    if (tag == HTML_A)
        e->link = self;
    note_element(e, &node->v.element);
    *index = self;
    return WN_OK;
}

/* Walks gumbo's tree without recursion: an index stack as deep as the tree is. */
static int build(struct parse *p, const GumboNode *root)
{
    struct html *h = p->h;
    size_t depth = 0;
    h->n = 0;
    struct html_node *top = add_node(h, 0);
    if (!top)
        return WN_NOMEM;
    const GumboVector *children = children_of(root);
    uint32_t node = 0;
    for (;;) {
        if (depth == h->cap_levels) {
            uint32_t cap = h->cap_levels ? h->cap_levels * 2 : 64;
            struct html_level *more = realloc(h->levels, cap * sizeof *more);
            if (!more)
                return WN_NOMEM;
            h->levels = more;
            h->cap_levels = cap;
        }
        h->levels[depth].children = children;
        h->levels[depth].next = 0;
        h->levels[depth++].node = node;
        for (;;) {
            struct html_level *l = &h->levels[depth - 1];
            if (l->next < l->children->length) {
                const GumboNode *child = l->children->data[l->next++];
                if (convert(p, child, l->node, &node))
                    return WN_NOMEM;
                if (node != HTML_NO_NODE) {
                    children = children_of(child);
                    break;
                }
                continue;
            }
            h->nodes[l->node].end = h->n;
            if (--depth == 0)
                return WN_OK;
        }
    }
}

int html_parse(struct html *h, const char *html, size_t n)
{
    struct parse parse = {.h = h};
    arena_reset_html(h);
    h->n = 0;
    h->warnings = 0;
    tbuf_reset(&h->clean);
    tbuf_reset(&h->runs);
    int status = html_bound(html, n, &h->clean, &h->runs, &h->warnings);
    if (status == WN_OK)
        status = find_runs(h);
    if (status == WN_OK && !setjmp(parse.full)) {
        GumboOptions options = kGumboDefaultOptions;
        options.allocator = arena_alloc_cb;
        options.deallocator = arena_free_cb;
        options.userdata = &parse;
        options.max_errors = 0;
        options.fragment_context = GUMBO_TAG_DIV;
        GumboOutput *out =
            gumbo_parse_with_options(&options, h->clean.p ? h->clean.p : "", h->clean.n);
        status = out && out->root ? build(&parse, out->root) : WN_ERROR;
    } else if (status == WN_OK) {
        status = parse.status;
    }
    if (status != WN_OK) {
        h->n = 0;
        if (add_node(h, 0))
            h->nodes[0].end = 1;
    }
    return status;
}

int html_text_only(const struct html *h, struct tbuf *out)
{
    const char *s = h->clean.p ? h->clean.p : "", *end = s + h->clean.n;
    while (s < end && !out->err) {
        if (*s == '<') {
            /* Tags here were written by html_bound.c: '>' within one stands in quotes only. */
            char quote = 0;
            for (; s < end && (quote || *s != '>'); s++)
                if (quote ? *s == quote : *s == '"' || *s == '\'')
                    quote = quote ? 0 : *s;
            s += s < end;
            tbuf_addc(out, '\n');
        } else if ((size_t)(end - s) >= HTML_RUN_BYTES && !memcmp(s, mark, 3)) {
            tbuf_adds(out, run_of(h, s));
            s += HTML_RUN_BYTES;
        } else {
            tbuf_addc(out, *s++);
        }
    }
    return out->err;
}
