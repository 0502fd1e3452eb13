/* SPDX-License-Identifier: Apache-2.0 */
/* Failing transactions: whatever fails and wherever, repeating the commit stores everything once.
 */
#include "store_fixture.h"

#include <signal.h>
#include <sys/resource.h>

enum { ITEMS = 40 };

/* An epoch: items with some text each, and a filter that counts them. Every step must succeed. */
static void fill_epoch(struct store *store, int64_t document)
{
    assert_int_equal(store_begin(store), OK);
    for (int i = 0; i < ITEMS; i++) {
        char name[64], text[2048];
        snprintf(name, sizeof name, "%d.%d", (int)document, i);
        struct item *item = make_item("s", document, name, name);
        for (size_t k = 0; k < sizeof text - 1; k++)
            text[k] = (char)('a' + (k * 7 + (size_t)i) % 26);
        text[sizeof text - 1] = '\0';
        item->content = item_str(item, str_z(text));
        arrive(store, item);
        wn_str value;
        int count = 0;
        if (store_kv_get(store, "counter", str_z("n"), &value) == OK)
            count = atoi(value.ptr);
        snprintf(name, sizeof name, "%d", count + 1);
        assert_int_equal(
            store_kv_put(store, "counter", str_z("n"), str_of(name, strlen(name) + 1), 0), OK);
        assert_int_equal(store_event(store, "{}", 2), OK);
        item_destroy(item);
    }
}

static void check_stored(struct store *store, int epochs)
{
    wn_str value;
    assert_int_equal(count_rows(store, "SELECT count(*) FROM item"), epochs * ITEMS);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM body"), epochs * ITEMS);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM outbox"), epochs * ITEMS);
    assert_int_equal(store_kv_get(store, "counter", str_z("n"), &value), OK);
    assert_int_equal(atoi(value.ptr), epochs * ITEMS);
}

static void commit_that_finds_no_room(void **state)
{
    (void)state;
    struct store *store = open_store();
    fill_epoch(store, 1);
    commit(store);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 4096; /* no file may grow past a page: the log of changes can't be written */
    signal(SIGXFSZ, SIG_IGN);
    fill_epoch(store, 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int64_t generation = -1;
    for (int i = 0; i < 3; i++) {
        int status = store_commit(store, &generation);
        assert_true(status == E_IO || status == E_FULL);
    }
    assert_int_equal(generation, -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    commit(store);
    check_stored(store, 2);
    store_close(store);
    store = open_store();
    check_stored(store, 2);
    assert_int_equal(
        count_rows(store,
                   "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
        1);
    store_close(store);
}

static void limit_pages(struct store *store, int64_t more)
{
    char sql[64];
    int64_t pages = count_rows(store, "PRAGMA page_count");
    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld",
             (long long)(more ? pages + more : 1000000));
    sqlite3_exec(store->db.handle, sql, NULL, NULL, NULL);
}

static void room_ends_in_the_middle(void **state)
{
    (void)state;
    for (int more = 1; more < 60; more += 7) { /* each time at another place */
        struct store *store = open_store();
        fill_epoch(store, 1);
        commit(store);
        limit_pages(store, more);
        assert_int_equal(store_begin(store), OK);
        int failed_at = -1;
        int64_t generation = -1;
        for (int i = 0; i < ITEMS; i++) {
            char name[64];
            static char text[9000];
            memset(text, 'x', sizeof text - 1);
            snprintf(name, sizeof name, "2.%d", i);
            struct item *item = make_item("s", 2, name, name);
            item->content = item_str(item, str_z(text));
            int identity = store_identify(store, item);
            if (identity < 0) { /* reading is not possible now; nothing of this item was noted */
                assert_int_equal(identity, E_FULL);
                if (failed_at < 0)
                    failed_at = i;
                limit_pages(store, 0);
                store->last_attempt_ms = 0; /* as if a moment had passed */
                identity = store_identify(store, item);
            }
            assert_int_equal(identity, ITEM_NEW);
            assert_int_equal(store_put_item(store, item, 0), OK);
            item_destroy(item);
            snprintf(name, sizeof name, "%d", ITEMS + i + 1);
            assert_int_equal(
                store_kv_put(store, "counter", str_z("n"), str_of(name, strlen(name) + 1), 0), OK);
            wn_str value;
            assert_int_equal(store_kv_get(store, "counter", str_z("n"), &value), OK);
            assert_int_equal(atoi(value.ptr), ITEMS + i + 1); /* own writes, whatever SQLite says */
            assert_int_equal(store_event(store, "{}", 2), OK);
        }
        assert_true(failed_at >= 0);
        assert_int_equal(store_commit(store, &generation), OK);
        check_stored(store, 2);
        store_close(store);
        remove_dir(NULL);
        make_dir(NULL);
    }
}

static void another_writer_is_waited_out(void **state)
{
    (void)state;
    struct store *store = open_store();
    char path[128];
    snprintf(path, sizeof path, "%s/winnow.db", test_dir);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(store->db.handle, 1);
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_event(store, "{}", 2), OK); /* remembered */
    int64_t generation;
    assert_int_equal(store_commit(store, &generation), E_BUSY);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    commit(store);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM outbox"), 1);
    sqlite3_close(other);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commit_that_finds_no_room, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(room_ends_in_the_middle, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(another_writer_is_waited_out, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
