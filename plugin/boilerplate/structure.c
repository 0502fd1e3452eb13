/* SPDX-License-Identifier: Apache-2.0 */
/* What is known by its markup: trackers, hidden things, widgets named by class, pictures twice. */
#include <stdlib.h>
#include <string.h>

#include "page.h"

#define LEAD_LETTERS 350u /* a byline may also stand behind the lead */
#define META_LETTERS 200u /* a byline, a date and a few counts are no longer */

/* A length in pixels from an attribute or, for "width" and "height", the style; -1: not given. */
static int pixels(const struct html_node *node, const char *name)
{
    const char *v = html_attr(node, name);
    if (v && *v >= '0' && *v <= '9' && !strchr(v, '%'))
        return atoi(v);
    const char *style = html_attr(node, "style");
    for (const char *s = style; s && (s = strstr(s, name)); s++) {
        const char *c = s + strlen(name);
        if (s != style && s[-1] == '-')
            continue; /* max-width */
        c += strspn(c, " ");
        if (*c != ':')
            continue;
        c++;
        c += strspn(c, " ");
        if (*c < '0' || *c > '9')
            return -1;
        int k = atoi(c);
        c += strspn(c, "0123456789.");
        return !strncmp(c, "px", 2) || !k ? k : -1;
    }
    return -1;
}

/* A picture or frame that nobody is meant to see. */
static int is_tracker(const struct page_options *o, const struct html_node *node)
{
    int w = pixels(node, "width"), h = pixels(node, "height");
    const char *src = node->tag == HTML_IMG ? sanitise_picture(node) : html_attr(node, "src");
    if (w >= 0 && w <= 2 && h >= 0 && h <= 2)
        return 1;
    if ((w == 0 || h == 0 || w == 1 || h == 1) && (w < 0 || h < 0 || w <= 2 || h <= 2) &&
        node->tag == HTML_IMG && (w < 0 || w <= 2) && (h < 0 || h <= 2))
        return 1;
    if (node->tag != HTML_IMG || !src || !strncmp(src, "data:", 5))
        return 0;
    wn_str url = {src, strlen(src)};
    return rules_is_pixel(o->rules, url);
}

/* The path of a picture without size suffix, scale and query: what makes two of them the same. */
static wn_str picture_key(const char *src)
{
    wn_str s = {src, strcspn(src, "?#")};
    const char *host = strstr(src, "://");
    if (host && (size_t)(host - src) < s.len) {
        s.len -= (size_t)(host + 3 - s.ptr);
        s.ptr = host + 3;
    }
    /* "photo-1024x683.jpg" is "photo.jpg" */
    size_t dot = s.len;
    while (dot && s.ptr[dot - 1] != '.' && s.ptr[dot - 1] != '/')
        dot--;
    if (dot > 1 && s.ptr[dot - 1] == '.') {
        size_t k = dot - 1;
        while (k && ((s.ptr[k - 1] >= '0' && s.ptr[k - 1] <= '9') || s.ptr[k - 1] == 'x'))
            k--;
        s.len = k && k < dot - 4 && s.ptr[k - 1] == '-' ? k - 1 : dot - 1;
    }
    return s;
}

static int same_picture(const char *a, const char *b)
{
    wn_str x = picture_key(a), y = picture_key(b);
    return x.len > 4 && x.len == y.len && !memcmp(x.ptr, y.ptr, x.len);
}

static void take(struct page *p, const struct page_options *o, uint32_t i, enum rule_group group,
                 enum page_place place)
{
    struct html_node *node = &p->html.nodes[i];
    const char *src = html_attr(node, "src");
    wn_str text = {src ? src : "", src ? strlen(src) : 0};
    page_tell(p, group, place, text);
    if (o->shadow)
        return;
    node->flags |= HN_REMOVED;
    node->rule = (uint16_t)group;
}

void structure_nodes(struct page *p, const struct page_options *o)
{
    struct html *h = &p->html;
    const char *seen[4]; /* the first pictures */
    unsigned n_seen = 0;
    uint32_t text = 0; /* bytes of text so far */
    for (uint32_t i = 1; i < h->n; i++) {
        struct html_node *node = &h->nodes[i];
        if (html_is_text(node)) {
            if (!html_blank(node->text, node->len) && !(node->flags & HN_REMOVED))
                text += node->len;
            continue;
        }
        if (node->flags & HN_HIDDEN) {
            int top = !(h->nodes[node->parent].flags & HN_HIDDEN);
            if (o->shadow || !(o->groups >> GROUP_HIDDEN & 1))
                node->flags &= (uint8_t)~HN_REMOVED;
            if (node->tag == HTML_IMG && o->groups >> GROUP_PIXELS & 1)
                take(p, o, i, GROUP_PIXELS, PLACE_OF_BODY);
            else if (top && o->groups >> GROUP_HIDDEN & 1)
                page_tell(p, GROUP_HIDDEN, PLACE_OF_BODY, (wn_str){"", 0});
            continue;
        }
        if (node->tag != HTML_IMG && node->tag != HTML_IFRAME)
            continue;
        if (o->groups >> GROUP_PIXELS & 1 && is_tracker(o, node)) {
            take(p, o, i, GROUP_PIXELS, PLACE_OF_BODY);
            continue;
        }
        const char *src = node->tag == HTML_IMG ? sanitise_picture(node) : NULL;
        if (!src || (text > 600 && !(node->flags & HN_NOSCRIPT)))
            continue;
        int twin = 0;
        for (unsigned k = 0; k < n_seen; k++)
            twin |= same_picture(seen[k], src);
        if (twin && o->groups >> GROUP_PICTURES & 1)
            take(p, o, i, GROUP_PICTURES, PLACE_OF_HEAD);
        else
            seen[n_seen++ & 3] = src;
        if (n_seen >= 4)
            n_seen = 4;
    }
    if (o->shadow || !(o->groups >> GROUP_HIDDEN & 1))
        for (uint32_t i = 1; i < h->n; i++)
            if (h->nodes[i].flags & HN_HIDDEN)
                h->nodes[i].flags &= (uint8_t)~HN_REMOVED;
}

/* What stands inside an element. */
struct inside {
    uint32_t first, last; /* blocks; first > last: none */
    uint32_t letters, linked, prose, media;
    uint32_t headings, figures, own; /* own: quotes, tables, code */
    int title;                       /* the page's first heading */
};

static struct inside look_inside(const struct page *p, uint32_t node, uint32_t from)
{
    struct inside in = {.first = 1};
    uint32_t end = p->html.nodes[node].end;
    for (uint32_t k = from; k < p->blocks.n && p->blocks.v[k].first < end; k++) {
        const struct block *b = &p->blocks.v[k];
        if (b->first < node || b->flags & BLOCK_REMOVED)
            continue;
        if (b->last >= end)
            break; /* it reaches out of the element: no unit */
        if (in.first > in.last)
            in.first = k;
        in.last = k;
        in.letters += b->letters;
        in.linked += b->linked;
        in.media += b->media;
        in.headings += b->kind == BLOCK_HEADING;
        in.own += !b->linked &&
                  (b->kind == BLOCK_QUOTE || b->kind == BLOCK_TABLE || b->kind == BLOCK_CODE);
        in.title |= p->html.nodes[b->element].tag == HTML_H1;
        in.figures += b->kind == BLOCK_FIGURE;
        if (page_prose(b))
            in.prose += b->letters;
    }
    return in;
}

/* Where an element stands among the running text. */
struct around {
    uint32_t all, prose; /* letters of the item, and of its running text */
    uint32_t before;     /* letters of running text in front */
    int tail, page;
};

/* Whether an element that is named like a byline or a date is one: short, and at the ends of the text. */
static int is_meta(const struct inside *in, const struct around *at)
{
    if (in->figures || in->own || in->title || (in->headings && in->letters > 60))
        return 0;
    if (!in->prose)
        return in->letters <= META_LETTERS &&
               (at->before >= at->prose || (at->before <= LEAD_LETTERS && in->letters <= 80) ||
                !at->before);
    /* "This entry was posted on … by … in …" */
    return at->before && at->before + in->prose >= at->prose && in->letters <= META_LETTERS * 2 &&
           in->linked;
}

/* Whether an element that is named like a widget really is one, by what stands in it. */
static int is_widget(unsigned signs, const struct inside *in, const struct around *at)
{
    /* Comments may be longer than the article in front of them. */
    if (signs & CLASS_COMMENTS && at->tail && at->before > (at->page ? 150 : 400) &&
        at->before * 4 > at->prose)
        return 1;
    /* Too much of the item: whatever it is called, it is the article. */
    uint32_t share = at->page && at->tail ? 2 : 3;
    if (in->letters * share > at->all || in->prose * (share + 1) > at->prose + 1)
        return 0;
    if (at->page && signs & CLASS_META && is_meta(in, at))
        return 1;
    /* The title and what leads into the text are no box, whatever they stand in. */
    if (at->page && in->prose && (in->title || !at->before) && !(signs & CLASS_STRONG))
        return 0;
    if (signs & (CLASS_STRONG | CLASS_BOX | CLASS_COMMENTS))
        return in->prose < 700;
    if (in->prose)
        return 0;
    return signs & CLASS_WEAK && in->linked * 10 >= in->letters * 7 && in->letters < 2500 &&
           (at->tail || in->linked);
}

/* What an element's names tell, as far as it counts in this item. */
static unsigned signs_of(struct page *p, const struct page_options *o, const struct html_node *node)
{
    const char *class = html_attr(node, "class"), *id = html_attr(node, "id");
    int page = p->whole, form = node->element->tag == GUMBO_TAG_FORM;
    if (!class && !id && node->tag != HTML_NAV && node->tag != HTML_ASIDE &&
        node->tag != HTML_FOOTER && node->tag != HTML_TIME && !form)
        return 0;
    unsigned signs = class ? page_class(p, o->rules, class) : 0;
    if (signs & CLASS_ARTICLE)
        return 0;
    signs |= id ? page_class(p, o->rules, id) & ~(unsigned)CLASS_ARTICLE : 0;
    if (node->tag == HTML_NAV || (page && form))
        signs |= CLASS_STRONG;
    if (!page)
        return signs & CLASS_STRONG ? signs & (CLASS_STRONG | CLASS_COMMENTS) : 0;
    if (node->tag == HTML_ASIDE)
        signs |= CLASS_WEAK;
    if (node->tag == HTML_FOOTER)
        signs |= CLASS_WEAK | CLASS_META;
    if (node->tag == HTML_TIME)
        signs |= CLASS_META;
    return signs;
}

int structure_blocks(struct page *p, const struct page_options *o)
{
    struct html *h = &p->html;
    struct around at = {0};
    uint32_t from = 0;
    at.page = p->whole = whole_page(p, o);
    if (!(o->groups >> GROUP_WIDGETS & 1))
        return WN_OK;
    for (uint32_t k = 0; k < p->blocks.n; k++) {
        at.all += p->blocks.v[k].letters;
        if (page_prose(&p->blocks.v[k]))
            at.prose += p->blocks.v[k].letters;
    }
    for (uint32_t i = 1, counted = 0; i < h->n; i++) {
        const struct html_node *node = &h->nodes[i];
        if (html_is_text(node) || node->flags & HN_REMOVED || !node->element ||
            node->tag == HTML_IMG)
            continue;
        unsigned signs = signs_of(p, o, node);
        if (!signs)
            continue;
        while (from < p->blocks.n && p->blocks.v[from].last < i)
            from++;
        for (; counted < from; counted++)
            if (page_prose(&p->blocks.v[counted]))
                at.before += p->blocks.v[counted].letters;
        struct inside in = look_inside(p, i, from);
        at.tail = in.first * 2 >= p->blocks.n || at.before * 2 > at.prose;
        if (in.first > in.last || !is_widget(signs, &in, &at))
            continue;
        for (uint32_t k = in.first; k <= in.last; k++)
            page_remove(p, k, GROUP_WIDGETS, page_place_of(p, k));
    }
    return WN_OK;
}
