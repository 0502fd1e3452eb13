/* SPDX-License-Identifier: Apache-2.0 */
/* The index against a search by hand, through removals and compaction; clusters; surfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/cluster.h"
#include "plugin/editions/index.h"
#include "plugin/editions/surface.h"
#include "plugin/text/kernels.h"

#define MANY 3000

static uint32_t seed = 3;

static int8_t random_element(void)
{
    seed = seed * 1664525 + 1013904223;
    return (int8_t)((int)(seed >> 24) % 60 - 30);
}

static void random_core(struct core *c)
{
    for (int d = 0; d < ENCODER_DIM; d++) {
        c->title[d] = random_element();
        c->whole[d] = random_element();
    }
}

static void test_search_is_exact(void **state)
{
    struct index *x;
    static struct core cores[MANY];
    (void)state;
    assert_int_equal(index_create(&x), WN_OK);
    for (int i = 0; i < MANY; i++) {
        uint32_t slot, keys[2] = {(uint32_t)(i % 100) + 1, 0};
        struct index_item item = {.id = 1000 + i, .arrived = i, .lang = (uint8_t)(i % 16)};
        random_core(&cores[i]);
        assert_int_equal(index_add(x, &item, i % 7 ? &cores[i] : NULL, keys, 2, &slot), WN_OK);
        assert_int_equal(slot, i);
    }
    for (int round = 0; round < 2; round++) {
        struct core query = {0};
        struct found f = {0};
        random_core(&query);
        struct query q = {query.title, query.whole, &f};
        index_search(x, 0, index_end(x), &q, 1, -1000000);
        for (int lang = 0; lang < 16; lang++) {
            int32_t best = INT32_MIN;
            int64_t who = 0;
            for (uint32_t s = 0; s < index_end(x); s++) {
                const struct index_item *item = index_item(x, s);
                const struct core *c = &cores[item->id - 1000];
                if (item->lang != lang || (item->flags & INDEX_DEAD) || (item->id - 1000) % 7 == 0)
                    continue;
                int32_t score = kernels_plain()->dot(query.title, c->title) +
                                kernels_plain()->dot(query.whole, c->whole);
                if (score > best) {
                    best = score;
                    who = item->id;
                }
            }
            assert_int_equal(f.n[lang], INDEX_BEST);
            assert_int_equal(f.score[lang][0], best);
            assert_int_equal(index_item(x, f.slot[lang][0])->id, who);
            assert_true(f.score[lang][0] >= f.score[lang][1]);
            assert_true(f.score[lang][1] >= f.score[lang][2]);
        }
        /* The second round: half of them gone, and the slots moved together. */
        for (int i = 0; i < MANY && !round; i++)
            if (i / 16 % 2 == 0)
                index_remove(x, index_slot(x, 1000 + i));
        assert_int_equal(index_compact(x), !round);
    }
    assert_int_equal(index_live(x), index_end(x));
    assert_true(index_live(x) > MANY / 2 - 32 && index_live(x) < MANY / 2 + 32);
    assert_int_equal(index_slot(x, 1000), INDEX_NONE);
    assert_int_equal(index_item(x, index_slot(x, 1016))->arrived, 16);
    assert_int_equal(index_item(x, index_oldest(x))->id, 1016);
    uint32_t slots[8];
    assert_int_equal(index_find(x, 2, slots, 8), 8); /* of 15 the newest, newest last */
    assert_int_equal(index_item(x, slots[7])->id, 1000 + 2901);
    assert_int_equal(index_find(x, 777, slots, 8), 0);
    assert_int_equal(index_find(x, 0, slots, 8), 0);
    assert_true(index_bytes(x) / MANY < 600);
    index_destroy(x);
}

static void test_clusters(void **state)
{
    /* a-b sure, b-c sure, a-c against: the average of c with {a, b} decides. */
    float odds[16] = {0, 5, -4, -6, 5, 0, 3, -6, -4, 3, 0, -6, -6, -6, -6, 0};
    int lang[4] = {0, 1, 2, 3};
    const float voice[4] = {6, 6, 6, 6};
    unsigned label[4];
    (void)state;
    cluster(4, odds, lang, -1, 0, 0, voice, label);
    assert_int_equal(label[0], label[1]);
    assert_int_not_equal(label[2], label[0]);
    assert_int_equal(label[3], 3);
    odds[2] = odds[8] = -2;
    cluster(4, odds, lang, -1, 0, 0, voice, label);
    assert_int_equal(label[2], label[0]);
    /* Two of one language never join, whoever speaks for it, unless a person says so. */
    lang[2] = 0;
    cluster(4, odds, lang, -1, 0, 0, voice, label);
    assert_int_not_equal(label[2], label[0]);
    odds[2] = odds[8] = CLUSTER_TOGETHER;
    cluster(4, odds, lang, -1, 0, 0, voice, label);
    assert_int_equal(label[2], label[0]);
    odds[1] = odds[4] = CLUSTER_APART;
    cluster(4, odds, lang, -1, 0, 0, voice, label);
    assert_int_not_equal(label[1], label[0]);
    /* Unknown languages do not exclude one another. */
    int unknown[2] = {-1, -1};
    float two[4] = {0, 4, 4, 0};
    cluster(2, two, unknown, -1, 0, 0, voice, label);
    assert_int_equal(label[1], 0);
}

/* What two who are surely one add for a third: as much as the side that says less may hear. */
static void test_voices(void **state)
{
    float odds[9] = {0, 5, -2, 5, 0, -2, -2, -2, 0};
    int lang[3] = {0, 1, 2};
    float voice[3] = {1, 1, 1};
    unsigned label[3];
    (void)state;
    cluster(3, odds, lang, -1, 0, 0, voice, label);
    assert_int_equal(label[2], 2);
    cluster(3, odds, lang, -1, 0, 4, voice, label); /* 4 * ln 2 would do, 1 does not */
    assert_int_equal(label[2], 2);
    voice[2] = 6;
    cluster(3, odds, lang, -1, 0, 4, voice, label);
    assert_int_equal(label[2], 0);
}

#define STR(s) ((wn_str){s, sizeof(s) - 1})

static void test_surfaces(void **state)
{
    uint32_t a[64], b[64], numbers[40];
    uint8_t versions = 0;
    (void)state;
    unsigned n = surface_shingles(STR("The quick brown fox jumps over the lazy dog."), 1000, a, 64);
    unsigned m =
        surface_shingles(STR("THE QUICK, brown — fox jumps over the lazy dog"), 1000, b, 64);
    assert_int_equal(n, 6);
    assert_int_equal(m, 6);
    assert_memory_equal(a, b, n * sizeof *a);
    assert_int_equal(surface_shingles(STR("two words"), 1000, a, 64), 1);
    assert_int_equal(surface_shingles(STR(" -- "), 1000, a, 64), 0);
    n = surface_shingles(STR("日本で強い地震が発生した"), 1000, a, 64);
    assert_int_equal(n, 9);
    n = surface_numbers(STR("1,000 of 2.7.1 and ٣٤٥ in 1.000 or 7"), numbers, 0, 40, &versions);
    assert_int_equal(n, 4);
    assert_int_equal(versions, 1);
    n = surface_numbers(STR("1000 345 7"), numbers, n, 40, NULL);
    assert_int_equal(n, 4);
    versions = 0;
    surface_numbers(STR("1.000.000 and 12.500"), numbers, 0, 40, &versions);
    assert_int_equal(versions, 0);
    versions = 0;
    n = surface_numbers(STR("2.4.0-rc1, 2.4.0-preview1, 2.4.0"), numbers, 0, 40, &versions);
    assert_int_equal(n, 3);
    assert_int_equal(versions, 3);
    unsigned seen;
    uint32_t x[] = {1, 2, 3, 4, 5, 6, 7, 8}, y[] = {2, 4, 6, 8};
    assert_float_equal(surface_contained(x, 8, y, 4, 64, &seen), 1, 1e-6);
    assert_int_equal(seen, 4);
    assert_float_equal(surface_alike(x, 8, y, 4, 64), 0.5, 1e-6);
    assert_int_equal(surface_contained(x, 0, y, 4, 64, &seen), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_is_exact),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_voices),
        cmocka_unit_test(test_surfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
