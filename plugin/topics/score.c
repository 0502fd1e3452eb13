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
#define NAMED 0.9f  /* words that name a second-level topic … */
#define DETAIL 2.8f /* … what they add, … */
#define LACK 1.0f   /* … and what their lack takes away */
/* From the model's log odds of a top-level topic to how often it was right on news; the curve was
 * chosen on the news that it is measured by (TOPICS.md). A softmax is surer than it is right, and a
 * topic that the term lists name too is likelier. */
#define SURE 0.42f
#define SECONDED 1.30f
#define UNSURE -0.27f
#define NEARLY 0.75f /* of the most words that any topic has: as good as the most */
#define SEVERAL 2.0f /* words that name a topic beside the model's first … */
#define BEHIND 0.05f /* … which stays the first */
#define OWN_PRIOR -2.2f
#define OWN_WORDS 3.4f
#define LIKE_SLOPE 14.0f /* from the cosine with an example to log odds … */
#define LIKE_EVEN 0.70f  /* … which are even here */
/* Words that the model reads of a title, and of a text: its beginning says what it is about. */
#define TITLE_WORDS 64
#define TEXT_WORDS 80
/* The weight of a title's words in the vector: most come again in the text, some are "Item 17". */
#define HEADING 0.7f
#define MANY 4 /* topics of one item's categories from which on each says less */

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

/* What the publisher's categories mean, into out; how many different topics that are. */
static unsigned categories(const struct scorer *sc, const struct evidence *e, float *out)
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
    if (different >
        MANY) { /* a cloud of tags: each is weaker evidence of what this item is about */
        float less = sqrtf((float)MANY / (float)different);
        for (size_t i = 0; i < TOPICS_MAX; i++)
            out[i] *= less;
    }
    for (size_t i = TOPICS_TOP; i < sc->vocabulary->n_iptc; i++) {
        uint16_t top = sc->vocabulary->topics[i].top;
        if (out[top] < out[i])
            out[top] = out[i];
    }
    return different;
}

/* What the words say: those of the title weigh more, those of a long text less each. */
static float words(const struct scratch *s, size_t topic)
{
    float length = 1.0f + (float)s->n_text / 2000.0f;
    return TITLE * s->title_sums.topic[topic] + s->text_sums.topic[topic] / length;
}

static float log_odds(float p)
{
    const float least = 1e-5f;
    p = p < least ? least : p > 1 - least ? 1 - least : p;
    return logf(p / (1 - p));
}

/* What the publisher says, on top of what the text says. */
static float with_category(float x, float category)
{
    return category > 0 ? (x < LEAST ? LEAST : x) + CATEGORY * category : x;
}

void score_model(struct scorer *sc, struct model *model)
{
    const char *ids;
    sc->model = model;
    sc->n_model = model_topics(model, &ids);
    for (size_t k = 0; k < sc->n_model; k++) {
        uint16_t topic = vocabulary_id(sc->vocabulary, (wn_str){ids + 8 * k, 8});
        sc->topic_of[k] = topic;
        model_group(model, k, topic == TOPIC_NONE ? TOPIC_NONE : sc->vocabulary->topics[topic].top);
    }
}

int score_vector(const struct scorer *sc, wn_str text, float *vector)
{
    uint16_t units[TITLE_UNITS];
    float sum[MODEL_DIM] = {0}, square = 0;
    if (!sc->model)
        return WN_UNSUPPORTED;
    size_t n = fold_text(sc->fold, text.ptr, text.len, FOLD_PLAIN, units, TITLE_UNITS);
    model_sum(sc->model, units, n, TEXT_WORDS, 1, sum);
    for (size_t d = 0; d < MODEL_DIM; d++)
        square += sum[d] * sum[d];
    if (!(square > 0))
        return WN_ABSENT;
    for (size_t d = 0; d < MODEL_DIM; d++)
        vector[d] = sum[d] / sqrtf(square);
    return WN_OK;
}

/* Log odds of a second-level topic where the one above it is sure. The model alone is not enough: what is
 * likely anyway stays with the parent, so one of the topic's own words must stand there, too. */
static float detail(const struct scorer *sc, const struct scratch *s, uint16_t topic, float p)
{
    float top = sigmoid(s->score[sc->vocabulary->topics[topic].top]), w = words(s, topic);
    return log_odds(p / (top > p ? top : p)) + (w >= NAMED ? DETAIL * logf(1.0f + w) : -LACK);
}

/* What the words say of each top-level topic and all below it; returns the most. */
static float words_of_tops(const struct scorer *sc, const struct scratch *s, float *tops)
{
    float most = 0;
    for (uint16_t i = 0; i < sc->vocabulary->n_iptc; i++) {
        float w = words(s, i), *top = &tops[sc->vocabulary->topics[i].top];
        *top = w > *top ? w : *top;
        most = w > most ? w : most;
    }
    return most;
}

/* Log odds of the vocabulary's topics by the text alone, into score. */
static void text_odds(const struct scorer *sc, struct scratch *s)
{
    const struct vocabulary *v = sc->vocabulary;
    float sum[MODEL_DIM] = {0}, found[MODEL_LEAVES], p[MODEL_LEAVES];
    memset(s->vector, 0, sizeof s->vector);
    if (!sc->model) {
        for (size_t i = 0; i < v->n_iptc; i++)
            s->score[i] = PRIOR + WORDS * logf(1.0f + words(s, i));
        return;
    }
    size_t n = model_sum(sc->model, s->title, s->n_title, TITLE_WORDS, HEADING, sum);
    n += model_sum(sc->model, s->text, s->n_text, TEXT_WORDS, 1, sum);
    model_vector(sc->model, sum, n, s->vector);
    for (size_t k = 0; k < sc->n_model; k++)
        found[k] = sc->topic_of[k] == TOPIC_NONE ? 0 : logf(1.0f + words(s, sc->topic_of[k]));
    model_run(sc->model, s->vector, found, p);
    for (size_t i = 0; i < v->n_iptc; i++)
        s->score[i] = s->share[i] = LEAST; /* topics that only the vocabulary has */
    for (size_t k = 0; k < sc->n_model; k++)
        if (sc->topic_of[k] != TOPIC_NONE)
            s->score[sc->topic_of[k]] = log_odds(p[k]);
    for (size_t k = TOPICS_TOP; k < sc->n_model; k++)
        if (sc->topic_of[k] != TOPIC_NONE)
            s->share[sc->topic_of[k]] = detail(sc, s, sc->topic_of[k], p[k]);
}

/* Log odds of a top-level topic that isn't the model's first, from those of the model: the words may
 * name it, too, but never put it before the first. */
static float second(float x, float named, float least, float first)
{
    x = SURE * x + UNSURE;
    if (named < least || named < SEVERAL)
        return x;
    return x + SECONDED < first - BEHIND ? x + SECONDED : x > first - BEHIND ? x : first - BEHIND;
}

/* The greatest cosine of the text with the examples of an own topic; -1 without any. */
static float likeness(const struct scorer *sc, const struct scratch *s, size_t topic)
{
    float best = -1, square = 1e-12f;
    for (size_t d = 0; d < MODEL_DIM; d++)
        square += s->vector[d] * s->vector[d];
    for (size_t i = 0; i < sc->n_likes; i++) {
        float cosine = 0;
        if (sc->likes[i].topic != topic)
            continue;
        for (size_t d = 0; d < MODEL_DIM; d++)
            cosine += sc->likes[i].vector[d] * s->vector[d];
        best = cosine > best ? cosine : best;
    }
    return best / sqrtf(square);
}

static float own_score(const struct scorer *sc, const struct scratch *s, size_t topic)
{
    float w = words(s, topic), c = s->category[topic], score = 0;
    float like = sc->n_likes ? likeness(sc, s, topic) : -1;
    if (w > 0 || c > 0)
        score = sigmoid(OWN_PRIOR + OWN_WORDS * logf(1.0f + w) + CATEGORY * c);
    if (like > 0) {
        float alike = sigmoid(LIKE_SLOPE * (like - LIKE_EVEN));
        score = alike > score ? alike : score;
    }
    return score;
}

void score_evidence(const struct scorer *sc, const struct evidence *e, struct scratch *s)
{
    memset(&s->title_sums, 0, sizeof s->title_sums);
    memset(&s->text_sums, 0, sizeof s->text_sums);
    memset(s->category, 0, sizeof s->category);
    s->n_title =
        fold_text(sc->fold, e->title.ptr, e->title.len < TITLE_BYTES ? e->title.len : TITLE_BYTES,
                  FOLD_PLAIN, s->title, TITLE_UNITS);
    s->n_text =
        fold_text(sc->fold, e->text.ptr, e->text.len < TEXT_BYTES ? e->text.len : TEXT_BYTES,
                  FOLD_PLAIN, s->text, TEXT_UNITS);
    s->told = categories(sc, e, s->category);
    if (sc->terms) {
        terms_scan(sc->terms, s->title, s->n_title, e->lang, &s->title_sums);
        terms_scan(sc->terms, s->text, s->n_text, e->lang, &s->text_sums);
    }
    const struct vocabulary *v = sc->vocabulary;
    text_odds(sc, s);
    uint16_t best = 0;
    for (uint16_t i = 1; i < TOPICS_TOP; i++)
        if (s->score[i] > s->score[best])
            best = i;
    float named[TOPICS_TOP] = {0}, least = NEARLY * words_of_tops(sc, s, named);
    if (s->told || least <= 0) /* where the publisher says what it is about, words that name
                                * something else are its surroundings */
        least = INFINITY;
    float first = SURE * s->score[best] + UNSURE + (named[best] >= least ? SECONDED : 0);
    for (size_t i = 0; i < v->n_iptc; i++) {
        float x = s->score[i];
        if (s->category[i] > 0)
            x = with_category(x, s->category[i]);
        else if (sc->model && i < TOPICS_TOP)
            x = i == best ? first : second(x, named[i], least, first);
        else if (sc->model)
            continue;
        s->score[i] = sigmoid(x);
    }
    for (size_t i = TOPICS_TOP; sc->model && i < v->n_iptc; i++) {
        if (s->category[i] > 0)
            continue;
        float top = s->score[v->topics[i].top], share = sigmoid(s->share[i]);
        s->score[i] = top < share ? top : share;
    }
    for (size_t i = v->n_iptc; i < v->n; i++)
        s->score[i] = own_score(sc, s, i);
    for (size_t i = TOPICS_TOP; i < v->n_iptc; i++) { /* what is football is sport */
        uint16_t top = v->topics[i].top;
        if (s->score[top] < s->score[i])
            s->score[top] = s->score[i];
    }
}
