/* SPDX-License-Identifier: Apache-2.0 */
#include "encoder.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "kernels.h"
#include "limits.h"
#include "model_file.h"

#define HALF (ENCODER_DIM / 2)
#define CACHE_SIZE 8192 /* entries; a power of two */
#define TOKEN_SHIFT 3   /* a token's sum loses this many bits, so that it fits 16 */

struct encoder {
    const unsigned char *map;
    struct model_header header;
    struct model_layout layout;
    struct text_tables tables;
    const uint64_t *bitmap;
    const uint32_t *rank;
    const uint8_t *scale, *rows;
    const struct kernels *kernels;
};

struct encoder_cache {
    uint64_t key[CACHE_SIZE];
    int16_t sum[CACHE_SIZE][ENCODER_DIM];
};

/* An address inside this shared object. */
static const char here;

static int beside(const void *anchor, char *out, size_t size)
{
    Dl_info info;
    if (!dladdr(anchor, &info) || !info.dli_fname)
        return WN_ABSENT;
    const char *slash = strrchr(info.dli_fname, '/');
    int dir = slash ? (int)(slash - info.dli_fname) : 1;
    int n = snprintf(out, size, "%.*s/%s", dir, slash ? info.dli_fname : ".", ENCODER_MODEL_FILE);
    if (n < 0 || (size_t)n >= size)
        return WN_LIMIT;
    return access(out, R_OK) == 0 ? WN_OK : WN_ABSENT;
}

int encoder_find(const char *option, const void *anchor, char *out, size_t size)
{
    char path[4096];
    int status = WN_OK;
    if (option && *option)
        snprintf(path, sizeof path, "%s", option);
    else if ((status = beside(anchor ? anchor : (const void *)&here, path, sizeof path)) != WN_OK) {
        snprintf(path, sizeof path, "%s/%s", WINNOW_LIBDIR, ENCODER_MODEL_FILE);
        if (access(path, R_OK) != 0)
            return status == WN_LIMIT ? WN_LIMIT : WN_ABSENT;
    }
    if (strlen(path) >= size)
        return WN_LIMIT;
    strcpy(out, path);
    return WN_OK;
}

/* Whether the header is one that this code reads; the reason if not. */
static const char *check(const unsigned char *map, size_t size, struct model_header *h,
                         struct model_layout *l)
{
    if (size < sizeof *h)
        return "too short to be an encoder model";
    memcpy(h, map, sizeof *h);
    if (memcmp(h->magic, MODEL_MAGIC, sizeof h->magic) != 0)
        return "not an encoder model of this layout";
    h->version[sizeof h->version - 1] = 0;
    if (h->dim != ENCODER_DIM || h->slot_bits != FEATURE_SLOT_BITS || h->pool_size > 65536 ||
        h->pool_size == 0 || h->rows > FEATURE_SLOTS || h->background > 4096)
        return "made for another version of this program";
    model_layout_of(h, l);
    if (l->size != size)
        return "cut short or overlong";
    if (XXH3_64bits(map + sizeof *h, size - sizeof *h) != h->checksum)
        return "damaged (its checksum differs)";
    if (map[l->pool + h->pool_size - 1] != 0)
        return "damaged (its strings do not end)";
    return NULL;
}

static const char *adopt(struct encoder *e, const unsigned char *map, size_t size)
{
    struct model_layout l = {0};
    const char *wrong = check(map, size, &e->header, &l);
    if (wrong)
        return wrong;
    e->map = map;
    e->layout = l;
    e->tables = (struct text_tables){(const void *)(map + l.fold), map + l.class_,
                                     (const void *)(map + l.latin), (const char *)map + l.pool,
                                     e->header.pool_size};
    e->bitmap = (const void *)(map + l.bitmap);
    e->rank = (const void *)(map + l.rank);
    e->scale = map + l.scale;
    e->rows = map + l.rows;
    e->kernels = kernels_best();
    uint32_t rows = 0;
    for (uint32_t i = 0; i < FEATURE_SLOTS / 64; i++)
        rows += (uint32_t)__builtin_popcountll(e->bitmap[i]);
    return rows == e->header.rows ? NULL : "damaged (its index does not fit its rows)";
}

int encoder_open(struct encoder **out, const char *path, char *why, size_t why_size)
{
    struct encoder *e = calloc(1, sizeof *e);
    struct stat st;
    void *map = MAP_FAILED;
    int fd = -1, status = WN_NOMEM;
    if (!e) {
        snprintf(why, why_size, "%s: out of memory", path);
        goto out;
    }
    status = WN_ABSENT;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
        goto out;
    }
    status = WN_INVALID;
    if (!S_ISREG(st.st_mode) || st.st_size < 64 || (size_t)st.st_size > MODEL_FILE_MAX) {
        snprintf(why, why_size, "%s: not an encoder model", path);
        goto out;
    }
    map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
        goto out;
    }
    const char *wrong = adopt(e, map, (size_t)st.st_size);
    if (wrong) {
        snprintf(why, why_size, "%s: %s", path, wrong);
        goto out;
    }
    *out = e;
    e = NULL;
    map = MAP_FAILED;
    status = WN_OK;
out:
    if (map != MAP_FAILED)
        munmap(map, (size_t)st.st_size);
    if (fd >= 0)
        close(fd);
    free(e);
    return status;
}

void encoder_close(struct encoder *e)
{
    if (e)
        munmap((void *)e->map, e->layout.size);
    free(e);
}

const char *encoder_version(const struct encoder *e)
{
    return e->header.version;
}

uint32_t encoder_version_number(const struct encoder *e)
{
    return (uint32_t)(e->header.checksum ^ e->header.checksum >> 32);
}

const struct text_tables *encoder_tables(const struct encoder *e)
{
    return &e->tables;
}

struct encoder_cache *encoder_cache_create(void)
{
    return calloc(1, sizeof(struct encoder_cache));
}

void encoder_cache_destroy(struct encoder_cache *c)
{
    free(c);
}

/* The row of a slot, or UINT32_MAX. */
static uint32_t row_of(const struct encoder *e, uint32_t slot)
{
    uint64_t word = e->bitmap[slot >> 6], bit = (uint64_t)1 << (slot & 63);
    if (!(word & bit))
        return UINT32_MAX;
    uint32_t row = e->rank[slot >> 6] + (uint32_t)__builtin_popcountll(word & (bit - 1));
    return row < e->header.rows ? row : UINT32_MAX;
}

static void sum_slots(const struct encoder *e, const uint32_t *slots, unsigned n,
                      int16_t out[ENCODER_DIM])
{
    uint32_t rows[TOKEN_SLOTS_MAX];
    int32_t wide[ENCODER_DIM] = {0};
    unsigned m = 0;
    for (unsigned i = 0; i < n; i++) {
        uint32_t row = row_of(e, slots[i]);
        if (row == UINT32_MAX)
            continue;
        __builtin_prefetch(e->rows + (size_t)row * HALF);
        __builtin_prefetch(e->rows + (size_t)row * HALF + 64);
        rows[m++] = row;
    }
    e->kernels->sum_rows(e->rows, e->scale, rows, m, wide);
    for (int d = 0; d < ENCODER_DIM; d++) {
        int32_t v = wide[d] >> TOKEN_SHIFT;
        out[d] = (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
    }
}

void encoder_token(const struct encoder *e, struct encoder_cache *c, const struct text_token *t,
                   int16_t out[ENCODER_DIM])
{
    uint32_t slots[TOKEN_SLOTS_MAX];
    bool repeats = c && t->kind != TOKEN_CJK && t->kind != TOKEN_CLUSTER;
    size_t at = t->key >> (64 - 13);
    _Static_assert(CACHE_SIZE == 1 << 13, "the cache is indexed by the key's top 13 bits");
    if (repeats && c->key[at] == t->key) {
        memcpy(out, c->sum[at], sizeof c->sum[at]);
        return;
    }
    sum_slots(e, slots, token_features(&e->tables, t, slots), out);
    if (repeats) {
        c->key[at] = t->key;
        memcpy(c->sum[at], out, sizeof c->sum[at]);
    }
}

void encoder_add_token(const struct encoder *e, struct encoder_cache *c,
                       const struct text_token *before, const struct text_token *t,
                       int32_t sum[ENCODER_DIM])
{
    int16_t v[ENCODER_DIM];
    uint32_t pair;
    encoder_token(e, c, t, v);
    for (int d = 0; d < ENCODER_DIM; d++)
        sum[d] += v[d];
    if (token_pair_feature(before, t, &pair) && row_of(e, pair) != UINT32_MAX) {
        sum_slots(e, &pair, 1, v);
        for (int d = 0; d < ENCODER_DIM; d++)
            sum[d] += v[d];
    }
}

void encoder_add(const struct encoder *e, struct encoder_cache *c, const char *text, size_t len,
                 int32_t sum[ENCODER_DIM])
{
    struct token_reader r;
    struct text_token t, before = {.kind = TOKEN_NUMBER};
    token_reader_init(&r, &e->tables, text, len < TEXT_LIMIT_ENCODED ? len : TEXT_LIMIT_ENCODED);
    while (token_next(&r, &t)) {
        encoder_add_token(e, c, &before, &t, sum);
        before = t;
    }
}

const int8_t *encoder_background(const struct encoder *e, unsigned lang, unsigned *n)
{
    *n = lang < 15 ? e->header.background : 0;
    return (const int8_t *)e->map + e->layout.background + (size_t)lang * *n * ENCODER_DIM;
}

double encoder_length(const int32_t sum[ENCODER_DIM])
{
    double s[4] = {0}; /* four sums: none waits for the one before */
    for (int d = 0; d < ENCODER_DIM; d++)
        s[d & 3] += (double)sum[d] * sum[d];
    return sqrt(s[0] + s[1] + s[2] + s[3]);
}

int encoder_unit(const int32_t sum[ENCODER_DIM], float out[ENCODER_DIM])
{
    double n = encoder_length(sum), f = n > 0 ? 1 / n : 0;
    for (int d = 0; d < ENCODER_DIM; d++)
        out[d] = (float)(sum[d] * f);
    return n > 0 ? WN_OK : WN_ABSENT;
}

int encoder_quantise(const int32_t sum[ENCODER_DIM], int8_t out[ENCODER_DIM])
{
    double n = encoder_length(sum), f = n > 0 ? ENCODER_UNIT / n : 0;
    for (int d = 0; d < ENCODER_DIM; d++) {
        double v = sum[d] * f;
        v = v < -127 ? -127 : v > 127 ? 127 : v;
        out[d] = (int8_t)((int)(v + 128.5) - 128); /* to the nearest, without a branch */
    }
    return n > 0 ? WN_OK : WN_ABSENT;
}

int encoder_encode(const struct encoder *e, struct encoder_cache *c, const char *text, size_t len,
                   float out[ENCODER_DIM])
{
    int32_t sum[ENCODER_DIM] = {0};
    encoder_add(e, c, text, len, sum);
    return encoder_unit(sum, out);
}

int32_t encoder_dot(const int8_t a[ENCODER_DIM], const int8_t b[ENCODER_DIM])
{
    return kernels_best()->dot(a, b);
}

/* The stored vector, if it is of this model; NULL otherwise. */
static const char *stored_vector(const struct encoder *e, const wn_api *api, const wn_item *item)
{
    uint32_t number = encoder_version_number(e);
    wn_str have;
    if (api->str(item, WN_VECTOR, 0, &have) != WN_OK || have.len != 4 + ENCODER_DIM)
        return NULL;
    for (int i = 0; i < 4; i++)
        if ((unsigned char)have.ptr[i] != (unsigned char)(number >> (8 * i)))
            return NULL;
    return have.ptr + 4;
}

void encoder_put_vector(const struct encoder *e, const wn_api *api, wn_item *item,
                        const int8_t vector[ENCODER_DIM])
{
    char bytes[4 + ENCODER_DIM];
    uint32_t number = encoder_version_number(e);
    if (!WN_HAS(api, put) || stored_vector(e, api, item))
        return;
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(number >> (8 * i));
    memcpy(bytes + 4, vector, ENCODER_DIM);
    api->put(item, WN_VECTOR, 0, (wn_str){bytes, sizeof bytes});
}

int encoder_item_vector(const struct encoder *e, struct encoder_cache *c, const wn_api *api,
                        wn_item *item, wn_str title, wn_str text, int8_t out[ENCODER_DIM])
{
    int32_t sum[ENCODER_DIM] = {0};
    const char *have = stored_vector(e, api, item);
    if (have) {
        memcpy(out, have, ENCODER_DIM);
        return WN_OK;
    }
    if (title.ptr)
        encoder_add(e, c, title.ptr, title.len, sum);
    if (text.ptr)
        encoder_add(e, c, text.ptr, text.len, sum);
    int status = encoder_quantise(sum, out);
    if (status == WN_OK)
        encoder_put_vector(e, api, item, out);
    return status;
}
