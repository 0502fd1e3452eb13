/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h: one piece of HTML (an item's content or summary) from feed to clean, with all that was
 * taken away and all that learning needs to know. The workspace of one worker thread; reused from
 * item to item, nothing in it outlives the next page_clean().
 */
#ifndef WINNOW_PAGE_H
#define WINNOW_PAGE_H

#include "../text/blocks.h"
#include "../text/sanitise.h"
#include "learn.h"
#include "rules.h"

/* Where something was taken from. */
enum page_place { PLACE_OF_BODY, PLACE_OF_HEAD, PLACE_OF_TAIL };

struct removal {
    uint8_t group;    /* enum rule_group */
    uint8_t place;    /* enum page_place */
    uint32_t at, len; /* its text in page.told */
};

struct page_options {
    const struct rules *rules;
    unsigned groups; /* bit per enum rule_group */
    int shadow;      /* tell, but remove nothing */
    wn_str base;     /* what relative URLs are resolved against */
    wn_str title;    /* of the item, plain text */
};

#define PAGE_CATEGORIES 16
#define PAGE_CLASSES 256 /* class attributes whose sign is remembered; sources have a few dozen */

struct page {
    struct html html;
    struct blocks blocks;
    struct sanitise sanitise;
    struct html_span *spans;
    uint32_t cap_spans;
    const struct rule **hits; /* per block: the rule that its line matches */
    struct norm_ref {
        uint32_t at, len;
    } * norms;       /* per block: its normal form in norm */
    uint32_t *prose; /* per block: letters of running text in front of it; one more for all */
    uint32_t cap_blocks;
    struct tbuf norm, title, scratch;
    struct {
        uint64_t key;
        unsigned signs;
    } classes[PAGE_CLASSES];
    size_t class_bytes; /* asked so far */
    /* results */
    struct tbuf out;  /* sanitised HTML */
    struct tbuf text; /* its plain text */
    struct tbuf told; /* texts of removals and categories */
    struct removal *removals;
    uint32_t n_removals, cap_removals;
    struct norm_ref categories[PAGE_CATEGORIES]; /* in told */
    uint32_t n_categories;
    struct learn_line *lines;
    uint32_t n_lines, cap_lines;
    int whole;         /* the item was made from a whole web page */
    int restored;      /* little would have been left: nothing but trackers was removed */
    unsigned warnings; /* HTML_* bits */
};

void page_init(struct page *p);
void page_finish(struct page *p);

/* Cleans. WN_OK with the results above, or WN_NOMEM. What passes the parser's limits comes out as
 * escaped text. */
int page_clean(struct page *p, const struct page_options *options, const char *html, size_t n);

/* Notes a removal for the report; text may be long, it is cut. */
void page_tell(struct page *p, enum rule_group group, enum page_place place, wn_str text);

/* structure.c: what is known by its markup. Before the blocks are built: pixels and pictures told
 * twice; after: widgets by class. */
void structure_nodes(struct page *p, const struct page_options *o);
int structure_blocks(struct page *p, const struct page_options *o);

/* whole_page.c: whether the item was made from a whole web page: its furniture shows it. A class like
 * "related" means little in an ordinary feed, where it may be the author's own. */
int whole_page(struct page *p, const struct page_options *o);
/* Takes what stands around the article in such an item. */
void whole_page_trim(struct page *p, const struct page_options *o);

/* links.c: whether a link leads to another page of the item's own site. */
int links_home(const struct page_options *o, const char *href);
/* The address of a block's first link; NULL: none. */
const char *links_first(const struct page *p, const struct block *b);
/* In a whole page: takes rows, boxes and paragraphs between two blocks that are made of such links. */
void links_between(struct page *p, const struct page_options *o, uint32_t first, uint32_t last);
/* In any item: takes the list of such links at its very end, with the label above it. */
void links_behind(struct page *p, const struct page_options *o);

/* phrases.c: what is known by its words, and the title repeated. */
int phrases_apply(struct page *p, const struct page_options *o);

/* rules_class() with a memory. */
unsigned page_class(struct page *p, const struct rules *rules, const char *value);

/* A block of running text. */
static inline int page_prose(const struct block *b)
{
    return b->letters >= 80 && b->linked * 2 < b->letters && b->kind != BLOCK_CODE;
}

/* Marks a block removed and tells it. */
void page_remove(struct page *p, uint32_t block, enum rule_group group, enum page_place place);
enum page_place page_place_of(const struct page *p, uint32_t block);

#endif
