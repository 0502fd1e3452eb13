/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation */
/* The n-th allocation fails, in turn, through the making of a chain, an epoch, and every shipped
 * filter: nothing crashes, nothing leaks, no item is lost. */
#include "chain_fixture.h"

#include "host-stub/filter_host.h"
#include "plugin/boilerplate/boilerplate.h"
#include "plugin/editions/editions.h"
#include "plugin/topics/topics.h"
#include "tests/support/nomem.h"

#define YAML                                                                                       \
    "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n  - echo: {word: x, names: [a, b]}\n"    \
    "sources:\n  - url: https://a.example/\n    filters:\n      echo: {word: y}\n"

static const char *const contents[] = {
    "<p>The council approved a plan for the bridge over the Sava, at 14 million "
    "euros.</p>\n<ul><li>one<li>two</ul>",
    "<p>Der Rat hat einen Plan gebilligt.</p><img src=\"https://p.example/1.gif\" width=1 "
    "height=1>",
    "<div><p onclick=\"x()\">A short note &amp; <a href=\"https://x.example/?utm_source=a&b=1\">a "
    "link</a>.</div>",
};

static void fill(struct world *w, int round)
{
    struct document *doc = world_document(w, "https://a.example/");
    for (int i = 0; i < 6; i++) {
        char guid[64];
        snprintf(guid, sizeof guid, "https://a.example/%d-%d", round, i);
        struct item *it =
            world_item(doc, guid, i % 4 ? guid : "the same title joins 1", contents[i % 3]);
        it->link = it->guid;
        item_add_category(it)->term = it->title;
    }
}

/* Identifies the items outside of what fails. */
static void identify(struct world *w)
{
    struct epoch *e = &w->epoch;
    struct part *part = &e->parts[0];
    assert_int_equal(store_begin(w->store), OK);
    part->n = part->doc->n_items;
    e->items = calloc(part->n, sizeof *e->items);
    assert_non_null(e->items);
    for (size_t i = 0; i < part->n; i++) {
        int identity = store_identify(w->store, part->doc->items[i]);
        assert_int_equal(identity, ITEM_NEW);
        e->items[e->n_items++] = (struct epoch_item){part->doc->items[i], 0, identity, 0, NULL};
    }
}

static void give_up_epoch(struct world *w)
{
    store_abandon(w->store);
    for (size_t p = 0; p < w->epoch.n_parts; p++)
        document_destroy(w->epoch.parts[p].doc);
    free(w->epoch.parts);
    free(w->epoch.items);
    arena_finish(&w->epoch.arena);
    memset(&w->epoch, 0, sizeof w->epoch);
}

static void making_a_chain(void **state)
{
    (void)state;
    struct world w;
    long n;
    world_open(&w, 2, 0, YAML);
    for (n = 1;; n++) {
        buf_reset(&w.errors);
        nomem_fail(n);
        int status =
            chain_create(w.config, w.store, w.workers, NULL, CHAIN_ALL, &w.chain, &w.errors);
        int failed = nomem_end();
        if (status == OK)
            chain_destroy(w.chain);
        else
            assert_true(failed);
        w.chain = NULL;
        if (!failed)
            break;
    }
    assert_true(n > 10);
    world_close(&w);
}

static void running_an_epoch(void **state)
{
    (void)state;
    struct world w;
    long n;
    world_open(&w, 2, 0, YAML);
    for (n = 1;; n++) {
        world_must_chain(&w);
        fill(&w, (int)n);
        identify(&w);
        nomem_fail(n);
        int status = chain_run(w.chain, &w.epoch);
        int failed = nomem_end();
        assert_true(status == OK || (failed && status == E_NOMEM));
        for (size_t i = 0; i < w.epoch.n_items && status == OK; i++)
            assert_non_null(w.epoch.items[i].item->content.ptr);
        give_up_epoch(&w);
        chain_destroy(w.chain);
        w.chain = NULL;
        if (!failed)
            break;
    }
    assert_true(n > 10);
    world_close(&w);
}

/* ---- the shipped filters, linked into this program so that their allocations fail ---- */

/* One instance, one document; what a callback returns is its own affair. */
static void live(struct world *w, const wn_filter *calls, struct chain *chain, const char *key,
                 const char *value)
{
    /* Beside this program there are neither models nor data. */
    struct setting settings[] = {{(char *)key, (char *)value, 0, 1}};
    struct filter_config none = {.name = (char *)calls->name, .enabled = 1, .settings = settings};
    none.n_settings = filter_option(calls, key) != NULL;
    struct filter *f;
    struct arena scratch;
    struct wn_item handles[6], *items[6];
    void *self = NULL, *thread = NULL;
    arena_init(&scratch, 4 * LIMIT_ITEM);
    memset(handles, 0, sizeof handles);
    if (filter_create(NULL, calls, w->config, &none, chain, &f, &w->errors)) {
        arena_finish(&scratch);
        return;
    }
    struct call call = {.phase = PHASE_CREATE, .filter = f, .chain = chain, .scratch = &scratch};
    filter_call_begin(&call);
    if (calls->create(filter_api(), filter_host(f), &self) == WN_OK) {
        w->sequence = 1000000; /* it came to life at least once */
        call.phase = PHASE_THREAD;
        if (calls->thread_enter)
            thread = calls->thread_enter(self);
        for (size_t i = 0; i < 6; i++) {
            items[i] = &handles[i];
            handles[i].item = w->epoch.items[i].item;
            handles[i].writer = &call;
        }
        call.phase = PHASE_ANALYSE;
        int status = calls->analyse ? calls->analyse(self, thread, items, 6) : WN_OK;
        for (size_t i = 0; i < 6; i++)
            handles[i].writer = NULL;
        call.phase = PHASE_OBSERVE;
        if (!status && calls->observe)
            calls->observe(self, items, 6);
        call.phase = PHASE_JUDGE;
        for (size_t i = 0; i < 6 && !status; i++) {
            wn_verdict v = {.size = sizeof v, .score = 1};
            handles[i].writer = &call;
            calls->judge(self, items[i], &v);
            handles[i].writer = NULL;
        }
        call.phase = PHASE_RULE;
        if (calls->forget)
            calls->forget(self, w->epoch.items[0].item->id);
        call.phase = PHASE_THREAD;
        if (calls->thread_leave)
            calls->thread_leave(self, thread);
        call.phase = PHASE_CREATE;
        calls->destroy(self);
    }
    filter_call_end();
    for (size_t i = 0; i < 6; i++)
        free(handles[i].note);
    filter_destroy(f);
    arena_finish(&scratch);
}

/* key, value: where its data or model is. */
static void filter_without_memory(const wn_filter *calls, const char *key, const char *value)
{
    struct world w;
    setenv("WINNOW_FILTERS", WINNOW_FILTERS_DIR, 1);
    world_open(&w, 0, 0, "filters: [boilerplate]\n");
    world_must_chain(&w); /* for kv: the store behind it */
    for (long n = 1, step = 1;; n += step) {
        fill(&w, (int)n);
        identify(&w);
        nomem_fail(n);
        live(&w, calls, w.chain, key, value);
        int failed = nomem_end();
        for (size_t i = 0; i < w.epoch.n_items; i++)
            assert_non_null(w.epoch.items[i].item->content.ptr);
        give_up_epoch(&w);
        if (!failed)
            break;
        step = n < 400 ? 1 : n / 100; /* each of the first, then fewer of what repeats itself */
    }
    assert_true(w.sequence >= 1000000);
    world_close(&w);
    unsetenv("WINNOW_FILTERS");
}

static void boilerplate(void **state)
{
    (void)state;
    filter_without_memory(&boilerplate_filter, "data", WINNOW_FILTERS_DIR "/boilerplate.data");
}

static void editions(void **state)
{
    (void)state;
    filter_without_memory(&editions_filter, "model", WINNOW_FILTERS_DIR "/encoder.wnm");
}

static void topics(void **state)
{
    (void)state;
    filter_without_memory(&topics_filter, "data", WINNOW_FILTERS_DIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(making_a_chain), cmocka_unit_test(running_an_epoch),
        cmocka_unit_test(boilerplate),    cmocka_unit_test(editions),
        cmocka_unit_test(topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
