/* SPDX-License-Identifier: Apache-2.0 */
#include "write_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../../text/model_file.h"
#include "learn.h"

static int nibble(float x, float step)
{
    int q = (int)lrintf(x / step);
    return q < -8 ? -8 : q > 7 ? 7 : q;
}

/* The step, a multiple of unit, that loses least. */
static int best_scale(const float *w, float unit)
{
    float most = 0, least = INFINITY;
    int best = 1;
    for (int d = 0; d < DIM; d++)
        most = fmaxf(most, fabsf(w[d]));
    for (int k = 6; k <= 14; k++) {
        int scale = (int)lrintf(most / unit / 7 * (float)k / 12);
        scale = scale < 1 ? 1 : scale > 255 ? 255 : scale;
        float lost = 0;
        for (int d = 0; d < DIM; d++) {
            float e = w[d] - (float)nibble(w[d], unit * (float)scale) * unit * (float)scale;
            lost += e * e;
        }
        if (lost < least) {
            least = lost;
            best = scale;
        }
    }
    return best;
}

static void quantise(const float *weights, uint32_t rows, uint8_t *scale, uint8_t *out)
{
    /* Half a per mille of the rows may be clipped by the largest scale; the others share its
     * resolution. */
    float *norm = malloc(rows * sizeof *norm), most = 0;
    for (uint32_t r = 0; norm && r < rows; r++) {
        float m = 0;
        for (int d = 0; d < DIM; d++)
            m = fmaxf(m, fabsf(weights[(size_t)r * DIM + d]));
        most = fmaxf(most, m);
        norm[r] = m;
    }
    for (int tries = 0; norm && tries < 40; tries++) {
        uint32_t over = 0;
        for (uint32_t r = 0; r < rows; r++)
            over += norm[r] > most * 0.9f;
        if (over > rows / 2000)
            break;
        most *= 0.9f;
    }
    free(norm);
    float unit = most / 7 / 255;
    for (uint32_t r = 0; r < rows; r++) {
        const float *w = weights + (size_t)r * DIM;
        scale[r] = (uint8_t)best_scale(w, unit);
        for (int d = 0; d < DIM / 2; d++)
            out[(size_t)r * (DIM / 2) + d] =
                (uint8_t)((nibble(w[d], unit * scale[r]) + 8) |
                          (nibble(w[d + DIM / 2], unit * scale[r]) + 8) << 4);
    }
}

int write_model(const char *path, const char *version, const struct text_tables *tables,
                const uint64_t *bitmap, uint32_t rows, const float *weights)
{
    struct model_header h = {MODEL_MAGIC,       DIM, rows, FEATURE_SLOT_BITS,
                             tables->pool_size, 0,   0,    ""};
    struct model_layout l;
    model_layout_of(&h, &l);
    unsigned char *m = calloc(1, l.size);
    if (!m || l.size > MODEL_FILE_MAX) {
        fprintf(stderr, "%s: %zu bytes, more than a model file may have\n", path, l.size);
        free(m);
        return -1;
    }
    snprintf(h.version, sizeof h.version, "%s", version);
    memcpy(m + l.fold, tables->fold, 131072);
    memcpy(m + l.class_, tables->class_, 65536);
    memcpy(m + l.latin, tables->latin, 131072);
    memcpy(m + l.pool, tables->pool, tables->pool_size);
    memcpy(m + l.bitmap, bitmap, FEATURE_SLOTS / 8);
    uint32_t *rank = (uint32_t *)(void *)(m + l.rank), n = 0;
    for (uint32_t i = 0; i < FEATURE_SLOTS / 64; i++) {
        rank[i] = n;
        n += (uint32_t)__builtin_popcountll(bitmap[i]);
    }
    quantise(weights, rows, m + l.scale, m + l.rows);
    h.checksum = XXH3_64bits(m + sizeof h, l.size - sizeof h);
    memcpy(m, &h, sizeof h);
    FILE *f = fopen(path, "wb");
    int status = f && fwrite(m, 1, l.size, f) == l.size ? 0 : -1;
    if (f && fclose(f) != 0)
        status = -1;
    if (status < 0)
        perror(path);
    free(m);
    return status;
}

static void unpack(const uint8_t *scale, const uint8_t *packed, uint32_t rows, float *out)
{
    double square = 0;
    for (uint32_t r = 0; r < rows; r++)
        for (int d = 0; d < DIM / 2; d++) {
            int both = packed[(size_t)r * (DIM / 2) + d];
            float *w = out + (size_t)r * DIM + d;
            w[0] = (float)(((both & 15) - 8) * scale[r]);
            w[DIM / 2] = (float)(((both >> 4) - 8) * scale[r]);
            square += w[0] * w[0] + w[DIM / 2] * w[DIM / 2];
        }
    float unit = 0.15f / (float)sqrt(square / ((double)rows * DIM));
    for (size_t i = 0; i < (size_t)rows * DIM; i++)
        out[i] *= unit;
}

int read_model(const char *path, uint64_t *bitmap, uint32_t *rows, float **weights)
{
    struct model_header h;
    struct model_layout l;
    unsigned char *m = NULL;
    float *w = NULL;
    int status = -1;
    FILE *f = fopen(path, "rb");
    if (!f || fread(&h, sizeof h, 1, f) != 1) {
        perror(path);
        goto out;
    }
    if (memcmp(h.magic, MODEL_MAGIC, sizeof h.magic) != 0 || h.dim != DIM ||
        h.slot_bits != FEATURE_SLOT_BITS || h.rows > CANDIDATE_ROWS) {
        fprintf(stderr, "%s: not a model of this layout\n", path);
        goto out;
    }
    model_layout_of(&h, &l);
    m = calloc(1, l.size);
    w = malloc((size_t)h.rows * DIM * sizeof *w);
    if (!m || !w || fread(m + sizeof h, 1, l.size - sizeof h, f) < l.background - sizeof h) {
        fprintf(stderr, "%s: cut short\n", path);
        goto out;
    }
    memcpy(bitmap, m + l.bitmap, FEATURE_SLOTS / 8);
    unpack(m + l.scale, m + l.rows, h.rows, w);
    *rows = h.rows;
    *weights = w;
    w = NULL;
    status = 0;
out:
    if (f)
        fclose(f);
    free(w);
    free(m);
    return status;
}
