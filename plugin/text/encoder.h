/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encoder.h: text of any language to a small unit vector, so that texts of equal meaning in
 * different languages lie close together. No runtime and no download: a memory-mapped table of
 * learned feature vectors, summed up (after "Towards Universal Paraphrastic Sentence Embeddings",
 * Wieting et al. 2016). plugin/model/CARD.md says how it was trained, on what, and how well it
 * does.
 *
 * Ownership: an encoder is read-only after encoder_open and shared by all threads; its file stays
 * mapped until encoder_close. A cache belongs to one thread at a time. Everything else is the
 * caller's memory. Threads: any, with a cache each. Results do not depend on the cache or on the
 * processor: all sums are integers.
 */
#ifndef WINNOW_ENCODER_H
#define WINNOW_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include "../winnow_plugin.h"
#include "features.h"

#define ENCODER_DIM 192
#define ENCODER_MODEL_FILE "encoder.wnm" /* its name beside the filters */
#define ENCODER_WORD 2000                /* about how long the sum of a weighty word is */
#define ENCODER_UNIT 360 /* a quantised vector has this length, elements clipped to -127..127 */

struct encoder;
struct encoder_cache;

/*
 * Finds the model file: `option` if given (and then no other place), else beside the shared object
 * or program that holds the address `anchor` (NULL: this code's own), else in the installed folder.
 * Writes the path to out. WN_ABSENT: nowhere; WN_LIMIT: the path does not fit.
 */
int encoder_find(const char *option, const void *anchor, char *out, size_t size);

/*
 * Maps and checks a model file. On failure *out is untouched and `why` holds one line for people
 * that names the file: WN_ABSENT (cannot be opened), WN_INVALID (not a model, of another layout, or
 * damaged), WN_NOMEM.
 */
int encoder_open(struct encoder **out, const char *path, char *why, size_t why_size);
void encoder_close(struct encoder *e);

/* The model's name as its training gave it, and the number that stored vectors begin with. */
const char *encoder_version(const struct encoder *e);
uint32_t encoder_version_number(const struct encoder *e);

const struct text_tables *encoder_tables(const struct encoder *e);

/* Word vectors that a thread has met, about 3 MiB. NULL without memory; encoding works without a
 * cache, slower. */
struct encoder_cache *encoder_cache_create(void);
void encoder_cache_destroy(struct encoder_cache *c);

/* The sum of one token's feature vectors; all zeros if the model knows none of them. cache may be
 * NULL. */
void encoder_token(const struct encoder *e, struct encoder_cache *c, const struct text_token *t,
                   int16_t out[ENCODER_DIM]);

/*
 * Adds a text's tokens to sum (the caller zeroes it first). UTF-8, any length; what lies past
 * TEXT_LIMIT_ENCODED is left out. Texts may be added one after another: the sum of the parts is the
 * sum of the whole.
 */
void encoder_add(const struct encoder *e, struct encoder_cache *c, const char *text, size_t len,
                 int32_t sum[ENCODER_DIM]);

/*
 * Adds one token of a text, and what it makes together with the token before it (a TOKEN_NUMBER
 * stands for none): what encoder_add does for each token, for callers who look at them too.
 */
void encoder_add_token(const struct encoder *e, struct encoder_cache *c,
                       const struct text_token *before, const struct text_token *t,
                       int32_t sum[ENCODER_DIM]);

/*
 * Quantised vectors of sentences of general news in one of the fifteen languages (0..14, in the
 * order en ko ja ar zh-Hans zh-Hant vi th id ms de ru fr es pt): how close strangers are. *n 0:
 * this model has none. They live as long as the encoder.
 */
const int8_t *encoder_background(const struct encoder *e, unsigned lang, unsigned *n);

/* How long a sum is. */
double encoder_length(const int32_t sum[ENCODER_DIM]);

/* sum set to length one; WN_ABSENT and zeros if it has none. */
int encoder_unit(const int32_t sum[ENCODER_DIM], float out[ENCODER_DIM]);

/* A text's unit vector: add and unit in one. WN_ABSENT and zeros if the model knows nothing of it.
 */
int encoder_encode(const struct encoder *e, struct encoder_cache *c, const char *text, size_t len,
                   float out[ENCODER_DIM]);

/* sum set to length ENCODER_UNIT and rounded: what is stored, and compared by encoder_dot. */
int encoder_quantise(const int32_t sum[ENCODER_DIM], int8_t out[ENCODER_DIM]);

/* The dot product of two quantised vectors; divided by ENCODER_UNIT squared it is about their
 * cosine. */
int32_t encoder_dot(const int8_t a[ENCODER_DIM], const int8_t b[ENCODER_DIM]);

static inline float encoder_cosine(const int8_t *a, const int8_t *b)
{
    return (float)encoder_dot(a, b) / ((float)ENCODER_UNIT * ENCODER_UNIT);
}

/*
 * The quantised vector of an item's title and text, for any filter: taken from WN_VECTOR if an
 * earlier filter of the chain put one of this model there, else computed from title and text and
 * put there. WN_VECTOR holds encoder_version_number (4 bytes, little endian) and ENCODER_DIM bytes.
 * [worker] or [judge], as for api->put.
 */
int encoder_item_vector(const struct encoder *e, struct encoder_cache *c, const wn_api *api,
                        wn_item *item, wn_str title, wn_str text, int8_t out[ENCODER_DIM]);

/* Puts a vector that was computed already where WN_VECTOR has none of this model. */
void encoder_put_vector(const struct encoder *e, const wn_api *api, wn_item *item,
                        const int8_t vector[ENCODER_DIM]);

#endif
