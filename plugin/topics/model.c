/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file, all little endian:
 *   header     struct header below, 64 bytes
 *   starts     u32[65537]: where the hashes that begin with these 16 bits begin
 *   hashes     u32[features], sorted
 *   weights    f32[1 + dim + topics + encoder_dim][leaves]: the first row is the bias
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

struct header {
    char magic[8];
    uint32_t layout, dim, features, topics, encoder_dim, leaves;
    float calm, unit;
    uint64_t check, size; /* of all behind the header */
    float temperature;
    uint32_t reserved;
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
    uint64_t sum = 0, word;
    for (size_t i = 0; i < n; i += 8) {
        word = 0;
        memcpy(&word, s + i, n - i < 8 ? n - i : 8);
        sum += word * ((i / 8 * 2 + 1) * 0x9E3779B97F4A7C15u);
    }
    return sum;
}

static uint64_t body_size(const struct header *h)
{
    return 65537 * 4 + (uint64_t)h->features * (4 + 2 + h->dim / 2 + 1) +
        (uint64_t)(1 + h->dim + h->topics + h->encoder_dim) * h->leaves * 4 +
        (uint64_t)h->topics * DIGITS;
}

static int known_layout(const struct header *h, size_t size)
{
    return memcmp(h->magic, MAGIC, 8) == 0 && h->layout == LAYOUT && h->dim == MODEL_DIM &&
        h->encoder_dim == MODEL_ENCODER_DIM && h->leaves == MODEL_LEAVES &&
        h->topics >= TOPICS_TOP && h->topics < MODEL_LEAVES && h->features < 1u << 24 &&
        h->size == body_size(h) && size == sizeof *h + h->size && h->calm > 0 &&
        h->temperature > 0;
}

static void lay_out(struct model *m)
{
    const unsigned char *p = (const unsigned char *)m->map + sizeof(struct header);
    size_t n = m->head.features;
    m->starts = (const void *)p;
    m->hashes = (const void *)(p += 65537 * 4);
    m->weights = (const void *)(p += n * 4);
    p += (size_t)(1 + MODEL_DIM + m->head.topics + MODEL_ENCODER_DIM) * MODEL_LEAVES * 4;
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
    if (!sound(m) || checksum((const unsigned char *)m->map + sizeof m->head, m->head.size) !=
            m->head.check)
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

static void add_row(const struct model *m, int64_t i, float gain, float *sum)
{
    const uint8_t *row = m->rows + (size_t)i * (MODEL_DIM / 2);
    float scale = (float)m->scales[i] * gain;
    for (size_t d = 0; d < MODEL_DIM / 2; d++) {
        sum[d] += (float)((row[d] & 15) - 8) * scale;
        sum[d + MODEL_DIM / 2] += (float)((row[d] >> 4) - 8) * scale;
    }
}

void model_sum(const struct model *m, const uint16_t *text, size_t n, size_t most, float gain,
    float *sum)
{
    struct feature_reader r;
    struct feature_word w;
    const uint16_t *at;
    size_t len;
    gain *= m->head.unit;
    feature_reader_init(&r, text, n);
    while (most-- && feature_next(&r, &w, &at, &len)) {
        if (w.word) {
            int64_t i = find(m, w.word);
            if (i >= 0)
                add_row(m, i, gain, sum);
            if (i < 0 || !m->known[i])
                feature_pieces(at, len, &w);
            if (w.pair && (i = find(m, w.pair)) >= 0)
                add_row(m, i, gain, sum);
        }
        for (size_t p = 0; p < w.n_pieces; p++) {
            int64_t i = find(m, w.pieces[p]);
            if (i >= 0)
                add_row(m, i, gain, sum);
        }
    }
}

void model_vector(const struct model *m, const float *sum, float *vector)
{
    float square = m->head.calm * m->head.calm;
    for (size_t d = 0; d < MODEL_DIM; d++)
        square += sum[d] * sum[d];
    float inverse = 1.0f / sqrtf(square);
    for (size_t d = 0; d < MODEL_DIM; d++)
        vector[d] = sum[d] * inverse;
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

void model_run(const struct model *m, const float *vector, const float *words,
    const float *encoder, float *probability)
{
    float leaf[MODEL_LEAVES], greatest = -INFINITY, total = 0;
    size_t topics = m->head.topics;
    memcpy(leaf, m->weights, sizeof leaf);
    add_inputs(m, 1, vector, MODEL_DIM, leaf);
    add_inputs(m, 1 + MODEL_DIM, words, topics, leaf);
    if (encoder)
        add_inputs(m, 1 + MODEL_DIM + topics, encoder, MODEL_ENCODER_DIM, leaf);
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
