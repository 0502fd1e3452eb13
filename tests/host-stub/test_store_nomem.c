/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation. The n-th allocation fails, in turn, ours and SQLite's: an epoch that is
 * repeated from where it failed, as the judge does, is stored whole and once. */
#include "store_fixture.h"

#include "host-stub/explain.h"
#include "host-stub/story.h"
#include "tests/support/nomem.h"

/* ---- SQLite's own allocations ---- */

static sqlite3_mem_methods real;
static long sqlite_left;
static int sqlite_failed;

static int sqlite_fails(void)
{
    if (sqlite_left <= 0 || --sqlite_left > 0)
        return 0;
    sqlite_failed = 1;
    return 1;
}

static void *sqlite_malloc(int n)
{
    return sqlite_fails() ? NULL : real.xMalloc(n);
}

static void *sqlite_realloc(void *p, int n)
{
    return sqlite_fails() ? NULL : real.xRealloc(p, n);
}

static int set_up_sqlite(void **state)
{
    (void)state;
    sqlite3_mem_methods mine;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        return -1;
    mine = real;
    mine.xMalloc = sqlite_malloc;
    mine.xRealloc = sqlite_realloc;
    /* Without its caches of small blocks, each allocation is one that may fail. */
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) == SQLITE_OK ? 0 : -1;
}

/* ---- an epoch as the judge runs it ---- */

enum { ITEMS = 4 };

struct work {
    struct store *store;
    struct item *items[ITEMS];
    struct epoch_item list[ITEMS];
    struct verdict words[2];
    int identified, put, applied, noted;
};

static int step(struct work *w)
{
    int status = OK;
    for (; w->identified < ITEMS; w->identified++) {
        int identity = store_identify(w->store, w->items[w->identified]);
        if (identity < 0)
            return identity;
        w->list[w->identified] =
            (struct epoch_item){.item = w->items[w->identified], .identity = identity};
    }
    for (; w->noted < 3; w->noted++) {
        char key[16];
        wn_str value;
        snprintf(key, sizeof key, "key %d", w->noted);
        status = store_kv_get(w->store, "f", str_z(key), &value);
        if (status != OK && status != E_ABSENT)
            return status;
        if ((status = store_kv_put(w->store, "f", str_z(key), str_z("value"), 0)) != OK)
            return status;
    }
    for (; w->put < ITEMS; w->put++)
        if ((status = store_put_item(w->store, w->items[w->put], 0)) != OK)
            return status;
    w->words[0] = (struct verdict){.item = w->items[1]->id,
                                   .of = w->items[0]->id,
                                   .kind = WN_EDITION,
                                   .filter_name = "f",
                                   .score = 1,
                                   .reason = str_z("the same")};
    w->words[1] = (struct verdict){.item = w->items[2]->id,
                                   .of = w->items[1]->id,
                                   .kind = WN_KEEP,
                                   .filter_name = "f",
                                   .score = 1};
    struct epoch epoch = {.items = w->list,
                          .n_items = ITEMS,
                          .verdicts = w->words,
                          .n_verdicts = 1,
                          .revisions = &w->words[1],
                          .n_revisions = 1};
    if (!w->applied && (status = stories_apply(w->store, NULL, &epoch, NULL, NULL)) != OK)
        return status;
    w->applied = 1;
    size_t changed;
    int64_t next;
    return stories_settle(w->store, NULL, 2000, 0, &changed, &next);
}

static int note_seen(void *user, const struct entry *e)
{
    *(size_t *)user += 1 + e->n_members;
    return 0;
}

/* Everything under failure; `failed` ends it. Returns whether the failure took place. */
static int run(long n, int ours)
{
    struct work w = {0};
    int64_t generation = -1;
    int status;
    assert_int_equal(store_open(NULL, "test", &w.store, NULL), OK);
    w.store->fixed_now = 1000;
    for (int i = 0; i < ITEMS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        w.items[i] = make_item("s", 1, name, name);
        item_add_topic(w.items[i])->id = str_z("11000000");
    }
    sqlite_failed = 0;
    if (ours)
        nomem_fail(n);
    else
        sqlite_left = n;
    assert_int_equal(store_begin(w.store), OK);
    for (int i = 0; (status = step(&w)) != OK; i++) {
        assert_int_equal(status, E_NOMEM);
        assert_true(i < 5);
        w.store->last_attempt_ms = 0; /* as if the judge had waited */
    }
    for (int i = 0; (status = store_commit(w.store, &generation)) != OK; i++) {
        assert_int_equal(status, E_NOMEM);
        assert_true(i < 5);
    }
    /* Reading may fail, but never wrongly succeed. */
    size_t seen = 0;
    struct explain x = {store_reader(w.store), NULL, 1000, NULL, NULL};
    json_t *answer = NULL;
    status = reader_each_entry(store_reader(w.store), 0, 100, NULL, NULL, note_seen, &seen);
    assert_true(status == E_NOMEM || seen == 4);
    status = explain_item(&x, w.items[0]->id, &answer);
    assert_true(status == OK || status == E_NOMEM);
    json_decref(answer);
    int failed = ours ? nomem_end() : sqlite_failed;
    sqlite_left = 0;

    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM item"), ITEMS);
    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM body"), ITEMS);
    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM topic"), ITEMS);
    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM kv"), 3);
    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM verdict"), 2);
    assert_int_equal(count_rows(w.store, "SELECT count(DISTINCT story) FROM item"), 3);
    assert_int_equal(count_rows(w.store, "SELECT count(*) FROM entry"), 3);
    assert_true(count_rows(w.store, "SELECT count(*) FROM outbox") >= ITEMS); /* at least once */
    for (int i = 0; i < ITEMS; i++)
        item_destroy(w.items[i]);
    store_close(w.store);
    return failed;
}

static void our_allocations(void **state)
{
    (void)state;
    long n = 1;
    while (run(n, 1))
        n++;
    assert_true(n > 50);
}

static void allocations_of_sqlite(void **state)
{
    (void)state;
    long n = 1;
    while (run(n, 0))
        n += n < 200 ? 1 : 7;
    assert_true(n > 500);
}

static void opening(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct store *store = NULL;
        sqlite_failed = 0;
        nomem_fail(n % 2 ? n / 2 + 1 : 0);
        sqlite_left = n % 2 ? 0 : n / 2;
        int status = store_open(test_dir, "test", &store, NULL);
        int failed = nomem_end() | sqlite_failed;
        sqlite_left = 0;
        assert_true(status == OK || status == E_NOMEM);
        store_close(store);
        if (!failed && n > 100)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_allocations),
        cmocka_unit_test(allocations_of_sqlite),
        cmocka_unit_test_setup_teardown(opening, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, set_up_sqlite, NULL);
}
