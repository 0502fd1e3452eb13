/* SPDX-License-Identifier: Apache-2.0 */
#include "circle.h"

#include <math.h>
#include <string.h>

#include "window.h"

#define STAY 0.5f         /* log odds that two of one story have over two that are not yet */
#define TITLE_LENGTH 4.6f /* pair_length of a long headline, and of something to read */
#define TEXT_LENGTH 5.0f
#define LEAST_SMALL (-0.4f) /* log odds that a story takes in a small window */
#define LEAST_TEXT 0.43f    /* and how they rise with a larger one, for what has a text */
#define OTHERS 6            /* stories or single items that a newcomer may draw together */

/* How much larger than a small installation's the window is, as a logarithm; 0: it is not. */
static float excess_of(const struct editions *f)
{
    float excess = logf((float)index_live(f->index) + 1) - 5.7f;
    return excess > 0 ? excess : 0;
}

/* What several voices add in a window of this size (cluster.h). */
static float pool_of(const struct editions *f)
{
    return 0.8f + excess_of(f);
}

/*
 * The average odds that the circle's stories take: more in a large window, where most are
 * strangers. Titles alone hold too little for that, and take less: there a story that is missed is
 * the likelier error, and the more a text says, the surer its editions are anyway.
 */
static float least_of(const struct editions *f, const struct circle *c)
{
    struct core core;
    float longest = 0;
    for (unsigned i = 0; i < c->n; i++)
        if (cores_get(f->cores, c->id[i], &core) == WN_OK && pair_length(&core) > longest)
            longest = pair_length(&core);
    float text = (longest - TITLE_LENGTH) / (TEXT_LENGTH - TITLE_LENGTH);
    text = text < 0 ? 0 : text > 1 ? 1 : text;
    float excess = excess_of(f);
    return f->least + (excess < 1 ? LEAST_SMALL * (1 - excess) : 0) + LEAST_TEXT * text * excess;
}

static struct pair_memory *pair_place(struct editions *f, int64_t a, int64_t b)
{
    uint64_t h = ((uint64_t)a * 0x9E3779B97F4A7C15u) ^ ((uint64_t)b * 0xC2B2AE3D27D4EB4Fu);
    return &f->pairs[(h >> 40) % PAIR_MEMORY];
}

void circle_remember(struct editions *f, int64_t a, int64_t b, float odds)
{
    int64_t low = a < b ? a : b, high = a < b ? b : a;
    *pair_place(f, low, high) = (struct pair_memory){low, high, odds};
}

/* Log odds of two items; m: the newcomer's match if one of them is the newcomer. */
static float odds_of(struct editions *f, int64_t a, int64_t b, const struct match *m)
{
    int64_t low = a < b ? a : b, high = a < b ? b : a;
    const struct pair_memory *known = pair_place(f, low, high);
    if (known->a == low && known->b == high)
        return known->odds;
    const struct evidence *x = NULL, *y = NULL;
    struct found nobody = {0};
    const char *why;
    if (m && m->e.core.id == b) {
        b = a;
        a = m->e.core.id;
    }
    bool newcomer = m && m->e.core.id == a;
    x = newcomer ? &m->e : reader_get(f->matcher.reader, a);
    struct evidence copy;
    if (x && !newcomer) { /* the reader may give x's place to y */
        copy = *x;
        x = &copy;
    }
    y = x ? reader_get(f->matcher.reader, b) : NULL;
    float odds = -CLUSTER_CLIP;
    if (x && y)
        odds = match_odds(x, y, newcomer ? &m->found : &nobody, index_slot(f->index, b),
                          index_live(f->index), NULL, 0, &why);
    circle_remember(f, a, b, odds);
    return odds;
}

int circle_find(const struct circle *c, int64_t id)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->id[i] == id)
            return (int)i;
    return -1;
}

uint32_t circle_story(const struct editions *f, int64_t id)
{
    uint32_t slot = index_slot(f->index, id);
    return slot == INDEX_NONE ? STORY_NONE : index_item(f->index, slot)->story;
}

static void enter_one(struct editions *f, struct circle *c, int64_t id, uint32_t story, int lang)
{
    uint32_t slot = index_slot(f->index, id);
    if (c->n == CLUSTER_MOST || slot == INDEX_NONE || circle_find(c, id) >= 0)
        return;
    c->id[c->n] = id;
    c->story[c->n] = story;
    c->lang[c->n++] = lang;
}

/* The item and all that speak for a language in its story. */
void circle_enter(struct editions *f, struct circle *c, int64_t id)
{
    uint32_t story = circle_story(f, id);
    if (story == STORY_NONE) {
        struct core core;
        if (cores_get(f->cores, id, &core) == WN_OK)
            enter_one(f, c, id, STORY_NONE, language_number(core.lang));
        return;
    }
    const struct story *t = stories_get(&f->stories, story);
    for (uint32_t i = 0; i < t->n; i++)
        if (!t->members[i].copy_of)
            enter_one(f, c, t->members[i].id, story, t->members[i].lang);
}

static void fill_odds(struct editions *f, struct circle *c, const struct match *m)
{
    for (unsigned i = 0; i < c->n; i++)
        for (unsigned j = i; j < c->n; j++) {
            float o = 0;
            uint32_t ruling = i == j ? WN_FREE : members_ruling(f, c->id[i], c->id[j]);
            if (ruling != WN_FREE)
                o = ruling == WN_APART ? CLUSTER_APART : CLUSTER_TOGETHER;
            else if (i != j && c->lang[i] == c->lang[j])
                o = -CLUSTER_CLIP;
            else if (i != j) {
                o = odds_of(f, c->id[i], c->id[j], m);
                if (c->story[i] != STORY_NONE && c->story[i] == c->story[j])
                    o += STAY;
            }
            c->odds[i * c->n + j] = c->odds[j * c->n + i] = o;
        }
}

/* Those whom the newcomer may join: its links near the threshold, the strongest first. */
void circle_gather(struct editions *f, const struct match *m, struct circle *c)
{
    float pool = pool_of(f);
    bool used[MATCH_LINKS] = {false};
    enter_one(f, c, m->e.core.id, STORY_NONE, language_number(m->e.core.lang));
    for (unsigned k = 0; k < OTHERS; k++) {
        const struct link *l = match_strongest(m, LINK_EDITION, used);
        if (!l || l->odds <= f->least - 1.5f * pool)
            return;
        used[l - m->links] = true;
        circle_enter(f, c, l->id);
    }
}

void circle_part(struct editions *f, struct circle *c, const struct match *m)
{
    fill_odds(f, c, m);
    cluster(c->n, c->odds, c->lang, -1, least_of(f, c), pool_of(f), c->label);
}
