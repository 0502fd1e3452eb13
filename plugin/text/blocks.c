/* SPDX-License-Identifier: Apache-2.0 */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "utf8.h"

void blocks_init(struct blocks *b)
{
    memset(b, 0, sizeof *b);
    tbuf_init(&b->text, TEXT_LIMIT_HTML);
}

void blocks_finish(struct blocks *b)
{
    free(b->v);
    tbuf_finish(&b->text);
    memset(b, 0, sizeof *b);
}

static int kind_of(const struct html *h, uint32_t leaf)
{
    int kind = BLOCK_PARAGRAPH;
    if (h->nodes[leaf].flags & HN_PRE)
        return BLOCK_CODE;
    for (uint32_t i = h->nodes[leaf].block; i; i = h->nodes[i].block) {
        switch (h->nodes[i].tag) {
        case HTML_TD:
        case HTML_TH:
        case HTML_CAPTION:
        case HTML_TABLE:
            return BLOCK_TABLE;
        case HTML_BLOCKQUOTE:
            return BLOCK_QUOTE;
        case HTML_FIGURE:
        case HTML_FIGCAPTION:
            return BLOCK_FIGURE;
        case HTML_LI:
        case HTML_DT:
        case HTML_DD:
            kind = BLOCK_LIST;
            break;
        default:
            if (html_tag_flags[h->nodes[i].tag] & HT_HEADING && kind == BLOCK_PARAGRAPH)
                kind = BLOCK_HEADING;
        }
    }
    return kind;
}

/* Whether a text node stands in bold, italic or small print within its block. */
static int stressed(const struct html *h, uint32_t leaf)
{
    uint32_t block = h->nodes[leaf].block;
    for (uint32_t i = h->nodes[leaf].parent; i && i != block; i = h->nodes[i].parent)
        switch (h->nodes[i].tag) {
        case HTML_B:
        case HTML_STRONG:
        case HTML_I:
        case HTML_EM:
        case HTML_SMALL:
            return 1;
        default:
            break;
        }
    return 0;
}

static int wide(uint32_t cp)
{
    return (cp >= 0xe00 && cp < 0xe80) || (cp >= 0x1100 && cp < 0x1200) ||
           (cp >= 0x2e80 && cp < 0xd7b0) || (cp >= 0xf900 && cp < 0xfb00) ||
           (cp >= 0xff00 && cp < 0xffe0) || (cp >= 0x20000 && cp < 0x40000);
}

/* Appends text with white space collapsed; the block's text begins at `from`. Returns letters. */
static uint32_t add_collapsed(struct tbuf *out, size_t from, const char *s, size_t n, int *space)
{
    uint32_t letters = 0;
    for (size_t i = 0; i < n;) {
        size_t run = i, spaces = 0;
        while (run < n && (signed char)s[run] >= 0x20 && s[run] != 0x7f) {
            if (s[run] == ' ') {
                if (run == i || run + 1 == n || (signed char)s[run + 1] <= 0x20)
                    break;
                spaces++;
            }
            run++;
        }
        if (run > i) { /* words of ASCII, one space between them */
            if (*space && out->n > from)
                tbuf_addc(out, ' ');
            *space = 0;
            tbuf_add(out, s + i, run - i);
            letters += (uint32_t)(run - i - spaces);
            i = run;
            continue;
        }
        unsigned char c = (unsigned char)s[i];
        size_t used = 1;
        int blank = c == ' ' || (c >= '\t' && c <= '\r');
        uint32_t cp = c;
        if (c >= 0x80) {
            cp = utf8_decode(s + i, n - i, &used);
            blank = cp == 0xa0 || cp == 0x3000 || cp == 0x2003 || cp == 0x2002 || cp == 0x2009 ||
                    cp == 0x202f;
            if (cp == 0xfeff || cp == 0x200b || cp == 0xad || (cp >= 0x80 && cp < 0xa0)) {
                i += used;
                continue;
            }
        } else if (c < 0x20 || c == 0x7f) {
            blank = 1;
        }
        if (blank) {
            *space = 1;
        } else {
            if (*space && out->n > from)
                tbuf_addc(out, ' ');
            *space = 0;
            tbuf_addn(out, s + i, used);
            letters += wide(cp) ? 2 : 1;
        }
        i += used;
    }
    return letters;
}

static struct block *new_block(struct blocks *b)
{
    if (b->n == b->cap) {
        uint32_t cap = b->cap ? b->cap * 2 : 128;
        struct block *v = realloc(b->v, cap * sizeof *v);
        if (!v)
            return NULL;
        b->v = v;
        b->cap = cap;
    }
    struct block *block = &b->v[b->n++];
    memset(block, 0, sizeof *block);
    return block;
}

/* Drops a last block that came to nothing, and finishes one that didn't. */
static void end_block(struct blocks *b, struct block *block)
{
    if (!block)
        return;
    block->len = (uint32_t)(b->text.n - block->text);
    if (!block->len && !block->media) {
        b->n--;
        return;
    }
    if (!block->letters && block->media && block->kind == BLOCK_PARAGRAPH)
        block->kind = BLOCK_EMBED;
}

static void add_leaf(struct blocks *b, const struct html *h, uint32_t i, struct block *block,
                     int *space, uint32_t *link)
{
    const struct html_node *node = &h->nodes[i];
    block->last = i;
    if (node->link && node->link != *link) {
        *link = node->link;
        block->links++;
    }
    if (!html_is_text(node)) {
        if (block->media < UINT16_MAX)
            block->media++;
        return;
    }
    uint32_t letters;
    if (node->flags & HN_PRE) {
        size_t before = b->text.n;
        tbuf_add(&b->text, node->text + node->skip, node->len - node->skip);
        letters = (uint32_t)(b->text.n - before);
    } else {
        letters = add_collapsed(&b->text, block->text, node->text + node->skip,
                                node->len - node->skip, space);
    }
    block->letters += letters;
    if (node->link)
        block->linked += letters;
    if (letters && !stressed(h, i))
        block->flags &= (uint8_t)~BLOCK_BOLD;
}

int blocks_build(struct blocks *b, const struct html *h)
{
    struct block *block = NULL;
    int border = 1, after_break = 0, space = 0;
    uint32_t link = 0, element = 0;
    b->n = 0;
    tbuf_reset(&b->text);
    for (uint32_t i = 1; i < h->n && b->n < TEXT_LIMIT_BLOCKS && !b->text.err;) {
        const struct html_node *node = &h->nodes[i];
        if (node->flags & HN_REMOVED) {
            i = html_is_text(node) ? i + 1 : node->end;
            continue;
        }
        if (!html_is_text(node)) {
            unsigned flags = html_tag_flags[node->tag];
            if (flags & HT_BLOCK) {
                border = 1;
                after_break = 0;
            }
            if (node->tag == HTML_BR && !(node->flags & HN_PRE)) {
                if (!border || after_break)
                    after_break = 1;
                border = 1;
            }
            if (!(flags & HT_MEDIA)) {
                i++;
                continue;
            }
        }
        if (html_is_text(node) && html_blank(node->text + node->skip, node->len - node->skip) &&
            !(node->flags & HN_PRE && block && !border && node->block == element)) {
            space = 1;
            i++;
            continue;
        }
        if (border || node->block != element) {
            end_block(b, block);
            int same = node->block == element && after_break;
            block = new_block(b);
            if (!block)
                return WN_NOMEM;
            block->first = i;
            block->element = element = node->block;
            block->kind = (uint8_t)kind_of(h, i);
            block->text = (uint32_t)b->text.n;
            block->flags = BLOCK_BOLD | (same ? BLOCK_AFTER_BREAK : 0) |
                           (node->flags & HN_FORM ? BLOCK_FORM : 0) |
                           (node->flags & HN_NAV ? BLOCK_NAV : 0);
            space = 0;
            link = 0;
            border = after_break = 0;
        }
        add_leaf(b, h, i, block, &space, &link);
        i = html_is_text(node) || node->tag == HTML_IMG ? i + 1 : node->end;
    }
    end_block(b, block);
    return b->text.err == WN_NOMEM ? WN_NOMEM : WN_OK;
}

void block_remove(struct html *h, struct block *block, uint16_t rule)
{
    block->flags |= BLOCK_REMOVED;
    block->rule = rule;
    for (uint32_t i = block->first; i <= block->last; i++) {
        struct html_node *node = &h->nodes[i];
        if (node->flags & HN_REMOVED)
            continue;
        if (html_is_text(node) || html_tag_flags[node->tag] & (HT_MEDIA | HT_VOID)) {
            node->flags |= HN_REMOVED;
            node->rule = rule;
        }
    }
}

void block_restore(struct html *h, struct block *block)
{
    block->flags &= (uint8_t)~BLOCK_REMOVED;
    for (uint32_t i = block->first; i <= block->last; i++)
        if (h->nodes[i].flags & HN_REMOVED && h->nodes[i].rule == block->rule)
            h->nodes[i].flags &= (uint8_t)~HN_REMOVED;
    block->rule = 0;
}

void block_cut_front(struct html *h, struct blocks *b, struct block *block, uint32_t n,
                     uint16_t rule)
{
    /* The same collapsing as in add_leaf, node by node, until n bytes are gone. */
    struct tbuf t;
    int space = 0;
    tbuf_init(&t, TEXT_LIMIT_HTML);
    for (uint32_t i = block->first; i <= block->last; i++) {
        struct html_node *node = &h->nodes[i];
        if (!html_is_text(node) || node->flags & HN_REMOVED)
            continue;
        size_t before = t.n;
        int space_before = space;
        add_collapsed(&t, 0, node->text + node->skip, node->len - node->skip, &space);
        if (t.err)
            break;
        if (t.n <= n && !html_blank(node->text, node->len)) {
            node->flags |= HN_REMOVED;
            node->rule = rule;
            if (t.n == n)
                break;
            continue;
        }
        if (t.n <= n)
            continue;
        /* The cut is in here: the shortest raw prefix that collapses to what has to go. */
        size_t lo = 0;
        while (lo < node->len - node->skip) {
            size_t used;
            utf8_decode(node->text + node->skip + lo, node->len - node->skip - lo, &used);
            t.n = before;
            int sp = space_before;
            add_collapsed(&t, 0, node->text + node->skip, lo + used, &sp);
            if (t.n > n)
                break;
            lo += used;
        }
        node->skip += (uint32_t)lo;
        break;
    }
    tbuf_finish(&t);
    while (n < block->len && b->text.p[block->text + n] == ' ')
        n++;
    block->text += n;
    block->len -= n;
    block->flags |= BLOCK_CUT;
}

void block_cut_back(struct html *h, struct block *block, const struct blocks *b, uint32_t from,
                    uint16_t rule)
{
    struct tbuf t;
    int space = 0;
    tbuf_init(&t, TEXT_LIMIT_HTML);
    for (uint32_t i = from; i <= block->last; i++) {
        struct html_node *node = &h->nodes[i];
        if (!html_is_text(node) || node->flags & HN_REMOVED)
            continue;
        add_collapsed(&t, 0, node->text + node->skip, node->len - node->skip, &space);
        node->flags |= HN_REMOVED;
        node->rule = rule;
    }
    block->len -= (uint32_t)(t.n < block->len ? t.n : block->len);
    while (block->len && b->text.p[block->text + block->len - 1] == ' ')
        block->len--;
    block->flags |= BLOCK_CUT;
    tbuf_finish(&t);
}

int blocks_plain(const struct blocks *b, struct tbuf *out, size_t max)
{
    size_t start = out->n;
    for (uint32_t i = 0; i < b->n; i++) {
        const struct block *block = &b->v[i];
        if (block->flags & BLOCK_REMOVED || !block->len)
            continue;
        wn_str s = block_plain(b, block);
        if (out->n - start + s.len + 1 > max) {
            size_t left = max > out->n - start + 1 ? max - (out->n - start) - 1 : 0;
            s.len = utf8_cut(s.ptr, s.len, left);
        }
        if (!s.len)
            continue;
        if (out->n > start)
            tbuf_addc(out, '\n');
        tbuf_add(out, s.ptr, s.len);
    }
    return out->err;
}
