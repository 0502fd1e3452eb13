/* SPDX-License-Identifier: Apache-2.0 */
/* Items as blobs: everything comes back; damaged ones are told, never trusted. */
#include "store_fixture.h"

static struct item *full_item(void)
{
    struct item *item = make_item("https://example.org/feed", 7, "guid-1", "A title");
    item->summary = item_str(item, str_z("summary"));
    item->lang = item_str(item, str_of("", 0)); /* empty, not absent */
    item->source_lang = item_str(item, str_z("zh-TW"));
    item->detected_lang = item_str(item, str_z("zh-Hant"));
    item->guid_is_permalink = 1;
    item->published = -5;
    item->updated = TIME_ABSENT;
    item->revision = 3;
    item->sanitised = 1;
    item->topic_best.id = item_str(item, str_z("11000000"));
    item->topic_best.score = 123456;
    for (int i = 0; i < 5; i++) {
        struct enclosure *e = item_add_enclosure(item);
        e->url = item_str(item, str_z("https://example.org/a.mp3"));
        e->length = (int64_t)1 << 40;
        e->width = -1;
        struct person *p = item_add_person(item);
        p->name = item_str(item, str_z("Ann"));
        p->contributor = i == 1;
        struct category *c = item_add_category(item);
        c->label = item_str(item, str_z("label"));
        struct link *l = item_add_link(item);
        l->hreflang = item_str(item, str_z("de"));
        struct extension *x = item_add_extension(item);
        x->attrs = item_str(item, str_z("a\tb\n"));
        x->depth = i;
        struct topic *t = item_add_topic(item);
        t->id = item_str(item, str_z("04000000"));
        t->score = -i;
        struct removed *r = item_add_removed(item);
        r->rule = item_str(item, str_z("phrase"));
        r->place = item_str(item, str_z("tail"));
    }
    item->hash = item_hash(item);
    return item;
}

static void everything_comes_back(void **state)
{
    (void)state;
    struct item *item = full_item(), *back = NULL;
    struct buf b, again;
    buf_init(&b, LIMIT_ITEM);
    buf_init(&again, LIMIT_ITEM);
    assert_int_equal(item_encode(item, &b), OK);
    assert_int_equal(item_decode(b.p, b.n, &back), OK);
    assert_int_equal(item_hash(back), item->hash);
    assert_int_equal(back->hash, item->hash);
    assert_int_equal(back->published, -5);
    assert_int_equal(back->updated, TIME_ABSENT);
    assert_non_null(back->lang.ptr);
    assert_null(back->comments.ptr);
    assert_int_equal(back->n_removed, 5);
    assert_true(str_eqz(back->removed[4].place, "tail"));
    assert_int_equal(back->topics[4].score, -4);
    assert_int_equal(back->enclosures[2].length, (int64_t)1 << 40);
    assert_true(str_eqz(back->detected_lang, "zh-Hant"));
    assert_int_equal(item_encode(back, &again), OK);
    assert_int_equal(again.n, b.n);
    assert_memory_equal(again.p, b.p, b.n);
    buf_finish(&b);
    buf_finish(&again);
    item_destroy(item);
    item_destroy(back);
}

static void damaged_ones_are_told(void **state)
{
    (void)state;
    struct item *item = full_item(), *back = NULL;
    struct buf b;
    buf_init(&b, LIMIT_ITEM);
    assert_int_equal(item_encode(item, &b), OK);
    for (size_t n = 0; n < b.n; n++) {
        char *cut = malloc(n ? n : 1); /* a block of its own, so that a read past the end is seen */
        memcpy(cut, b.p, n);
        assert_int_equal(item_decode(cut, n, &back), E_CORRUPT);
        free(cut);
    }
    for (size_t n = 0; n < b.n; n++)
        for (int bit = 0; bit < 8; bit++) {
            b.p[n] ^= (char)(1 << bit);
            back = NULL;
            if (item_decode(b.p, b.n, &back) == OK)
                item_destroy(back);
            b.p[n] ^= (char)(1 << bit);
        }
    b.p[0] = 99;
    assert_int_equal(item_decode(b.p, b.n, &back), E_VERSION);
    buf_finish(&b);
    item_destroy(item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(damaged_ones_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
