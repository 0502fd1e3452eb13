/* SPDX-License-Identifier: Apache-2.0 */
/* What is known by its words: lines that match a pattern, and what hangs on them. */
#include <string.h>

#include "../text/utf8.h"
#include "norm.h"
#include "page.h"

struct scene {
    struct page *p;
    const struct page_options *o;
    uint32_t prose; /* letters of running text, matched lines left out */
};

static const struct block *at(const struct scene *s, uint32_t i)
{
    return &s->p->blocks.v[i];
}

static int gone(const struct scene *s, uint32_t i)
{
    return at(s, i)->flags & BLOCK_REMOVED;
}

/* Letters of running text in front of a block, as a share of all decides where the article ends. */
static uint32_t prose_before(const struct scene *s, uint32_t i)
{
    return s->p->prose[i];
}

static struct rule_line line_of(const struct scene *s, uint32_t i)
{
    const struct page *p = s->p;
    const struct block *b = at(s, i);
    return (struct rule_line){
        .norm = p->norm.p + p->norms[i].at,
        .n = p->norms[i].len,
        .letters = b->letters,
        .linked = b->linked,
        .groups = s->o->groups,
        .whole = p->whole,
    };
}

static void match_all(struct scene *s)
{
    struct page *p = s->p;
    for (uint32_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = at(s, i);
        p->hits[i] = NULL;
        p->prose[i] = s->prose;
        if (gone(s, i) || b->kind == BLOCK_CODE || !p->norms[i].len)
            continue;
        struct rule_line line = line_of(s, i);
        p->hits[i] = rules_match(s->o->rules, &line);
        if (!p->hits[i] && page_prose(b))
            s->prose += b->letters;
    }
    p->prose[p->blocks.n] = s->prose;
}

/* Whether nothing of the article follows: the rule's place "tail". */
static int in_tail(const struct scene *s, uint32_t i)
{
    uint32_t before = prose_before(s, i),
             after = s->prose - (before < s->prose ? before : s->prose);
    if (!s->prose)
        return i * 2 >= s->p->blocks.n;
    return after * 3 <= s->prose;
}

static int in_head(const struct scene *s, uint32_t i)
{
    return i < 6 && prose_before(s, i) == 0;
}

/* Part of a list of links: mostly linked, or a picture or a date beside one. */
static int linky(const struct scene *s, uint32_t i)
{
    const struct block *b = at(s, i);
    if (b->linked * 10 >= b->letters * 6 && b->letters)
        return 1;
    return !b->letters || (b->letters < 30 && b->linked);
}

/* The blocks behind a heading like "Related": as far as they look like a list of links. */
static uint32_t link_list_end(const struct scene *s, uint32_t i)
{
    uint32_t end = i + 1, quiet = 0, links = 0;
    for (uint32_t k = i + 1; k < s->p->blocks.n && k < i + 80; k++) {
        if (gone(s, k))
            continue;
        if (linky(s, k) || (s->p->hits[k] && at(s, k)->letters < 80)) {
            links += at(s, k)->linked > 0;
            end = k + 1;
            quiet = 0;
        } else if (page_prose(at(s, k)) || at(s, k)->kind == BLOCK_HEADING || ++quiet > 2 ||
                   at(s, k)->letters > 200) {
            break;
        }
    }
    return links ? end : i + 1;
}

static void remove_range(struct scene *s, uint32_t from, uint32_t to, const struct rule *rule)
{
    for (uint32_t k = from; k < to; k++)
        if (!gone(s, k))
            page_remove(s->p, k, (enum rule_group)rule->group, page_place_of(s->p, k));
}

/* "Read more: Title" and lone headings: only with links about. */
static void apply_links(struct scene *s, uint32_t i, const struct rule *rule)
{
    const struct block *b = at(s, i);
    uint32_t end = link_list_end(s, i);
    int heading_like = b->letters <= 60;
    wn_str text = block_text(&s->p->blocks, b);
    /* "More than 300 people are on board." begins like a label and is a sentence. */
    if (rule->open_end && !b->linked && text.len && text.ptr[text.len - 1] == '.' &&
        !memchr(text.ptr, ':', text.len))
        return;
    if (b->linked * 3 >= b->letters && b->linked) {
        /* A link with its label. It may stand anywhere; its list only behind a label alone. */
        remove_range(s, i, heading_like && b->linked == b->letters ? i + 1 : i + 1, rule);
        return;
    }
    if (end > i + 1 && heading_like)
        remove_range(s, i, end, rule);
    else if (heading_like && s->p->whole && (b->kind == BLOCK_HEADING || in_tail(s, i)))
        remove_range(s, i, i + 1, rule);
    else if (heading_like && in_tail(s, i) && b->kind != BLOCK_TABLE &&
             (i + 1 == s->p->blocks.n || b->kind == BLOCK_HEADING || b->flags & BLOCK_BOLD))
        remove_range(s, i, i + 1, rule);
}

/* "Leave a comment": all behind it, unless the article goes on there. */
static void apply_rest(struct scene *s, uint32_t i, const struct rule *rule)
{
    uint32_t before = prose_before(s, i), more = 0, n = s->p->blocks.n;
    if (!in_tail(s, i)) {
        /* Comments may be longer than the article; then they must show by further signs. */
        for (uint32_t k = i + 1; k < n && k < i + 40; k++)
            more += s->p->hits[k] && s->p->hits[k]->group == GROUP_COMMENTS;
        if (more < 2 || before < 300 || before * 3 < s->prose)
            return;
    }
    if (!before && i * 2 < n)
        return;
    remove_range(s, i, n, rule);
}

/* "About the company": its paragraphs up to the next heading. */
static void apply_paragraphs(struct scene *s, uint32_t i, const struct rule *rule)
{
    if (at(s, i)->kind != BLOCK_HEADING && !(at(s, i)->flags & BLOCK_BOLD) && !in_tail(s, i))
        return;
    uint32_t k = i + 1;
    for (; k < s->p->blocks.n && k < i + 12; k++)
        if (at(s, k)->kind == BLOCK_HEADING || s->p->hits[k] ||
            (at(s, k)->flags & BLOCK_BOLD && at(s, k)->letters < 80))
            break;
    remove_range(s, i, k, rule);
}

/* ---- categories ---- */

static size_t separator(const char *s, size_t n)
{
    static const char *const marks[] = {",",
                                        ";",
                                        "/",
                                        "|",
                                        "\xe3\x80\x81",
                                        "\xef\xbc\x8c",
                                        "\xef\xbc\x9b",
                                        "\xd8\x8c",
                                        "\xe3\x83\xbb",
                                        "\xc2\xb7",
                                        "\xe2\x80\xa2",
                                        "\xef\xbd\x9c",
                                        "\xef\xbc\x8f",
                                        "\xd8\x9b"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (n >= strlen(marks[i]) && !memcmp(s, marks[i], strlen(marks[i])))
            return strlen(marks[i]);
    return 0;
}

static void add_category(struct page *p, const char *s, size_t n)
{
    while (n && (*s == ' ' || *s == '#')) {
        s++;
        n--;
    }
    while (n && (s[n - 1] == ' ' || s[n - 1] == '.'))
        n--;
    if (n >= 3 && !memcmp(s + n - 3, "\xe3\x80\x82", 3))
        n -= 3;
    if (!n || n > 120 || p->n_categories == PAGE_CATEGORIES)
        return;
    struct norm_ref *c = &p->categories[p->n_categories];
    c->at = (uint32_t)p->told.n;
    c->len = (uint32_t)n;
    if (!tbuf_add(&p->told, s, n))
        p->n_categories++;
}

/* Reads "Sectors: a, b" into categories; 0 where what is behind the colon is no list of names. */
static int read_categories(struct page *p, wn_str text)
{
    const char *s = text.ptr, *end = s + text.len;
    const char *wide = memmem(s, text.len, "\xef\xbc\x9a", 3), *colon = memchr(s, ':', text.len);
    if (wide && (!colon || wide < colon))
        s = wide + 3;
    else if (colon)
        s = colon + 1;
    else
        return 0;
    uint32_t before = p->n_categories;
    unsigned n = 0, long_ones = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (const char *item = s, *k = s; k <= end;) {
            size_t mark = k < end ? separator(k, (size_t)(end - k)) : 1;
            if (!mark) {
                k++;
                continue;
            }
            if (pass)
                add_category(p, item, (size_t)(k - item));
            else if (k > item)
                n++, long_ones += k - item > 60;
            k += mark;
            item = k;
        }
        if (!n || n > PAGE_CATEGORIES || long_ones * 2 > n)
            return 0;
    }
    return p->n_categories > before;
}

static void apply(struct scene *s, uint32_t i)
{
    const struct rule *rule = s->p->hits[i];
    const struct block *b = at(s, i);
    if ((rule->place == PLACE_TAIL && !in_tail(s, i)) ||
        (rule->place == PLACE_HEAD && !in_head(s, i))) {
        /* Not here; but a later rule may not mind the place. */
        struct rule_line line = line_of(s, i);
        line.placeless = 1;
        rule = rules_match(s->o->rules, &line);
        if (!rule)
            return;
    }
    /* A paragraph that speaks of newsletters somewhere, and links to none, may well be the article's. */
    if (rule->group == GROUP_NEWSLETTER && rule->open_start && page_prose(b) && !b->links &&
        !s->p->whole && b->letters > 90)
        return;
    /* A caption may be a place and a date. */
    if (rule->need & NEED_WHOLE && !(rule->need & TAKES_CAPTION) && b->kind == BLOCK_FIGURE &&
        rule->group == GROUP_PAGE && !b->linked)
        return;
    /* A date or name under a heading of the article is what that heading is about. */
    if (rule->need & NEED_WHOLE && rule->action == ACTION_LINE && i && !gone(s, i - 1) &&
        at(s, i - 1)->kind == BLOCK_HEADING && prose_before(s, i) && prose_before(s, i) < s->prose)
        return;
    /* Quotes, tables and lists belong to the article unless they are links. */
    if ((b->kind == BLOCK_TABLE || b->kind == BLOCK_QUOTE) && !b->linked && b->letters < 40 &&
        rule->group != GROUP_APPEARED && rule->group != GROUP_COPYRIGHT)
        return;
    if (b->kind == BLOCK_LIST && !b->linked && rule->action == ACTION_LINE && !in_tail(s, i))
        return;
    switch (rule->action) {
    case ACTION_LINKS:
        apply_links(s, i, rule);
        break;
    case ACTION_REST:
        apply_rest(s, i, rule);
        break;
    case ACTION_PARAGRAPHS:
        apply_paragraphs(s, i, rule);
        break;
    case ACTION_CATEGORY:
        if ((in_tail(s, i) || in_head(s, i) || prose_before(s, i)) &&
            read_categories(s->p, block_text(&s->p->blocks, b)))
            remove_range(s, i, i + 1, rule);
        break;
    default:
        remove_range(s, i, i + 1, rule);
    }
}

/* ---- parts of lines ---- */

/* The dateline in front of the first paragraph. */
static void cut_dateline(struct scene *s)
{
    struct page *p = s->p;
    uint32_t map[3 * 200 + 8];
    for (uint32_t i = 0, tried = 0; i < p->blocks.n && tried < 3; i++) {
        struct block *b = &p->blocks.v[i];
        if (gone(s, i) || b->letters < 40 || b->kind == BLOCK_HEADING)
            continue;
        tried++;
        wn_str text = block_text(&p->blocks, b);
        size_t look = utf8_cut(text.ptr, text.len, 200);
        const struct rule *rule = NULL;
        tbuf_reset(&p->scratch);
        if (norm_text(text.ptr, look, 0, &p->scratch, map))
            return;
        size_t n = rules_prefix(s->o->rules, p->scratch.p, p->scratch.n, &rule);
        if (!n)
            continue;
        while (n < p->scratch.n && strchr("-:,. ", p->scratch.p[n]))
            n++;
        uint32_t cut = map[n - 1];
        if (cut * 2 >= text.len)
            continue;
        page_tell(p, GROUP_DATELINE, PLACE_OF_HEAD, (wn_str){text.ptr, cut});
        if (!s->o->shadow)
            block_cut_front(&p->html, &p->blocks, b, cut, GROUP_DATELINE);
        return;
    }
}

/* A "read more" link behind the last sentence of a block. */
static void cut_last_link(struct scene *s, uint32_t i)
{
    struct page *p = s->p;
    struct block *b = &p->blocks.v[i];
    struct html_node *nodes = p->html.nodes;
    uint32_t link = nodes[b->last].link, k = b->last, letters = 0;
    if (!link || b->linked == b->letters)
        return;
    tbuf_reset(&p->scratch);
    uint32_t first = link < b->first ? b->first : link;
    for (k = first; k <= b->last; k++)
        if (html_is_text(&nodes[k]) && !(nodes[k].flags & HN_REMOVED))
            norm_text(nodes[k].text, nodes[k].len, 0, &p->scratch, NULL);
    const char *norm = p->scratch.p ? p->scratch.p : "";
    size_t n = p->scratch.n;
    norm_trim(&norm, &n);
    letters = (uint32_t)n;
    struct rule_line line = {norm, n, letters, letters, s->o->groups & (1u << GROUP_CONTINUE),
                             0,    0};
    if (!n || !rules_match(s->o->rules, &line))
        return;
    /* What stands in front must be a whole sentence, or one that was cut short anyway. */
    wn_str text = block_text(&p->blocks, b);
    for (k = first; k-- > b->first;)
        if (html_is_text(&nodes[k]) && !html_blank(nodes[k].text, nodes[k].len))
            break;
    if (k < b->first || k == UINT32_MAX || !html_is_text(&nodes[k]))
        return;
    size_t len = nodes[k].len;
    const char *t = nodes[k].text;
    while (len && (t[len - 1] == ' ' || t[len - 1] == '\n'))
        len--;
    int ended = len && (strchr(".!?:]\"')", t[len - 1]) ||
                        (len >= 3 && (!memcmp(t + len - 3, "\xe2\x80\xa6", 3) ||
                                      !memcmp(t + len - 3, "\xe3\x80\x82", 3) ||
                                      !memcmp(t + len - 3, "\xe2\x80\x9d", 3))));
    if (!ended)
        return;
    page_tell(p, GROUP_CONTINUE, PLACE_OF_TAIL,
              (wn_str){text.ptr + (text.len > n ? text.len - n : 0), text.len > n ? n : text.len});
    if (!s->o->shadow)
        block_cut_back(&p->html, b, &p->blocks, first, GROUP_CONTINUE);
}

/* The title as the item's first line. */
static void drop_title(struct scene *s)
{
    struct page *p = s->p;
    if (!p->title.n || !(s->o->groups >> GROUP_TITLE & 1))
        return;
    for (uint32_t i = 0; i < p->blocks.n && i < 4; i++) {
        const struct block *b = at(s, i);
        if (gone(s, i) || !b->len)
            continue;
        if (p->norms[i].len == p->title.n &&
            !memcmp(p->norm.p + p->norms[i].at, p->title.p, p->title.n) &&
            (b->kind == BLOCK_HEADING || b->flags & BLOCK_BOLD || b->linked == b->letters))
            page_remove(p, i, GROUP_TITLE, PLACE_OF_HEAD);
        else if (b->letters > 60)
            break;
    }
}

int phrases_apply(struct page *p, const struct page_options *o)
{
    struct scene s = {.p = p, .o = o};
    match_all(&s);
    drop_title(&s);
    for (uint32_t i = 0; i < p->blocks.n; i++)
        if (p->hits[i] && !gone(&s, i))
            apply(&s, i);
    if (o->groups >> GROUP_DATELINE & 1)
        cut_dateline(&s);
    if (o->groups >> GROUP_CONTINUE & 1)
        for (uint32_t i = p->blocks.n; i-- > 0;)
            if (!gone(&s, i) && p->blocks.v[i].links && at(&s, i)->kind != BLOCK_CODE) {
                cut_last_link(&s, i);
                if (page_prose(at(&s, i)))
                    break;
            }
    return WN_OK;
}
