/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "chain_fixture.h"

#define PROBE "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n"
#define ECHO PROBE "  - echo\n"
#define MISBEHAVE(options)                                                                         \
    "plugins: [" PLUGINS "probe.so, " PLUGINS "misbehave.so]\nfilters:\n  - misbehave: {" options  \
    "}\n  - probe\n"

static const struct verdict *word(const struct world *w, size_t item)
{
    return w->epoch.items[item].final;
}

/* ---- the way through ---- */

static void later_filters_see_edits(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0, ECHO);
    world_must_chain(&w);
    world_item(world_document(&w, "https://a/"), "1", "t", "body");
    world_run(&w);
    struct item *it = w.epoch.items[0].item;
    assert_true(str_eqz(it->text, "body"));
    assert_int_equal(it->n_categories, 1);
    assert_string_equal(it->categories[0].term.ptr, "text:body");
    world_close(&w);
}

static void verdicts_are_taken_over(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0, PROBE);
    world_must_chain(&w);
    struct document *a = world_document(&w, "https://a/"), *b = world_document(&w, "https://b/");
    struct item *first = world_item(a, "1", "same", "x");
    world_item(a, "2", "please drop me", "x");
    world_item(b, "1", "same", "y");
    world_run(&w);
    assert_null(word(&w, 0)); /* plain KEEP leaves no row */
    assert_int_equal(word(&w, 1)->kind, WN_DROP);
    assert_int_equal(w.epoch.items[1].dropped, 1);
    const struct verdict *v = word(&w, 2);
    assert_int_equal(v->kind, WN_DUPLICATE);
    assert_int_equal(v->of, first->id);
    assert_true(v->score == 0.5);
    assert_string_equal(v->reason.ptr, "a title seen before");
    assert_string_equal(v->evidence.ptr, "title=same");
    assert_string_equal(v->filter_name, "probe");
    world_close(&w);
}

static void drop_ends_the_chain(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, 0, ECHO);
    world_must_chain(&w);
    struct document *a = world_document(&w, "https://a/");
    world_item(a, "1", "drop", "x");
    world_item(a, "2", "stay", "x");
    world_run(&w);
    assert_int_equal(w.epoch.items[0].item->n_categories, 0);
    assert_int_equal(w.epoch.items[1].item->n_categories, 1);
    world_close(&w);
}

static void unchanged_items_go_through_no_filter(void **state)
{
    (void)state;
    struct world w;
    struct chain_filter_info info;
    world_open(&w, 2, 0, ECHO);
    world_must_chain(&w);
    for (int round = 0; round < 3; round++) {
        struct document *a = world_document(&w, "https://a/");
        world_item(a, "1", "one", "x");
        world_item(a, "2", "two", round == 2 ? "changed" : "x");
        world_run(&w);
        struct epoch_item *items = w.epoch.items;
        assert_int_equal(items[0].identity, round == 0 ? ITEM_NEW : ITEM_SAME);
        assert_int_equal(items[1].identity, round == 0   ? ITEM_NEW
                                            : round == 1 ? ITEM_SAME
                                                         : ITEM_UPDATED);
        assert_int_equal(items[0].item->n_categories, round == 0);
        /* An updated item is no duplicate of itself, and its KEEP takes back what was said before.
         */
        if (round == 2) {
            assert_int_equal(word(&w, 1)->kind, WN_KEEP);
            assert_int_equal(w.epoch.n_verdicts, 2);
        }
        world_commit(&w);
    }
    assert_int_equal(chain_info(w.chain, 0, &info), OK);
    assert_int_equal(info.items, 3);
    world_close(&w);
}

static void revisions(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0, PROBE);
    world_must_chain(&w);
    struct document *a = world_document(&w, "https://a/");
    struct item *first = world_item(a, "1", "one", "x");
    int64_t id;
    world_run(&w);
    id = first->id;
    world_commit(&w);
    struct item *third = world_item(world_document(&w, "https://c/"), "1", "joins 0", "x");
    world_run(&w);
    assert_int_equal(w.epoch.n_revisions, 1);
    assert_int_equal(w.epoch.revisions[0].item, id);
    assert_int_equal(w.epoch.revisions[0].of, third->id);
    assert_int_equal(w.epoch.revisions[0].kind, WN_EDITION);
    assert_string_equal(w.epoch.revisions[0].reason.ptr, "joined by a newcomer");
    world_close(&w);
}

static void rulings_and_forgetting(void **state)
{
    (void)state;
    struct world w;
    wn_str value;
    world_open(&w, 2, 0, PROBE);
    world_must_chain(&w);
    struct document *a = world_document(&w, "https://a/");
    struct item *x = world_item(a, "1", "one", "x"), *y = world_item(a, "2", "two", "x");
    world_run(&w);
    int64_t xid = x->id, yid = y->id;
    world_commit(&w);

    assert_int_equal(store_begin(w.store), OK);
    chain_constrain(w.chain, xid, yid, WN_APART);
    assert_int_equal(store_constrain(w.store, xid, yid, WN_APART), OK);
    assert_int_equal(store_kv_get(w.store, "probe", str_z("ruling"), &value), OK);
    assert_true(chain_pending(w.chain));
    assert_int_equal(chain_run(w.chain, &w.epoch), OK); /* an epoch without items */
    assert_false(chain_pending(w.chain));
    assert_int_equal(w.epoch.n_revisions, 1);
    assert_int_equal(w.epoch.revisions[0].item, yid);
    chain_forget(w.chain, xid);
    world_commit(&w);

    /* Told again after every create, at the first epoch. */
    assert_int_equal(store_begin(w.store), OK);
    assert_int_equal(store_kv_put(w.store, "probe", str_z("ruling"), str_of(NULL, 0), 0), OK);
    char key[32];
    snprintf(key, sizeof key, "forgot %lld", (long long)xid);
    assert_int_equal(store_kv_get(w.store, "probe", str_z(key), &value), OK);
    world_commit(&w);
    chain_destroy(w.chain);
    w.chain = NULL;
    world_must_chain(&w);
    world_item(world_document(&w, "https://b/"), "1", "three", "x");
    world_run(&w);
    assert_int_equal(store_kv_get(w.store, "probe", str_z("ruling"), &value), OK);
    world_close(&w);
}

static void options_by_source(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0,
               "plugins: [" PLUGINS "probe.so]\nfilters:\n  - echo: {word: general}\n"
               "sources:\n  - url: https://b.example/\n    filters:\n      echo: {word: special}\n"
               "  - url: https://a.example/\n");
    world_must_chain(&w);
    world_item(world_document(&w, "https://a.example/"), "1", "t", "x");
    world_item(world_document(&w, "https://b.example/"), "1", "t", "x");
    world_item(world_document(&w, "https://c.example/"), "1", "t", "x");
    world_run(&w);
    assert_string_equal(w.epoch.items[0].item->categories[0].term.ptr, "general:");
    assert_string_equal(w.epoch.items[1].item->categories[0].term.ptr, "special:");
    assert_string_equal(w.epoch.items[2].item->categories[0].term.ptr, "general:");
    world_close(&w);
}

static void the_bundle_is_all_three(void **state)
{
    (void)state;
    static const char *const names[] = {"boilerplate", "editions", "topics"};
    static const char *const ways[] = {
        "filters: [winnow]\n",
        "plugins: [winnow]\n",
        "plugins: [winnow]\nfilters: [boilerplate, editions, topics]\n",
    };
    setenv("WINNOW_FILTERS", WINNOW_FILTERS_DIR, 1);
    for (size_t w = 0; w < 3; w++) {
        struct world world;
        struct chain_filter_info info;
        world_open(&world, 1, 0, ways[w]);
        world_must_chain(&world);
        assert_int_equal(chain_count(world.chain), 3);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(chain_info(world.chain, i, &info), OK);
            assert_string_equal(info.name, names[i]);
            assert_non_null(strstr(info.plugin_path, "/winnow.so"));
        }
        world_close(&world);
    }
    unsetenv("WINNOW_FILTERS");
}

static void labels_of_topics(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 1, 0, PROBE);
    world_must_chain(&w);
    assert_string_equal(chain_topic_label(w.chain, str_z("04000000"), str_z("de-AT")).ptr,
                        "Wirtschaft");
    assert_string_equal(chain_topic_label(w.chain, str_z("04000000"), str_z("ja")).ptr, "economy");
    assert_null(chain_topic_label(w.chain, str_z("99999999"), str_z("de")).ptr);
    world_close(&w);
}

/* ---- the same for 1, 2 and 8 workers ---- */

static char *long_run(int workers, int in_memory, const char *yaml, size_t per_epoch)
{
    struct world w;
    struct buf out;
    buf_init(&out, MIB(64));
    world_open(&w, workers, in_memory, yaml);
    world_must_chain(&w);
    unsigned seed = 7;
    for (int d = 0; d < 60;) {
        for (size_t n = 0; d < 60 && n < per_epoch; d++) {
            char source[32], guid[32], title[64], content[64];
            snprintf(source, sizeof source, "https://s%d/", d % 7);
            struct document *doc = world_document(&w, source);
            for (int i = 0; i < d % 23; i++, n++) {
                seed = seed * 1103515245 + 12345;
                snprintf(guid, sizeof guid, "g%u", seed >> 16 & 255);
                snprintf(title, sizeof title, "title %u%s%s", seed >> 20 & 63,
                         seed & 1 << 14 ? " joins 3" : "", (seed >> 17 & 31) == 0 ? " drop" : "");
                snprintf(content, sizeof content, "content %u", seed >> 18 & 127);
                world_item(doc, guid, title, content);
            }
        }
        world_run(&w);
        world_describe(&w, &out);
        world_commit(&w);
    }
    char *text = buf_take(&out, NULL);
    assert_non_null(text);
    world_close(&w);
    return text;
}

static void same_for_any_number_of_workers(void **state)
{
    (void)state;
    static const char *const chains[] = {
        ECHO,
        /* Errors come out the same, too, though they strike whole chunks. */
        "plugins: [" PLUGINS "probe.so, " PLUGINS "misbehave.so]\nfilters:\n"
        "  - misbehave: {how: error, where: analyse, at: 'title 7'}\n  - probe\n  - echo\n",
        "plugins: [" PLUGINS "probe.so, " PLUGINS "misbehave.so]\nfilters:\n"
        "  - probe\n  - misbehave: {how: error, where: judge, at: 'title 1'}\n  - echo\n",
    };
    for (size_t c = 0; c < 3; c++) {
        char *one = long_run(1, 0, chains[c], 100), *two = long_run(2, 0, chains[c], 100);
        char *eight = long_run(8, 0, chains[c], 100), *none = long_run(0, 0, chains[c], 100);
        char *memory = long_run(4, 1, chains[c], 100);
        assert_true(strlen(one) > 5000);
        assert_non_null(strstr(one, "kind=3"));
        assert_string_equal(one, two);
        assert_string_equal(one, eight);
        assert_string_equal(one, none);
        assert_string_equal(one, memory);
        free(one), free(two), free(eight), free(none), free(memory);
    }
}

/* The filters that are shipped: articles in several languages, copies, boilerplate, changed items.
 */
static char *shipped_run(int workers)
{
    static const char *const texts[] = {
        "<p>The council of Zagreb approved a plan to rebuild the bridge over the Sava at a cost of "
        "14 million "
        "euros, and work begins in May %u.</p><p>The post appeared first on Example.</p>",
        "<p>Der Rat von Zagreb hat einen Plan gebilligt, die Br\xc3\xbc"
        "cke \xc3\xbc"
        "ber die Save f\xc3\xbcr 14 "
        "Millionen Euro neu zu bauen; die Arbeiten beginnen im Mai %u.</p>",
        "<p>Le conseil de Zagreb a approuv\xc3\xa9 un plan de reconstruction du pont sur la Save, "
        "pour 14 millions "
        "d'euros ; les travaux commencent en mai %u.</p><img src=\"https://p.example/1.gif\" "
        "width=1 height=1>",
        "<p>A short note on football: the home side won by %u goals.</p><script>alert(1)</script>",
    };
    static const char *const langs[] = {"en", "de", "fr", "en"};
    struct world w;
    struct buf out;
    buf_init(&out, MIB(64));
    setenv("WINNOW_FILTERS", WINNOW_FILTERS_DIR, 1);
    world_open(&w, workers, 0, "filters: [boilerplate, editions, topics]\n");
    world_must_chain(&w);
    for (int d = 0; d < 24; d++) {
        char source[32], guid[64], title[64], content[1024];
        snprintf(source, sizeof source, "https://s%d.example/feed", d % 5);
        struct document *doc = world_document(&w, source);
        for (unsigned i = 0; i < 9; i++) {
            unsigned k = (unsigned)d * 5 + i;
            snprintf(guid, sizeof guid, "https://s%d.example/%u", d % 5, k % 40);
            snprintf(title, sizeof title, "Bridge over the Sava, part %u", k % 13);
            snprintf(content, sizeof content, texts[k % 4], k % 7);
            struct item *it = world_item(doc, guid, title, content);
            it->link = it->guid;
            it->lang = item_str(it, str_z(langs[k % 4]));
        }
        if (d % 4 == 3) {
            world_run(&w);
            world_describe(&w, &out);
            for (size_t i = 0; i < w.epoch.n_items; i++)
                buf_addf(&out, "%s %zu\n", w.epoch.items[i].item->content.ptr,
                         w.epoch.items[i].item->n_topics);
            world_commit(&w);
        }
    }
    struct chain_filter_info info;
    for (size_t i = 0; chain_info(w.chain, i, &info) == OK; i++) {
        if (info.errors)
            fail_msg("%s had %d errors", info.name, (int)info.errors);
        assert_true(info.items > 50);
    }
    char *text = buf_take(&out, NULL);
    world_close(&w);
    unsetenv("WINNOW_FILTERS");
    return text;
}

static void shipped_filters_too(void **state)
{
    (void)state;
    char *none = shipped_run(0), *one = shipped_run(1), *two = shipped_run(2),
         *eight = shipped_run(8);
    assert_true(strlen(one) > 20000);
    assert_string_equal(none, one);
    assert_string_equal(one, two);
    assert_string_equal(one, eight);
    free(none), free(one), free(two), free(eight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_filters_see_edits),
        cmocka_unit_test(verdicts_are_taken_over),
        cmocka_unit_test(drop_ends_the_chain),
        cmocka_unit_test(unchanged_items_go_through_no_filter),
        cmocka_unit_test(revisions),
        cmocka_unit_test(rulings_and_forgetting),
        cmocka_unit_test(options_by_source),
        cmocka_unit_test(the_bundle_is_all_three),
        cmocka_unit_test(labels_of_topics),
        cmocka_unit_test(same_for_any_number_of_workers),
        cmocka_unit_test(shipped_filters_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
