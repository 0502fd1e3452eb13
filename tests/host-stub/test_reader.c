/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads. Reading beside a writer: consistent views, other processes, other threads. */
#include "store_fixture.h"

#include <pthread.h>
#include <sys/wait.h>

#include "host-stub/judge.h"

static void a_view_holds_still(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct reader *reader = NULL;
    struct item *a = make_item("s", 1, "a", "a"), *b = make_item("s", 2, "b", "b"), *read = NULL;
    assert_int_equal(store_begin(store), OK);
    arrive(store, a);
    commit(store);
    assert_int_equal(reader_open(store, &reader), OK);
    assert_int_equal(reader_begin(reader), OK);
    int64_t generation = reader_generation(reader);
    assert_int_equal(store_begin(store), OK);
    arrive(store, b);
    store->visible = 1;
    commit(store);
    assert_int_equal(reader_generation(reader), generation);
    assert_int_equal(reader_item(reader, b->id, &read), E_ABSENT);
    reader_end(reader);
    assert_int_equal(reader_generation(reader), generation + 1);
    assert_int_equal(reader_item(reader, b->id, &read), OK);
    assert_true(str_eqz(read->guid, "b"));
    item_destroy(read);
    item_destroy(a);
    item_destroy(b);
    reader_close(reader);
    store_close(store);
}

static void another_process_reads(void **state)
{
    (void)state;
    struct reader *reader = NULL;
    assert_int_equal(reader_open_dir("/nonexistent", &reader), E_ABSENT);
    assert_int_equal(reader_open_dir(test_dir, &reader), E_ABSENT);
    struct store *store = open_store();
    struct item *a = make_item("s", 1, "a", "a");
    assert_int_equal(store_begin(store), OK);
    arrive(store, a);
    commit(store);
    pid_t child = fork();
    if (child == 0) {
        struct item *read = NULL;
        int status = reader_open_dir(test_dir, &reader);
        if (status == OK)
            status = reader_item(reader, a->id, &read);
        _exit(status == OK ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    store_close(store);
    /* Nobody holds it: reading works all the same, and leaves it alone. */
    assert_int_equal(reader_open_dir(test_dir, &reader), OK);
    struct item *again = NULL;
    assert_int_equal(reader_item(reader, a->id, &again), OK);
    item_destroy(again);
    reader_close(reader);
    item_destroy(a);
}

static void before_and_after(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct item *a = make_item("s", 1, "a", "a"), *b = make_item("s", 2, "b", "b"), *read = NULL;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_identify(store, a), ITEM_NEW);
    assert_int_equal(store_identify(store, b), ITEM_NEW);
    a->content = item_str(a, str_z("cleaned")); /* as a filter does; b stays as it is */
    a->text = item_str(a, str_z("cleaned"));
    b->text = item_str(b, str_z("Some text."));
    assert_int_equal(store_put_item(store, a, 0), OK);
    assert_int_equal(store_put_item(store, b, 0), OK);
    commit(store);
    assert_int_equal(reader_item(store_reader(store), a->id, &read), OK);
    assert_true(str_eqz(read->content, "cleaned"));
    item_destroy(read);
    assert_int_equal(reader_original(store_reader(store), a->id, &read), OK);
    assert_true(str_eqz(read->content, "<p>Some text.</p>"));
    item_destroy(read);
    assert_int_equal(reader_original(store_reader(store), b->id, &read), OK);
    assert_true(str_eqz(read->content, "<p>Some text.</p>"));
    item_destroy(read);
    assert_int_equal(count_rows(store, "SELECT count(*) FROM body WHERE before IS NOT NULL"), 1);
    item_destroy(a);
    item_destroy(b);
    store_close(store);
}

struct states {
    int n;
    char text[512];
};

static int note_source(void *user, const struct source_state *s)
{
    struct states *to = user;
    to->n++;
    snprintf(to->text + strlen(to->text), sizeof to->text - strlen(to->text),
             "%.*s %.*s %lld %lld %d %d %d|", (int)s->url.len, s->url.ptr, (int)s->etag.len,
             s->etag.ptr ? s->etag.ptr : "", (long long)s->last_fetch,
             s->last_success == TIME_ABSENT ? -1LL : (long long)s->last_success, s->failures,
             s->http, s->status);
    return 0;
}

static void put_source(struct store *store, const char *url, const char *etag, int status,
                       int64_t time)
{
    struct document *doc = etag ? document_create() : NULL;
    struct fetch_report report = {.source = url,
                                  .time = time,
                                  .status = status,
                                  .next = time + 60,
                                  .http = status ? 500
                                          : etag ? 200
                                                 : 304,
                                  .failures = status != 0,
                                  .error = status ? "broken" : NULL};
    if (doc) {
        doc->source_key = str_z(url);
        doc->etag = str_z(etag);
        document_warn(doc, "odd");
        document_warn(doc, "very odd");
    }
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_put_source(store, doc, &report), OK);
    commit(store);
    document_destroy(doc);
}

static int note_warnings(void *user, const struct source_state *s)
{
    snprintf(user, 64, "%.*s", (int)s->note.len, s->note.ptr ? s->note.ptr : "");
    return 0;
}

static void sources_keep_their_validators(void **state)
{
    (void)state;
    struct store *store = open_store();
    char large[LIMIT_VALIDATOR + 2];
    memset(large, 'e', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    put_source(store, "https://a.example/", "W/\"odd \\ one\"", OK, 1000);
    put_source(store, "https://a.example/", NULL, OK, 2000);     /* 304: they stay */
    put_source(store, "https://a.example/", NULL, E_HTTP, 3000); /* a failure, too */
    put_source(store, "https://b.example/", large, OK, 4000);    /* too long to send back */
    struct states seen = {0};
    assert_int_equal(reader_each_source(store_reader(store), note_source, &seen), OK);
    assert_string_equal(seen.text, "https://a.example/ W/\"odd \\ one\" 3000 2000 1 500 -13|"
                                   "https://b.example/  4000 4000 0 200 0|");
    char warnings[64] = "";
    assert_int_equal(
        reader_source(store_reader(store), "https://a.example/", note_warnings, warnings), OK);
    assert_string_equal(warnings, "odd\nvery odd");
    assert_int_equal(
        reader_source(store_reader(store), "https://c.example/", note_warnings, warnings),
        E_ABSENT);
    struct store_counts counts;
    assert_int_equal(reader_counts(store_reader(store), &counts), OK);
    assert_int_equal(counts.sources, 2);
    assert_int_equal(counts.failing, 1);
    store_close(store);
}

static void verdicts_come_back(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct arena arena;
    struct verdict v = {.item = 1,
                        .kind = WN_KEEP,
                        .score = 1,
                        .filter_name = "a",
                        .reason = str_z("fine")},
                   best;
    arena_init(&arena, 0);
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_put_verdict(store, &v), OK);
    v = (struct verdict){
        .item = 1, .of = 9, .kind = WN_DUPLICATE, .score = 0.5, .filter_name = "b"};
    assert_int_equal(store_put_verdict(store, &v), OK);
    v = (struct verdict){.item = 1, .of = 8, .kind = WN_RELATED, .score = 0.5, .filter_name = "c"};
    assert_int_equal(store_put_verdict(store, &v), OK);
    commit(store);
    assert_int_equal(reader_final(store_reader(store), 1, &arena, &best), OK);
    assert_int_equal(best.kind, WN_DUPLICATE);
    assert_int_equal(best.of, 9);
    assert_string_equal(best.filter_name, "b");
    assert_int_equal(reader_final(store_reader(store), 2, &arena, &best), E_ABSENT);
    assert_int_equal(store_begin(store), OK);
    v = (struct verdict){.item = 1, .kind = WN_KEEP, .score = 1, .filter_name = "b"};
    assert_int_equal(store_put_verdict(store, &v), OK); /* replaces its own word alone */
    commit(store);
    assert_int_equal(reader_final(store_reader(store), 1, &arena, &best), OK);
    assert_int_equal(best.kind, WN_RELATED);
    arena_finish(&arena);
    store_close(store);
}

/* ---- many threads ---- */

enum { ROUNDS = 60 };

static void *read_on(void *arg)
{
    struct store *store = arg;
    struct reader *reader = NULL;
    wn_str value;
    long bad = 0;
    if (reader_open(store, &reader) != OK)
        return (void *)1;
    for (int i = 0; i < 300; i++) {
        /* Two keys that each epoch writes alike must be alike in a view. */
        char first[32] = "";
        bad += reader_begin(reader) != OK;
        if (reader_kv_get(reader, "f", str_z("one"), &value) == OK)
            snprintf(first, sizeof first, "%.*s", (int)value.len, value.ptr);
        if (reader_kv_get(reader, "f", str_z("two"), &value) == OK)
            bad += !str_eqz(value, first);
        else
            bad += first[0] != '\0';
        reader_end(reader);
    }
    reader_close(reader);
    return (void *)bad;
}

static void readers_on_other_threads(void **state)
{
    (void)state;
    struct store *store = open_store();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, store), 0);
    for (int i = 0; i < ROUNDS; i++) {
        char value[32];
        snprintf(value, sizeof value, "%d", i);
        assert_int_equal(store_begin(store), OK);
        assert_int_equal(store_kv_put(store, "f", str_z("one"), str_z(value), 0), OK);
        assert_int_equal(store_kv_put(store, "f", str_z("two"), str_z(value), 0), OK);
        commit(store);
    }
    for (int i = 0; i < 3; i++) {
        void *bad = NULL;
        pthread_join(threads[i], &bad);
        assert_null(bad);
    }
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_view_holds_still, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(another_process_reads, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(before_and_after, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(sources_keep_their_validators, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(verdicts_come_back, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(readers_on_other_threads, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
