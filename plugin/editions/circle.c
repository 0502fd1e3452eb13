/* SPDX-License-Identifier: Apache-2.0 */
#include "circle.h"

#include <math.h>
#include <string.h>

#include "window.h"

#define STAY 0.5f           /* log odds that two of one story have over two that are not yet */
#define LEAST_SMALL (-0.4f) /* log odds that a story takes in a small window */
/* Title and whole cosine together below which two count as strangers, where there is a crowd. */
#define CIRCLE_LEAST 0.6f
/* What the others of a story may add for a newcomer (cluster.h), for a headline, a teaser, a text. */
#define VOICE_TITLE 6.0f
#define VOICE_LEAD 4.3f
#define VOICE_TEXT 4.0f
#define OTHERS 6 /* stories or single items that a newcomer may draw together */

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

static float voice_of(const struct editions *f, int64_t id)
{
    uint32_t slot = index_slot(f->index, id);
    float length =
        slot == INDEX_NONE ? 0 : (float)index_item(f->index, slot)->length / INDEX_LENGTH;
    return VOICE_TITLE + (VOICE_LEAD - VOICE_TITLE) * pair_ramp(length, PAIR_TITLE, PAIR_LEAD) +
           (VOICE_TEXT - VOICE_LEAD) * pair_ramp(length, PAIR_TEASER, PAIR_TEXT);
}

/* The average odds that a story takes, beyond what its pairs need (pair_need): less in a small window. */
static float least_of(const struct editions *f)
{
    float excess = excess_of(f);
    return f->least + (excess < 1 ? LEAST_SMALL * (1 - excess) : 0);
}

/* Where the odds of two items are kept, and their tag. */
static struct pair_memory *pair_place(struct editions *f, int64_t a, int64_t b, uint32_t *tag)
{
    uint64_t low = (uint64_t)(a < b ? a : b), high = (uint64_t)(a < b ? b : a);
    uint64_t h = (low * 0x9E3779B97F4A7C15u) ^ (high * 0xC2B2AE3D27D4EB4Fu);
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
    *tag = (uint32_t)h | 1;
    return &f->pairs[(h >> 40) % PAIR_MEMORY];
}

void circle_remember(struct editions *f, int64_t a, int64_t b, float odds)
{
    uint32_t tag;
    struct pair_memory *p = pair_place(f, a, b, &tag);
    *p = (struct pair_memory){tag, odds};
}

/* Whether two are so unlike that no search would make one the other's candidate: most of those who
 * come together in a circle, through a third, are. */
static bool strangers(const struct editions *f, int64_t a, int64_t b)
{
    uint32_t x = index_slot(f->index, a), y = index_slot(f->index, b);
    if (x == INDEX_NONE || y == INDEX_NONE)
        return true;
    if (!(index_item(f->index, x)->flags & index_item(f->index, y)->flags & INDEX_VECTOR))
        return false;
    float least = CIRCLE_LEAST * window_crowd(index_live(f->index));
    return least > 0 && (float)index_score(f->index, x, y) / WINDOW_UNIT < least;
}

/* Log odds of two items; m: the newcomer's match if one of them is the newcomer. */
static float odds_of(struct editions *f, int64_t a, int64_t b, const struct match *m)
{
    uint32_t tag;
    const struct pair_memory *known = pair_place(f, a, b, &tag);
    if (known->tag == tag)
        return known->odds;
    if (strangers(f, a, b)) {
        circle_remember(f, a, b, -CLUSTER_CLIP);
        return -CLUSTER_CLIP;
    }
    const struct evidence *x = NULL, *y = NULL;
    const char *why;
    bool newcomer = m && (m->e.core.id == a || m->e.core.id == b);
    if (newcomer ? m->e.core.id == b : a < b) { /* a is the later one */
        int64_t earlier = a;
        a = b;
        b = earlier;
    }
    if (newcomer) {
        x = &m->e;
        y = reader_get(f->matcher.reader, b);
    } else if (!reader_get_both(f->matcher.reader, a, b, &x, &y)) {
        y = NULL;
    }
    float odds = -CLUSTER_CLIP;
    struct found kept;
    if (y && !newcomer)
        window_found_again(&kept, &x->core, y);
    if (y)
        odds = match_odds(x, y, newcomer ? &m->found : &kept, index_slot(f->index, b),
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
    float voice[CLUSTER_MOST];
    for (unsigned i = 0; i < c->n; i++)
        voice[i] = voice_of(f, c->id[i]);
    cluster(c->n, c->odds, c->lang, -1, least_of(f), pool_of(f), voice, c->label);
}
