/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "../text/kernels.h"
#include "surface.h"
#include "verifier_model.h"

#define SENTENCE_FLOOR 0.2f /* sentences less alike than this are not matched */
#define COVERED 0.5f
#define USUAL_RATIO 0.2f /* log ratio of lengths where one of two has none to compare */
#define NEED_TITLE 0.5f
#define NEED_TEXT 0.5f
#define NEED_WHOLE 2.0f
#define NEED_UNEQUAL 3.0f
#define NEED_LARGE 0.43f
#define FEW 400u /* a window that begins to fill is no reason to believe more */

/* Mean log characters of a text that has 1 in English, by language (news of NTREX-128). */
static const float LANGUAGE_LENGTH[EVIDENCE_LANGS] = {0,     -0.70f, -0.83f, -0.11f, -1.15f, -1.15f,
                                                      0.03f, -0.05f, 0.07f,  0.06f,  0.13f,  0.07f,
                                                      0.14f, 0.10f,  0.07f,  0};

static float clip(float x, float least, float most)
{
    return x < least ? least : x > most ? most : x;
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

static void cosines(const struct evidence *a, const struct evidence *b, float *f)
{
    const struct core *x = &a->core, *y = &b->core;
    float near_title = a->near_title[b->lang] + b->near_title[a->lang];
    float near_whole = a->near_whole[b->lang] + b->near_whole[a->lang];
    f[PF_COS_TITLE] = encoder_cosine(x->title, y->title);
    f[PF_COS_LEAD] = encoder_cosine(a->lead, b->lead);
    f[PF_COS_WHOLE] = encoder_cosine(x->whole, y->whole);
    f[PF_COS_CROSS] = larger(encoder_cosine(x->title, b->lead), encoder_cosine(a->lead, y->title));
    f[PF_COS_REACH] = larger(encoder_cosine(x->whole, b->lead), encoder_cosine(a->lead, y->whole));
    f[PF_FAR_TITLE] = 2 * f[PF_COS_TITLE] - near_title;
    f[PF_FAR_LEAD] = 2 * f[PF_COS_LEAD] - (near_title + near_whole) / 2;
    f[PF_FAR_WHOLE] = 2 * f[PF_COS_WHOLE] - near_whole;
}

/* Words that sound alike across scripts: names, mostly. */
static void sounds(const struct evidence *a, const struct evidence *b, float *f)
{
    float shared = 0, total_a = 0, total_b = 0;
    for (unsigned j = 0; j < b->n_words; j++)
        total_b += b->weight[j];
    for (unsigned i = 0; i < a->n_words; i++) {
        float best = 0;
        total_a += a->weight[i];
        for (unsigned j = 0; a->sound[i] && best < 1 && j < b->n_words; j++) {
            if (a->sound[i] == b->sound[j])
                best = 1;
            else if (a->skeleton[i] && a->skeleton[i] == b->skeleton[j])
                best = 0.7f;
        }
        shared += best * a->weight[i];
    }
    float less = total_a < total_b ? total_a : total_b;
    f[PF_SOUND] = less > 0 ? clip(shared / less, 0, 1) : 0;
    f[PF_SOUNDS] = clip(shared, 0, 8);
}

static void numbers(const struct core *a, const struct core *b, float *f)
{
    unsigned both = surface_shared(a->numbers, a->n_numbers, b->numbers, b->n_numbers);
    unsigned all = a->n_numbers + b->n_numbers - both;
    unsigned less = a->n_numbers < b->n_numbers ? a->n_numbers : b->n_numbers;
    unsigned ta = a->n_title_numbers, tb = b->n_title_numbers;
    unsigned title = surface_shared(a->numbers, ta, b->numbers, tb);
    f[PF_NUMBERS] = all ? (float)both / (float)all : 0.5f;
    f[PF_NUMBERS_BOTH] = clip((float)both, 0, 6);
    f[PF_NUMBERS_ONE] = clip((float)less - (float)both, 0, 6);
    f[PF_TITLE_NUMBERS] = !ta && !tb   ? 0
                          : !ta || !tb ? -0.3f
                                       : 2 * (float)title / (float)(ta > tb ? ta : tb) - 1;
}

float pair_length(const struct core *c)
{
    return logf((float)c->chars + 1) - LANGUAGE_LENGTH[evidence_lang(c->lang)];
}

static float log_chars(const char *s, size_t n)
{
    unsigned chars = 4; /* so that a few more or less in a short text make no difference */
    for (size_t i = 0; i < n; i++)
        chars += ((unsigned char)s[i] & 0xC0) != 0x80;
    return logf((float)chars);
}

/* Sentences that are each other's translation are about as long as their languages have it. */
static float length_ratio(const struct evidence *a, const struct evidence *b, size_t a_from,
                          size_t a_to, size_t b_from, size_t b_to)
{
    if (a_from >= a_to || b_from >= b_to)
        return USUAL_RATIO;
    float x = log_chars(a->core.text + a_from, a_to - a_from) - LANGUAGE_LENGTH[a->lang];
    float y = log_chars(b->core.text + b_from, b_to - b_from) - LANGUAGE_LENGTH[b->lang];
    return clip(fabsf(x - y), 0, 1.5f);
}

static void lengths(const struct evidence *a, const struct evidence *b, float *f)
{
    float x = pair_length(&a->core), y = pair_length(&b->core);
    f[PF_LENGTH] = fabsf(x - y);
    f[PF_SHORTER] = x < y ? x : y;
    f[PF_LONGER] = x < y ? y : x;
    size_t ta = a->core.title_len, tb = b->core.title_len;
    f[PF_TITLE_LENGTH] = length_ratio(a, b, 0, ta, 0, tb);
    f[PF_LEAD_LENGTH] = length_ratio(a, b, ta, a->words_end, tb, b->words_end);
}

static float quantile(float *v, unsigned n, float q)
{
    for (unsigned i = 1; i < n; i++) {
        float x = v[i];
        unsigned k = i;
        for (; k > 0 && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
    return n ? v[(unsigned)(q * (float)(n - 1))] : 0;
}

/* Sentences in order: the best monotone matching, and how well each finds its like at all. */
static void alignment(const struct evidence *a, const struct evidence *b, float *f)
{
    float s[EVIDENCE_SENTENCES][EVIDENCE_SENTENCES], row[EVIDENCE_SENTENCES + 1] = {0};
    float best[2 * EVIDENCE_SENTENCES], sum = 0;
    unsigned na = a->n_sentences, nb = b->n_sentences, mutual = 0, n = 0;
    unsigned like_b[EVIDENCE_SENTENCES] = {0};
    /* Where one has only a title, only the other's beginning can be its like. */
    for (unsigned i = 0; i < na; i++)
        for (unsigned j = 0; j < nb; j++) {
            s[i][j] = encoder_cosine(a->sentences[i], b->sentences[j]);
            if (s[i][j] > s[like_b[j]][j])
                like_b[j] = i;
        }
    for (unsigned i = 0; i < na; i++) {
        unsigned like = 0;
        float before = 0;
        for (unsigned j = 0; j < nb; j++) {
            float take = before + larger(s[i][j] - SENTENCE_FLOOR, 0);
            before = row[j + 1];
            row[j + 1] = larger(larger(row[j + 1], take), row[j]);
            if (s[i][j] > s[i][like])
                like = j;
        }
        mutual += like_b[like] == i;
        best[n++] = s[i][like];
    }
    for (unsigned j = 0; j < nb; j++)
        best[n++] = s[like_b[j]][j];
    for (unsigned i = 0; i < n; i++)
        sum += best[i];
    f[PF_ALIGN_MEAN] = sum / (float)n;
    f[PF_ALIGN_BODY] = f[PF_ALIGN_MEAN];
    if (na > 2 && nb > 2) {
        for (unsigned i = 0; i < 2; i++)
            sum -= best[i] + best[na + i];
        f[PF_ALIGN_BODY] = sum / (float)(n - 4);
    }
    f[PF_ALIGN] = row[nb] / (float)(na < nb ? na : nb);
    f[PF_ALIGN_LOW] = quantile(best, n, 0.25f);
    f[PF_ALIGN_MUTUAL] = (float)mutual / (float)na;
    f[PF_ALIGN_COUNT] = fabsf(logf((float)na / (float)nb));
}

struct cover {
    float mean, top, top_sum, low, share, sum, weight;
};

/* How well the n words of one are covered: cover[i] is the cosine of word i's best like. */
static struct cover covered(const float *weight, const float *best, unsigned n)
{
    struct cover c = {0};
    float sorted[EVIDENCE_WORDS];
    unsigned top[3] = {0}, tops = 0;
    for (unsigned i = 0; i < n; i++) {
        c.weight += weight[i];
        c.mean += weight[i] * best[i];
        c.sum += weight[i] * larger(best[i] - 0.35f, 0);
        c.share += best[i] > COVERED;
        sorted[i] = best[i];
        unsigned k = tops < 3 ? tops++ : 3;
        for (; k > 0 && weight[top[k - 1]] < weight[i]; k--)
            if (k < 3)
                top[k] = top[k - 1];
        if (k < 3)
            top[k] = i;
    }
    c.top = 1;
    for (unsigned i = 0; i < tops; i++) {
        c.top = best[top[i]] < c.top ? best[top[i]] : c.top;
        c.top_sum += best[top[i]] / (float)tops;
    }
    c.low = quantile(sorted, n, 0.25f);
    c.share /= (float)n;
    c.mean = c.weight > 0 ? c.mean / c.weight : 0;
    return c;
}

static void coverage(const struct evidence *a, const struct evidence *b, float *f)
{
    const struct kernels *k = kernels_best();
    float best_a[EVIDENCE_WORDS], best_b[EVIDENCE_WORDS], title_a[EVIDENCE_WORDS],
        title_b[EVIDENCE_WORDS];
    int32_t dots[EVIDENCE_WORDS];
    unsigned na = a->n_words, nb = b->n_words, ta = a->n_title_words, tb = b->n_title_words;
    if (!na || !nb) {
        memset(f + PF_COVER_LESS, 0, (PF_WINDOW - PF_COVER_LESS) * sizeof *f);
        return;
    }
    for (unsigned j = 0; j < nb; j++)
        best_b[j] = title_b[j] = 0;
    for (unsigned i = 0; i < na; i++) {
        k->dot_many(a->words[i], b->words[0], ENCODER_DIM, nb, dots);
        best_a[i] = title_a[i] = 0;
        for (unsigned j = 0; j < nb; j++) {
            float c = (float)dots[j] / ((float)ENCODER_UNIT * ENCODER_UNIT);
            best_a[i] = larger(best_a[i], c);
            best_b[j] = larger(best_b[j], c);
            if (i < ta && j < tb) {
                title_a[i] = larger(title_a[i], c);
                title_b[j] = larger(title_b[j], c);
            }
        }
    }
    struct cover x = covered(a->weight, best_a, na), y = covered(b->weight, best_b, nb);
    f[PF_COVER_LESS] = x.mean < y.mean ? x.mean : y.mean;
    f[PF_COVER_MORE] = x.mean < y.mean ? y.mean : x.mean;
    f[PF_COVER_TOP] = x.top < y.top ? x.top : y.top;
    f[PF_COVER_TOPS] = x.top_sum + y.top_sum;
    f[PF_COVER_LOW] = x.low + y.low;
    f[PF_COVER_COUNT] = x.share + y.share;
    f[PF_COVER_SUM] = x.sum < y.sum ? x.sum : y.sum;
    f[PF_WORDS] = (float)(na < nb ? na : nb);
    f[PF_WEIGHT] = x.weight < y.weight ? x.weight : y.weight;
    if (ta && tb) {
        struct cover p = covered(a->weight, title_a, ta), q = covered(b->weight, title_b, tb);
        f[PF_TITLE_COVER] = p.mean < q.mean ? p.mean : q.mean;
        f[PF_TITLE_TOP] = p.top < q.top ? p.top : q.top;
    } else {
        f[PF_TITLE_COVER] = f[PF_COVER_LESS];
        f[PF_TITLE_TOP] = f[PF_COVER_TOP];
    }
}

void pair_features(const struct evidence *a, const struct evidence *b, float rival, uint32_t window,
                   float out[PF_COUNT])
{
    cosines(a, b, out);
    float score = out[PF_COS_TITLE] + out[PF_COS_WHOLE];
    out[PF_RIVAL] = clip(score - rival, -1, 1);
    out[PF_RIVAL_BACK] = clip(score - pair_best(&b->core, a->lang), -1, 1);
    sounds(a, b, out);
    numbers(&a->core, &b->core, out);
    lengths(a, b, out);
    alignment(a, b, out);
    coverage(a, b, out);
    out[PF_WINDOW] = logf((float)(window > FEW ? window : FEW));
}

#define BEST_UNIT (1.0f / 128)

void pair_keep_best(struct core *c, int lang, float score)
{
    c->best[lang] = (uint8_t)clip(score / BEST_UNIT, 0, 255);
}

float pair_best(const struct core *c, int lang)
{
    float best = (float)c->best[lang] * BEST_UNIT;
    return best > PAIR_LEAST ? best : PAIR_LEAST;
}

struct verifier pair_verifier = {VERIFIER_BIAS,  VERIFIER_TREES,  VERIFIER_ROOT,
                                 VERIFIER_NODES, VERIFIER_LINEAR, VERIFIER_NET};

/* q: features in units of their spread. */
static float linear_odds(const float q[PF_COUNT])
{
    const float(*l)[PF_COUNT] = pair_verifier.linear;
    float sum = 0;
    for (unsigned i = 0; i < PF_COUNT; i++)
        sum += q[i] * (l[2][i] + l[3][i] * q[PF_SHORTER] + l[4][i] * q[PF_LONGER] +
                       l[5][i] * q[PF_WINDOW]);
    return sum;
}

static float net_odds(const float q[PF_COUNT])
{
    const float(*w)[VERIFIER_HIDDEN] = pair_verifier.net;
    float unit[VERIFIER_HIDDEN], sum = 0;
    memcpy(unit, w[PF_COUNT], sizeof unit);
    for (unsigned i = 0; i < PF_COUNT; i++)
        for (unsigned h = 0; h < VERIFIER_HIDDEN; h++)
            unit[h] += q[i] * w[i][h];
    for (unsigned h = 0; h < VERIFIER_HIDDEN; h++)
        sum += unit[h] / (1 + fabsf(unit[h])) * w[PF_COUNT + 1][h];
    return sum;
}

float pair_odds(const float features[PF_COUNT])
{
    const struct verifier_node *nodes = pair_verifier.nodes;
    const float known = 8.4f; /* log of the largest window in training */
    float q[PF_COUNT], sum = pair_verifier.bias - larger(features[PF_WINDOW] - known, 0);
    for (unsigned i = 0; i < PF_COUNT; i++)
        q[i] = clip((features[i] - pair_verifier.linear[0][i]) / pair_verifier.linear[1][i], -4, 4);
    sum += linear_odds(q) + net_odds(q);
    for (unsigned t = 0; t < pair_verifier.trees; t++) {
        unsigned at = pair_verifier.root[t];
        while (nodes[at].feature >= 0)
            at = features[nodes[at].feature] <= nodes[at].value ? at + 1 : nodes[at].right;
        sum += nodes[at].value;
    }
    return sum;
}

float pair_ramp(float x, float from, float to)
{
    return clip((x - from) / (to - from), 0, 1);
}

float pair_need(const struct core *a, const struct core *b, uint32_t window)
{
    float x = pair_length(a), y = pair_length(b), size = logf((float)window + 1);
    float shorter = x < y ? x : y, longer = x < y ? y : x;
    float text = pair_ramp(shorter, PAIR_TITLE, PAIR_LEAD);
    float whole = pair_ramp(shorter, PAIR_TEASER, PAIR_TEXT);
    float need = NEED_TEXT * text + NEED_WHOLE * whole;
    need += NEED_TITLE * (1 - text) * pair_ramp(size, 6, 7);
    need += NEED_LARGE * pair_ramp(longer, 4.6f, 5.0f) * larger(size - 5.7f, 0);
    need += NEED_UNEQUAL * whole * pair_ramp(longer - shorter, 0.5f, 1.0f);
    return need;
}

static bool has(const uint64_t *list, unsigned n, uint64_t what)
{
    for (unsigned i = 0; what && i < n; i++)
        if (list[i] == what)
            return true;
    return false;
}

float pair_outside(const struct core *a, const struct core *b, const char **why)
{
    float sum = 0, days = fabsf((float)(a->published - b->published)) / 86400;
    unsigned pictures = 0;
    *why = NULL;
    if (a->url_rest && a->url_rest == b->url_rest) {
        sum += 5;
        *why = "addresses that differ in the language alone";
    }
    if (has(a->links, a->n_links, b->url) || has(b->links, b->n_links, a->url)) {
        sum += 8;
        *why = "one names the other as its edition";
    }
    for (unsigned i = 0; i < a->n_pictures; i++)
        pictures += has(b->pictures, b->n_pictures, a->pictures[i]);
    sum += pictures ? 1.0f : 0;
    /* Two outlets seldom print one article in two languages; both report on one event often. */
    if (a->site && b->site)
        sum += a->site == b->site ? 0.5f : -3.2f;
    if (a->published && b->published)
        sum += days < 0.1f  ? 0.3f
               : days < 2   ? 0
               : days < 5   ? -0.7f
               : days < 30  ? -1.5f
               : days < 365 ? -3
                            : -4;
    return sum;
}

const char *pair_feature_name(enum pair_feature f)
{
    static const char *const names[PF_COUNT] = {
        "title",        "lead",        "whole",         "cross",     "reach",       "far-title",
        "far-lead",     "far-whole",   "rival",         "sound",     "sounds",      "numbers",
        "numbers-both", "numbers-one", "title-numbers", "length",    "shorter",     "longer",
        "align",        "align-mean",  "align-low",     "mutual",    "sentences",   "cover-less",
        "cover-more",   "cover-top",   "cover-tops",    "cover-low", "cover-count", "cover-sum",
        "words",        "weight",      "title-cover",   "title-top", "window",      "rival-back",
        "title-length", "lead-length", "align-body",
    };
    return names[f];
}
