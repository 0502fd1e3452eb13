/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
/* Filters that go wrong, and chains that cannot be made. */
#include "chain_fixture.h"

#define PROBE "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n"
#define ECHO PROBE "  - echo\n"
#define MISBEHAVE(options)                                                                         \
    "plugins: [" PLUGINS "probe.so, " PLUGINS "misbehave.so]\nfilters:\n  - misbehave: {" options  \
    "}\n  - probe\n"

static void errors_keep_the_item(void **state)
{
    (void)state;
    static const char *const places[] = {"analyse", "observe", "judge"};
    for (int i = 0; i < 3; i++) {
        struct world w;
        struct chain_filter_info info;
        char yaml[1024];
        snprintf(yaml, sizeof yaml, MISBEHAVE("how: error, where: %s, at: bad"), places[i]);
        world_open(&w, 2, 0, yaml);
        world_must_chain(&w);
        struct document *a = world_document(&w, "https://a/");
        world_item(a, "1", "bad", "x");
        world_item(world_document(&w, "https://b/"), "2", "good", "y");
        world_run(&w);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(w.epoch.items[k].dropped, 0);
            assert_non_null(w.epoch.items[k].item->text.ptr); /* probe came after */
        }
        chain_info(w.chain, 0, &info);
        assert_int_equal(info.errors, 1);
        assert_int_equal(info.disabled, 0);
        assert_true(log_has(&w, "filter misbehave, https://a/: failed in "));
        world_close(&w);
    }
}

static int event_has(void *user, int64_t seq, wn_str json)
{
    (void)seq;
    const char **words = user;
    if (memmem(json.ptr, json.len, *words, strlen(*words)))
        *words = NULL;
    return 0;
}

static void assert_event(struct world *w, const char *words)
{
    const char *left = words;
    assert_int_equal(reader_each_event(store_reader(w->store), 0, event_has, &left), OK);
    if (left)
        fail_msg("no event has %s", words);
}

static void three_errors_in_a_row_disable(void **state)
{
    (void)state;
    struct world w;
    struct chain_filter_info info;
    world_open(&w, 2, 0, MISBEHAVE("how: error, where: judge"));
    world_must_chain(&w);
    for (int i = 0; i < 5; i++) {
        char guid[16];
        snprintf(guid, sizeof guid, "%d", i);
        world_item(world_document(&w, "https://a/"), guid, guid, "x");
        world_run(&w);
        chain_info(w.chain, 0, &info);
        assert_int_equal(info.disabled, i >= 2);
        assert_int_equal(info.errors, i < 3 ? i + 1 : 3);
        assert_non_null(w.epoch.items[0].item->text.ptr);
        world_commit(&w);
    }
    assert_true(log_has(&w, "switched off after 3 errors in a row in judge"));
    assert_event(&w, "\"filter\":\"misbehave\",\"action\":\"disabled\"");
    world_close(&w);
}

static void two_errors_are_forgiven(void **state)
{
    (void)state;
    struct world w;
    struct chain_filter_info info;
    world_open(&w, 2, 0, MISBEHAVE("how: error, where: judge, at: bad"));
    world_must_chain(&w);
    struct document *a = world_document(&w, "https://a/");
    for (int i = 0; i < 30; i++) {
        char guid[16];
        snprintf(guid, sizeof guid, "%d", i);
        world_item(a, guid, i % 3 == 2 ? "good" : "bad", "x");
    }
    world_run(&w);
    chain_info(w.chain, 0, &info);
    assert_int_equal(info.errors, 20);
    assert_int_equal(info.disabled, 0);
    world_close(&w);
}

static void nonsense_verdicts_keep_the_item(void **state)
{
    (void)state;
    static const char *const ways[] = {"unknown-of", "self-of", "no-of", "kind", "nan"};
    for (size_t i = 0; i < 5; i++) {
        struct world w;
        struct chain_filter_info info;
        char yaml[1024];
        snprintf(yaml, sizeof yaml, MISBEHAVE("how: %s, where: judge, at: bad"), ways[i]);
        world_open(&w, 2, 0, yaml);
        world_must_chain(&w);
        struct document *a = world_document(&w, "https://a/");
        world_item(a, "1", "bad", "x");
        world_item(a, "2", "good", "x");
        world_run(&w);
        assert_null(w.epoch.items[0].final);
        assert_int_equal(w.epoch.items[0].dropped, 0);
        assert_int_equal(w.epoch.n_verdicts, 0);
        chain_info(w.chain, 0, &info);
        assert_int_equal(info.errors, 1);
        assert_true(log_has(&w, "is kept"));
        world_close(&w);
    }
}

static void noise_is_held_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0, MISBEHAVE("how: noise, where: judge"));
    world_must_chain(&w);
    world_item(world_document(&w, "https://a/"), "1", "t", "x");
    world_run(&w);
    char *text = world_read(w.log);
    int n = 0;
    for (const char *p = text; (p = strstr(p, "much to say")); p++)
        n++;
    assert_int_equal(n, LIMIT_FILTER_LOG);
    free(text);
    assert_true(log_has(&w, "80 more messages were left out"));
    world_close(&w);
}

static void plugins_of_other_ages_run(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0,
               "plugins: [" PLUGINS "older.so, " PLUGINS "newer.so, " PLUGINS "cpp.so, " PLUGINS
               "frozen.so]\n");
    world_must_chain(&w);
    assert_int_equal(chain_count(w.chain), 4);
    world_item(world_document(&w, "https://a/"), "1", "title", "x");
    world_run(&w);
    assert_int_equal(w.epoch.n_verdicts, 4);
    assert_string_equal(w.epoch.verdicts[0].reason.ptr, "older filter on a newer host");
    assert_string_equal(w.epoch.verdicts[1].reason.ptr, "newer filter on an older host");
    assert_string_equal(w.epoch.verdicts[2].reason.ptr, "title seen 1 time");
    assert_string_equal(w.epoch.verdicts[3].reason.ptr, "made for 1.0");
    assert_string_equal(w.epoch.items[0].item->categories[0].term.ptr, "title");
    chain_constrain(w.chain, 1, 2, WN_APART);
    chain_forget(w.chain, 1);
    world_close(&w);
}

/* ---- making ---- */

static void chain_fails(const char *yaml, int status, const char *words)
{
    struct world w;
    world_open(&w, 1, 0, yaml);
    assert_int_equal(world_chain(&w), status);
    if (!strstr(w.errors.p, words))
        fail_msg("'%s' is not in '%s'", words, w.errors.p);
    assert_null(w.chain);
    world_close(&w);
}

static void errors_of_making(void **state)
{
    (void)state;
    chain_fails("filters:\n  - nowhere\n", E_ABSENT, "test.yaml:2: there is no filter 'nowhere'");
    chain_fails(PROBE "  - echo: {wrod: x}\n", E_USAGE,
                "test.yaml:4: filter 'echo' has no option 'wrod'; did you mean");
    chain_fails("plugins: [" PLUGINS "wrong_major.so]\n", E_VERSION, "built for plugin ABI 2.0");
    chain_fails(MISBEHAVE("where: create"), E_FILTER,
                "filter 'misbehave': cannot start: the test says so");
    chain_fails("filters:\n  - sonde: {plugin: " PLUGINS "probe.so}\n", E_USAGE,
                "has no filter 'sonde'; it has probe, echo");
    chain_fails(PROBE "sources:\n  - url: https://a.example/\n    filters:\n      probe: {x: 1}\n",
                E_USAGE, "filter 'probe' has no option 'x'");
    chain_fails(
        PROBE "sources:\n  - url: https://a.example/\n    filters:\n      prboe: {x: 1}\n", E_USAGE,
        "test.yaml:7: source https://a.example/ configures the filter 'prboe', which is not in the "
        "chain; did you mean 'probe'?");
}

static void a_switched_off_filter_is_listed(void **state)
{
    (void)state;
    struct world w;
    struct chain_filter_info info;
    world_open(&w, 1, 0, PROBE "  - echo: {enabled: false}\n");
    world_must_chain(&w);
    assert_int_equal(chain_count(w.chain), 2);
    assert_int_equal(chain_info(w.chain, 1, &info), OK);
    assert_string_equal(info.name, "echo");
    assert_int_equal(info.enabled, 0);
    assert_int_equal(chain_info(w.chain, 0, &info), OK);
    assert_string_equal(info.version, "1.2");
    assert_int_equal(chain_info(w.chain, 2, &info), E_ABSENT);
    world_item(world_document(&w, "https://a/"), "1", "t", "x");
    world_run(&w);
    assert_int_equal(w.epoch.items[0].item->n_categories, 0);
    world_close(&w);
}

static void two_chains_at_once(void **state)
{
    (void)state;
    struct world w;
    world_open(&w, 2, 0, ECHO);
    world_must_chain(&w);
    struct chain *old = w.chain;
    world_must_chain(&w); /* as a reload does: the new one is whole before the old one goes */
    chain_destroy(old);
    world_item(world_document(&w, "https://a/"), "1", "t", "x");
    world_run(&w);
    assert_int_equal(w.epoch.items[0].item->n_categories, 1);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_keep_the_item),
        cmocka_unit_test(three_errors_in_a_row_disable),
        cmocka_unit_test(two_errors_are_forgiven),
        cmocka_unit_test(nonsense_verdicts_keep_the_item),
        cmocka_unit_test(noise_is_held_back),
        cmocka_unit_test(plugins_of_other_ages_run),
        cmocka_unit_test(errors_of_making),
        cmocka_unit_test(a_switched_off_filter_is_listed),
        cmocka_unit_test(two_chains_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
