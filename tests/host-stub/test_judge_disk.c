/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
/* The judge when the state cannot be written: nothing is lost, nothing is judged twice. */
#include "judge_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_full_disk_is_waited_for(void **state)
{
    (void)state;
    struct court c;
    struct etag e;
    signal(SIGXFSZ, SIG_IGN);
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    log_set_file(NULL); /* the log is a file, too */
    limit_files(8192);
    deliver(&c, 2, "https://b/", "b", 200);
    int status = judge_wait(c.judge, 2);
    assert_true(status == E_FULL || status == E_IO);
    assert_int_equal(numbers(&c).stuck, status);
    assert_int_equal(numbers(&c).sequence, 1);
    assert_int_equal(c.released, 1);
    limit_files(0);
    assert_int_equal(log_set_file(c.w.log), OK);
    until_sequence(&c, 2);
    assert_int_equal(judge_wait(c.judge, 2), OK);
    struct judge_numbers n = numbers(&c);
    assert_int_equal(n.stuck, 0);
    assert_int_equal(n.stats.items_new, 205);
    assert_true(n.stats.commits_failed >= 3);
    assert_true(log_has(&c.w, "the state can be written again"));
    assert_string_equal(etag_of(&c, "https://b/", &e), "\"tag\"");
    /* Judged once: probe counts documents in its kv. */
    wn_str value;
    judge_stop(c.judge, 1);
    c.judge = NULL;
    assert_int_equal(store_kv_get(c.w.store, "probe", str_z("documents"), &value), OK);
    assert_true(str_eqz(value, "2"));
    char *text = events(&c);
    assert_int_equal(occurrences(text, "\"event_type\":\"item\""), 205);
    free(text);
    close_court(&c);
}

/* More than a cache of the database would hold. */
static void a_large_epoch_on_a_full_disk(void **state)
{
    (void)state;
    struct court c;
    wn_str value;
    size_t n = 64 << 10;
    char *large = malloc(n + 1);
    assert_non_null(large);
    for (size_t i = 0; i < n; i++)
        large[i] = (char)('a' + rand() % 26);
    large[n] = '\0';
    signal(SIGXFSZ, SIG_IGN);
    open_court(&c, 2, 1, ECHO);
    log_set_file(NULL);
    limit_files(1 << 20);
    content = large;
    deliver(&c, 1, "https://a/", "a", 100);
    content = "<p>text</p>";
    assert_int_not_equal(judge_wait(c.judge, 1), OK);
    limit_files(0);
    log_set_file(c.w.log);
    until_sequence(&c, 1);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_int_equal(numbers(&c).stats.items_new, 100);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    assert_int_equal(store_kv_get(c.w.store, "probe", str_z("documents"), &value), OK);
    assert_true(str_eqz(value, "1"));
    char *text = events(&c);
    assert_int_equal(occurrences(text, "\"event_type\":\"item\""), 100);
    assert_int_equal(occurrences(text, "\"verdict\":\"keep\""),
                     100); /* nothing is a copy of itself */
    free(text);
    free(large);
    close_court(&c);
}

/* Somebody looks into the database with a tool of their own, and writes. */
static void a_database_held_by_another_is_waited_for(void **state)
{
    (void)state;
    struct court c;
    char path[128];
    wn_str value;
    sqlite3 *other;
    open_court(&c, 2, 1, ECHO);
    snprintf(path, sizeof path, "%s/winnow.db", c.w.dir);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    deliver(&c, 1, "https://a/", "a", 20);
    deliver(&c, 2, "https://b/", "a", 20);
    assert_int_equal(judge_wait(c.judge, 2), E_BUSY);
    int64_t asked = 0;
    assert_int_equal(judge_call(c.judge, answer, &asked), E_BUSY); /* better than no answer */
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    until_sequence(&c, 2);
    assert_int_equal(judge_wait(c.judge, 2), OK);
    assert_int_equal(numbers(&c).stats.items_new, 40);
    assert_int_equal(numbers(&c).stats.verdicts[WN_DUPLICATE], 20);
    sqlite3_close(other);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    assert_int_equal(store_kv_get(c.w.store, "probe", str_z("documents"), &value), OK);
    assert_true(str_eqz(value, "2"));
    close_court(&c);
}

static void a_full_disk_can_be_left(void **state)
{
    (void)state;
    struct court c;
    struct etag e;
    signal(SIGXFSZ, SIG_IGN);
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    log_set_file(NULL);
    limit_files(8192);
    deliver(&c, 2, "https://b/", "b", 200);
    assert_int_not_equal(judge_wait(c.judge, 2), OK);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    limit_files(0);
    log_set_file(c.w.log);
    assert_int_equal(c.released, 2);
    assert_int_equal(c.with_validators, 1); /* the second must be asked for again */
    assert_null(etag_of(&c, "https://b/", &e));
    start(&c);
    deliver(&c, 1, "https://b/", "b", 200);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_int_equal(numbers(&c).stats.items_new, 200);
    close_court(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_waited_for),
        cmocka_unit_test(a_large_epoch_on_a_full_disk),
        cmocka_unit_test(a_database_held_by_another_is_waited_for),
        cmocka_unit_test(a_full_disk_can_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
