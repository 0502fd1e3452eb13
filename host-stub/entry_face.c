/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which item of an entry readers see: the reader's languages in order; within a language the most
 * complete copy, then the source's priority, then first come, and of those that came at once (all
 * that one `run --once` polls) whose source stands first in the configuration. How complete is
 * measured in bytes of text; within one language a difference of a quarter and a line is none, so that a priority can
 * decide between copies, but never lifts a teaser over the whole article. Nor does the order of
 * languages, among those that the reader named: the whole in the second beats a teaser in the
 * first. A language that the reader did not name never beats one that he did.
 */
#include <stdint.h>
#include <string.h>

#include "story_parts.h"

static size_t rank(const struct config *config, const struct candidate *c)
{
    return config ? lang_rank(c->lang, config->prefer, config->n_prefer) : 0;
}

/* a holds clearly more of the article than b. Between languages bytes say less: three times then.
 */
static int fuller(const struct candidate *a, const struct candidate *b)
{
    if (lang_same(a->lang, b->lang))
        return a->length > b->length + b->length / 4 + 80;
    return a->length > 3 * b->length + 200;
}

enum { TEASER = 800 }; /* bytes of text: a shorter one may be all that a feed gives of an article */

/* Whether b is but a teaser of what a has whole, in whatever language. */
static int teases(const struct candidate *a, const struct candidate *b)
{
    return b->length < TEASER && fuller(a, b);
}

/* Whether the reader named its language; without any named, all are alike. */
static int liked(const struct config *config, const struct candidate *c)
{
    return !config || !config->n_prefer || rank(config, c) < config->n_prefer;
}

int candidate_replaces(const struct config *config, const struct candidate *b,
                       const struct candidate *a)
{
    size_t rank_a = rank(config, a), rank_b = rank(config, b);
    if (rank_a == rank_b)
        return fuller(b, a);
    if (liked(config, a) && liked(config, b))
        return rank_b < rank_a ? !teases(a, b) : teases(b, a);
    return rank_b < rank_a;
}

static int earlier(const struct candidate *a, const struct candidate *b)
{
    if (a->arrived != b->arrived)
        return a->arrived < b->arrived;
    return a->order != b->order ? a->order < b->order : a->item < b->item;
}

size_t candidate_choose(const struct config *config, const struct candidate *list, size_t n,
                        int64_t entry)
{
    size_t best_rank = SIZE_MAX, longest = SIZE_MAX, best = SIZE_MAX, whole = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &list[i];
        if (!c->dropped && c->entry == entry && liked(config, c) &&
            (whole == SIZE_MAX || c->length > list[whole].length))
            whole = i;
    }
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &list[i];
        if (c->dropped || c->entry != entry || rank(config, c) >= best_rank)
            continue;
        if (whole == SIZE_MAX || !liked(config, c) || !teases(&list[whole], c))
            best_rank = rank(config, c);
    }
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &list[i];
        if (c->dropped || c->entry != entry || rank(config, c) != best_rank)
            continue;
        if (longest == SIZE_MAX || c->length > list[longest].length)
            longest = i;
    }
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &list[i];
        if (c->dropped || c->entry != entry || rank(config, c) != best_rank ||
            fuller(&list[longest], c))
            continue;
        if (best == SIZE_MAX || c->priority > list[best].priority ||
            (c->priority == list[best].priority && earlier(c, &list[best])))
            best = i;
    }
    return best;
}

static void candidate_of(const struct config *config, const struct item *item, struct candidate *c)
{
    wn_str tags[] = {item->detected_lang, item->lang, item->source_lang};
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < 3 && !c->lang[0]; i++)
        lang_canonical(tags[i], c->lang);
    c->item = item->id;
    c->arrived = item->arrived;
    c->length = item_visible_length(item);
    const struct source *source =
        config && item->source_key.ptr ? config_source(config, item->source_key.ptr) : NULL;
    c->priority = source ? source->priority : 0;
    c->order = config ? config_source_order(config, source) : 0;
}

int story_better_face(const struct config *config, const struct item *a, const struct item *b)
{
    struct candidate both[2];
    candidate_of(config, a, &both[0]);
    candidate_of(config, b, &both[1]);
    return candidate_choose(config, both, 2, 0) == 0;
}
