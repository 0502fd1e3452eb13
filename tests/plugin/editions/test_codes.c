/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors as signs and the rest: they come back bit for bit, every processor's loops say the same,
 * and a search by signs first finds what a search through all vectors finds, however it is cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/codes.h"
#include "plugin/editions/index.h"
#include "plugin/editions/window.h"
#include "plugin/text/kernels.h"

#define MANY 4000
#define ASKED 40

static uint32_t seed = 7;

static uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static int noise(void)
{
    int sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (int)(next_random() >> 16) - 128;
    return sum / 4;
}

static void any_bytes(int8_t v[ENCODER_DIM])
{
    for (int d = 0; d < ENCODER_DIM; d++)
        v[d] = (int8_t)(next_random() >> 8);
}

static void vectors_come_back(void **state)
{
    static struct code_block b, other;
    static uint8_t rest[CODES_LANES][CODES_REST];
    static int8_t title[CODES_LANES][ENCODER_DIM], whole[CODES_LANES][ENCODER_DIM];
    int8_t v[2 * ENCODER_DIM];
    (void)state;
    for (unsigned i = 0; i < CODES_LANES; i++) {
        any_bytes(title[i]);
        any_bytes(whole[i]);
        codes_put(&b, i, i % 16, title[i], whole[i], rest[i]);
    }
    assert_true(b.live == UINT64_MAX);
    for (unsigned i = 0; i < CODES_LANES; i++) {
        codes_get(&b, i, rest[i], v);
        assert_memory_equal(v, title[i], ENCODER_DIM);
        assert_memory_equal(v + ENCODER_DIM, whole[i], ENCODER_DIM);
        codes_move(&other, CODES_LANES - 1 - i, &b, i);
        codes_get(&other, CODES_LANES - 1 - i, rest[i], v);
        assert_memory_equal(v, title[i], ENCODER_DIM);
        assert_memory_equal(v + ENCODER_DIM, whole[i], ENCODER_DIM);
    }
}

/* Vectors as the encoder makes them: some subjects, each item near one or two of them. */
static void made_up(int8_t title[ENCODER_DIM], int8_t whole[ENCODER_DIM])
{
    static int8_t subjects[60][ENCODER_DIM];
    int32_t t[ENCODER_DIM], w[ENCODER_DIM];
    for (int i = 0; i < 60 && !subjects[59][0]; i++)
        for (int d = 0; d < ENCODER_DIM; d++)
            subjects[i][d] = (int8_t)(noise() | 1);
    const int8_t *a = subjects[next_random() % 60], *b = subjects[next_random() % 60];
    int close = (int)(next_random() % 4);
    for (int d = 0; d < ENCODER_DIM; d++) {
        t[d] = 2 * a[d] + (4 - close) * noise();
        w[d] = t[d] + a[d] + b[d] + noise();
    }
    encoder_quantise(t, title);
    encoder_quantise(w, whole);
}

static void all_processors_agree(void **state)
{
    static struct code_block b;
    static uint8_t rest[CODES_LANES][CODES_REST];
    static struct code_query q;
    int8_t title[ENCODER_DIM], whole[ENCODER_DIM], x[ENCODER_DIM], y[ENCODER_DIM];
    int some = 0, none = 0;
    (void)state;
    for (int round = 0; round < 200; round++) {
        b.live = 0;
        for (unsigned i = 0; i < CODES_LANES; i++) {
            if (round & 1) {
                any_bytes(title);
                any_bytes(whole);
            } else {
                made_up(title, whole);
            }
            codes_put(&b, i, next_random() % 16, title, whole, rest[i]);
        }
        b.live &= ~((uint64_t)1 << round % 64);
        if (round % 3) {
            made_up(x, y);
        } else {
            memcpy(x, title, sizeof x);
            memcpy(y, whole, sizeof y);
        }
        codes_query(&q, x, y);
        for (unsigned lang = 0; lang < 16; lang++)
            if (lang != 3)
                codes_ask(&q, lang, (int32_t)(next_random() % 300000) - 60000);
        const struct codes_kernels *const *k = codes_kernels(), *const *plain = k;
        while (plain[1])
            plain++;
        uint64_t near = (*plain)->near(&b, &q);
        assert_false(near >> round % 64 & 1);
        some += near != 0;
        none += near != b.live;
        for (; *k; k++) {
            assert_true((*k)->near(&b, &q) == near);
            for (unsigned i = 0; i < CODES_LANES; i++) {
                int8_t v[2 * ENCODER_DIM];
                codes_get(&b, i, rest[i], v);
                assert_int_equal((*k)->score(&b, i, rest[i], &q),
                                 kernels_plain()->dot(x, v) +
                                     kernels_plain()->dot(y, v + ENCODER_DIM));
            }
        }
    }
    assert_true(some > 100 && none > 100); /* the threshold parted them */
}

static struct {
    int8_t title[ENCODER_DIM], whole[ENCODER_DIM];
} items[MANY + ASKED];

static struct index *fill(void)
{
    static struct core c;
    struct index *x;
    assert_int_equal(index_create(&x), WN_OK);
    for (uint32_t i = 0; i < MANY + ASKED; i++) {
        made_up(items[i].title, items[i].whole);
        if (i >= MANY)
            continue;
        struct index_item item = {.id = i + 1, .lang = (uint8_t)(i % 16)};
        uint32_t slot, key = i + 1;
        memcpy(c.title, items[i].title, ENCODER_DIM);
        memcpy(c.whole, items[i].whole, ENCODER_DIM);
        assert_int_equal(index_add(x, &item, i % 9 ? &c : NULL, &key, 1, &slot), WN_OK);
        if (i % 9 == 4)
            index_remove(x, slot);
    }
    return x;
}

static void search_finds_what_is_there(void **state)
{
    static struct found alone[ASKED], together[ASKED], cut[ASKED];
    struct query q[ASKED], r[ASKED];
    struct index *x = fill();
    size_t expected = 0, missed = 0;
    (void)state;
    for (int i = 0; i < ASKED; i++) {
        const int8_t *title = items[MANY + i].title, *whole = items[MANY + i].whole;
        q[i] = (struct query){title, whole, &alone[i]};
        index_search(x, 0, MANY, &q[i], 1, WINDOW_LEAST);
        for (unsigned lang = 0; lang < 16; lang++) {
            int32_t third = alone[i].n[lang] == INDEX_BEST ? alone[i].score[lang][2] : WINDOW_LEAST;
            for (uint32_t s = lang; s < MANY; s += 16) {
                int32_t score = kernels_plain()->dot(title, items[s].title) +
                                kernels_plain()->dot(whole, items[s].whole);
                if (s % 9 == 0 || s % 9 == 4 || score < third)
                    continue;
                int there = 0;
                for (unsigned k = 0; k < alone[i].n[lang]; k++) {
                    there |= alone[i].slot[lang][k] == s;
                    if (alone[i].slot[lang][k] == s)
                        assert_int_equal(alone[i].score[lang][k], score);
                }
                expected++;
                missed += !there && score > third;
            }
        }
        q[i].found = &together[i];
        r[i] = (struct query){title, whole, &cut[i]};
    }
    assert_true(expected > 500);
    assert_true(missed * 1000 <= expected);
    index_search(x, 0, MANY, q, ASKED, WINDOW_LEAST);
    assert_memory_equal(alone, together, sizeof alone);
    /* As when an epoch's first items are searched before the rest is there. */
    for (uint32_t at = 0; at < MANY; at += 777)
        index_search(x, at, at + 777, r, ASKED, WINDOW_LEAST);
    assert_memory_equal(alone, cut, sizeof alone);
    index_destroy(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_come_back),
        cmocka_unit_test(all_processors_agree),
        cmocka_unit_test(search_finds_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
