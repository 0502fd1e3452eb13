/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks.h: a tree of html.h as a sequence of blocks of text, as a reader sees them: paragraphs,
 * headings, list entries, cells … A line break inside an element parts blocks too, for many feeds
 * know no other paragraphs. Every leaf (text, picture, player) belongs to exactly one block, and a
 * block's leaves are neighbours in the tree: removing a block is marking nodes [first, last].
 *
 * A struct blocks belongs to one thread at a time and is reused; it refers to the tree by index and
 * owns its texts.
 */
#ifndef WINNOW_BLOCKS_H
#define WINNOW_BLOCKS_H

#include "html.h"
#include "html_buf.h"

enum block_kind {
    BLOCK_PARAGRAPH,
    BLOCK_HEADING,
    BLOCK_LIST, /* in a list entry */
    BLOCK_QUOTE,
    BLOCK_TABLE,  /* in a cell or caption */
    BLOCK_FIGURE, /* in a figure or its caption */
    BLOCK_CODE,
    BLOCK_EMBED, /* a player or frame alone */
};

#define BLOCK_AFTER_BREAK 1u /* begins behind a <br> in the element that the block before is in */
#define BLOCK_BOLD 2u        /* all of its text is bold, italic or small */
#define BLOCK_REMOVED 4u     /* a rule took it */
#define BLOCK_CUT 8u         /* a rule took its beginning or its last link */
#define BLOCK_FORM 16u
#define BLOCK_NAV 32u

struct block {
    uint32_t first, last; /* node indexes of its first and last leaf */
    uint32_t element;     /* the block element that it is in; 0: none */
    uint32_t text, len;   /* bytes in blocks.text: white space collapsed, trimmed */
    uint32_t letters;     /* code points but white space; CJK and Thai ones count double */
    uint32_t linked;      /* those of them inside links */
    uint16_t links;       /* links that begin in it */
    uint16_t media;       /* pictures, players, frames */
    uint8_t kind;         /* enum block_kind */
    uint8_t flags;
    uint16_t rule; /* for whoever set BLOCK_REMOVED */
};

struct blocks {
    struct block *v;
    uint32_t n, cap;
    struct tbuf text;
};

void blocks_init(struct blocks *b);
void blocks_finish(struct blocks *b);

/* Reads the tree, what is removed in it left out. WN_OK, WN_NOMEM; past TEXT_LIMIT_BLOCKS blocks
 * and TEXT_LIMIT_HTML bytes of text the rest is left out. */
int blocks_build(struct blocks *b, const struct html *h);

/* A block's text, not NUL-terminated. */
static inline wn_str block_text(const struct blocks *b, const struct block *block)
{
    wn_str s = {b->text.p ? b->text.p + block->text : "", block->len};
    return s;
}

/* As it stands in the plain text of the item: without white space at its end. */
static inline wn_str block_plain(const struct blocks *b, const struct block *block)
{
    wn_str s = block_text(b, block);
    while (s.len && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == ' '))
        s.len--;
    return s;
}

/* Marks the block's leaves removed in the tree, for this rule. */
void block_remove(struct html *h, struct block *block, uint16_t rule);
/* Takes that back. */
void block_restore(struct html *h, struct block *block);

/* Cuts n bytes of block_text off the block's front, and the white space behind them. Pictures stay. */
void block_cut_front(struct html *h, struct blocks *b, struct block *block, uint32_t n,
                     uint16_t rule);

/* Cuts the leaves from node `from` on off the block's end. */
void block_cut_back(struct html *h, struct block *block, const struct blocks *b, uint32_t from,
                    uint16_t rule);

/* Appends the plain text of the blocks that are not removed, parted by '\n', at most max bytes. */
int blocks_plain(const struct blocks *b, struct tbuf *out, size_t max);

#endif
