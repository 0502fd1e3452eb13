/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include "chain_fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "host-stub/judge.h"

#define ECHO "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n  - echo\nevents: {file: events.json}\nstate: .\n"

struct court {
    struct world w;
    struct judge *judge;
    struct judge_options options;
    atomic_int released, committed, with_validators;
    _Atomic int64_t bytes;
};

static void on_released(void *user, const struct document *doc)
{
    struct court *c = user;
    atomic_fetch_add(&c->released, 1);
    atomic_fetch_add(&c->with_validators, doc->etag.ptr != NULL);
    atomic_fetch_add(&c->bytes, (int64_t)doc->bytes);
}

static void on_committed(void *user, int64_t generation)
{
    struct court *c = user;
    (void)generation;
    atomic_fetch_add(&c->committed, 1);
}

static void start(struct court *c)
{
    buf_reset(&c->w.errors);
    int status = judge_start(&c->options, &c->judge, &c->w.errors);
    if (status)
        fail_msg("%s: %s", status_text(status), c->w.errors.p);
}

static void open_court(struct court *c, int workers, int once, const char *yaml)
{
    memset(c, 0, sizeof *c);
    world_open(&c->w, workers, 0, yaml);
    c->options = (struct judge_options){
        .config = c->w.config,
        .store = c->w.store,
        .workers = c->w.workers,
        .once = once,
        .committed = on_committed,
        .released = on_released,
        .user = c,
    };
    start(c);
}

static void close_court(struct court *c)
{
    if (c->judge)
        judge_stop(c->judge, 1);
    world_close(&c->w);
}

/* A document of n items, "TITLE 0" …, with an ETag. */
static const char *content = "<p>text</p>";

static struct document *make_document(const char *source, const char *title, size_t n)
{
    struct document *doc = document_create();
    doc->arrived = 1700000000;
    doc->source_key = arena_str(&doc->arena, source, strlen(source));
    doc->etag = arena_str(&doc->arena, "\"tag\"", 5);
    for (size_t i = 0; i < n; i++) {
        char guid[64];
        snprintf(guid, sizeof guid, "%s %zu", title, i);
        world_item(doc, guid, guid, content);
    }
    return doc;
}

static int deliver(struct court *c, int64_t sequence, const char *source, const char *title, size_t n)
{
    struct fetch_report r = {.source = source, .time = 1700000000, .http = 200, .items = (int)n,
                             .bytes = 1000, .next = 1700003600};
    return judge_document(c->judge, sequence, make_document(source, title, n), &r);
}

static int nothing(struct court *c, int64_t sequence, const char *source)
{
    struct fetch_report r = {.source = source, .time = 1700000000, .http = 304, .not_modified = 1, .items = -1};
    return judge_nothing(c->judge, sequence, &r);
}

static char *events(struct court *c)
{
    char path[128];
    snprintf(path, sizeof path, "%s/events.json", c->w.dir);
    return world_read(path);
}

static size_t occurrences(const char *text, const char *words)
{
    size_t n = 0;
    for (; (text = strstr(text, words)); text++)
        n++;
    return n;
}

struct etag {
    const char *url;
    char text[64];
    int found;
};

static int take_etag(void *user, const struct source_state *s)
{
    struct etag *e = user;
    if (str_eqz(s->url, e->url)) {
        e->found = 1;
        snprintf(e->text, sizeof e->text, "%.*s", (int)s->etag.len, s->etag.ptr ? s->etag.ptr : "");
    }
    return 0;
}

/* The ETag in the store, "" if there is none, NULL if the source isn't known. */
static const char *etag_of(struct court *c, const char *url, struct etag *e)
{
    struct reader *reader;
    *e = (struct etag){.url = url};
    assert_int_equal(reader_open(c->w.store, &reader), OK);
    reader_each_source(reader, take_etag, e);
    reader_close(reader);
    return e->found ? e->text : NULL;
}

static struct judge_numbers numbers(struct court *c)
{
    struct judge_numbers n;
    judge_numbers(c->judge, &n);
    return n;
}

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
    for (int i = 0; i < 500 && numbers(&c).sequence < 1; i++)
        usleep(10000);
    assert_int_equal(numbers(&c).sequence, 1); /* nobody asked for it */
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
    for (int i = 0; i < 1000 && numbers(&c).stats.epochs < 1; i++)
        usleep(10000);
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
    for (int i = 0; i < 1000 && numbers(&c).stats.epochs < 1; i++)
        usleep(10000);
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

static int answer(void *arg, struct judge *judge)
{
    assert_non_null(judge_chain(judge));
    *(int64_t *)arg += reader_generation(store_reader(judge_store(judge)));
    return E_ABSENT;
}

/* ---- a full disk ---- */

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
    for (int i = 0; i < 1000 && numbers(&c).sequence < 2; i++)
        usleep(10000);
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
    for (int i = 0; i < 1000 && numbers(&c).sequence < 1; i++)
        usleep(10000);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_int_equal(numbers(&c).stats.items_new, 100);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    assert_int_equal(store_kv_get(c.w.store, "probe", str_z("documents"), &value), OK);
    assert_true(str_eqz(value, "1"));
    char *text = events(&c);
    assert_int_equal(occurrences(text, "\"event_type\":\"item\""), 100);
    assert_int_equal(occurrences(text, "\"verdict\":\"keep\""), 100); /* nothing is a copy of itself */
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
    for (int i = 0; i < 1500 && numbers(&c).sequence < 2; i++)
        usleep(10000);
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
    static const char good[] = "plugins: [" PLUGINS "probe.so]\nfilters:\n  - probe\n  - echo: {word: fresh}\nstate: .\n";
    static const char bad[] = "plugins: [" PLUGINS "probe.so]\nfilters:\n  - echo: {wrod: x}\nstate: .\n";
    struct court c;
    struct reload r;
    struct config *fresh, *broken;
    open_court(&c, 2, 0, ECHO);
    buf_init(&r.errors, KIB(64));
    assert_int_equal(config_parse(bad, sizeof bad - 1, "bad.yaml", c.w.dir, &broken, &r.errors), OK);
    r.config = broken;
    assert_int_equal(judge_call(c.judge, reload, &r), E_USAGE);
    assert_non_null(strstr(r.errors.p, "did you mean 'word'?"));
    assert_string_equal(judge_topic_label(c.judge, str_z("04000000"), str_z("de")).ptr, "Wirtschaft");
    deliver(&c, 1, "https://a/", "a", 1);
    judge_wait(c.judge, 1);
    int64_t id = 1;
    assert_int_equal(judge_call(c.judge, one_category, &id), E_SYNTAX); /* the old word */
    buf_reset(&r.errors);
    assert_int_equal(config_parse(good, sizeof good - 1, "good.yaml", c.w.dir, &fresh, &r.errors), OK);
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
    /* Times differ from run to run, nothing else does; the figures of stats are left out. */
    for (char *p = text; (p = strstr(p, "\"timestamp\":\"")); p++)
        memset(p + 13, '-', 20);
    char *stats = strstr(text, "\"event_type\":\"stats\"");
    if (stats)
        *stats = '\0';
    close_court(&c);
    return text;
}

static void same_for_any_number_of_workers(void **state)
{
    (void)state;
    char *one = whole_run(1, 0), *two = whole_run(2, 0), *eight = whole_run(8, 0), *turned = whole_run(8, 1);
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
        cmocka_unit_test(a_full_disk_is_waited_for),
        cmocka_unit_test(a_large_epoch_on_a_full_disk),
        cmocka_unit_test(a_database_held_by_another_is_waited_for),
        cmocka_unit_test(a_full_disk_can_be_left),
        cmocka_unit_test(calls_run_on_the_judge),
        cmocka_unit_test(reload_takes_over_or_keeps_the_old),
        cmocka_unit_test(revisions_after_a_ruling_do_not_wait),
        cmocka_unit_test(statistics_are_told),
        cmocka_unit_test(same_for_any_number_of_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
