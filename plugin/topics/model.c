/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file, all little endian:
 *   header     struct header below, 64 bytes
 *   starts     u32[65537]: where the hashes that begin with these 16 bits begin
 *   hashes     u32[features], sorted
 *   weights    f32[1 + dim + topics][leaves]: the first row is the bias
 *   scales     u16[features], times `unit`
 *   rows       u8[features][dim / 2]: element i in the low half of byte i, i + dim / 2 in the high
 *              one, plus 8
 *   ids        eight digits a topic; topics come as in topics-labels.tsv, the 17 first
 *   known      u8[features]: 1 for a word that is known so well that its pieces are not asked
 * "None of them" is the leaf behind the topics.
 */
#include "model.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../winnow_plugin.h"
#include "features.h"
#include "vocabulary.h"

#define MAGIC "WNTOPICS"
#define LAYOUT 1
#define DIGITS 8
#define FEW_WORDS 1.5f /* of so many words half of what the model thinks is believed */
#define AHEAD 8        /* rows that are on their way from memory while one is added */
#define ROWS_MAX 4096  /* features of one text */
#define RUN_WORD 3     /* letters of a script without spaces that count as a word */

struct header {
    char magic[8];
    uint32_t layout, dim, features, topics, leaves, reserved;
    float calm, unit;
    uint64_t check, size; /* of all behind the header */
    float temperature;
    uint32_t reserved2;
};

_Static_assert(sizeof(struct header) == 64, "the header is written by heads.py");

struct model {
    void *map;
    size_t map_size;
    struct header head;
    const uint32_t *starts, *hashes;
    const uint16_t *scales;
    const uint8_t *rows, *known;
    const float *weights;
    const char *ids;
    uint8_t group[MODEL_LEAVES]; /* the top-level topic of a leaf; TOPICS_TOP: none */
};

/* Any changed, missing or moved word changes it: word i counts an odd number of its place. */
static uint64_t checksum(const unsigned char *s, size_t n)
{
    const uint64_t step = 2 * 0x9E3779B97F4A7C15u;
    uint64_t sum = 0, place = 0x9E3779B97F4A7C15u, word;
    size_t i = 0;
    for (; i + 8 <= n; i += 8, place += step) {
        memcpy(&word, s + i, 8);
        sum += word * place;
    }
    word = 0;
    memcpy(&word, s + i, n - i);
    return sum + word * place;
}

static uint64_t body_size(const struct header *h)
{
    return 65537 * 4 + (uint64_t)h->features * (4 + 2 + h->dim / 2 + 1) +
           (uint64_t)(1 + h->dim + h->topics) * h->leaves * 4 + (uint64_t)h->topics * DIGITS;
}

static int known_layout(const struct header *h, size_t size)
{
    return memcmp(h->magic, MAGIC, 8) == 0 && h->layout == LAYOUT && h->dim == MODEL_DIM &&
           h->leaves == MODEL_LEAVES && h->topics >= TOPICS_TOP && h->topics < MODEL_LEAVES &&
           h->features < 1u << 24 && h->size == body_size(h) && size == sizeof *h + h->size &&
           h->calm > 0 && h->temperature > 0;
}

static void lay_out(struct model *m)
{
    const unsigned char *p = (const unsigned char *)m->map + sizeof(struct header);
    size_t n = m->head.features;
    m->starts = (const void *)p;
    m->hashes = (const void *)(p += 65537 * 4);
    m->weights = (const void *)(p += n * 4);
    p += (size_t)(1 + MODEL_DIM + m->head.topics) * MODEL_LEAVES * 4;
    m->scales = (const void *)p;
    m->rows = p += n * 2;
    p += n * (MODEL_DIM / 2);
    m->ids = (const char *)p;
    m->known = p + (size_t)m->head.topics * DIGITS;
}

/* Bounds that the loops rely on, whatever the checksum says. */
static int sound(const struct model *m)
{
    for (size_t i = 0; i < 65536; i++)
        if (m->starts[i] > m->starts[i + 1] || m->starts[i + 1] > m->head.features)
            return 0;
    return 1;
}

int model_open(const char *path, struct model **out, char *why, size_t size)
{
    struct stat st;
    struct model *m = NULL;
    int status = WN_ABSENT;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        snprintf(why, size, "%s: can't be opened", path);
        goto out;
    }
    status = WN_NOMEM;
    m = calloc(1, sizeof *m);
    if (!m)
        goto out;
    status = WN_INVALID;
    m->map_size = (size_t)st.st_size;
    snprintf(why, size, "%s: not a topic model of this version, or damaged; install it anew", path);
    if (m->map_size < sizeof(struct header))
        goto out;
    m->map = mmap(NULL, m->map_size, PROT_READ, MAP_SHARED, fd, 0);
    if (m->map == MAP_FAILED) {
        m->map = NULL;
        goto out;
    }
    memcpy(&m->head, m->map, sizeof m->head);
    if (!known_layout(&m->head, m->map_size))
        goto out;
    lay_out(m);
    if (!sound(m) ||
        checksum((const unsigned char *)m->map + sizeof m->head, m->head.size) != m->head.check)
        goto out;
    *out = m;
    m = NULL;
    status = WN_OK;
out:
    model_close(m);
    if (fd >= 0)
        close(fd);
    return status;
}

void model_close(struct model *m)
{
    if (!m)
        return;
    if (m->map)
        munmap(m->map, m->map_size);
    free(m);
}

size_t model_topics(const struct model *m, const char **ids)
{
    *ids = m->ids;
    return m->head.topics;
}

void model_group(struct model *m, size_t leaf, uint16_t top)
{
    m->group[leaf] = top < TOPICS_TOP ? (uint8_t)top : TOPICS_TOP;
}

static int64_t find(const struct model *m, uint32_t hash)
{
    uint32_t end = m->starts[(hash >> 16) + 1];
    for (uint32_t i = m->starts[hash >> 16]; i < end; i++)
        if (m->hashes[i] == hash)
            return i;
    return -1;
}

/*
 * Adds rows to sum. One body, compiled twice: plain, and for processors with AVX2, which are three
 * times as fast at it. Element by element in the same order, so that both give the same floats.
 */
static inline __attribute__((always_inline)) void add_rows_body(const struct model *m,
                                                                const uint32_t *rows, size_t n,
                                                                float gain, float *restrict sum)
{
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            __builtin_prefetch(m->rows + (size_t)rows[i + AHEAD] * (MODEL_DIM / 2));
            __builtin_prefetch(m->scales + rows[i + AHEAD]);
        }
        const uint8_t *restrict row = m->rows + (size_t)rows[i] * (MODEL_DIM / 2);
        float scale = (float)m->scales[rows[i]] * gain;
        for (size_t d = 0; d < MODEL_DIM / 2; d++)
            sum[d] += (float)((row[d] & 15) - 8) * scale;
        for (size_t d = 0; d < MODEL_DIM / 2; d++)
            sum[d + MODEL_DIM / 2] += (float)((row[d] >> 4) - 8) * scale;
    }
}

static void add_rows_plain(const struct model *m, const uint32_t *rows, size_t n, float gain,
                           float *restrict sum)
{
    add_rows_body(m, rows, n, gain, sum);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void add_rows_avx2(const struct model *m,
                                                          const uint32_t *rows, size_t n,
                                                          float gain, float *restrict sum)
{
    add_rows_body(m, rows, n, gain, sum);
}
#endif

static void add_rows(const struct model *m, const uint32_t *rows, size_t n, float gain, float *sum)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        add_rows_avx2(m, rows, n, gain, sum);
        return;
    }
#endif
    add_rows_plain(m, rows, n, gain, sum);
}

/* Rows of the features of a text, found in two steps: what is asked for a word ahead is on its way
 * from memory while others are looked up. */
struct finder {
    const struct model *m;
    uint32_t rows[ROWS_MAX + FEATURE_PIECES + 2];
    size_t n;
};

static void find_all(struct finder *f, const uint32_t *hashes, size_t n)
{
    const struct model *m = f->m;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(m->hashes + m->starts[hashes[i] >> 16]);
    for (size_t i = 0; i < n; i++) {
        int64_t row = find(m, hashes[i]);
        if (row >= 0)
            f->rows[f->n++] = (uint32_t)row;
    }
}

/* Words whose lookups are prepared together. */
#define TOGETHER 16

struct word {
    const uint16_t *at;
    size_t len;
    uint32_t word, pair;
};

static void find_words(struct finder *f, const struct word *words, size_t n)
{
    const struct model *m = f->m;
    struct feature_word w;
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(m->hashes + m->starts[words[i].word >> 16]);
        __builtin_prefetch(m->hashes + m->starts[words[i].pair >> 16]);
    }
    for (size_t i = 0; i < n && f->n < ROWS_MAX; i++) {
        int64_t row = find(m, words[i].word);
        if (row >= 0)
            f->rows[f->n++] = (uint32_t)row;
        if (row < 0 || !m->known[row]) {
            feature_pieces(words[i].at, words[i].len, &w);
            find_all(f, w.pieces, w.n_pieces);
        }
        if (words[i].pair && (row = find(m, words[i].pair)) >= 0)
            f->rows[f->n++] = (uint32_t)row;
    }
}

size_t model_sum(const struct model *m, const uint16_t *text, size_t n, size_t most, float gain,
                 float *sum)
{
    struct feature_reader r;
    struct feature_word w;
    struct word words[TOGETHER];
    struct finder f;
    const uint16_t *at;
    size_t len, k = 0, read = 0;
    f.m = m;
    f.n = 0;
    feature_reader_init(&r, text, n);
    while (read < most && f.n < ROWS_MAX && feature_next(&r, &w, &at, &len)) {
        read += w.word ? 1 : 1 + len / RUN_WORD;
        if (!w.word) {
            find_all(&f, w.pieces, w.n_pieces);
            continue;
        }
        __builtin_prefetch(m->starts + (w.word >> 16));
        words[k++] = (struct word){at, len, w.word, w.pair};
        if (k == TOGETHER) {
            find_words(&f, words, k);
            k = 0;
        }
    }
    find_words(&f, words, k);
    add_rows(m, f.rows, f.n, gain * m->head.unit, sum);
    return read;
}

void model_vector(const struct model *m, const float *sum, size_t words, float *vector)
{
    float square = m->head.calm * m->head.calm;
    for (size_t d = 0; d < MODEL_DIM; d++)
        square += sum[d] * sum[d];
    float gain = (float)words / ((float)words + FEW_WORDS) / sqrtf(square);
    for (size_t d = 0; d < MODEL_DIM; d++)
        vector[d] = sum[d] * gain;
}

static void add_inputs(const struct model *m, size_t row, const float *x, size_t n, float *leaf)
{
    for (size_t i = 0; i < n; i++) {
        if (x[i] == 0)
            continue;
        const float *w = m->weights + (row + i) * MODEL_LEAVES;
        for (size_t k = 0; k < MODEL_LEAVES; k++)
            leaf[k] += x[i] * w[k];
    }
}

void model_run(const struct model *m, const float *vector, const float *words, float *probability)
{
    float leaf[MODEL_LEAVES], greatest = -INFINITY, total = 0;
    size_t topics = m->head.topics;
    memcpy(leaf, m->weights, sizeof leaf);
    add_inputs(m, 1, vector, MODEL_DIM, leaf);
    add_inputs(m, 1 + MODEL_DIM, words, topics, leaf);
    for (size_t k = 0; k <= topics; k++)
        if (leaf[k] > greatest)
            greatest = leaf[k];
    for (size_t k = 0; k <= topics; k++)
        total += leaf[k] = expf((leaf[k] - greatest) / m->head.temperature);
    for (size_t k = 0; k < topics; k++)
        probability[k] = leaf[k] / total;
    for (size_t k = TOPICS_TOP; k < topics; k++)
        if (m->group[k] < TOPICS_TOP)
            probability[m->group[k]] += leaf[k] / total;
}
