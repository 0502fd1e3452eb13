/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels.h: the two loops that the encoder and the index spend their time in, for the processor at
 * hand. All variants compute the same integers. Pure; any thread.
 */
#ifndef WINNOW_KERNELS_H
#define WINNOW_KERNELS_H

#include <stddef.h>
#include <stdint.h>

struct kernels {
    /* Adds n rows of ENCODER_DIM 4-bit elements (model_file.h), each times its scale, to sum. */
    void (*sum_rows)(const uint8_t *rows, const uint8_t *scale, const uint32_t *which, unsigned n,
                     int32_t *sum);
    /* The dot product of two vectors of ENCODER_DIM elements in -127..127. */
    int32_t (*dot)(const int8_t *a, const int8_t *b);
    /* out[i] = dot(query, vectors + i * stride) for i < n. */
    void (*dot_many)(const int8_t *query, const int8_t *vectors, size_t stride, size_t n,
                     int32_t *out);
};

/* The fastest set that this processor runs. */
const struct kernels *kernels_best(void);

/* The portable set, which the others are tested against. */
const struct kernels *kernels_plain(void);

#endif
