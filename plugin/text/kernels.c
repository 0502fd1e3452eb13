/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

#include <string.h>

#include "encoder.h"

#define HALF (ENCODER_DIM / 2)
#define ROWS_16 16 /* so many products of 8 * 255 fit 16 bits */

static void sum_rows_base(const uint8_t *rows, const uint8_t *scale, const uint32_t *which,
                          unsigned n, int32_t *sum)
{
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *q = rows + (size_t)which[i] * HALF;
        int32_t s = scale[which[i]];
        for (int d = 0; d < HALF; d++) {
            sum[d] += ((q[d] & 15) - 8) * s;
            sum[d + HALF] += ((q[d] >> 4) - 8) * s;
        }
    }
}

static int32_t dot_base(const int8_t *a, const int8_t *b)
{
    int32_t s = 0;
    for (int d = 0; d < ENCODER_DIM; d++)
        s += a[d] * b[d];
    return s;
}

static void dot_many_base(const int8_t *query, const int8_t *vectors, size_t stride, size_t n,
                          int32_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = dot_base(query, vectors + i * stride);
}

static const struct kernels kernels_base = {sum_rows_base, dot_base, dot_many_base};

const struct kernels *kernels_plain(void)
{
    return &kernels_base;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

_Static_assert(ENCODER_DIM % 64 == 0, "the vector kernels take 64 elements at a time");

#define AVX2 __attribute__((target("avx2")))
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

/* 32 nibbles as 16-bit numbers in -8..7, times s, added to two accumulators of 16. */
AVX2 static inline void add_nibbles(__m256i nibbles, __m256i s, __m256i *first, __m256i *second)
{
    const __m256i eight = _mm256_set1_epi16(8);
    __m256i a = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(nibbles));
    __m256i b = _mm256_cvtepu8_epi16(_mm256_extracti128_si256(nibbles, 1));
    *first = _mm256_add_epi16(*first, _mm256_mullo_epi16(_mm256_sub_epi16(a, eight), s));
    *second = _mm256_add_epi16(*second, _mm256_mullo_epi16(_mm256_sub_epi16(b, eight), s));
}

/* Widens 16 sums and adds them to what stands at out. */
AVX2 static inline void flush(__m256i acc, int32_t *out)
{
    __m256i low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(acc));
    __m256i high = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(acc, 1));
    __m256i *o = (__m256i *)(void *)out;
    _mm256_storeu_si256(o, _mm256_add_epi32(_mm256_loadu_si256(o), low));
    _mm256_storeu_si256(o + 1, _mm256_add_epi32(_mm256_loadu_si256(o + 1), high));
}

AVX2 static void sum_rows_avx2(const uint8_t *rows, const uint8_t *scale, const uint32_t *which,
                               unsigned n, int32_t *sum)
{
    const __m256i mask = _mm256_set1_epi8(15);
    for (unsigned from = 0; from < n; from += ROWS_16) {
        unsigned to = from + ROWS_16 < n ? from + ROWS_16 : n;
        for (int part = 0; part < HALF; part += 32) {
            __m256i acc[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(),
                              _mm256_setzero_si256(), _mm256_setzero_si256()};
            for (unsigned i = from; i < to; i++) {
                const uint8_t *p = rows + (size_t)which[i] * HALF + part;
                __m256i q = _mm256_loadu_si256((const __m256i *)(const void *)p);
                __m256i s = _mm256_set1_epi16(scale[which[i]]);
                add_nibbles(_mm256_and_si256(q, mask), s, &acc[0], &acc[1]);
                add_nibbles(_mm256_and_si256(_mm256_srli_epi16(q, 4), mask), s, &acc[2], &acc[3]);
            }
            flush(acc[0], sum + part);
            flush(acc[1], sum + part + 16);
            flush(acc[2], sum + HALF + part);
            flush(acc[3], sum + HALF + part + 16);
        }
    }
}

AVX2 static inline int32_t total(__m256i v)
{
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
}

AVX2 static inline __m256i widen(const int8_t *p)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}

AVX2 static int32_t dot_avx2(const int8_t *a, const int8_t *b)
{
    __m256i s = _mm256_setzero_si256();
    for (int d = 0; d < ENCODER_DIM; d += 16)
        s = _mm256_add_epi32(s, _mm256_madd_epi16(widen(a + d), widen(b + d)));
    return total(s);
}

AVX2 static void dot_many_avx2(const int8_t *query, const int8_t *vectors, size_t stride, size_t n,
                               int32_t *out)
{
    __m256i q[ENCODER_DIM / 16];
    for (int d = 0; d < ENCODER_DIM; d += 16)
        q[d / 16] = widen(query + d);
    for (size_t i = 0; i < n; i++) {
        const int8_t *v = vectors + i * stride;
        __m256i s = _mm256_setzero_si256(), t = s;
        for (int d = 0; d < ENCODER_DIM; d += 32) {
            s = _mm256_add_epi32(s, _mm256_madd_epi16(q[d / 16], widen(v + d)));
            t = _mm256_add_epi32(t, _mm256_madd_epi16(q[d / 16 + 1], widen(v + d + 16)));
        }
        out[i] = total(_mm256_add_epi32(s, t));
    }
}

/*
 * VNNI multiplies unsigned by signed bytes: the stored element plus 128 is unsigned, and 128 times
 * the query's sum is taken off again.
 */
VNNI static inline __m512i dot_lanes(const __m512i *q, const int8_t *v, __m512i flip, __m512i acc)
{
    for (int d = 0; d < ENCODER_DIM / 64; d++) {
        __m512i x = _mm512_loadu_si512(v + 64 * d);
        acc = _mm512_dpbusd_epi32(acc, _mm512_xor_si512(x, flip), q[d]);
    }
    return acc;
}

VNNI static void dot_many_vnni(const int8_t *query, const int8_t *vectors, size_t stride, size_t n,
                               int32_t *out)
{
    const __m512i flip = _mm512_set1_epi8((char)-128);
    __m512i q[ENCODER_DIM / 64];
    int32_t offset = 0;
    for (int d = 0; d < ENCODER_DIM / 64; d++)
        q[d] = _mm512_loadu_si512(query + 64 * d);
    for (int d = 0; d < ENCODER_DIM; d++)
        offset += 128 * query[d];
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m512i s[4];
        __m256i h[4];
        for (int k = 0; k < 4; k++) {
            s[k] = dot_lanes(q, vectors + (i + (size_t)k) * stride, flip, _mm512_setzero_si512());
            h[k] =
                _mm256_add_epi32(_mm512_castsi512_si256(s[k]), _mm512_extracti64x4_epi64(s[k], 1));
        }
        /* Four sums of eight at once. */
        __m256i x = _mm256_hadd_epi32(_mm256_hadd_epi32(h[0], h[1]), _mm256_hadd_epi32(h[2], h[3]));
        __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm_sub_epi32(sums, _mm_set1_epi32(offset)));
    }
    for (; i < n; i++)
        out[i] = _mm512_reduce_add_epi32(
                     dot_lanes(q, vectors + i * stride, flip, _mm512_setzero_si512())) -
                 offset;
}

static const struct kernels kernels_avx2 = {sum_rows_avx2, dot_avx2, dot_many_avx2};
static const struct kernels kernels_vnni = {sum_rows_avx2, dot_avx2, dot_many_vnni};

const struct kernels *kernels_best(void)
{
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return &kernels_vnni;
    return __builtin_cpu_supports("avx2") ? &kernels_avx2 : &kernels_base;
}
#else
const struct kernels *kernels_best(void)
{
    return &kernels_base;
}
#endif
