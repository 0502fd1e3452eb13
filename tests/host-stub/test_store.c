/* SPDX-License-Identifier: Apache-2.0 */
/* The store: who holds it, ids that last, guids, retention. */
#include "store_fixture.h"

#include <sys/wait.h>

#include "host-stub/judge.h"

static void lock_names_its_holder(void **state)
{
    (void)state;
    struct store *first = open_store(), *second = NULL;
    char holder[256] = "", expected[64];
    /* flock belongs to the open file, so a second store in this process is kept out, too. */
    assert_int_equal(store_open(test_dir, "second", &second, holder), E_BUSY);
    snprintf(expected, sizeof expected, "process %ld, test", (long)getpid());
    assert_string_equal(holder, expected);
    assert_null(second);
    store_close(first);
    assert_int_equal(store_open_wait(test_dir, "second", 10, &second, holder), OK);
    store_close(second);
}

static void lock_is_waited_for(void **state)
{
    (void)state;
    struct store *first = open_store(), *second = NULL;
    pid_t child = fork();
    if (child == 0) {
        close(first->lock_fd); /* inherited, and would keep the lock alive from within */
        struct store *other = NULL;
        int status = store_open_wait(test_dir, "child", 20000, &other, NULL);
        _exit(status == OK ? 0 : 1);
    }
    usleep(50000);
    store_close(first);
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    /* The child died without closing: the kernel took its lock back. */
    assert_int_equal(store_open_wait(test_dir, "after", 20000, &second, NULL), OK);
    store_close(second);
}

static void items_keep_their_ids(void **state)
{
    (void)state;
    struct store *store = open_store();
    char uuid[37];
    strcpy(uuid, store_uuid(store));
    struct item *a = make_item("s1", 1, "g1", "one"), *b = make_item("s2", 2, "g1", "two");
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, a), ITEM_NEW);
    assert_int_equal(arrive(store, b), ITEM_NEW); /* another source: another item */
    assert_int_not_equal(a->id, b->id);
    assert_int_not_equal(a->story, b->story);
    /* A second document of the same source in the same epoch. */
    struct item *again = make_item("s1", 3, "g1", "one");
    assert_int_equal(arrive(store, again), ITEM_SAME);
    assert_int_equal(again->id, a->id);
    commit(store);
    store_close(store);

    store = open_store();
    assert_string_equal(store_uuid(store), uuid);
    struct item *changed = make_item("s1", 1, "g1", "one, corrected");
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, changed), ITEM_UPDATED);
    assert_int_equal(changed->id, a->id);
    assert_int_equal(changed->revision, 1);
    assert_int_equal(changed->story, a->story);
    assert_int_equal(changed->arrived, a->arrived);
    commit(store);
    struct item *read = NULL;
    assert_int_equal(reader_item(store_reader(store), a->id, &read), OK);
    assert_true(str_eqz(read->title, "one, corrected"));
    assert_int_equal(read->revision, 1);
    item_destroy(read);
    item_destroy(a);
    item_destroy(b);
    item_destroy(again);
    item_destroy(changed);
    store_close(store);
}

static void abandoned_ids_are_not_used_again(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct item *a = make_item("s1", 1, "g1", "one"), *b = make_item("s1", 2, "g1", "one");
    assert_int_equal(store_begin(store), OK);
    arrive(store, a);
    assert_int_equal(store_kv_put(store, "f", str_z("k"), str_z("v"), 0), OK);
    store_abandon(store);
    wn_str value;
    assert_int_equal(store_kv_get(store, "f", str_z("k"), &value), E_ABSENT);
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, b), ITEM_NEW);
    assert_true(b->id > a->id);
    commit(store);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM item"), 1);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM source"), 1);
    item_destroy(a);
    item_destroy(b);
    store_close(store);
}

static void one_guid_for_all_items(void **state)
{
    (void)state;
    struct store *store = open_store();
    int64_t ids[3];
    static const char *const titles[] = {"older", "old", "new"};
    /* Three polls of a feed that calls everything "1" and puts the newest on top. */
    for (int poll = 0; poll < 3; poll++) {
        assert_int_equal(store_begin(store), OK);
        for (int i = poll + (poll == 0); i >= 0; i--) {
            struct item *item = make_item("s1", poll + 1, "1", titles[i]);
            int identity = arrive(store, item);
            if ((poll == 0) || (poll == 2 && i == 2)) {
                assert_int_equal(identity, ITEM_NEW);
                ids[i] = item->id;
            } else {
                assert_int_equal(identity, ITEM_SAME);
                assert_int_equal(item->id, ids[i]);
            }
            item_destroy(item);
        }
        commit(store);
    }
    assert_int_equal(count_rows(store, "SELECT count(*) FROM item"), 3);
    store_close(store);
}

static void listed_twice_is_one_item(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct item *a = make_item("s1", 1, "g", "one"), *b = make_item("s1", 1, "g", "one");
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, a), ITEM_NEW);
    assert_int_equal(arrive(store, b), ITEM_SAME);
    assert_int_equal(a->id, b->id);
    commit(store);
    item_destroy(a);
    item_destroy(b);
    store_close(store);
}

static void note_removed(void *user, int64_t item)
{
    *(int64_t *)user += item;
}

static void put_source(struct store *store, const char *url, int64_t arrived)
{
    struct document *doc = document_create();
    assert_non_null(doc);
    doc->source_key = str_z(url);
    doc->etag = str_z("\"tag\"");
    doc->arrived = arrived;
    assert_int_equal(store_put_source(store, doc, NULL), OK);
    document_destroy(doc);
}

/* One poll at a time of the clock: items by guid, at most two. */
static void poll_at(struct store *store, int64_t now, const char *g1, const char *g2, int expected)
{
    static int64_t document = 100;
    const char *guids[] = {g1, g2};
    store->fixed_now = now;
    document++;
    assert_int_equal(store_begin(store), OK);
    for (int i = 0; i < 2 && guids[i]; i++) {
        struct item *item = make_item("s1", document, guids[i], guids[i]);
        assert_int_equal(arrive(store, item), i == 0 ? expected : ITEM_SAME);
        item_destroy(item);
    }
    put_source(store, "s1", now);
    commit(store);
}

static size_t retain(struct store *store, int64_t now, int64_t *sum)
{
    size_t removed = 99;
    store->fixed_now = now;
    *sum = 0;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(
        store_retain(store, now, 7 * 86400, 86400, 0, 100, note_removed, sum, &removed), OK);
    commit(store);
    return removed;
}

static void guids_outlive_their_items(void **state)
{
    (void)state;
    const int64_t day = 86400, start = 1700000000;
    struct store *store = open_store();
    int64_t sum;
    poll_at(store, start, "old", NULL, ITEM_NEW);
    assert_int_equal(retain(store, start + 6 * day, &sum), 0);
    assert_int_equal(retain(store, start + 8 * day, &sum), 1);
    assert_int_equal(sum, 1);
    /* The item is gone; its guid isn't, neither while it is listed … */
    poll_at(store, start + 100 * day, "old", NULL, ITEM_SAME);
    poll_at(store, start + 103 * day, "new", "old", ITEM_NEW);
    /* … nor for thirty days after the source dropped it … */
    poll_at(store, start + 106 * day, "new", NULL, ITEM_SAME);
    retain(store, start + 130 * day, &sum);
    poll_at(store, start + 131 * day, "old", NULL, ITEM_SAME);
    /* … but then it is. */
    poll_at(store, start + 134 * day, "other", NULL, ITEM_NEW);
    retain(store, start + 170 * day, &sum);
    poll_at(store, start + 171 * day, "old", NULL, ITEM_NEW);
    store_close(store);
}

static void sources_that_are_polled_no_more(void **state)
{
    (void)state;
    const int64_t day = 86400, start = 1700000000;
    struct store *store = open_store();
    int64_t sum;
    poll_at(store, start, "old", NULL, ITEM_NEW);
    struct fetch_report report = {.source = "s1", .time = start};
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_put_source(store, NULL, &report), OK);
    commit(store);
    for (int i = 1; i < 80; i += 3)
        retain(store, start + i * day, &sum);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM guid"), 0);
    store_close(store);
}

static void stories_survive_the_item_in_their_middle(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct item *items[4];
    store->fixed_now = 1700000000;
    assert_int_equal(store_begin(store), OK);
    for (int i = 0; i < 4; i++) {
        char name[16];
        snprintf(name, sizeof name, "i%d", i);
        items[i] = make_item("s", 1, name, name);
        items[i]->arrived = i == 0 ? 1000 : 1700000000;
        assert_int_equal(store_identify(store, items[i]), ITEM_NEW);
        items[i]->story = 1;
        assert_int_equal(store_put_item(store, items[i], 0), OK);
        struct verdict v = {.item = items[i]->id,
                            .of = i ? items[0]->id : 0,
                            .kind = i ? WN_EDITION : WN_KEEP,
                            .filter_name = "editions",
                            .score = 1};
        assert_int_equal(store_put_verdict(store, &v), OK);
    }
    commit(store);
    int64_t sum;
    assert_int_equal(retain(store, 1700000001, &sum), 1);
    assert_int_equal(sum, items[0]->id);
    /* The youngest of those that pointed to it stands in its place. */
    assert_int_equal(count_rows(store, "SELECT count(*) FROM verdict WHERE kind = 2 AND other = 4"),
                     2);
    assert_int_equal(count_rows(store, "SELECT kind FROM verdict WHERE item = 4"), WN_KEEP);
    for (int i = 0; i < 4; i++)
        item_destroy(items[i]);
    store_close(store);
}

static void only_what_shows_makes_a_generation(void **state)
{
    (void)state;
    struct store *store = open_store();
    int64_t before = 0, after = 0;
    assert_int_equal(store_begin(store), OK);
    put_source(store, "s1", 1000);
    assert_int_equal(store_commit(store, &before), OK);
    struct item *a = make_item("s1", 1, "g", "one");
    assert_int_equal(store_begin(store), OK);
    arrive(store, a);
    assert_int_equal(store_commit(store, &after), OK);
    assert_int_equal(after, before); /* it waits; what is shown of it comes with its entry */
    struct item *changed = make_item("s1", 2, "g", "two");
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(arrive(store, changed), ITEM_UPDATED);
    assert_int_equal(store_commit(store, &after), OK);
    assert_int_equal(after, before + 1);
    assert_int_equal(reader_generation(store_reader(store)), after);
    item_destroy(changed);
    item_destroy(a);
    store_close(store);
}

static void newer_databases_are_refused(void **state)
{
    (void)state;
    struct store *store = open_store();
    sqlite3_exec(store->db.handle, "PRAGMA user_version = 1000", NULL, NULL, NULL);
    store_close(store);
    assert_int_equal(store_open(test_dir, "test", &store, NULL), E_VERSION);
    char path[128];
    snprintf(path, sizeof path, "%s/winnow.db", test_dir);
    FILE *f = fopen(path, "w");
    fputs("this is no database, and long enough to be read as one ................................",
          f);
    for (int i = 0; i < 100; i++)
        fputs("no database ", f);
    fclose(f);
    assert_int_equal(store_open(test_dir, "test", &store, NULL), E_CORRUPT);
}

static void outbox_has_a_limit(void **state)
{
    (void)state;
    struct store *store = open_store();
    assert_int_equal(store_begin(store), OK);
    for (int i = 0; i < LIMIT_OUTBOX + 10; i++)
        assert_int_equal(store_event(store, "{}", 2), OK);
    commit(store);
    assert_true(store->lost_events > 0);
    int64_t rows = count_rows(store, "SELECT count(*) FROM outbox");
    assert_true(rows <= LIMIT_OUTBOX && rows > LIMIT_OUTBOX / 2);
    assert_int_equal(rows + store->lost_events, LIMIT_OUTBOX + 10);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lock_names_its_holder, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(lock_is_waited_for, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(items_keep_their_ids, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(abandoned_ids_are_not_used_again, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(one_guid_for_all_items, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(listed_twice_is_one_item, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(guids_outlive_their_items, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(sources_that_are_polled_no_more, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(stories_survive_the_item_in_their_middle, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(only_what_shows_makes_a_generation, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(newer_databases_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(outbox_has_a_limit, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
