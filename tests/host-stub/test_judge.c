/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "judge_fixture.h"

/* ---- order and epochs ---- */

static void documents_are_judged_in_order(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 1, ECHO);
    assert_int_equal(deliver(&c, 3, "https://c/", "same", 2), OK);
    usleep(50000);
    assert_int_equal(nothing(&c, 2, "https://b/"), OK);
    usleep(50000);
    assert_int_equal(numbers(&c).sequence, 0); /* the first is missing */
    assert_int_equal(deliver(&c, 1, "https://a/", "same", 2), OK);
    assert_int_equal(judge_wait(c.judge, 3), OK);
    struct judge_numbers n = numbers(&c);
    assert_int_equal(n.sequence, 3);
    assert_int_equal(n.stats.epochs, 1);
    assert_int_equal(n.stats.items_new, 4);
    assert_int_equal(n.stats.verdicts[WN_DUPLICATE], 2);
    assert_int_equal(n.stats.not_modified, 1);
    assert_int_equal(c.released, 2);
    /* The copies are those that came second by sequence. */
    char *text = events(&c);
    assert_int_equal(occurrences(text, "\"event_type\":\"item\""), 4);
    assert_int_equal(occurrences(text, "\"event_type\":\"fetch\""), 3);
    const char *copy = strstr(text, "\"verdict\":\"duplicate\"");
    assert_non_null(copy);
    while (copy > text && copy[-1] != '\n')
        copy--;
    assert_non_null(strstr(copy, "\"source\":\"https://c/\""));
    free(text);
    close_court(&c);
}

static void epochs_are_cut_by_count(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 1, ECHO);
    /* 100 + 100, then 100 + 156, then 300 alone, then 2048 + 952 with 10 after it. */
    static const size_t sizes[] = {100, 100, 100, 156, 300, 3000, 10};
    for (int64_t i = 0; i < 7; i++) {
        char source[32];
        snprintf(source, sizeof source, "https://s%d/", (int)i);
        assert_int_equal(deliver(&c, i + 1, source, source, sizes[i]), OK);
    }
    assert_int_equal(judge_wait(c.judge, 7), OK);
    struct judge_numbers n = numbers(&c);
    assert_int_equal(n.stats.items_new, 3766);
    assert_int_equal(n.stats.epochs, 6);
    assert_int_equal(c.released, 7);
    for (int64_t i = 8; i < 14; i++) {
        char source[32];
        snprintf(source, sizeof source, "https://s%d/", (int)i);
        assert_int_equal(deliver(&c, i, source, source, 100), OK);
    }
    assert_int_equal(judge_wait(c.judge, 13), OK);
    assert_int_equal(numbers(&c).stats.epochs, 9); /* 200 each: whole documents, 256 at most */
    close_court(&c);
}

static void once_waits_for_no_clock(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 1, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 10);
    usleep(600000); /* more than an epoch waits in the daemon */
    assert_int_equal(numbers(&c).stats.epochs, 0);
    deliver(&c, 2, "https://b/", "b", 10);
    assert_int_equal(judge_wait(c.judge, 2), OK);
    assert_int_equal(numbers(&c).stats.epochs, 1);
    close_court(&c);
}

static void the_daemon_waits_a_moment(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 1, 0, ECHO);
    deliver(&c, 1, "https://a/", "a", 10);
    until_sequence(&c, 1); /* nobody asked for it */
    assert_int_equal(judge_wait(c.judge, 1), OK);
    close_court(&c);
}

/* ---- what is kept ---- */

static void validators_come_with_the_last_part(void **state)
{
    (void)state;
    struct court c;
    struct etag e;
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://large/", "large", LIMIT_DOCUMENT_PART + 5);
    /* The first part goes at once, being full; the second waits for company. */
    until_epoch(&c, 1);
    assert_int_equal(numbers(&c).stats.items_new, LIMIT_DOCUMENT_PART);
    assert_int_equal(c.released, 0);
    etag_of(&c, "https://large/", &e);
    assert_string_equal(e.text, "");
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_string_equal(etag_of(&c, "https://large/", &e), "\"tag\"");
    assert_int_equal(c.released, 1);
    assert_int_equal(c.with_validators, 1);
    close_court(&c);
}

static void stopped_without_draining_nothing_is_half_kept(void **state)
{
    (void)state;
    struct court c;
    struct etag e;
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 3);
    judge_stop(c.judge, 0);
    c.judge = NULL;
    assert_null(etag_of(&c, "https://a/", &e));
    /* What drains is kept. */
    start(&c);
    deliver(&c, 1, "https://a/", "a", 3);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    assert_string_equal(etag_of(&c, "https://a/", &e), "\"tag\"");
    close_court(&c);
}

static void polled_again_nothing_is_judged_again(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 20);
    judge_wait(c.judge, 1);
    deliver(&c, 2, "https://a/", "a", 21);
    judge_wait(c.judge, 2);
    struct judge_numbers n = numbers(&c);
    assert_int_equal(n.stats.items_new, 21);
    assert_int_equal(n.stats.items_same, 20);
    char *text = events(&c);
    assert_int_equal(occurrences(text, "\"event_type\":\"item\""), 21);
    free(text);
    close_court(&c);
}

static int count_entry(void *user, const struct entry *entry)
{
    (void)entry;
    ++*(int *)user;
    return 0;
}

static void once_shows_entries_when_all_is_through(void **state)
{
    (void)state;
    struct court c;
    struct reader *reader;
    int n = 0;
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "same", 300);
    until_epoch(&c, 1);
    assert_int_equal(reader_open(c.w.store, &reader), OK);
    reader_each_entry(reader, 0, 10000, NULL, NULL, count_entry, &n);
    assert_int_equal(n, 0);
    deliver(&c, 2, "https://b/", "same", 300);
    assert_int_equal(judge_wait(c.judge, 2), OK);
    reader_each_entry(reader, 0, 10000, NULL, NULL, count_entry, &n);
    assert_int_equal(n, 300); /* each story once */
    reader_close(reader);
    assert_true(c.committed > 0);
    close_court(&c);
}

/* ---- questions and reload ---- */

static void calls_run_on_the_judge(void **state)
{
    (void)state;
    struct court c;
    int64_t generation = 0;
    open_court(&c, 2, 0, ECHO);
    deliver(&c, 1, "https://a/", "a", 5);
    judge_wait(c.judge, 1);
    assert_int_equal(judge_call(c.judge, answer, &generation), E_ABSENT);
    assert_int_equal(generation, numbers(&c).generation);
    close_court(&c);
}

struct reload {
    const struct config *config;
    struct buf errors;
};

static int reload(void *arg, struct judge *judge)
{
    struct reload *r = arg;
    return judge_reload(judge, r->config, &r->errors);
}

static int one_category(void *arg, struct judge *judge)
{
    struct item *item;
    int64_t *id = arg;
    if (reader_item(store_reader(judge_store(judge)), *id, &item))
        return E_ABSENT;
    int status = item->n_categories ? OK : E_INVALID;
    if (status == OK && !str_eqz(item->categories[0].term, "fresh:<p>text</p>"))
        status = E_SYNTAX;
    item_destroy(item);
    return status;
}

static void reload_takes_over_or_keeps_the_old(void **state)
{
    (void)state;
    static const char good[] =
        "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n  - echo: {word: fresh}\nstate: .\n";
    static const char bad[] =
        "plugins: [" PLUGINS "probe.so]\nfilters:\n  - echo: {wrod: x}\nstate: .\n";
    struct court c;
    struct reload r;
    struct config *fresh, *broken;
    open_court(&c, 2, 0, ECHO);
    buf_init(&r.errors, KIB(64));
    assert_int_equal(config_parse(bad, sizeof bad - 1, "bad.yaml", c.w.dir, &broken, &r.errors),
                     OK);
    r.config = broken;
    assert_int_equal(judge_call(c.judge, reload, &r), E_USAGE);
    assert_non_null(strstr(r.errors.p, "did you mean 'word'?"));
    assert_string_equal(judge_topic_label(c.judge, str_z("04000000"), str_z("de")).ptr,
                        "Wirtschaft");
    deliver(&c, 1, "https://a/", "a", 1);
    judge_wait(c.judge, 1);
    int64_t id = 1;
    assert_int_equal(judge_call(c.judge, one_category, &id), E_SYNTAX); /* the old word */
    buf_reset(&r.errors);
    assert_int_equal(config_parse(good, sizeof good - 1, "good.yaml", c.w.dir, &fresh, &r.errors),
                     OK);
    r.config = fresh;
    assert_int_equal(judge_call(c.judge, reload, &r), OK);
    deliver(&c, 2, "https://b/", "b", 1);
    judge_wait(c.judge, 2);
    id = 2;
    assert_int_equal(judge_call(c.judge, one_category, &id), OK);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    config_destroy(fresh);
    config_destroy(broken);
    buf_finish(&r.errors);
    close_court(&c);
}

static int part_them(void *arg, struct judge *judge)
{
    const int64_t *ids = arg;
    struct store *store = judge_store(judge);
    int64_t generation;
    if (store_begin(store))
        return E_IO;
    chain_constrain(judge_chain(judge), ids[0], ids[1], WN_APART);
    return store_commit(store, &generation);
}

static void revisions_after_a_ruling_do_not_wait(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 0, ECHO);
    deliver(&c, 1, "https://a/", "same", 1);
    deliver(&c, 2, "https://b/", "same", 1);
    judge_wait(c.judge, 2);
    int64_t ids[] = {1, 2};
    assert_int_equal(judge_call(c.judge, part_them, ids), OK);
    assert_int_equal(numbers(&c).stats.revisions, 1);
    char *text = events(&c);
    assert_non_null(strstr(text, "a person parted them"));
    free(text);
    close_court(&c);
}

static void statistics_are_told(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 0, ECHO);
    deliver(&c, 1, "https://a/", "a", 5);
    judge_wait(c.judge, 1);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    char *text = events(&c);
    assert_true(occurrences(text, "\"event_type\":\"stats\"") >= 1);
    free(text);
    close_court(&c);
}

/* ---- the same for any number of workers, and for any order of arrival ---- */

static char *whole_run(int workers, int backwards)
{
    struct court c;
    open_court(&c, workers, 1, ECHO);
    enum { N = 40 };
    for (int i = 0; i < N; i++) {
        int k = backwards ? N - i : i + 1;
        char source[32], title[32];
        snprintf(source, sizeof source, "https://s%d/", k % 11);
        snprintf(title, sizeof title, "t%d", k % 17);
        if (k % 7 == 3)
            nothing(&c, k, source);
        else
            deliver(&c, k, source, title, (size_t)(k * 37 % 120));
    }
    assert_int_equal(judge_wait(c.judge, N), OK);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    char *text = events(&c);
    /* Times differ from run to run, and how often figures are told; nothing else does. */
    for (char *p = text; (p = strstr(p, "\"timestamp\":\"")); p++)
        memset(p + 13, '-', 20);
    for (char *p; (p = strstr(text, "\"event_type\":\"stats\""));) {
        char *end = strchr(p, '\n');
        while (p > text && p[-1] != '\n')
            p--;
        memmove(p, end + 1, strlen(end + 1) + 1);
    }
    close_court(&c);
    return text;
}

static void same_for_any_number_of_workers(void **state)
{
    (void)state;
    char *one = whole_run(1, 0), *two = whole_run(2, 0), *eight = whole_run(8, 0),
         *turned = whole_run(8, 1);
    assert_true(strlen(one) > 100000);
    assert_string_equal(one, two);
    assert_string_equal(one, eight);
    assert_string_equal(one, turned);
    free(one), free(two), free(eight), free(turned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_judged_in_order),
        cmocka_unit_test(epochs_are_cut_by_count),
        cmocka_unit_test(once_waits_for_no_clock),
        cmocka_unit_test(the_daemon_waits_a_moment),
        cmocka_unit_test(validators_come_with_the_last_part),
        cmocka_unit_test(stopped_without_draining_nothing_is_half_kept),
        cmocka_unit_test(polled_again_nothing_is_judged_again),
        cmocka_unit_test(once_shows_entries_when_all_is_through),
        cmocka_unit_test(calls_run_on_the_judge),
        cmocka_unit_test(reload_takes_over_or_keeps_the_old),
        cmocka_unit_test(revisions_after_a_ruling_do_not_wait),
        cmocka_unit_test(statistics_are_told),
        cmocka_unit_test(same_for_any_number_of_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
