/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the training that must be fast: counting features, and fitting a vector to each.
 * train.py compiles it with the filter's own folding and features into a library and calls it; it
 * is no part of the product.
 *
 * A text's vector is the sum of its features' vectors, brought to length one. It is fitted to a
 * target (where the teacher puts a text of that meaning) by its cosine, with Adagrad.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../topics/features.h"
#include "../../topics/fold.h"
#include "../../topics/terms.h"
#include "../../topics/vocabulary.h"

#define UNITS 4096

struct count {
    uint32_t hash, n, last;
    uint8_t kind; /* 0 piece, 1 word, 2 pair, 3 piece of a run */
};

static struct fold *fold;
static struct count *counts;
static uint32_t count_mask, n_counts;
static uint32_t *kept; /* sorted hashes */
static uint8_t *whole; /* known so well that its pieces are not needed */
static uint32_t n_kept;
static uint32_t *starts; /* by the first 16 bits */

int t_init(const char *han, size_t len)
{
    fold = fold_create(han, len);
    count_mask = (1u << 25) - 1;
    counts = calloc((size_t)count_mask + 1, sizeof *counts);
    return fold && counts ? 0 : -1;
}

static void count(uint32_t h, uint8_t kind, uint32_t text)
{
    if (n_counts > count_mask / 4 * 3)
        return;
    for (uint32_t i = h & count_mask;; i = (i + 1) & count_mask) {
        struct count *c = &counts[i];
        if (!c->n) {
            *c = (struct count){h, 1, text, kind};
            n_counts++;
            return;
        }
        if (c->hash == h) {
            if (c->last != text)
                c->n++;
            c->last = text;
            return;
        }
    }
}

/* Counts in how many texts each feature occurs. */
void t_count(const char *text, const uint64_t *offsets, uint32_t n)
{
    static uint16_t units[UNITS];
    for (uint32_t i = 0; i < n; i++) {
        size_t k = fold_text(fold, text + offsets[i], offsets[i + 1] - offsets[i], FOLD_PLAIN,
                             units, UNITS);
        struct feature_reader r;
        struct feature_word w;
        const uint16_t *at;
        size_t len;
        feature_reader_init(&r, units, k);
        while (feature_next(&r, &w, &at, &len)) {
            if (w.word) {
                count(w.word, 1, i + 1);
                if (w.pair)
                    count(w.pair, 2, i + 1);
                feature_pieces(at, len, &w);
            }
            for (size_t p = 0; p < w.n_pieces; p++)
                count(w.pieces[p], w.word ? 0 : 3, i + 1);
        }
    }
}

static int by_hash(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int64_t find(uint32_t h)
{
    for (uint32_t i = starts[h >> 16]; i < starts[(h >> 16) + 1]; i++)
        if (kept[i] == h)
            return i;
    return -1;
}

/* Keeps features by their counts; returns how many. A word from `known` on needs no pieces. */
uint32_t t_keep(uint32_t least_word, uint32_t least_pair, uint32_t least_piece, uint32_t least_run,
                uint32_t known)
{
    uint32_t least[4] = {least_piece, least_word, least_pair, least_run}, n = 0, of[4] = {0};
    for (uint32_t i = 0; i <= count_mask; i++)
        n += counts[i].n >= least[counts[i].kind] && counts[i].n;
    kept = malloc(n * sizeof *kept);
    whole = calloc(n, 1);
    n_kept = 0;
    for (uint32_t i = 0; i <= count_mask; i++)
        if (counts[i].n && counts[i].n >= least[counts[i].kind]) {
            kept[n_kept++] = counts[i].hash;
            of[counts[i].kind]++;
        }
    qsort(kept, n_kept, sizeof *kept, by_hash);
    starts = calloc(65537, sizeof *starts);
    for (uint32_t i = 0; i < n_kept; i++)
        starts[(kept[i] >> 16) + 1] = i + 1;
    for (uint32_t i = 1; i <= 65536; i++)
        if (starts[i] < starts[i - 1])
            starts[i] = starts[i - 1];
    for (uint32_t i = 0; i <= count_mask; i++)
        if (counts[i].kind == 1 && counts[i].n >= known && counts[i].n >= least_word)
            whole[find(counts[i].hash)] = 1;
    printf("features: %u pieces, %u words, %u pairs, %u of runs, of %u seen\n", of[0], of[1], of[2],
           of[3], n_counts);
    fflush(stdout);
    return n_kept;
}

void t_kept(uint32_t *hashes, uint8_t *flags)
{
    memcpy(hashes, kept, n_kept * sizeof *kept);
    memcpy(flags, whole, n_kept);
}

/* The rows of a text's features; returns how many. */
uint32_t t_features(const char *text, size_t len, uint32_t *rows, uint32_t cap)
{
    static uint16_t units[UNITS];
    size_t k = fold_text(fold, text, len, FOLD_PLAIN, units, UNITS);
    struct feature_reader r;
    struct feature_word w;
    const uint16_t *at;
    size_t length;
    uint32_t n = 0;
    int64_t row;
    feature_reader_init(&r, units, k);
    while (feature_next(&r, &w, &at, &length) && n + FEATURE_PIECES + 2 < cap) {
        if (w.word) {
            row = find(w.word);
            if (row >= 0)
                rows[n++] = (uint32_t)row;
            if (row < 0 || !whole[row])
                feature_pieces(at, length, &w);
            if (w.pair && (row = find(w.pair)) >= 0)
                rows[n++] = (uint32_t)row;
        }
        for (size_t p = 0; p < w.n_pieces; p++)
            if ((row = find(w.pieces[p])) >= 0)
                rows[n++] = (uint32_t)row;
    }
    return n;
}

/* All texts' rows, one behind another; returns how many there are in all, or 0 past cap. */
uint64_t t_rows(const char *text, const uint64_t *offsets, uint32_t n, uint32_t *rows, uint64_t cap,
                uint64_t *ends)
{
    static uint32_t one[16384];
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = t_features(text + offsets[i], offsets[i + 1] - offsets[i], one, 16384);
        if (total + k > cap)
            return 0;
        memcpy(rows + total, one, k * sizeof *rows);
        total += k;
        ends[i] = total;
    }
    return total;
}

static uint64_t state = 88172645463325252u;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/*
 * One pass over the texts in the given order: table[n_kept][dim] and its Adagrad sums are fitted.
 * targets[n_targets][dim] have length one; drop: share of features left out each time, so that no
 * single one is relied upon. Returns the mean cosine.
 */
double t_train(float *table, float *sums, uint32_t dim, const uint32_t *rows, const uint64_t *ends,
               const uint32_t *order, uint32_t n, const uint32_t *target_of, const float *weight,
               const float *targets, float rate, float drop)
{
    float v[512], g[512];
    static uint32_t used[16384];
    double total = 0, of = 0;
    uint32_t limit = (uint32_t)(drop * 4294967295.0);
    for (uint32_t o = 0; o < n; o++) {
        uint32_t i = order[o], k = 0;
        const float *t = targets + (size_t)target_of[i] * dim;
        memset(v, 0, dim * sizeof *v);
        uint64_t begin = i ? ends[i - 1] : 0;
        int few = ends[i] - begin < 12;
        for (uint64_t j = begin; j < ends[i] && k < 16384; j++) {
            if (!few && next_random() < limit)
                continue;
            used[k++] = rows[j];
            const float *row = table + (size_t)rows[j] * dim;
            for (uint32_t d = 0; d < dim; d++)
                v[d] += row[d];
        }
        float norm = 0, cosine = 0;
        for (uint32_t d = 0; d < dim; d++)
            norm += v[d] * v[d];
        if (!k || norm < 1e-12f)
            continue;
        float inverse = 1 / sqrtf(norm);
        for (uint32_t d = 0; d < dim; d++)
            cosine += (v[d] *= inverse) * t[d];
        total += cosine;
        of += 1;
        float square = 0;
        /* The length of the sum is free, so the step is taken on the direction alone. */
        for (uint32_t d = 0; d < dim; d++) {
            g[d] = weight[i] * (t[d] - cosine * v[d]) * (inverse < 4 ? inverse : 4);
            square += g[d] * g[d];
        }
        square /= (float)dim;
        for (uint32_t j = 0; j < k; j++) {
            float *row = table + (size_t)used[j] * dim, *sum = sums + used[j];
            *sum += square;
            float step = rate / sqrtf(*sum + 1e-10f);
            for (uint32_t d = 0; d < dim; d++)
                row[d] += step * g[d];
        }
    }
    return of ? total / of : 0;
}

void t_vector(const float *table, uint32_t dim, const uint32_t *rows, uint64_t n, float *v)
{
    memset(v, 0, dim * sizeof *v);
    for (uint64_t j = 0; j < n; j++)
        for (uint32_t d = 0; d < dim; d++)
            v[d] += table[(size_t)rows[j] * dim + d];
}

static struct vocabulary *vocabulary;
static struct terms *terms;

int t_words_init(const char *labels, size_t n_labels, const char *words, size_t n_words)
{
    static char error[512];
    if (vocabulary_create(labels, n_labels, &vocabulary, error, sizeof error))
        return -1;
    terms = terms_create(fold, vocabulary);
    int status = terms ? terms_read(terms, words, n_words, error, sizeof error) : -1;
    if (status)
        printf("%s\n", error);
    return status;
}

/* Term weights of each text, for the first n_topics topics: out[n][n_topics]. */
void t_words(const char *text, const uint64_t *offsets, uint32_t n, const uint32_t *lang,
             uint32_t n_topics, float *out)
{
    static uint16_t units[UNITS];
    static struct term_sums sums;
    for (uint32_t i = 0; i < n; i++) {
        memset(&sums, 0, sizeof sums);
        size_t k = fold_text(fold, text + offsets[i], offsets[i + 1] - offsets[i], FOLD_PLAIN,
                             units, UNITS);
        terms_scan(terms, units, k, lang[i], &sums);
        for (uint32_t t = 0; t < n_topics; t++)
            out[(size_t)i * n_topics + t] = sums.topic[t] / (1.0f + (float)k / 2000.0f);
    }
}
