/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../text/limits.h"
#include "../text/utf8.h"
#include "norm.h"

#define LIMIT_TOLD 512u /* removals told of one piece; more are made, but not told */
#define LIMIT_CLASS_BYTES                                                                          \
    ((size_t)2 << 20)         /* of names that one piece may ask about; real pages: 200 kB */
#define LIMIT_TOLD_TEXT 2000u /* bytes of one removal's text */
#define LEARN_HEAD 12u        /* blocks of an item that learning looks at: the first … */
#define LEARN_TAIL 40u        /* … and the last; boilerplate stands at the ends */
#define LITTLE 30u            /* letters: less than this left is as good as nothing */

void page_init(struct page *p)
{
    memset(p, 0, sizeof *p);
    html_init(&p->html);
    blocks_init(&p->blocks);
    sanitise_init(&p->sanitise);
    tbuf_init(&p->norm, TEXT_LIMIT_HTML_OUT * 2);
    tbuf_init(&p->title, TEXT_LIMIT_PLAIN);
    tbuf_init(&p->scratch, TEXT_LIMIT_HTML_OUT);
    tbuf_init(&p->out, TEXT_LIMIT_HTML_OUT * 2);
    tbuf_init(&p->text, TEXT_LIMIT_PLAIN);
    tbuf_init(&p->told, TEXT_LIMIT_PLAIN * 2);
}

void page_finish(struct page *p)
{
    html_finish(&p->html);
    blocks_finish(&p->blocks);
    sanitise_finish(&p->sanitise);
    tbuf_finish(&p->norm);
    tbuf_finish(&p->title);
    tbuf_finish(&p->scratch);
    tbuf_finish(&p->out);
    tbuf_finish(&p->text);
    tbuf_finish(&p->told);
    free(p->spans);
    free(p->hits);
    free(p->norms);
    free(p->prose);
    free(p->removals);
    free(p->lines);
    memset(p, 0, sizeof *p);
}

static int room(void **v, uint32_t *cap, uint32_t n, size_t size)
{
    if (n <= *cap)
        return WN_OK;
    uint32_t more = *cap ? *cap : 64;
    while (more < n)
        more *= 2;
    void *q = realloc(*v, more * size);
    if (!q)
        return WN_NOMEM;
    *v = q;
    *cap = more;
    return WN_OK;
}

void page_tell(struct page *p, enum rule_group group, enum page_place place, wn_str text)
{
    if (p->n_removals >= LIMIT_TOLD ||
        room((void **)&p->removals, &p->cap_removals, p->n_removals + 1, sizeof *p->removals))
        return;
    struct removal *r = &p->removals[p->n_removals];
    size_t n =
        text.len > LIMIT_TOLD_TEXT ? utf8_cut(text.ptr, text.len, LIMIT_TOLD_TEXT) : text.len;
    r->group = (uint8_t)group;
    r->place = (uint8_t)place;
    r->at = (uint32_t)p->told.n;
    r->len = (uint32_t)n;
    if (!tbuf_add(&p->told, text.ptr, n))
        p->n_removals++;
}

enum page_place page_place_of(const struct page *p, uint32_t block)
{
    uint32_t n = p->blocks.n;
    if (block * 4 < n && block < 4)
        return PLACE_OF_HEAD;
    return block * 4 >= n * 3 || block + 3 >= n ? PLACE_OF_TAIL : PLACE_OF_BODY;
}

void page_remove(struct page *p, uint32_t block, enum rule_group group, enum page_place place)
{
    struct block *b = &p->blocks.v[block];
    if (b->flags & BLOCK_REMOVED)
        return;
    page_tell(p, group, place, block_text(&p->blocks, b));
    block_remove(&p->html, b, (uint16_t)group);
}

unsigned page_class(struct page *p, const struct rules *rules, const char *value)
{
    uint64_t key = XXH64(value, strlen(value), (uint64_t)(uintptr_t)rules) | 1u;
    unsigned i = (unsigned)(key >> 32) % PAGE_CLASSES;
    /* Asked bytes count, remembered or not, so that no item's fate hangs on those before it. */
    if (p->class_bytes >= LIMIT_CLASS_BYTES)
        return 0;
    p->class_bytes += strlen(value);
    if (p->classes[i].key != key) {
        p->classes[i].key = key;
        p->classes[i].signs = rules_class(rules, value);
    }
    return p->classes[i].signs;
}

static int embed_cb(void *user, wn_str host)
{
    return rules_is_embed(user, host);
}

static int unwrap_cb(void *user, struct tbuf *url)
{
    return rules_unwrap(user, url);
}

static int strip_cb(void *user, const char *host, size_t nh, const char *name, size_t n)
{
    return rules_is_parameter(user, host, nh, name, n);
}

/* How many letters and pictures would be left. */
static uint32_t left(const struct page *p, uint32_t *media, uint32_t *gone)
{
    uint32_t letters = 0;
    *media = *gone = 0;
    for (uint32_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = &p->blocks.v[i];
        if (b->flags & BLOCK_REMOVED) {
            *gone += b->letters;
        } else {
            letters += b->letters;
            *media += b->media;
        }
    }
    return letters;
}

/* Takes all removals of blocks back. */
static void restore(struct page *p)
{
    for (uint32_t i = 0; i < p->blocks.n; i++)
        if (p->blocks.v[i].flags & BLOCK_REMOVED)
            block_restore(&p->html, &p->blocks.v[i]);
}

/* The bytes of the output that belong to a block: the largest elements that hold nothing else.
 * Returns 0 where its tags are not balanced without its neighbours. */
static int cut_of(const struct page *p, uint32_t i, uint32_t before, uint32_t after, uint32_t *cut,
                  uint32_t *len)
{
    const struct html_node *nodes = p->html.nodes;
    const struct block *b = &p->blocks.v[i];
    uint32_t first = b->first, last = b->last;
    while (nodes[first].parent && nodes[first].parent > before &&
           nodes[nodes[first].parent].end <= after)
        first = nodes[first].parent;
    while (nodes[last].parent && nodes[last].parent > before &&
           nodes[nodes[last].parent].end <= after)
        last = nodes[last].parent;
    if (first != last && nodes[first].parent != nodes[last].parent)
        return 0;
    const struct html_span *a = &p->spans[first], *z = &p->spans[last];
    if (!a->end || !z->end || z->end <= a->start)
        return 0;
    *cut = a->start;
    *len = z->end - a->start;
    return 1;
}

static uint8_t line_flags(const struct block *b, wn_str norm)
{
    unsigned flags = 0;
    if (page_prose(b))
        flags |= LEARN_PROSE;
    if (b->linked * 2 >= b->letters && b->letters)
        flags |= LEARN_LINKED;
    if (b->kind == BLOCK_CODE || b->kind == BLOCK_TABLE ||
        (b->kind == BLOCK_QUOTE && !(flags & LEARN_LINKED)))
        flags |= LEARN_OWN;
    if (memmem(norm.ptr, norm.len, "http", 4) || memmem(norm.ptr, norm.len, "www.", 4) ||
        memmem(norm.ptr, norm.len, "\xc2\xa9", 2) || memchr(norm.ptr, '@', norm.len))
        flags |= LEARN_SIGN;
    return (uint8_t)flags;
}

/* Notes the lines that learning may take later, with their place in output and text. */
static int note_lines(struct page *p)
{
    uint32_t live = 0, seen = 0, text = 0;
    p->n_lines = 0;
    for (uint32_t i = 0; i < p->blocks.n; i++)
        live += !(p->blocks.v[i].flags & BLOCK_REMOVED);
    for (uint32_t i = 0, before = 0; i < p->blocks.n; i++) {
        const struct block *b = &p->blocks.v[i];
        if (b->flags & BLOCK_REMOVED)
            continue;
        uint32_t at = text, len = (uint32_t)block_plain(&p->blocks, b).len;
        if (len)
            text += len + 1;
        uint32_t mine = seen++, last = before;
        before = b->last;
        if (!len || (mine >= LEARN_HEAD && mine + LEARN_TAIL < live))
            continue;
        uint32_t after = p->html.n;
        for (uint32_t k = i + 1; k < p->blocks.n; k++)
            if (!(p->blocks.v[k].flags & BLOCK_REMOVED)) {
                after = p->blocks.v[k].first;
                break;
            }
        if (room((void **)&p->lines, &p->cap_lines, p->n_lines + 1, sizeof *p->lines))
            return WN_NOMEM;
        struct learn_line *line = &p->lines[p->n_lines];
        memset(line, 0, sizeof *line);
        wn_str norm = {p->norm.p + p->norms[i].at, p->norms[i].len};
        wn_str title = {p->title.p ? p->title.p : "", p->title.n};
        /* A line that is one link with the title in it is the way to the article; it stays. */
        if (b->links == 1 && b->linked == b->letters)
            title.len = 0;
        line->flags = line_flags(b, norm);
        line->letters = b->letters;
        line->from_start = (uint16_t)(mine < UINT16_MAX ? mine : UINT16_MAX);
        line->from_end = (uint16_t)(live - 1 - mine < UINT16_MAX ? live - 1 - mine : UINT16_MAX);
        line->text = at;
        line->text_len = len;
        if (at + len <= p->text.n && cut_of(p, i, last, after, &line->cut, &line->cut_len))
            line->flags |= LEARN_CUTTABLE;
        learn_hash(line, block_text(&p->blocks, b), norm, title, &p->scratch);
        p->n_lines++;
    }
    return WN_OK;
}

static int analyse_blocks(struct page *p, const struct page_options *o)
{
    uint32_t cap = p->cap_blocks, cap_prose = cap;
    if (room((void **)&p->hits, &cap, p->blocks.n + 1, sizeof *p->hits) ||
        room((void **)&p->prose, &cap_prose, p->blocks.n + 1, sizeof *p->prose) ||
        room((void **)&p->norms, &p->cap_blocks, p->blocks.n + 1, sizeof *p->norms))
        return WN_NOMEM;
    for (uint32_t i = 0; i < p->blocks.n; i++) {
        wn_str text = block_text(&p->blocks, &p->blocks.v[i]);
        p->norms[i].at = (uint32_t)p->norm.n;
        if (text.len < 12000 && norm_text(text.ptr, text.len, 1, &p->norm, NULL) == WN_NOMEM)
            return WN_NOMEM;
        p->norms[i].len = (uint32_t)(p->norm.n - p->norms[i].at);
    }
    p->whole = 0;
    int status = structure_blocks(p, o);
    if (!status)
        status = phrases_apply(p, o);
    if (!status && p->whole && o->groups >> GROUP_PAGE & 1)
        whole_page_trim(p, o);
    if (!status && o->groups >> GROUP_RELATED & 1)
        links_behind(p, o);
    return status;
}

int page_clean(struct page *p, const struct page_options *o, const char *html, size_t n)
{
    struct sanitise *s = &p->sanitise;
    uint32_t media, gone;
    p->n_removals = p->n_lines = p->n_categories = 0;
    p->restored = 0;
    p->class_bytes = 0;
    tbuf_reset(&p->norm);
    tbuf_reset(&p->title);
    tbuf_reset(&p->out);
    tbuf_reset(&p->text);
    tbuf_reset(&p->told);
    s->base = o->base;
    s->user = (void *)o->rules;
    s->embed = embed_cb;
    s->unwrap = o->groups >> GROUP_PARAMETERS & 1 && !o->shadow ? unwrap_cb : NULL;
    s->strip = o->groups >> GROUP_PARAMETERS & 1 && !o->shadow ? strip_cb : NULL;
    s->stripped = 0;
    norm_text(o->title.ptr ? o->title.ptr : "", o->title.ptr ? o->title.len : 0, 1, &p->title,
              NULL);

    int status = html_parse(&p->html, html, n);
    p->warnings = p->html.warnings;
    if (status == WN_LIMIT) {
        /* Too large a tree: the text alone, without markup. */
        p->warnings |= HTML_CUT_TAGS;
        html_text_only(&p->html, &p->text);
        sanitise_text(&p->out, p->text.p ? p->text.p : "", p->text.n);
        return p->text.err == WN_NOMEM || p->out.err == WN_NOMEM ? WN_NOMEM : WN_OK;
    }
    if (status)
        return status;
    structure_nodes(p, o);
    if ((status = blocks_build(&p->blocks, &p->html)) || (status = analyse_blocks(p, o)))
        return status;
    if (o->shadow) {
        restore(p);
    } else if (left(p, &media, &gone) < LITTLE && !media && gone) {
        restore(p);
        p->restored = 1;
        p->n_removals = p->n_categories = 0;
    }
    if (room((void **)&p->spans, &p->cap_spans, p->html.n, sizeof *p->spans))
        return WN_NOMEM;
    if ((status = sanitise_write(&p->html, s, &p->out, p->spans)) == WN_NOMEM)
        return status;
    if (s->stripped) {
        wn_str none = {"", 0};
        page_tell(p, GROUP_PARAMETERS, PLACE_OF_BODY, none);
    }
    blocks_plain(&p->blocks, &p->text, TEXT_LIMIT_PLAIN);
    return note_lines(p);
}
