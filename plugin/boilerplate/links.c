/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links to the item's own site that stand for nothing but themselves: "read this, too" between the
 * paragraphs of a page, and the list of other articles behind one.
 */
#include <string.h>
#include <strings.h>

#include "../text/html_url.h"
#include "page.h"

#define BOX_LETTERS 400u /* a label and a few titles */
#define LIST_PROSE 300u  /* letters of running text in front of a list of links that goes */
#define LIST_TITLE 15u   /* letters of a link that is somebody's title */
#define LIST_LABEL 60u   /* letters of the line above it */

static int live(const struct page *p, uint32_t i)
{
    return !(p->blocks.v[i].flags & BLOCK_REMOVED);
}

static int linked(const struct block *b)
{
    return b->letters && b->linked * 10 >= b->letters * 6;
}

static void take(struct page *p, uint32_t i, enum rule_group group)
{
    page_remove(p, i, group, page_place_of(p, i));
}

/* Whether a link leads to another page of the item's own site. */
int links_home(const struct page_options *o, const char *href)
{
    wn_str url = {href, strlen(href)}, here = url_host(o->base), there;
    if (*href == '#' || !strncasecmp(href, "mailto:", 7) || !strncasecmp(href, "tel:", 4))
        return 0;
    if (!strstr(href, "//"))
        return 1;
    there = url_host(url);
    if (here.len > 4 && !strncasecmp(here.ptr, "www.", 4))
        here = (wn_str){here.ptr + 4, here.len - 4};
    return here.len && there.len >= here.len &&
           !strncasecmp(there.ptr + there.len - here.len, here.ptr, here.len);
}

/* The address of a block's first link; NULL: none. */
const char *links_first(const struct page *p, const struct block *b)
{
    for (uint32_t k = b->first; k <= b->last; k++) {
        uint32_t link = p->html.nodes[k].link;
        const char *href = link ? html_attr(&p->html.nodes[link], "href") : NULL;
        if (href)
            return href;
    }
    return NULL;
}

/* Inside the article: rows of links to the site's other pages. Links that lead elsewhere are the
 * author's own. */
static void drop_link_rows(struct page *p, const struct page_options *o, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        uint32_t k = i, links = 0, own = 0;
        while (k < to && (linked(&p->blocks.v[k]) || !p->blocks.v[k].letters || !live(p, k))) {
            const char *href = live(p, k) ? links_first(p, &p->blocks.v[k]) : NULL;
            links += href != NULL;
            own += href && links_home(o, href);
            k++;
        }
        if (links >= 3 && own * 2 >= links)
            for (; i < k; i++)
                if (live(p, i) && p->blocks.v[i].letters)
                    take(p, i, GROUP_PAGE);
        i = k > i ? k : i;
    }
}

/* Boxes between paragraphs that are made of links to the site's other pages: a label and a title. */
static void drop_link_boxes(struct page *p, const struct page_options *o, uint32_t from,
                            uint32_t to)
{
    const struct html *h = &p->html;
    uint32_t end = p->blocks.v[to].first, k = from;
    for (uint32_t i = p->blocks.v[from].last + 1; i < end; i++) {
        const struct html_node *node = &h->nodes[i];
        if ((node->tag != HTML_DIV && node->tag != HTML_ASIDE && node->tag != HTML_SECTION) ||
            html_is_text(node) || node->end > end)
            continue;
        while (k < to && p->blocks.v[k].last < i)
            k++;
        uint32_t letters = 0, links = 0, last = k;
        int own = 1;
        for (; last < to && p->blocks.v[last].first < node->end && own; last++) {
            const struct block *b = &p->blocks.v[last];
            const char *href = live(p, last) && b->linked ? links_first(p, b) : NULL;
            own = !page_prose(b) && (!href || links_home(o, href)) && b->last < node->end;
            letters += live(p, last) ? b->letters : 0;
            links += live(p, last) ? b->linked : 0;
        }
        if (!own || !links || links * 2 < letters || letters > BOX_LETTERS)
            continue;
        for (; k < last; k++)
            if (live(p, k))
                take(p, k, GROUP_PAGE);
        i = node->end - 1;
    }
}

/* A paragraph or heading among the running text that is nothing but a link to another page of the
 * site: "read this, too" without saying so. */
static int elsewhere(const struct page *p, const struct page_options *o, uint32_t i)
{
    const struct block *b = &p->blocks.v[i];
    if (!b->letters || b->linked < b->letters || b->links != 1 || b->media ||
        (b->kind != BLOCK_PARAGRAPH && b->kind != BLOCK_HEADING))
        return 0;
    const char *href = links_first(p, b);
    return href && links_home(o, href);
}

void links_between(struct page *p, const struct page_options *o, uint32_t first, uint32_t last)
{
    drop_link_rows(p, o, first, last);
    drop_link_boxes(p, o, first, last);
    for (uint32_t i = first; i < last; i++)
        if (live(p, i) && elsewhere(p, o, i))
            take(p, i, GROUP_PAGE);
}

void links_behind(struct page *p, const struct page_options *o)
{
    uint32_t i = p->blocks.n, from = i, n = 0, prose = 0, label = UINT32_MAX;
    while (i-- > 0) {
        const struct block *b = &p->blocks.v[i];
        if (!live(p, i) || !b->letters)
            continue;
        const char *href = b->linked == b->letters && b->links == 1 && b->letters >= LIST_TITLE
                               ? links_first(p, b)
                               : NULL;
        if (!href || !links_home(o, href) || b->kind == BLOCK_TABLE || b->kind == BLOCK_QUOTE)
            break;
        from = i;
        n++;
    }
    if (i == UINT32_MAX || n < 2)
        return;
    const struct block *b = &p->blocks.v[i];
    wn_str s = block_text(&p->blocks, b);
    int colon = s.len && (s.ptr[s.len - 1] == ':' ||
                          (s.len >= 3 && !memcmp(s.ptr + s.len - 3, "\xef\xbc\x9a", 3)));
    if (b->letters <= LIST_LABEL && !b->linked &&
        (b->kind == BLOCK_HEADING || b->flags & BLOCK_BOLD || colon))
        label = i;
    /* Two links may be what the last sentence speaks of; with a label above them they aren't. */
    if (n < 3 && label == UINT32_MAX)
        return;
    for (uint32_t k = 0; k < from; k++)
        if (live(p, k) && page_prose(&p->blocks.v[k]))
            prose += p->blocks.v[k].letters;
    if (prose < LIST_PROSE)
        return;
    for (uint32_t k = label < from ? label : from; k < p->blocks.n; k++)
        if (live(p, k) && p->blocks.v[k].letters)
            take(p, k, GROUP_RELATED);
}
