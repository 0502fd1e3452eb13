/* SPDX-License-Identifier: Apache-2.0 */
/* Filters' keys: own writes are seen at once, become durable with the epoch, and end in small
 * steps. */
#include "store_fixture.h"

static void expect(struct store *store, const char *filter, const char *key, const char *value)
{
    wn_str got = {NULL, 0};
    int status = store_kv_get(store, filter, str_z(key), &got);
    if (!value) {
        assert_int_equal(status, E_ABSENT);
        return;
    }
    assert_int_equal(status, OK);
    assert_true(str_eqz(got, value));
    assert_non_null(got.ptr);
}

static void put(struct store *store, const char *filter, const char *key, const char *value)
{
    assert_int_equal(store_kv_put(store, filter, str_z(key), str_z(value), 0), OK);
}

static void writes_are_seen_at_once(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct reader *reader = NULL;
    wn_str value;
    assert_int_equal(store_kv_put(store, "f", str_z("k"), str_z("v"), 0), E_INVALID); /* no epoch */
    assert_int_equal(store_begin(store), OK);
    put(store, "f", "k", "v");
    expect(store, "f", "k", "v");
    expect(store, "g", "k", NULL); /* private to its filter */
    put(store, "g", "k", "");
    expect(store, "g", "k", "");
    put(store, "f", "k", "a longer value than before");
    put(store, "f", "k", "short");
    expect(store, "f", "k", "short");
    assert_int_equal(reader_open(store, &reader), OK);
    assert_int_equal(reader_kv_get(reader, "f", str_z("k"), &value),
                     E_ABSENT); /* not before the commit */
    commit(store);
    assert_int_equal(reader_kv_get(reader, "f", str_z("k"), &value), OK);
    assert_true(str_eqz(value, "short"));
    expect(store, "f", "k", "short");
    assert_int_equal(store_begin(store), OK);
    put(store, "f", "k", NULL);
    expect(store, "f", "k", NULL);
    expect(store, "g", "k", "");
    commit(store);
    expect(store, "f", "k", NULL);
    assert_int_equal(reader_kv_get(reader, "f", str_z("k"), &value), E_ABSENT);
    reader_close(reader);
    store_close(store);
    store = open_store();
    expect(store, "f", "k", NULL);
    expect(store, "g", "k", "");
    store_close(store);
}

struct scanned {
    char text[256];
    struct store *store;
    int most;
};

static int note_key(void *user, wn_str key, wn_str value)
{
    struct scanned *s = user;
    size_t n = strlen(s->text);
    snprintf(s->text + n, sizeof s->text - n, "%.*s=%.*s ", (int)key.len, key.ptr, (int)value.len,
             value.ptr);
    if (s->store) { /* gets and scans within a scan */
        struct scanned inner = {.most = 9};
        wn_str v;
        assert_int_equal(store_kv_get(s->store, "f", str_z("a1"), &v), OK);
        assert_int_equal(store_kv_scan(s->store, "f", str_z("a"), note_key, &inner), OK);
        assert_string_equal(inner.text, "a1=1 a2=2 ");
    }
    return --s->most == 0;
}

static void scans_see_both_stored_and_new(void **state)
{
    (void)state;
    struct store *store = open_store();
    assert_int_equal(store_begin(store), OK);
    put(store, "f", "a1", "old");
    put(store, "f", "b", "no");
    put(store, "f", "a3", "gone");
    put(store, "g", "a0", "another's");
    commit(store);
    assert_int_equal(store_begin(store), OK);
    put(store, "f", "a2", "2");
    put(store, "f", "a1", "1");
    put(store, "f", "a3", NULL);
    struct scanned s = {.store = store, .most = 9};
    assert_int_equal(store_kv_scan(store, "f", str_z("a"), note_key, &s), OK);
    assert_string_equal(s.text, "a1=1 a2=2 ");
    put(store, "f", "a2", "again"); /* a put after a scan counts, too */
    commit(store);
    expect(store, "f", "a2", "again");
    s = (struct scanned){.most = 1};
    assert_int_equal(store_kv_scan(store, "f", str_of("", 0), note_key, &s), OK);
    assert_string_equal(s.text, "a1=1 ");
    s = (struct scanned){.most = 9};
    assert_int_equal(store_kv_scan(store, "unknown", str_of("", 0), note_key, &s), OK);
    assert_string_equal(s.text, "");
    store_close(store);
}

static void many_keys(void **state)
{
    (void)state;
    struct store *store = open_store();
    for (int round = 0; round < 2; round++) {
        assert_int_equal(store_begin(store), OK);
        for (int i = 0; i < 5000; i++) {
            char key[32], value[32];
            snprintf(key, sizeof key, "key %d", i * 7919 % 5000);
            snprintf(value, sizeof value, "%d.%d", round, i);
            put(store, "f", key, value);
            expect(store, "f", key, value);
        }
        commit(store);
    }
    assert_int_equal(count_rows(store, "SELECT count(*) FROM kv"), 5000);
    assert_int_equal(
        count_rows(store, "SELECT count(*) FROM kv WHERE CAST(value AS TEXT) LIKE '1.%'"), 5000);
    store_close(store);
}

static void expired_ones_go_step_by_step(void **state)
{
    (void)state;
    struct store *store = open_store();
    store->fixed_now = 1000;
    assert_int_equal(store_begin(store), OK);
    for (int i = 0; i < 600; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", i);
        assert_int_equal(store_kv_put(store, "f", str_z(key), str_z("x"), i < 500 ? 2000 : 0), OK);
    }
    commit(store);
    static const int left[] = {344, 100, 100};
    for (int i = 0; i < 3; i++) {
        store->fixed_now = 3000;
        assert_int_equal(store_begin(store), OK);
        commit(store);
        assert_int_equal(count_rows(store, "SELECT count(*) FROM kv"), left[i]);
    }
    store_close(store);
}

static void limits_hold(void **state)
{
    (void)state;
    struct store *store = open_store();
    static char large[LIMIT_KV_VALUE + 1];
    assert_int_equal(store_begin(store), OK);
    wn_str value = {large, sizeof large}, key = {large, LIMIT_KV_KEY + 1};
    assert_int_equal(store_kv_put(store, "f", str_z("k"), value, 0), E_LIMIT);
    assert_int_equal(store_kv_put(store, "f", key, str_z("v"), 0), E_LIMIT);
    value.len--;
    key.len--;
    assert_int_equal(store_kv_put(store, "f", key, value, 0), OK);
    commit(store);
    wn_str got;
    assert_int_equal(store_kv_get(store, "f", key, &got), OK);
    assert_int_equal(got.len, LIMIT_KV_VALUE);
    store_close(store);
}

static void in_memory(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct reader *reader = NULL;
    wn_str value;
    assert_int_equal(store_open(NULL, "test", &store, NULL), OK);
    assert_int_equal(reader_open(store, &reader), OK);
    assert_int_equal(store_begin(store), OK);
    put(store, "f", "k", "v");
    commit(store);
    assert_int_equal(reader_kv_get(reader, "f", str_z("k"), &value), OK);
    assert_true(str_eqz(value, "v"));
    reader_close(reader);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_are_seen_at_once, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(scans_see_both_stored_and_new, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(many_keys, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(expired_ones_go_step_by_step, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(limits_hold, make_dir, remove_dir),
        cmocka_unit_test(in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
