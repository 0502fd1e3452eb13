/* SPDX-License-Identifier: Apache-2.0 */
#include "learn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROP                                                                                       \
    26 /* of 256: how many features of a bag are left out at random, so that no single one decides \
        */

static uint64_t seed = 1234567891234567u;

static uint32_t random_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32);
}

struct batch *batch_create(void)
{
    struct batch *b = calloc(1, sizeof *b);
    for (int s = 0; b && s < 2; s++)
        if (!(b->ids[s] = malloc((size_t)(BATCH + 1) * BAG_MAX * sizeof(uint32_t))))
            return NULL;
    return b;
}

void batch_clear(struct batch *b)
{
    b->n = 0;
    b->at[0][0] = b->at[1][0] = 0;
}

void batch_begin(struct batch *b)
{
    for (int s = 0; s < 2; s++) {
        b->at[s][b->n + 1] = b->at[s][b->n];
        b->key[s][b->n] = 0;
    }
}

void batch_add(struct batch *b, int side, const uint32_t *ids, uint32_t n, uint32_t key)
{
    uint32_t first = b->at[side][b->n], *at = &b->at[side][b->n + 1];
    uint32_t drop = n > 8 ? DROP : 0;
    b->key[side][b->n] = b->key[side][b->n] * 31 + key;
    for (uint32_t i = 0; i < n && *at - first < BAG_MAX; i++)
        if ((random_bits() & 255) >= drop)
            b->ids[side][(*at)++] = ids[i];
}

void batch_end(struct batch *b)
{
    if (b->at[0][b->n + 1] > b->at[0][b->n] && b->at[1][b->n + 1] > b->at[1][b->n])
        b->n++;
}

float dot(const float *a, const float *b)
{
    float s = 0;
    for (int d = 0; d < DIM; d++)
        s += a[d] * b[d];
    return s;
}

struct learner *learner_create(uint32_t rows, const float *frequency)
{
    struct learner *l = calloc(1, sizeof *l);
    size_t work = (size_t)BATCH * DIM * 4 + (size_t)BATCH * BATCH + 4 * BATCH;
    if (!l || !(l->weights = malloc((size_t)rows * DIM * sizeof(float))) ||
        !(l->square = calloc(rows, sizeof(float))) ||
        !(l->count = calloc(rows, sizeof(uint32_t))) || !(l->work = malloc(work * sizeof(float))) ||
        !(l->slot_of = calloc(rows, sizeof(uint32_t))) ||
        !(l->touched = malloc(rows * sizeof(uint32_t))) ||
        !(l->starts = malloc((rows + 2) * sizeof(uint32_t))) ||
        !(l->who = malloc((size_t)2 * BATCH * BAG_MAX * sizeof(uint32_t))))
        return NULL;
    l->rows = rows;
    for (uint32_t r = 0; r < rows; r++) {
        float weight = 0.08f * (0.15f + 3e-5f / (3e-5f + frequency[r]));
        for (int d = 0; d < DIM; d++) {
            float sum = 0; /* nearly normal: four uniform numbers */
            for (int k = 0; k < 4; k++)
                sum += (float)(random_bits() >> 8) / (1 << 24) - 0.5f;
            l->weights[(size_t)r * DIM + d] = sum * 1.7f * weight;
        }
    }
    return l;
}

static int by_worth(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return *x < *y ? 1 : *x > *y ? -1 : 0;
}

void learner_prune(struct learner *l, uint32_t keep, const float *frequency, uint64_t *bitmap,
                   uint32_t *number)
{
    float *worth = malloc(2 * (size_t)l->rows * sizeof *worth), *sorted = worth + l->rows;
    uint32_t row = 0, n = 0;
    if (!worth)
        exit(1);
    for (uint32_t r = 0; r < l->rows; r++) {
        const float *w = l->weights + (size_t)r * DIM;
        /* The corpus is not the news: a frequency counts for less than it says. */
        sorted[r] = worth[r] = sqrtf(dot(w, w)) * powf(frequency[r], 0.35f);
    }
    qsort(sorted, l->rows, sizeof *sorted, by_worth);
    float least = keep < l->rows ? sorted[keep] : -1;
    for (uint32_t slot = 0; slot < FEATURE_SLOTS; slot++) {
        uint64_t bit = (uint64_t)1 << (slot & 63);
        if (!(bitmap[slot >> 6] & bit))
            continue;
        number[row] = worth[row] > least && n < keep ? n++ : UINT32_MAX;
        if (number[row] == UINT32_MAX) {
            bitmap[slot >> 6] &= ~bit;
        } else {
            memmove(l->weights + (size_t)number[row] * DIM, l->weights + (size_t)row * DIM,
                    DIM * sizeof(float));
            l->square[number[row]] = l->square[row];
            l->count[number[row]] = l->count[row];
        }
        row++;
    }
    l->rows = n;
    free(worth);
}

float learner_encode(const struct learner *l, const uint32_t *ids, uint32_t n, float *out)
{
    float sum[DIM] = {0};
    for (uint32_t i = 0; i < n; i++) {
        const float *w = l->weights + (size_t)ids[i] * DIM;
        for (int d = 0; d < DIM; d++)
            sum[d] += w[d];
    }
    float norm = sqrtf(dot(sum, sum)), scale = norm > 0 ? 1 / norm : 0;
    for (int d = 0; d < DIM; d++)
        out[d] = sum[d] * scale;
    return norm;
}

/* From scores to the gradient of the loss by scores, in place; returns the loss. */
static double softmax_both(float *s, uint32_t n, float *row_log, float *column_log)
{
    double loss = 0;
#pragma omp parallel for
    for (uint32_t i = 0; i < n; i++) {
        float sum = 0;
        for (uint32_t j = 0; j < n; j++)
            sum += expf(s[i * n + j]);
        row_log[i] = logf(sum);
    }
    for (uint32_t j = 0; j < n; j++)
        column_log[j] = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            column_log[j] += expf(s[i * n + j]);
    for (uint32_t j = 0; j < n; j++) {
        column_log[j] = logf(column_log[j]);
        loss += row_log[j] + column_log[j] - 2 * s[j * n + j];
    }
#pragma omp parallel for
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            s[i * n + j] = expf(s[i * n + j] - row_log[i]) + expf(s[i * n + j] - column_log[j]) -
                           (i == j ? 2 : 0);
    return loss;
}

/* Which bags each row stands in, so that a row is written once, by one thread. */
static uint32_t invert(struct learner *l, const struct batch *b)
{
    uint32_t n = 0, total = 0;
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; i < b->at[s][b->n]; i++) {
            uint32_t r = b->ids[s][i];
            if (l->slot_of[r]++ == 0)
                l->touched[n++] = r;
        }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = l->touched[i], count = l->slot_of[r];
        l->starts[i] = total;
        l->slot_of[r] = total;
        total += count;
    }
    l->starts[n] = total;
    for (int s = 0; s < 2; s++)
        for (uint32_t k = 0; k < b->n; k++)
            for (uint32_t i = b->at[s][k]; i < b->at[s][k + 1]; i++)
                l->who[l->slot_of[b->ids[s][i]]++] = (uint32_t)s * BATCH + k;
    for (uint32_t i = 0; i < n; i++)
        l->slot_of[l->touched[i]] = 0;
    return n;
}

static void update_rows(struct learner *l, uint32_t n, const float *gradient, float rate)
{
#pragma omp parallel for schedule(dynamic, 256)
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = l->touched[i];
        float g[DIM] = {0}, *w = l->weights + (size_t)r * DIM;
        for (uint32_t k = l->starts[i]; k < l->starts[i + 1]; k++) {
            const float *x = gradient + (size_t)l->who[k] * DIM;
            for (int d = 0; d < DIM; d++)
                g[d] += x[d];
        }
        /* The mean square forgets slowly; a row's first updates count in full (as Adam's correction
         * does). */
        float keep = l->count[r] < 200 ? (float)l->count[r] / (float)(l->count[r] + 1) : 0.995f;
        l->count[r]++;
        l->square[r] = keep * l->square[r] + (1 - keep) * dot(g, g) / DIM;
        float scale = rate / (sqrtf(l->square[r]) + 1e-9f);
        for (int d = 0; d < DIM; d++)
            w[d] -= scale * g[d];
    }
}

double learner_step(struct learner *l, const struct batch *b, float rate)
{
    uint32_t n = b->n;
    if (n < 2)
        return 0;
    float *vec = l->work, *grad = vec + (size_t)2 * BATCH * DIM,
          *s = grad + (size_t)2 * BATCH * DIM;
    float *norm = s + (size_t)BATCH * BATCH;
#pragma omp parallel for schedule(dynamic, 16)
    for (uint32_t k = 0; k < 2 * n; k++) {
        uint32_t side = k >= n, i = side ? k - n : k;
        norm[side * BATCH + i] =
            learner_encode(l, b->ids[side] + b->at[side][i], b->at[side][i + 1] - b->at[side][i],
                           vec + ((size_t)side * BATCH + i) * DIM);
    }
    const float *u = vec, *v = vec + (size_t)BATCH * DIM;
#pragma omp parallel for
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++) {
            bool same = i != j && (b->key[0][i] == b->key[0][j] || b->key[1][i] == b->key[1][j]);
            s[i * n + j] = same ? -50 : dot(u + (size_t)i * DIM, v + (size_t)j * DIM) / TEMPERATURE;
        }
    double loss = softmax_both(s, n, norm + 2 * BATCH, norm + 3 * BATCH);
#pragma omp parallel for schedule(dynamic, 16)
    for (uint32_t k = 0; k < 2 * n; k++) {
        uint32_t side = k >= n, i = side ? k - n : k;
        float *g = grad + ((size_t)side * BATCH + i) * DIM;
        const float *self = vec + ((size_t)side * BATCH + i) * DIM, *other = side ? u : v;
        memset(g, 0, DIM * sizeof *g);
        for (uint32_t j = 0; j < n; j++) {
            float f = side ? s[j * n + i] : s[i * n + j];
            if (f < 1e-6f && f > -1e-6f)
                continue;
            for (int d = 0; d < DIM; d++)
                g[d] += f * other[(size_t)j * DIM + d];
        }
        float along = dot(g, self), scale = 1 / (norm[side * BATCH + i] + 1e-9f);
        for (int d = 0; d < DIM; d++)
            g[d] = (g[d] - along * self[d]) * scale;
    }
    update_rows(l, invert(l, b), grad, rate);
    return loss / n;
}

struct scored {
    float score;
    bool same;
};

static int by_score(const void *a, const void *b)
{
    float x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Vectors of the first `most` groups of each document in each language; returns how many, with
 * document and language. */
static uint32_t judge_items(const struct learner *l, const struct corpus *c, uint32_t most,
                            float *x, uint32_t *doc, uint8_t *lang)
{
    uint32_t n = 0, ids_cap = 200000, documents = 0;
    uint32_t *ids = malloc(ids_cap * sizeof *ids);
    for (uint32_t g = 0; ids && g < c->n_groups; g += c->groups[g].doc_left + 1, documents++)
        for (unsigned k = 0; k < c->n_langs; k++) {
            uint32_t m = 0;
            for (uint32_t i = 0; i < most && i <= c->groups[g].doc_left; i++)
                for (uint32_t b = c->groups[g + i].first;
                     b < c->groups[g + i].first + c->groups[g + i].n; b++)
                    if (c->bags[b].lang == k && m + c->bags[b].n <= ids_cap) {
                        memcpy(ids + m, c->ids + c->bags[b].at, c->bags[b].n * sizeof *ids);
                        m += c->bags[b].n;
                    }
            if (m) {
                learner_encode(l, ids, m, x + (size_t)n * DIM);
                doc[n] = documents;
                lang[n++] = (uint8_t)k;
            }
        }
    free(ids);
    return n;
}

void learner_judge(const struct learner *l, const struct corpus *c)
{
    static const uint32_t MOST[] = {1, 2, 10000};
    static const char *const NAMES[] = {"title", "lead", "full"};
    enum { ITEMS = 2000 };
    float *x = malloc((size_t)ITEMS * DIM * sizeof *x);
    static uint32_t doc[ITEMS];
    static uint8_t lang[ITEMS];
    struct scored *all = malloc((size_t)ITEMS * ITEMS / 2 * sizeof *all);
    for (int t = 0; x && all && t < 3; t++) {
        uint32_t n = judge_items(l, c, MOST[t], x, doc, lang), m = 0, right = 0, same = 0;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = i + 1; j < n; j++)
                if (lang[i] != lang[j]) {
                    all[m++] = (struct scored){dot(x + (size_t)i * DIM, x + (size_t)j * DIM),
                                               doc[i] == doc[j]};
                    same += doc[i] == doc[j];
                }
        qsort(all, m, sizeof *all, by_score);
        double best = 0, at = 0, sure = 0;
        for (uint32_t i = 0; i < m; i++) {
            right += all[i].same;
            double p = (double)right / (i + 1), r = (double)right / same,
                   f = p + r > 0 ? 2 * p * r / (p + r) : 0;
            if (f > best) {
                best = f;
                at = all[i].score;
            }
            if (p >= 0.99)
                sure = r;
        }
        fprintf(stderr, "  %-6s F1 %.4f at cosine %.2f, recall at precision 0.99: %.4f\n", NAMES[t],
                best, at, sure);
    }
    free(x);
    free(all);
}
