/* SPDX-License-Identifier: Apache-2.0 */
#include "score.h"

#include <math.h>
#include <string.h>

/* Log odds of a topic about which nothing is known, and what evidence adds to them. */
#define PRIOR -3.2f
#define LEAST -3.6f /* a named category is never argued away by a text that says little */
#define CATEGORY 5.6f
#define WORDS 1.9f
#define TITLE 2.0f  /* a word of the title counts as so many of the text */
#define OWN_PRIOR -2.2f
#define OWN_WORDS 2.4f
#define MANY 4      /* topics of one item's categories from which on each says less */

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static void categories(const struct scorer *sc, const struct evidence *e, float *out)
{
    unsigned different = 0;
    for (size_t i = 0; i < e->n_categories; i++) {
        struct mapping_hit hits[MAPPING_HITS];
        size_t n = mapping_look(sc->mapping, e->categories[i].scheme, e->categories[i].name,
            e->lang, hits);
        for (size_t k = 0; k < n; k++) {
            different += out[hits[k].topic] == 0;
            if (out[hits[k].topic] < hits[k].strength)
                out[hits[k].topic] = hits[k].strength;
        }
    }
    if (different > MANY) { /* a cloud of tags: each is weaker evidence of what this item is about */
        float less = sqrtf((float)MANY / (float)different);
        for (size_t i = 0; i < TOPICS_MAX; i++)
            out[i] *= less;
    }
    for (size_t i = TOPICS_TOP; i < sc->vocabulary->n_iptc; i++) {
        uint16_t top = sc->vocabulary->topics[i].top;
        if (out[top] < out[i])
            out[top] = out[i];
    }
}

/* What the words say: those of the title weigh more, those of a long text less each. */
static float words(const struct scratch *s, size_t topic)
{
    float length = 1.0f + (float)s->n_text / 2000.0f;
    return TITLE * s->title_sums.topic[topic] + s->text_sums.topic[topic] / length;
}

static float iptc_score(const struct scratch *s, size_t i)
{
    float x = PRIOR + WORDS * logf(1.0f + words(s, i));
    if (s->category[i] > 0)
        x = (x < LEAST ? LEAST : x) + CATEGORY * s->category[i];
    return sigmoid(x);
}

void score_evidence(const struct scorer *sc, const struct evidence *e, struct scratch *s)
{
    memset(&s->title_sums, 0, sizeof s->title_sums);
    memset(&s->text_sums, 0, sizeof s->text_sums);
    memset(s->category, 0, sizeof s->category);
    s->n_title = fold_text(sc->fold, e->title.ptr, e->title.len < TITLE_BYTES ? e->title.len
        : TITLE_BYTES, FOLD_PLAIN, s->title, TITLE_UNITS);
    s->n_text = fold_text(sc->fold, e->text.ptr, e->text.len < TEXT_BYTES ? e->text.len
        : TEXT_BYTES, FOLD_PLAIN, s->text, TEXT_UNITS);
    categories(sc, e, s->category);
    if (sc->terms) {
        terms_scan(sc->terms, s->title, s->n_title, e->lang, &s->title_sums);
        terms_scan(sc->terms, s->text, s->n_text, e->lang, &s->text_sums);
    }
    const struct vocabulary *v = sc->vocabulary;
    for (size_t i = 0; i < v->n_iptc; i++)
        s->score[i] = iptc_score(s, i);
    for (size_t i = v->n_iptc; i < v->n; i++) {
        float w = words(s, i), c = s->category[i];
        s->score[i] = w > 0 || c > 0
            ? sigmoid(OWN_PRIOR + OWN_WORDS * logf(1.0f + w) * 1.4f + CATEGORY * c) : 0;
    }
    for (size_t i = TOPICS_TOP; i < v->n_iptc; i++) { /* what is football is sport */
        uint16_t top = v->topics[i].top;
        if (s->score[top] < s->score[i])
            s->score[top] = s->score[i];
    }
}
