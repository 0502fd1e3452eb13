/* SPDX-License-Identifier: Apache-2.0 */
/* The event file: lines as scripts rely on them, at least once, whole lines only. */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <jansson.h>

#include "host-stub/chain.h"
#include "host-stub/story.h"

static char path[128];

static int set_up(void **state)
{
    if (make_dir(state))
        return -1;
    snprintf(path, sizeof path, "%s/events.json", test_dir);
    return 0;
}

static char *slurp(const char *name)
{
    static char text[1 << 20];
    FILE *f = fopen(name, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return text;
}

static void add(struct store *store, const char *json)
{
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_event(store, json, strlen(json)), OK);
    commit(store);
}

static void lines_go_out_in_order(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    add(store, "{\"n\":1}");
    assert_int_equal(events_open(path, &events), OK);
    assert_int_equal(events_drain(events, store), OK);
    assert_int_equal(events_drain(events, store), OK); /* nothing twice */
    add(store, "{\"n\":2}");
    add(store, "{\"n\":3}");
    assert_int_equal(events_drain(events, store), OK);
    assert_string_equal(slurp(path), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    store_close(store);
    events_close(events);
    store = open_store();
    assert_int_equal(count_rows(store, "SELECT count(*) FROM outbox"), 0);
    assert_int_equal(events_open(path, &events), OK);
    assert_int_equal(events_drain(events, store), OK);
    assert_string_equal(slurp(path), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    events_close(events);
    store_close(store);
}

static void a_torn_line_is_mended(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    add(store, "{\"n\":1}");
    add(store, "{\"n\":2}");
    add(store, "{\"n\":3}");
    /* As a crash leaves it: two lines written, the third torn, none marked as sent. */
    FILE *f = fopen(path, "w");
    fputs("{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n{\"n", f);
    fclose(f);
    assert_int_equal(events_open(path, &events), OK);
    assert_int_equal(events_drain(events, store), OK);
    assert_string_equal(slurp(path), "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    events_close(events);
    /* Nothing but a torn line, longer than a block. */
    char *long_line = calloc(1, 10000);
    memset(long_line, 'x', 9999);
    f = fopen(path, "w");
    fputs(long_line, f);
    fclose(f);
    free(long_line);
    assert_int_equal(events_open(path, &events), OK);
    assert_string_equal(slurp(path), "");
    events_close(events);
    store_close(store);
}

static void reopened_after_rotation(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    char old[160];
    snprintf(old, sizeof old, "%s.1", path);
    assert_int_equal(events_open(path, &events), OK);
    add(store, "{\"n\":1}");
    assert_int_equal(events_drain(events, store), OK);
    assert_int_equal(rename(path, old), 0);
    add(store, "{\"n\":2}");
    assert_int_equal(events_drain(events, store), OK); /* still the old file */
    events_reopen(events);
    add(store, "{\"n\":3}");
    assert_int_equal(events_drain(events, store), OK);
    assert_string_equal(slurp(old), "{\"n\":1}\n{\"n\":2}\n");
    assert_string_equal(slurp(path), "{\"n\":3}\n");
    events_close(events);
    store_close(store);
}

static void a_full_disk_keeps_the_rows(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    struct rlimit old, small;
    assert_int_equal(events_open(path, &events), OK);
    add(store, "{\"n\":1}");
    assert_int_equal(events_drain(events, store), OK);
    add(store, "{\"n\":2}");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 12; /* the second line fits half */
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int status = events_drain(events, store);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_true(status == E_IO || status == E_FULL);
    assert_string_equal(slurp(path), "{\"n\":1}\n"); /* no half line */
    assert_int_equal(events_drain(events, store), OK);
    assert_string_equal(slurp(path), "{\"n\":1}\n{\"n\":2}\n");
    events_close(events);
    store_close(store);
}

static void without_a_file_rows_are_thrown_away(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    assert_int_equal(events_open(NULL, &events), OK);
    add(store, "{\"n\":1}");
    assert_int_equal(events_drain(events, store), OK);
    add(store, "{\"n\":2}");
    assert_int_equal(count_rows(store, "SELECT count(*) FROM outbox"), 1);
    events_close(events);
    assert_int_equal(events_open("/nonexistent/folder/file", &events), E_IO);
    store_close(store);
}

/* ---- lines ---- */

static json_t *parse(struct buf *line)
{
    json_error_t error;
    assert_int_equal(line->err, OK);
    assert_null(memchr(line->p, '\n', line->n));
    json_t *object = json_loadb(line->p, line->n, 0, &error);
    if (!object)
        fail_msg("%s in %s", error.text, line->p);
    return object;
}

static wn_str label(void *user, wn_str topic, wn_str lang)
{
    assert_string_equal(user, "labels");
    return str_eqz(topic, "15000000") && str_eqz(lang, "de") ? str_z("Sport") : str_of(NULL, 0);
}

static const char *text(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void an_items_line(void **state)
{
    (void)state;
    struct item *item = make_item("https://example.org/feed", 1, "g",
                                  "A \"title\"\twith\x1b[31m \xc2\x9b and \xe2\x82\xac");
    item->id = 7;
    item->story = 3;
    item->published = 0;
    item->arrived = 1700000000;
    item->lang = item_str(item, str_z("de"));
    for (int i = 0; i < 2; i++) {
        struct topic *t = item_add_topic(item);
        t->id = item_str(item, str_z(i ? "99" : "15000000"));
        t->score = i ? 5 : 950000;
    }
    item->topic_best.id = item_str(item, str_z("15000000"));
    item->topic_best.score = 1000000;
    char large[LIMIT_REMOVED_TEXT + 3];
    memset(large, 'r', sizeof large);
    memcpy(large + LIMIT_REMOVED_TEXT - 1, "\xc3\xa4", 2); /* must not be cut in two */
    struct removed *r = item_add_removed(item);
    r->rule = item_str(item, str_z("phrase"));
    r->text = item_str(item, str_of(large, sizeof large - 1));
    struct verdict v = {.item = 7,
                        .of = 5,
                        .kind = WN_EDITION,
                        .score = 0.1234567,
                        .filter_name = "editions",
                        .reason = str_z("the same"),
                        .evidence = str_z("cos=0.9")};
    struct buf line;
    buf_init(&line, LIMIT_EVENT);
    assert_int_equal(event_item(&line, item, &v, 1700000001, label, "labels"), OK);
    json_t *o = parse(&line);
    assert_string_equal(text(o, "timestamp"), "2023-11-14T22:13:21Z");
    assert_string_equal(text(o, "event_type"), "item");
    assert_int_equal(json_integer_value(json_object_get(o, "item_id")), 7);
    assert_string_equal(text(o, "source"), "https://example.org/feed");
    assert_string_equal(text(o, "guid"), "g");
    assert_string_equal(text(o, "title"), "A \"title\"\twith\x1b[31m \xc2\x9b and \xe2\x82\xac");
    assert_null(memchr(line.p, 0x1b, line.n)); /* escaped: people read this in terminals */
    assert_null(strstr(line.p, "\xc2\x9b"));
    assert_string_equal(text(o, "lang"), "de");
    assert_string_equal(text(o, "published"), "1970-01-01T00:00:00Z");
    assert_string_equal(text(o, "verdict"), "edition");
    assert_int_equal(json_integer_value(json_object_get(o, "of")), 5);
    assert_int_equal(json_integer_value(json_object_get(o, "story")), 3);
    assert_true(json_real_value(json_object_get(o, "score")) == 0.123457);
    assert_string_equal(text(o, "reason"), "the same");
    assert_string_equal(text(o, "evidence"), "cos=0.9");
    json_t *topics = json_object_get(o, "topics"), *first = json_array_get(topics, 0);
    assert_int_equal(json_array_size(topics), 2);
    assert_string_equal(text(first, "label"), "Sport");
    assert_true(json_real_value(json_object_get(first, "score")) == 0.95);
    assert_true(json_is_null(json_object_get(json_array_get(topics, 1), "label")));
    assert_true(json_real_value(json_object_get(json_array_get(topics, 1), "score")) == 0.000005);
    assert_true(json_is_real(json_object_get(json_object_get(o, "topic_best"), "score")));
    json_t *removed = json_array_get(json_object_get(o, "removed"), 0);
    assert_string_equal(text(removed, "rule"), "phrase");
    assert_int_equal(strlen(text(removed, "text")), LIMIT_REMOVED_TEXT - 1);
    json_decref(o);

    /* Nothing said, nothing known: the fields are there all the same. */
    struct item *bare = item_create();
    buf_reset(&line);
    assert_int_equal(event_item(&line, bare, NULL, 0, NULL, NULL), OK);
    o = parse(&line);
    assert_string_equal(text(o, "verdict"), "keep");
    static const char *const nulls[] = {"source",    "guid", "link",   "title",     "lang",
                                        "published", "of",   "reason", "topic_best"};
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        assert_true(json_is_null(json_object_get(o, nulls[i])));
    assert_true(json_is_array(json_object_get(o, "topics")));
    assert_true(json_is_array(json_object_get(o, "removed")));
    json_decref(o);
    buf_finish(&line);
    item_destroy(bare);
    item_destroy(item);
}

static void fetches_and_stats(void **state)
{
    (void)state;
    struct buf line;
    buf_init(&line, LIMIT_EVENT);
    struct fetch_report r = {.source = "https://example.org/feed",
                             .time = 1700000000,
                             .status = E_HTTP,
                             .http = 503,
                             .error = "refused",
                             .items = -1,
                             .next = 1700000060,
                             .failures = 2};
    assert_int_equal(event_fetch(&line, &r), OK);
    json_t *o = parse(&line);
    assert_string_equal(text(o, "event_type"), "fetch");
    assert_true(json_is_false(json_object_get(o, "ok")));
    assert_int_equal(json_integer_value(json_object_get(o, "http")), 503);
    assert_string_equal(text(o, "error"), "refused");
    assert_true(json_is_null(json_object_get(o, "items")));
    json_decref(o);
    struct chain_filter_info filter = {
        .name = "editions", .enabled = 1, .items = 5, .judge_ns = 7000};
    struct stats s = {.started = 1699999990,
                      .fetches = 4,
                      .verdicts = {1, 2, 3, 4, 5},
                      .filters = &filter,
                      .n_filters = 1};
    buf_reset(&line);
    assert_int_equal(event_stats(&line, &s, 1700000000), OK);
    o = parse(&line);
    assert_string_equal(text(o, "event_type"), "stats");
    assert_int_equal(json_integer_value(json_object_get(o, "uptime")), 10);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "verdicts"), "edition")),
                     3);
    assert_int_equal(json_integer_value(json_object_get(
                         json_array_get(json_object_get(o, "filters"), 0), "judge_us")),
                     7);
    json_decref(o);
    buf_finish(&line);
}

/* ---- which items get a line ---- */

static void an_epoch(struct store *store, struct item **items, size_t n, struct verdict *words,
                     size_t n_words, struct verdict *revisions, size_t n_revisions)
{
    struct epoch_item list[4];
    memset(list, 0, sizeof list);
    assert_int_equal(store_begin(store), OK);
    for (size_t i = 0; i < n; i++) {
        list[i].item = items[i];
        list[i].identity = arrive(store, items[i]);
    }
    struct epoch epoch = {.items = list,
                          .n_items = n,
                          .verdicts = words,
                          .n_verdicts = n_words,
                          .revisions = revisions,
                          .n_revisions = n_revisions};
    assert_int_equal(stories_apply(store, NULL, &epoch, NULL, NULL), OK);
    commit(store);
}

static void lines_for_new_and_changed_items(void **state)
{
    (void)state;
    struct store *store = open_store();
    struct events *events = NULL;
    assert_int_equal(events_open(path, &events), OK);
    struct item *a = make_item("s", 1, "a", "a"), *b = make_item("s", 2, "b", "b"),
                *c = make_item("s", 3, "c", "c");
    an_epoch(store, &a, 1, NULL, 0, NULL, 0);
    an_epoch(store, &b, 1, NULL, 0, NULL, 0);
    /* c is an edition of a, and shows that b is one, too: b's story changes and so it gets a line;
     * a's doesn't. */
    struct verdict word = {
        .item = 3, .of = 1, .kind = WN_EDITION, .filter_name = "editions", .score = 1};
    struct verdict revision = {
        .item = 2, .of = 3, .kind = WN_EDITION, .filter_name = "editions", .score = 1};
    an_epoch(store, &c, 1, &word, 1, &revision, 1);
    an_epoch(store, &c, 1, NULL, 0, NULL, 0); /* listed again: nothing to tell */
    assert_int_equal(events_drain(events, store), OK);
    char *text = slurp(path), seen[64] = "";
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *o = json_loads(line, 0, NULL);
        assert_non_null(o);
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%lld:%lld ",
                 (long long)json_integer_value(json_object_get(o, "item_id")),
                 (long long)json_integer_value(json_object_get(o, "story")));
        json_decref(o);
    }
    assert_string_equal(seen, "1:1 2:2 3:1 2:1 ");
    item_destroy(a);
    item_destroy(b);
    item_destroy(c);
    events_close(events);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_go_out_in_order, set_up, remove_dir),
        cmocka_unit_test_setup_teardown(a_torn_line_is_mended, set_up, remove_dir),
        cmocka_unit_test_setup_teardown(reopened_after_rotation, set_up, remove_dir),
        cmocka_unit_test_setup_teardown(a_full_disk_keeps_the_rows, set_up, remove_dir),
        cmocka_unit_test_setup_teardown(without_a_file_rows_are_thrown_away, set_up, remove_dir),
        cmocka_unit_test(an_items_line),
        cmocka_unit_test(fetches_and_stats),
        cmocka_unit_test_setup_teardown(lines_for_new_and_changed_items, set_up, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
