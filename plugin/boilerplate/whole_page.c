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
#define SHARE 80u     /* percent of the running text that the article's element must hold */

int whole_page(struct page *p, const struct page_options *o)
{
    int signs = 0, frame = 0;
    for (uint32_t i = 1; i < p->html.n && signs < PAGE_SIGNS * 2; i++) {
        const struct html_node *node = &p->html.nodes[i];
        if (html_is_text(node) || !node->element)
            continue;
        if (node->tag == HTML_NAV || node->tag == HTML_ASIDE || node->tag == HTML_FOOTER ||
            node->tag == HTML_HEADER || node->element->tag == GUMBO_TAG_FORM ||
            node->tag == HTML_H1)
            frame = 1, signs += 2;
        const char *class = node->tag == HTML_IMG ? NULL : html_attr(node, "class");
        int sign = class ? page_class(p, o->rules, class) : 0;
        signs += sign != 0;
        frame |= sign == 2;
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

static void count_prose(struct page *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->blocks.n; i++) {
        p->prose[i] = n;
        if (live(p, i) && page_prose(&p->blocks.v[i]))
            n += p->blocks.v[i].letters;
    }
    p->prose[p->blocks.n] = n;
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
static int closes(const struct page *p, uint32_t i, uint32_t last)
{
    const struct block *b = &p->blocks.v[i];
    wn_str s = block_text(&p->blocks, b);
    if (!b->letters || linked(b))
        return 0;
    if (b->kind == BLOCK_CODE || b->kind == BLOCK_TABLE || b->kind == BLOCK_QUOTE)
        return 1;
    if (b->kind == BLOCK_HEADING)
        return i + 1 < p->blocks.n && live(p, i + 1) && p->blocks.v[i + 1].kind != BLOCK_HEADING &&
               closes(p, i + 1, last);
    return i - last <= 12 && b->letters >= 16 && sentence(s) && b->links * 60 <= b->letters;
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

/* Inside the article: rows of links, and what hangs on their heading. */
static void drop_link_rows(struct page *p, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        uint32_t k = i, links = 0;
        while (k < to && (linked(&p->blocks.v[k]) || !p->blocks.v[k].letters || !live(p, k))) {
            links += live(p, k) && p->blocks.v[k].linked;
            k++;
        }
        if (links >= 3)
            for (; i < k; i++)
                if (live(p, i) && p->blocks.v[i].letters)
                    take(p, i);
        i = k > i ? k : i;
    }
}

void whole_page_trim(struct page *p)
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
    if (first == n || prose_in(p, root) < 300)
        return;
    for (uint32_t i = 0; i < first; i++)
        if (live(p, i) && !opens(p, i, first))
            take(p, i);
    drop_link_rows(p, first, last);
    uint32_t tail = last, body = body_of(p, last, root), quiet = 0;
    for (uint32_t i = last + 1; i < n; i++) {
        const struct block *b = &p->blocks.v[i];
        int inside = b->first >= root && b->first < end;
        int beside = b->first >= body && b->first < p->html.nodes[body].end;
        if (!live(p, i))
            continue;
        /* What goes on right behind the last paragraph, beside it and without links, is the article's
         * whatever it looks like: a list, a table, a signature. */
        if (beside && !quiet && b->linked * 3 <= b->letters && b->letters && i - last <= BODY_TAIL)
            tail = i;
        /* A line that is no sentence may stand between two that are. */
        else if (i <= tail + 2 && (inside ? closes(p, i, last) : page_prose(b) && !b->links))
            tail = i;
        else if (i == tail + 1 && inside && b->letters && !b->links && i + 1 < n &&
                 live(p, i + 1) && closes(p, i + 1, last))
            continue;
        else if (b->letters) {
            take(p, i);
            quiet = 1;
        }
    }
}
