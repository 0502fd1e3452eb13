/* SPDX-License-Identifier: Apache-2.0 */
#include "copies.h"

#include <string.h>

#include "index.h"
#include "surface.h"

/* Texts with fewer shingles than this say too little to be called copies by them. */
#define ENOUGH 8
#define SAME_TITLE 0.5f /* titles that share half of their word sequences */
#define TITLE_WORDS 40
#define HOUSE_BODY 800 /* characters that a publisher's standing text seldom has */

static uint32_t fold32(uint64_t h, uint32_t kind)
{
    uint32_t x = (uint32_t)(h ^ h >> 32) * 0x9E3779B1u + kind;
    return x ? x : 1;
}

uint32_t copies_url_key(uint64_t url)
{
    return url ? fold32(url, 1) : 0;
}

uint32_t copies_rest_key(uint64_t rest)
{
    return rest ? fold32(rest, 2) : 0;
}

uint32_t copies_link_key(uint64_t url)
{
    return url ? fold32(url, 4) : 0;
}

unsigned copies_keys(const struct core *c, uint32_t *keys)
{
    unsigned n = 0;
    if (c->url)
        keys[n++] = copies_url_key(c->url);
    if (c->guid && c->guid != c->url)
        keys[n++] = copies_url_key(c->guid);
    for (unsigned i = 0; i < c->n_links && i < 3; i++)
        keys[n++] = copies_link_key(c->links[i]);
    if (c->url_rest)
        keys[n++] = copies_rest_key(c->url_rest);
    /* The smallest shingles: texts that share most of them share one of these almost surely. */
    for (unsigned i = 0; i < c->n_head && i < 3; i++)
        keys[n++] = fold32(c->head[i], 3);
    for (unsigned i = 0; i < c->n_shingles && i < 3; i++)
        keys[n++] = fold32(c->shingles[i], 3);
    return n;
}

static wn_str title_of(const struct core *c)
{
    return (wn_str){c->text, c->title_len};
}

static wn_str beginning_of(const struct core *c)
{
    return (wn_str){c->text + c->title_len, c->text_len};
}

void copies_side(struct copies_side *s, const struct core *core)
{
    s->core = core;
    s->n_title = surface_shingles(title_of(core), UINT32_MAX, s->title, CORE_SHINGLES);
    s->n_head = surface_shingles(beginning_of(core), UINT32_MAX, s->head, COPIES_HEAD);
}

/* 1: the same words; the share of the shorter's word pairs in common otherwise. */
static float titles_alike(const struct copies_side *a, const struct core *b)
{
    uint32_t y[CORE_SHINGLES];
    unsigned m = surface_shingles(title_of(b), UINT32_MAX, y, CORE_SHINGLES);
    return a->n_title && m ? surface_alike(a->title, a->n_title, y, m, CORE_SHINGLES) : 0;
}

/* The titles name different versions or numbers: siblings of a series, not copies. */
static bool numbers_part(const struct core *a, const struct core *b, float titles)
{
    unsigned ta = a->n_title_numbers, tb = b->n_title_numbers;
    unsigned both = surface_shared(a->numbers, ta, b->numbers, tb);
    unsigned less = ta < tb ? ta : tb;
    if (ta && tb && both < less && (titles < 1 || a->versions || b->versions))
        if (a->versions || b->versions || both == 0 || (a->source && a->source == b->source))
            return true;
    /* Numbers of the shorter text that the longer does not have. */
    const struct core *s = a->n_numbers <= b->n_numbers ? a : b, *l = s == a ? b : a;
    unsigned shared = surface_shared(s->numbers, s->n_numbers, l->numbers, l->n_numbers);
    bool full = l->n_numbers == CORE_NUMBERS; /* the longer may have more than it kept */
    return s->n_numbers >= 3 && !full && shared * 10 < s->n_numbers * 6u;
}

/* How much of the shorter beginning stands in the longer, exactly. */
static float beginnings(const struct copies_side *a, const struct core *b, unsigned *seen)
{
    uint32_t y[COPIES_HEAD];
    unsigned m = surface_shingles(beginning_of(b), UINT32_MAX, y, COPIES_HEAD);
    return surface_contained(a->head, a->n_head, y, m, COPIES_HEAD, seen);
}

/* Hashes of a title's words, cut at spaces and ASCII punctuation. */
static unsigned title_words(const struct core *c, uint32_t *words, unsigned most)
{
    unsigned n = 0;
    uint32_t h = 0;
    for (unsigned i = 0; i <= c->title_len && n < most; i++) {
        unsigned char x = i < c->title_len ? (unsigned char)c->text[i] : ' ';
        unsigned char low = x >= 'A' && x <= 'Z' ? x | 32 : x;
        if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low >= 0x80)
            h = (h ^ low) * 0x01000193u + 0x9E37u;
        else if (h) {
            words[n++] = h;
            h = 0;
        }
    }
    return n;
}

/* The share of the shorter title's words that stand in the longer. */
static float title_overlap(const struct core *a, const struct core *b)
{
    uint32_t x[TITLE_WORDS], y[TITLE_WORDS];
    unsigned n = title_words(a, x, TITLE_WORDS), m = title_words(b, y, TITLE_WORDS);
    if (!n || !m)
        return 0;
    return n < m ? (float)surface_shared(x, n, y, m) / (float)n
                 : (float)surface_shared(y, m, x, n) / (float)m;
}

/* One publisher's items of other titles share what it writes under each of them, not an article. */
static bool house_text(const struct core *a, const struct core *b, float titles, bool many)
{
    bool same_feed = a->source && a->source == b->source;
    bool same_site = a->site && a->site == b->site;
    if (titles >= SAME_TITLE || !(same_feed || same_site))
        return false;
    if (same_feed && title_overlap(a, b) < SAME_TITLE)
        return true;
    return many || a->body < HOUSE_BODY || b->body < HOUSE_BODY;
}

struct copy_verdict copies_by_text(const struct copies_side *side, const struct core *b, bool many)
{
    const struct core *a = side->core;
    struct copy_verdict v = {0};
    unsigned seen = 0, head_seen = 0;
    bool same_feed = a->source && a->source == b->source;
    float titles = titles_alike(side, b);
    bool bare = !a->text_len || !b->text_len;
    v.reason = "the texts differ";
    if (numbers_part(a, b, titles)) {
        v.reason = "their numbers differ";
        return v;
    }
    if (bare) {
        /* A title alone: the same words, enough of them, and not a feed's recurring headline. */
        unsigned least = a->title_len < b->title_len ? a->title_len : b->title_len;
        v.copy = titles == 1 && least >= 30 && !same_feed;
        v.score = v.copy ? 0.85f : titles / 2;
        v.reason = v.copy ? "the same title" : "only a title to compare";
        return v;
    }
    v.alike = surface_alike(a->shingles, a->n_shingles, b->shingles, b->n_shingles, CORE_SHINGLES);
    v.contained = surface_contained(a->shingles, a->n_shingles, b->shingles, b->n_shingles,
                                    CORE_SHINGLES, &seen);
    float head = beginnings(side, b, &head_seen);
    if (head_seen > seen || head > v.contained) {
        v.contained = head;
        seen = head_seen;
    }
    if (seen < ENOUGH) {
        v.copy = titles == 1 && v.contained > 0.9f && !same_feed;
        v.score = v.copy ? 0.85f : v.contained / 2;
        v.reason = v.copy ? "the same title and teaser" : "too short to compare";
        return v;
    }
    if (house_text(a, b, titles, many)) {
        v.reason = "one publisher's words under other titles";
        return v;
    }
    float need = same_feed ? 0.8f : 0.5f;
    if (v.alike >= need) {
        v.copy = true;
        v.reason = "the same text";
        v.score = 0.9f + 0.1f * v.alike;
    } else if (v.contained >= (titles == 1 ? 0.4f : same_feed ? 0.9f : 0.7f)) {
        v.copy = true;
        v.reason = "one text is part of the other";
        v.score = 0.8f + 0.19f * v.contained;
    } else {
        v.score = v.contained / 2;
    }
    return v;
}

struct copy_verdict copies_by_url(const struct copies_side *side, const struct core *b, bool many)
{
    const struct core *a = side->core;
    struct copy_verdict text = copies_by_text(side, b, many);
    bool same_title = titles_alike(side, b) == 1;
    bool same_feed = a->source && a->source == b->source;
    bool empty = !a->title_len || !b->title_len;
    if (text.copy || same_title || (!many && (!same_feed || empty))) {
        text.copy = true;
        text.score = text.score > 0.99f ? text.score : 0.99f;
        text.reason = "the same address";
    }
    return text;
}
