/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known by its place, in items that were made from whole web pages: the article is the
 * element that holds most of the running text; what stands around it is the page's. Ordinary feed
 * items never come here.
 */
#include <stdlib.h>
#include <string.h>

#include "page.h"

#define PAGE_SIGNS 4
#define BODY_TAIL 60u /* blocks behind the last paragraph that may still be the article's */
#define LEAST_PROSE                                                                                \
    160u               /* letters of running text; with less nobody can tell where the article is */
#define CLOSE_TAIL 24u /* … and those that are no neighbours of it, but sentences */
#define FACTS 4u       /* entries: a list that long, without links, … */
#define FACT 24u       /* … and of so many letters each is no row of dates and counts */
#define PLAIN_RUN 6u   /* blocks without a link that follow each other … */
#define PLAIN_LETTERS 150u
#define SHARE 80u /* percent of the running text that the article's element must hold */

/* How much an element tells that it comes from a page's frame; sets *frame where it is furniture. */
static int frame_signs(struct page *p, const struct page_options *o, const struct html_node *node,
                       int *frame)
{
    int signs = 0;
    if (node->tag == HTML_NAV || node->tag == HTML_ASIDE || node->tag == HTML_FOOTER ||
        node->tag == HTML_HEADER || node->element->tag == GUMBO_TAG_FORM)
        *frame = 1, signs += 2;
    if (node->tag == HTML_MAIN || node->tag == HTML_ARTICLE || node->tag == HTML_H1)
        signs++;
    /* An empty element is a place for scripts to fill: feeds have those, too. */
    if (node->end == (uint32_t)(node - p->html.nodes) + 1 || node->tag == HTML_IMG)
        return signs;
    const char *rel = node->tag == HTML_A ? html_attr(node, "rel") : NULL;
    if (rel && (strstr(rel, "author") || strstr(rel, "tag")))
        *frame = 1, signs++;
    const char *class = html_attr(node, "class"), *id = html_attr(node, "id");
    unsigned known = class ? page_class(p, o->rules, class) : 0;
    known |= id ? page_class(p, o->rules, id) : 0;
    *frame |= (known & (CLASS_STRONG | CLASS_BOX | CLASS_COMMENTS)) != 0;
    return signs + (known != 0);
}

/* Whether all stands in one element that is an article by its tag or name: feeds hold what is inside. */
static int wrapped(struct page *p, const struct page_options *o)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < p->html.n; i = p->html.nodes[i].end) {
        const struct html_node *node = &p->html.nodes[i];
        if (html_is_text(node) && html_blank(node->text, node->len))
            continue;
        if (at || html_is_text(node))
            return 0;
        at = i;
    }
    const struct html_node *node = &p->html.nodes[at];
    if (!at || !node->element)
        return 0;
    const char *class = html_attr(node, "class");
    return node->tag == HTML_ARTICLE || node->tag == HTML_MAIN ||
           (class && page_class(p, o->rules, class) & (CLASS_BODY | CLASS_ARTICLE));
}

int whole_page(struct page *p, const struct page_options *o)
{
    int frame = wrapped(p, o), signs = frame * 2;
    for (uint32_t i = 1; i < p->html.n && signs < PAGE_SIGNS * 2; i++) {
        const struct html_node *node = &p->html.nodes[i];
        if (!html_is_text(node) && node->element)
            signs += frame_signs(p, o, node, &frame);
    }
    return (frame && signs >= PAGE_SIGNS) || signs >= PAGE_SIGNS * 2;
}

static int live(const struct page *p, uint32_t i)
{
    return !(p->blocks.v[i].flags & BLOCK_REMOVED);
}

/* The first block that begins at or behind a node. */
static uint32_t block_at(const struct page *p, uint32_t node)
{
    uint32_t lo = 0, hi = p->blocks.n;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (p->blocks.v[mid].first < node)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Letters of running text inside an element; count_prose() was called. */
static uint32_t prose_in(const struct page *p, uint32_t node)
{
    return p->prose[block_at(p, p->html.nodes[node].end)] - p->prose[block_at(p, node)];
}

/* Quotations count only where there is little else: they may be longer than what is said of them. */
static void count_prose(struct page *p)
{
    for (int quotes = 0; quotes < 2; quotes++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < p->blocks.n; i++) {
            const struct block *b = &p->blocks.v[i];
            p->prose[i] = n;
            if (live(p, i) && page_prose(b) && (quotes || b->kind != BLOCK_QUOTE))
                n += b->letters;
        }
        p->prose[p->blocks.n] = n;
        if (n >= LEAST_PROSE)
            return;
    }
}

/* The lowest element that holds nearly all of the running text. */
static uint32_t article(const struct page *p)
{
    uint32_t all = prose_in(p, 0), best = 0, at = 0;
    if (!all)
        return 0;
    for (int deeper = 1; deeper;) {
        deeper = 0;
        for (uint32_t i = at + 1; i < p->html.nodes[at].end; i = p->html.nodes[i].end)
            if (!html_is_text(&p->html.nodes[i]) && prose_in(p, i) * 100 >= all * SHARE) {
                best = at = i;
                deeper = 1;
                break;
            }
    }
    /* A paragraph is no article: its parent is. */
    while (best && (p->html.nodes[best].tag == HTML_P ||
                    !(html_tag_flags[p->html.nodes[best].tag] & HT_BLOCK)))
        best = p->html.nodes[best].parent;
    return best;
}

/* The end of a sentence: what ends so was written to be read. */
static int sentence(wn_str s)
{
    static const char *const ends[] = {".",
                                       "!",
                                       "?",
                                       ":",
                                       "\xe2\x80\xa6",
                                       "\xe3\x80\x82",
                                       "\"",
                                       "\xe2\x80\x9c",
                                       "\xe2\x80\x9d",
                                       "\xc2\xbb",
                                       ")",
                                       "\xef\xbc\x81"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (s.len >= n && !memcmp(s.ptr + s.len - n, ends[i], n))
            return 1;
    }
    return 0;
}

static int linked(const struct block *b)
{
    return b->letters && b->linked * 10 >= b->letters * 6;
}

/* Whether a block that isn't running text may belong to the article's beginning. */
static int opens(const struct page *p, uint32_t i, uint32_t first)
{
    const struct block *b = &p->blocks.v[i];
    wn_str s = block_text(&p->blocks, b);
    if (!b->letters)
        return 1; /* a picture */
    if (b->kind == BLOCK_HEADING || b->kind == BLOCK_FIGURE)
        return !linked(b) || first - i <= 2;
    return !linked(b) && ((sentence(s) && b->letters >= 30) || b->letters >= 60);
}

/* Whether a block behind the last running text still belongs to it. */
static int closes(const struct page *p, const struct page_options *o, uint32_t i, uint32_t last)
{
    const struct block *b = &p->blocks.v[i];
    const char *href = b->linked ? links_first(p, b) : NULL;
    wn_str s = block_text(&p->blocks, b);
    /* In a list of hints a sentence may lead to a link that is longer than itself. */
    if (b->kind == BLOCK_LIST && linked(b) && b->letters - b->linked >= 20 && sentence(s))
        return i - last <= CLOSE_TAIL;
    if (!b->letters || linked(b))
        return 0;
    if (b->kind == BLOCK_CODE || b->kind == BLOCK_TABLE || b->kind == BLOCK_QUOTE)
        return 1;
    if (b->kind == BLOCK_HEADING)
        return i + 1 < p->blocks.n && live(p, i + 1) && p->blocks.v[i + 1].kind != BLOCK_HEADING &&
               closes(p, o, i + 1, last);
    /* A sentence that links elsewhere names a source; one that links home asks to be clicked. */
    return i - last <= CLOSE_TAIL && b->letters >= 16 && sentence(s) &&
           (b->links * 60 <= b->letters || (href && !links_home(o, href)));
}

/* Where the article's text stands: the element around the block element of its last paragraph. */
static uint32_t body_of(const struct page *p, uint32_t last, uint32_t root)
{
    uint32_t element = p->blocks.v[last].element, parent = p->html.nodes[element].parent;
    while (parent > root &&
           (p->html.nodes[parent].tag == HTML_UL || p->html.nodes[parent].tag == HTML_OL ||
            p->html.nodes[parent].tag == HTML_LI || p->html.nodes[parent].tag == HTML_BLOCKQUOTE))
        parent = p->html.nodes[parent].parent; /* a list's last entry: the list's place counts */
    return element && parent >= root ? parent : root;
}

static void take(struct page *p, uint32_t i)
{
    page_remove(p, i, GROUP_PAGE, page_place_of(p, i));
}

/* Whether a block is part of a list of facts: many entries, none of them a link. */
static int facts(const struct page *p, uint32_t i)
{
    uint32_t from = i, to = i;
    const struct block *b = p->blocks.v;
    while (from && i - from < FACTS && b[from - 1].kind == BLOCK_LIST && !b[from - 1].linked)
        from--;
    while (to + 1 < p->blocks.n && to - i < FACTS && b[to + 1].kind == BLOCK_LIST &&
           !b[to + 1].linked)
        to++;
    uint32_t letters = 0;
    for (uint32_t k = from; k <= to; k++)
        letters += b[k].letters;
    return b[i].kind == BLOCK_LIST && !b[i].linked && to - from + 1 >= FACTS &&
           letters >= FACT * (to - from + 1);
}

/* A picture's caption; that of a teaser links to what it teases. */
static int own_figure(const struct page *p, const struct page_options *o, uint32_t i)
{
    const struct block *b = &p->blocks.v[i];
    const char *href = b->linked ? links_first(p, b) : NULL;
    return b->kind == BLOCK_FIGURE && (!href || !links_home(o, href));
}

/* In front of the article's first running text: the page's head, but for what opens the article. */
static void trim_head(struct page *p, const struct page_options *o, uint32_t first, uint32_t root)
{
    uint32_t body = body_of(p, first, root);
    for (uint32_t i = 0; i < first; i++) {
        const struct block *b = &p->blocks.v[i], *above = i ? &p->blocks.v[i - 1] : NULL;
        int beside = b->first >= body && b->first < p->html.nodes[body].end && !b->linked;
        /* Beside the first paragraph: facts as a list or table, a line under a heading. */
        int own = b->kind == BLOCK_LIST || b->kind == BLOCK_TABLE || b->kind == BLOCK_QUOTE ||
                  b->kind == BLOCK_CODE ||
                  (above && above->kind == BLOCK_HEADING && above->first >= body &&
                   p->html.nodes[above->element].tag != HTML_H1);
        /* A quotation's source and the like: what the author links to elsewhere. */
        const char *href = b->first >= root && b->linked ? links_first(p, b) : NULL;
        int source = (b->kind == BLOCK_QUOTE || (above && above->kind == BLOCK_QUOTE)) && href &&
                     !links_home(o, href);
        if (live(p, i) && !opens(p, i, first) && !(beside && own) && !source && !facts(p, i) &&
            !(b->first >= root && own_figure(p, o, i)))
            take(p, i);
    }
}

/* How many blocks from i on go without a link, headings and pictures among them; *end is behind them. */
static uint32_t plain_run(const struct page *p, uint32_t i, uint32_t *end)
{
    uint32_t k = i, letters = 0;
    int furniture = 0;
    for (; k < p->blocks.n && live(p, k) && !p->blocks.v[k].linked; k++) {
        furniture |= p->blocks.v[k].flags & (BLOCK_FORM | BLOCK_NAV);
        letters += p->blocks.v[k].letters;
    }
    *end = k > i ? k : i + 1;
    return !furniture && letters >= PLAIN_LETTERS ? k - i : 0;
}

/* Behind the article's last running text. */
static void trim_tail(struct page *p, const struct page_options *o, uint32_t last, uint32_t root)
{
    uint32_t tail = last, body = body_of(p, last, root), quiet = 0, n = p->blocks.n;
    uint32_t run = 0, scanned = 0;
    uint32_t end = p->html.nodes[root].end;
    for (uint32_t i = last + 1; i < n; i++) {
        const struct block *b = &p->blocks.v[i];
        int inside = b->first >= root && b->first < end;
        int beside = b->first >= body && b->first < p->html.nodes[body].end;
        if (!live(p, i))
            continue;
        /* A long run of lines without links is no furniture: facts, addresses, a list of names. */
        if (i >= scanned) {
            uint32_t k = plain_run(p, i, &scanned);
            run = k >= PLAIN_RUN ? i + k : run;
        }
        if (i < run || (inside && own_figure(p, o, i)))
            continue;
        const char *href = beside && (b->kind == BLOCK_LIST || b->kind == BLOCK_PARAGRAPH)
                               ? links_first(p, b)
                               : NULL;
        /* What goes on right behind the last paragraph, beside it and without links or with links that
         * lead elsewhere, is the article's whatever it looks like: a list, a table, a signature. */
        if (beside && !quiet && b->letters && i - last <= BODY_TAIL &&
            (b->linked * 3 <= b->letters || (href && b->letters >= 20 && !links_home(o, href))))
            tail = i;
        /* A line that is no sentence may stand between two that are. */
        else if (i <= tail + 2 && (inside ? closes(p, o, i, last) : page_prose(b) && !b->links))
            tail = i;
        else if (i == tail + 1 && inside && b->letters && !b->links && i + 1 < n &&
                 live(p, i + 1) && closes(p, o, i + 1, last))
            continue;
        else if (b->letters) {
            take(p, i);
            quiet = 1;
        }
    }
}

void whole_page_trim(struct page *p, const struct page_options *o)
{
    count_prose(p);
    uint32_t root = article(p), n = p->blocks.n, first = n, last = 0;
    uint32_t end = p->html.nodes[root].end;
    for (uint32_t i = 0; i < n; i++) {
        const struct block *b = &p->blocks.v[i];
        if (!live(p, i) || b->first < root || b->first >= end || !page_prose(b))
            continue;
        if (first == n)
            first = i;
        last = i;
    }
    if (first == n || prose_in(p, root) < LEAST_PROSE)
        return;
    trim_head(p, o, first, root);
    links_between(p, o, first, last);
    trim_tail(p, o, last, root);
}
