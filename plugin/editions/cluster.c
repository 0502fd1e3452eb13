/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct groups {
    unsigned n;
    float sum[CLUSTER_MOST][CLUSTER_MOST]; /* of odds between all members of two groups */
    unsigned size[CLUSTER_MOST];
    float voice[CLUSTER_MOST]; /* sum over the members */
    bool apart[CLUSTER_MOST][CLUSTER_MOST];
    bool together[CLUSTER_MOST][CLUSTER_MOST];
};

static void begin(struct groups *g, unsigned n, const float *odds, const int *lang, int free_lang,
                  const float *voice)
{
    g->n = n;
    for (unsigned i = 0; i < n; i++) {
        g->size[i] = 1;
        g->voice[i] = voice[i];
        for (unsigned j = 0; j < n; j++) {
            float o = odds[i * n + j];
            g->together[i][j] = i != j && o >= CLUSTER_TOGETHER;
            g->apart[i][j] = i != j && !g->together[i][j] &&
                             (o <= CLUSTER_APART || (lang[i] == lang[j] && lang[i] != free_lang));
            g->sum[i][j] = o > CLUSTER_CLIP ? CLUSTER_CLIP : o < -CLUSTER_CLIP ? -CLUSTER_CLIP : o;
        }
    }
}

/* The two groups that belong together most; false: none do. */
static bool best_two(const struct groups *g, float least, float pool, unsigned *a, unsigned *b)
{
    float best = least;
    bool found = false;
    for (unsigned i = 0; i < g->n; i++)
        for (unsigned j = i + 1; j < g->n; j++) {
            if (!g->size[i] || !g->size[j] || (g->apart[i][j] && !g->together[i][j]))
                continue;
            unsigned most = g->size[i] > g->size[j] ? g->size[i] : g->size[j];
            float voices = fminf(pool * logf((float)most), fmaxf(g->voice[i] / (float)g->size[i],
                                                                 g->voice[j] / (float)g->size[j]));
            float mean = g->sum[i][j] / (float)(g->size[i] * g->size[j]) + voices;
            if (g->together[i][j])
                mean = CLUSTER_TOGETHER;
            if (mean > best) {
                best = mean;
                *a = i;
                *b = j;
                found = true;
            }
        }
    return found;
}

static void merge(struct groups *g, unsigned a, unsigned b)
{
    for (unsigned k = 0; k < g->n; k++) {
        if (k == a || k == b)
            continue;
        g->sum[a][k] = g->sum[k][a] = g->sum[a][k] + g->sum[b][k];
        g->apart[a][k] = g->apart[k][a] = g->apart[a][k] || g->apart[b][k];
        g->together[a][k] = g->together[k][a] = g->together[a][k] || g->together[b][k];
    }
    g->size[a] += g->size[b];
    g->voice[a] += g->voice[b];
    g->size[b] = 0;
}

void cluster(unsigned n, const float *odds, const int *lang, int free_lang, float least, float pool,
             const float *voice, unsigned *label)
{
    struct groups g;
    unsigned a, b;
    if (n > CLUSTER_MOST)
        n = CLUSTER_MOST;
    begin(&g, n, odds, lang, free_lang, voice);
    for (unsigned i = 0; i < n; i++)
        label[i] = i;
    while (best_two(&g, least, pool, &a, &b)) {
        merge(&g, a, b);
        for (unsigned i = 0; i < n; i++)
            if (label[i] == b)
                label[i] = a;
    }
}
