/* SPDX-License-Identifier: Apache-2.0 */
#include "codes.h"

#include <stdlib.h>
#include <string.h>

/* A step of scale: 64 dots a sign are 255. Vectors of normally spread elements have about half. */
#define SCALE_DOTS 64
#define SCALE_STEPS 255
#define TABLE_MOST 63 /* four of them fit a byte */
/*
 * How far below its dot product an estimate may lie, as a share of the lengths multiplied: about
 * four standard errors. Among 100,000 real texts that passes over one in 8,000 of what a full
 * search finds, none of them with a score above 0.8 of 2, and looks closer at two in a hundred.
 */
#define MARGIN_PER_MILLE 135

static uint32_t root(uint32_t n)
{
    uint32_t r = 0;
    for (uint32_t bit = 1u << 15; bit; bit >>= 1)
        if ((uint64_t)(r | bit) * (r | bit) <= n)
            r |= bit;
    return r;
}

/* ---- an item ---- */

static uint8_t scale_of(const int8_t *title, const int8_t *whole)
{
    uint32_t sum = 0, squares = 0;
    for (int d = 0; d < ENCODER_DIM; d++) {
        sum += (uint32_t)(abs(title[d]) + abs(whole[d]));
        squares += (uint32_t)(title[d] * title[d] + whole[d] * whole[d]);
    }
    uint32_t scale = sum ? (squares * SCALE_STEPS / SCALE_DOTS + sum / 2) / sum : 0;
    return (uint8_t)(scale < 255 ? scale : 255);
}

/*
 * The 384 elements of title and whole are eight runs of CODES_ROWS. Byte k of the signs has those of
 * element k of each run. Of the other bits, the first seven runs are stored as they are, and the
 * bit that each byte has to spare holds a bit of the last run's element: so that whole runs are put
 * together by operations on bytes, many at once.
 */
void codes_put(struct code_block *b, unsigned lane, unsigned lang, const int8_t *title,
               const int8_t *whole, uint8_t *rest)
{
    uint8_t v[2 * ENCODER_DIM];
    memcpy(v, title, ENCODER_DIM);
    memcpy(v + ENCODER_DIM, whole, ENCODER_DIM);
    for (unsigned k = 0; k < CODES_ROWS; k++) {
        unsigned sign = 0, last = v[7 * CODES_ROWS + k];
        for (unsigned run = 0; run < 7; run++) {
            unsigned x = v[run * CODES_ROWS + k];
            sign |= x >> 7 << run;
            rest[run * CODES_ROWS + k] = (uint8_t)((x & 127) | (last >> run & 1) << 7);
        }
        b->rows[k][lane] = (uint8_t)(sign | (last & 128));
    }
    b->scale[lane] = scale_of(title, whole);
    b->lang[lane] = (uint8_t)lang;
    b->live |= (uint64_t)1 << lane;
}

void codes_get(const struct code_block *b, unsigned lane, const uint8_t *rest, int8_t *vectors)
{
    enum { WORDS = CODES_ROWS / 8 };
    const uint64_t tops = 0x8080808080808080;
    uint8_t bytes[CODES_ROWS];
    uint64_t sign[WORDS], last[WORDS], x[WORDS];
    for (unsigned k = 0; k < CODES_ROWS; k++)
        bytes[k] = b->rows[k][lane];
    memcpy(sign, bytes, sizeof sign);
    for (unsigned w = 0; w < WORDS; w++)
        last[w] = sign[w] & tops;
    for (unsigned run = 0; run < 7; run++) {
        memcpy(x, rest + (size_t)run * CODES_ROWS, sizeof x);
        for (unsigned w = 0; w < WORDS; w++) {
            last[w] |= (x[w] & tops) >> (7 - run);
            x[w] = (x[w] & ~tops) | (sign[w] << (7 - run) & tops);
        }
        memcpy(vectors + (size_t)run * CODES_ROWS, x, sizeof x);
    }
    memcpy(vectors + (size_t)7 * CODES_ROWS, last, sizeof last);
}

void codes_move(struct code_block *to, unsigned to_lane, const struct code_block *from,
                unsigned lane)
{
    for (unsigned r = 0; r < CODES_ROWS; r++)
        to->rows[r][to_lane] = from->rows[r][lane];
    to->scale[to_lane] = from->scale[lane];
    to->lang[to_lane] = from->lang[lane];
    to->live = (to->live & ~((uint64_t)1 << to_lane)) | (from->live >> lane & 1) << to_lane;
}

/* ---- a query ---- */

void codes_query(struct code_query *q, const int8_t *title, const int8_t *whole)
{
    int32_t most = 1, sum = 0, norm = 0, norm_sum = 0;
    memcpy(q->vectors, title, ENCODER_DIM);
    memcpy(q->vectors + ENCODER_DIM, whole, ENCODER_DIM);
    q->sum = 0;
    int32_t group[2 * CODES_ROWS];
    for (int g = 0; g < 2 * CODES_ROWS; g++) {
        const int8_t *v = (g & 1 ? whole : title) + g / 2;
        group[g] = 0;
        for (int i = 0; i < 4; i++)
            group[g] += abs(v[i * CODES_ROWS]);
        sum += group[g];
        if (2 * group[g] > most)
            most = 2 * group[g];
    }
    for (int g = 0; g < 2 * CODES_ROWS; g++) {
        const int8_t *v = (g & 1 ? whole : title) + g / 2;
        for (int n = 0; n < 16; n++) {
            int32_t said = group[g];
            for (int i = 0; i < 4; i++)
                said += n >> i & 1 ? -v[i * CODES_ROWS] : v[i * CODES_ROWS];
            q->table[g][n] = (uint8_t)((said * TABLE_MOST + most / 2) / most);
        }
    }
    for (int d = 0; d < ENCODER_DIM; d++) {
        int32_t both = title[d] + whole[d];
        norm += title[d] * title[d] + whole[d] * whole[d];
        norm_sum += both * both;
        q->sum += both;
    }
    q->offset = (int16_t)((sum * TABLE_MOST + most / 2) / most);
    q->unit = most;
    /* Errors of title and whole add up where these are alike, in the query as in the item. */
    q->margin = (int32_t)root((uint32_t)(norm_sum > norm ? norm_sum : norm)) *
                (ENCODER_UNIT * MARGIN_PER_MILLE / 1000);
    memset(q->from, 0x80, sizeof q->from); /* everything */
}

void codes_ask(struct code_query *q, unsigned lang, int32_t score)
{
    /* An estimate is (sum of the tables - offset) * scale / 256. One step less: all is rounded. */
    int64_t from = (score - (int64_t)q->margin) * SCALE_STEPS * TABLE_MOST /
                       (256 * SCALE_DOTS * (int64_t)q->unit) -
                   1;
    q->from[lang] = (int16_t)(from < INT16_MIN ? INT16_MIN : from > INT16_MAX ? INT16_MAX : from);
}

/* ---- comparison ---- */

static uint64_t near_plain(const struct code_block *b, const struct code_query *q)
{
    uint16_t sum[CODES_LANES] = {0};
    uint64_t near = 0;
    for (int r = 0; r < CODES_ROWS; r++) {
        const uint8_t *low = q->table[2 * r], *high = q->table[2 * r + 1], *row = b->rows[r];
        for (int i = 0; i < CODES_LANES; i++)
            sum[i] = (uint16_t)(sum[i] + low[row[i] & 15] + high[row[i] >> 4]);
    }
    for (int i = 0; i < CODES_LANES; i++) {
        int32_t estimate = ((sum[i] - q->offset) * b->scale[i] + 128) >> 8;
        near |= (uint64_t)(estimate >= q->from[b->lang[i]]) << i;
    }
    return near & b->live;
}

static int32_t score_plain(const struct code_block *b, unsigned lane, const uint8_t *rest,
                           const struct code_query *q)
{
    int8_t v[2 * ENCODER_DIM];
    int32_t sum = 0;
    codes_get(b, lane, rest, v);
    for (int d = 0; d < 2 * ENCODER_DIM; d++)
        sum += v[d] * q->vectors[d];
    return sum;
}

static const struct codes_kernels plain = {near_plain, score_plain};

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

_Static_assert(CODES_ROWS % 2 == 0 && CODES_LANES == 64, "as the vector code goes through a block");

#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

AVX2 static inline __m256i load_32(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* What two rows of signs say of 32 items: bytes of at most four times TABLE_MOST. */
AVX2 static inline __m256i say_avx2(const struct code_block *b, const struct code_query *q, int r,
                                    int at)
{
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i said = _mm256_setzero_si256();
    for (int i = r; i < r + 2; i++) {
        __m256i row = load_32(b->rows[i] + at);
        __m256i low = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)q->table[2 * i]));
        __m256i high = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)q->table[2 * i + 1]));
        said = _mm256_add_epi8(said, _mm256_shuffle_epi8(low, _mm256_and_si256(row, nibble)));
        row = _mm256_and_si256(_mm256_srli_epi16(row, 4), nibble);
        said = _mm256_add_epi8(said, _mm256_shuffle_epi8(high, row));
    }
    return said;
}

/* 16 sums against what is asked; ones where it is reached. */
AVX2 static inline __m256i judge_avx2(__m256i sum, __m256i scale, __m256i lang,
                                      const struct code_query *q)
{
    /* from[lang] by its low and its high bytes, each looked up in the lanes' low bytes. */
    const __m256i pick = _mm256_set1_epi16(0x00FF);
    const __m128i split = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    __m128i a = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)q->from), split);
    __m128i c =
        _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(q->from + 8)), split);
    __m256i low = _mm256_broadcastsi128_si256(_mm_unpacklo_epi64(a, c));
    __m256i high = _mm256_broadcastsi128_si256(_mm_unpackhi_epi64(a, c));
    low = _mm256_and_si256(_mm256_shuffle_epi8(low, lang), pick);
    high = _mm256_slli_epi16(_mm256_shuffle_epi8(high, lang), 8);
    __m256i from = _mm256_or_si256(low, high);
    sum = _mm256_sub_epi16(sum, _mm256_set1_epi16(q->offset));
    sum = _mm256_mulhrs_epi16(sum, _mm256_slli_epi16(scale, 7));
    return _mm256_cmpgt_epi16(from, sum);
}

AVX2 static uint64_t near_avx2(const struct code_block *b, const struct code_query *q)
{
    const __m256i byte = _mm256_set1_epi16(0x00FF);
    uint64_t far = 0;
    for (int at = 0; at < CODES_LANES; at += 32) {
        __m256i even = _mm256_setzero_si256(), odd = even;
        for (int r = 0; r < CODES_ROWS; r += 2) {
            __m256i said = say_avx2(b, q, r, at);
            even = _mm256_add_epi16(even, _mm256_and_si256(said, byte));
            odd = _mm256_add_epi16(odd, _mm256_srli_epi16(said, 8));
        }
        __m256i scale = load_32(b->scale + at), lang = load_32(b->lang + at);
        even = judge_avx2(even, _mm256_and_si256(scale, byte), _mm256_and_si256(lang, byte), q);
        odd = judge_avx2(odd, _mm256_srli_epi16(scale, 8), _mm256_srli_epi16(lang, 8), q);
        even = _mm256_blendv_epi8(odd, even, byte);
        far |= (uint64_t)(uint32_t)_mm256_movemask_epi8(even) << at;
    }
    return ~far & b->live;
}

AVX512 static uint64_t near_avx512(const struct code_block *b, const struct code_query *q)
{
    const __m512i nibble = _mm512_set1_epi8(15), byte = _mm512_set1_epi16(0x00FF);
    __m512i even = _mm512_setzero_si512(), odd = even;
    for (int r = 0; r < CODES_ROWS; r += 2) {
        __m512i said = _mm512_setzero_si512();
        for (int i = r; i < r + 2; i++) {
            __m512i row = _mm512_loadu_si512(b->rows[i]);
            __m512i low = _mm512_broadcast_i32x4(
                _mm_loadu_si128((const __m128i *)(const void *)q->table[2 * i]));
            __m512i high = _mm512_broadcast_i32x4(
                _mm_loadu_si128((const __m128i *)(const void *)q->table[2 * i + 1]));
            said = _mm512_add_epi8(said, _mm512_shuffle_epi8(low, _mm512_and_si512(row, nibble)));
            row = _mm512_and_si512(_mm512_srli_epi16(row, 4), nibble);
            said = _mm512_add_epi8(said, _mm512_shuffle_epi8(high, row));
        }
        even = _mm512_add_epi16(even, _mm512_and_si512(said, byte));
        odd = _mm512_add_epi16(odd, _mm512_srli_epi16(said, 8));
    }
    const __m512i offset = _mm512_set1_epi16(q->offset);
    const __m512i from = _mm512_castsi256_si512(load_32(q->from));
    __m512i scale = _mm512_loadu_si512(b->scale), lang = _mm512_loadu_si512(b->lang);
    even = _mm512_mulhrs_epi16(_mm512_sub_epi16(even, offset),
                               _mm512_slli_epi16(_mm512_and_si512(scale, byte), 7));
    odd = _mm512_mulhrs_epi16(_mm512_sub_epi16(odd, offset),
                              _mm512_slli_epi16(_mm512_srli_epi16(scale, 8), 7));
    __mmask32 at_even =
        _mm512_cmpge_epi16_mask(even, _mm512_permutexvar_epi16(_mm512_and_si512(lang, byte), from));
    __mmask32 at_odd =
        _mm512_cmpge_epi16_mask(odd, _mm512_permutexvar_epi16(_mm512_srli_epi16(lang, 8), from));
    __m512i both = _mm512_or_si512(_mm512_maskz_set1_epi16(at_even, 0x00FF),
                                   _mm512_maskz_set1_epi16(at_odd, (short)0xFF00));
    return _mm512_movepi8_mask(both) & b->live;
}

/* 16 rows' bytes of one lane, read with the three beside them. */
AVX512 static inline __m128i signs_avx512(const struct code_block *b, unsigned lane, int row)
{
    const __m512i step =
        _mm512_mullo_epi32(_mm512_set1_epi32(CODES_LANES),
                           _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    __m512i four = _mm512_i32gather_epi32(step, b->rows[row] + (lane & ~3u), 1);
    return _mm512_cvtepi32_epi8(_mm512_srl_epi32(four, _mm_cvtsi32_si128((int)(lane & 3) * 8)));
}

/* As codes_get and the dot product in one; kernels.c tells of the 128 that VNNI wants added. */
AVX512 static int32_t score_avx512(const struct code_block *b, unsigned lane, const uint8_t *rest,
                                   const struct code_query *q)
{
    const __mmask64 run_mask = ((__mmask64)1 << CODES_ROWS) - 1;
    const __m512i tops = _mm512_set1_epi8((char)128);
    __m512i sign = _mm512_castsi128_si512(signs_avx512(b, lane, 0));
    sign = _mm512_inserti32x4(sign, signs_avx512(b, lane, 16), 1);
    sign = _mm512_inserti32x4(sign, signs_avx512(b, lane, 32), 2);
    /* Turned round: what was negative begins with 0 when 128 has been added. */
    sign = _mm512_andnot_si512(sign, _mm512_set1_epi8(-1));
    __m512i last = _mm512_and_si512(sign, tops), sum = _mm512_setzero_si512();
    for (unsigned run = 0; run < 7; run++) {
        const __m128i shift = _mm_cvtsi32_si128((int)(7 - run));
        __m512i x = _mm512_maskz_loadu_epi8(run_mask, rest + run * CODES_ROWS);
        __m512i y = _mm512_maskz_loadu_epi8(run_mask, q->vectors + run * CODES_ROWS);
        last = _mm512_or_si512(last, _mm512_srl_epi16(_mm512_and_si512(x, tops), shift));
        x = _mm512_or_si512(_mm512_andnot_si512(tops, x),
                            _mm512_and_si512(_mm512_sll_epi16(sign, shift), tops));
        sum = _mm512_dpbusd_epi32(sum, x, y);
    }
    sum = _mm512_dpbusd_epi32(sum, last,
                              _mm512_maskz_loadu_epi8(run_mask, q->vectors + 7 * CODES_ROWS));
    return _mm512_reduce_add_epi32(sum) - 128 * q->sum;
}

/* 8 rows' bytes of one lane, each in 32 bits. */
AVX2 static inline __m256i signs_avx2(const struct code_block *b, unsigned lane, int row)
{
    const __m256i step = _mm256_mullo_epi32(_mm256_set1_epi32(CODES_LANES),
                                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256i four =
        _mm256_i32gather_epi32((const int *)(const void *)(b->rows[row] + (lane & ~3u)), step, 1);
    four = _mm256_srl_epi32(four, _mm_cvtsi32_si128((int)(lane & 3) * 8));
    return _mm256_and_si256(four, _mm256_set1_epi32(255));
}

AVX2 static inline __m256i dot_16(__m128i x, const int8_t *y)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)y);
    return _mm256_madd_epi16(_mm256_cvtepi8_epi16(x), _mm256_cvtepi8_epi16(v));
}

AVX2 static int32_t score_avx2(const struct code_block *b, unsigned lane, const uint8_t *rest,
                               const struct code_query *q)
{
    const __m128i tops = _mm_set1_epi8((char)128);
    __m256i sum = _mm256_setzero_si256();
    for (int k = 0; k < CODES_ROWS; k += 16) {
        __m256i words = _mm256_packus_epi32(signs_avx2(b, lane, k), signs_avx2(b, lane, k + 8));
        words = _mm256_permute4x64_epi64(words, 0xD8);
        __m128i sign =
            _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
        __m128i last = _mm_and_si128(sign, tops);
        for (int run = 0; run < 7; run++) {
            const __m128i shift = _mm_cvtsi32_si128(7 - run);
            const uint8_t *at = rest + run * CODES_ROWS + k;
            __m128i x = _mm_loadu_si128((const __m128i *)(const void *)at);
            last = _mm_or_si128(last, _mm_srl_epi16(_mm_and_si128(x, tops), shift));
            x = _mm_or_si128(_mm_andnot_si128(tops, x),
                             _mm_and_si128(_mm_sll_epi16(sign, shift), tops));
            sum = _mm256_add_epi32(sum, dot_16(x, q->vectors + run * CODES_ROWS + k));
        }
        sum = _mm256_add_epi32(sum, dot_16(last, q->vectors + 7 * CODES_ROWS + k));
    }
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1)));
}

const struct codes_kernels *const *codes_kernels(void)
{
    static const struct codes_kernels avx512 = {near_avx512, score_avx512};
    static const struct codes_kernels avx2 = {near_avx2, score_avx2};
    static const struct codes_kernels *const list[] = {&avx512, &avx2, &plain, NULL};
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return list;
    return list + (__builtin_cpu_supports("avx2") ? 1 : 2);
}
#else
const struct codes_kernels *const *codes_kernels(void)
{
    static const struct codes_kernels *const list[] = {&plain, NULL};
    return list;
}
#endif
