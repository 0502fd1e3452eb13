/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

#include <string.h>

#include "encoder.h"

#define HALF (ENCODER_DIM / 2)
#define ROWS_16 16 /* so many products of 8 * 255 fit 16 bits */

/*
 * The bodies are plain loops of fixed length, which compilers turn into vector instructions; each
 * variant compiles them once more for its processor.
 */
#define KERNELS(name, attributes)                                                           \
    attributes static void sum_rows_##name(const uint8_t *rows, const uint8_t *scale,       \
                                           const uint32_t *which, unsigned n, int32_t *sum) \
    {                                                                                       \
        for (unsigned from = 0; from < n; from += ROWS_16) {                                \
            unsigned to = from + ROWS_16 < n ? from + ROWS_16 : n;                          \
            int16_t low[HALF] = { 0 }, high[HALF] = { 0 };                                  \
            for (unsigned i = from; i < to; i++) {                                          \
                const uint8_t *q = rows + (size_t)which[i] * HALF;                          \
                int16_t s = scale[which[i]];                                                \
                for (int d = 0; d < HALF; d++) {                                            \
                    low[d] = (int16_t)(low[d] + (int16_t)(((q[d] & 15) - 8) * s));          \
                    high[d] = (int16_t)(high[d] + (int16_t)(((q[d] >> 4) - 8) * s));        \
                }                                                                           \
            }                                                                               \
            for (int d = 0; d < HALF; d++) {                                                \
                sum[d] += low[d];                                                           \
                sum[d + HALF] += high[d];                                                   \
            }                                                                               \
        }                                                                                   \
    }                                                                                       \
    attributes static inline int32_t dot_##name(const int8_t *a, const int8_t *b)           \
    {                                                                                       \
        int32_t s = 0;                                                                      \
        for (int d = 0; d < ENCODER_DIM; d++)                                               \
            s += (int16_t)((int16_t)a[d] * (int16_t)b[d]);                                  \
        return s;                                                                           \
    }                                                                                       \
    attributes static void dot_many_##name(const int8_t *query, const int8_t *vectors,      \
                                           size_t stride, size_t n, int32_t *out)           \
    {                                                                                       \
        for (size_t i = 0; i < n; i++)                                                      \
            out[i] = dot_##name(query, vectors + i * stride);                               \
    }                                                                                       \
    static const struct kernels kernels_##name = { sum_rows_##name, dot_##name, dot_many_##name };

#if defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__((optimize("O3")))
#else
#define FAST
#endif

KERNELS(base, FAST)

#if defined(__x86_64__) && defined(__GNUC__)
KERNELS(avx2, FAST __attribute__((target("avx2"))))
KERNELS(avx512, FAST __attribute__((target("avx512bw,avx512vl,prefer-vector-width=512"))))

const struct kernels *kernels_best(void)
{
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return &kernels_avx512;
    return __builtin_cpu_supports("avx2") ? &kernels_avx2 : &kernels_base;
}
#else
const struct kernels *kernels_best(void)
{
    return &kernels_base;
}
#endif

const struct kernels *kernels_plain(void)
{
    return &kernels_base;
}
