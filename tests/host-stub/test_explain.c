/* SPDX-License-Identifier: Apache-2.0 */
/* What `winnow explain` finds and says, for what is there and for what isn't. */
#include "store_fixture.h"

#include "host-stub/explain.h"
#include "host-stub/judge.h"
#include "host-stub/story.h"
#include "host-stub/story_command.h"

static struct config *config;
static struct store *store;

static const char yaml[] = "filters:\n"
                           "  - boilerplate\n"
                           "  - editions\n"
                           "  - topics: {enabled: no}\n"
                           "sources:\n"
                           "  - https://good.example/feed\n"
                           "  - https://page.example/feed\n"
                           "  - https://broken.example/feed\n"
                           "  - https://slow.example/feed\n"
                           "  - url: https://off.example/feed\n"
                           "    enabled: no\n"
                           "prefer: [en, de]\n"
                           "output:\n"
                           "  - file: clean.atom\n"
                           "    format: atom\n"
                           "    keep: 1\n"
                           "    for: 1h\n";

enum { NOW = 1000000 };

static void put(const char *guid, const char *title, const char *lang, struct verdict *word,
                int64_t arrived)
{
    static int64_t document;
    struct item *item = make_item("https://good.example/feed", ++document, guid, title);
    struct epoch_item e = {.item = item};
    struct epoch epoch = {.items = &e, .n_items = 1, .verdicts = word, .n_verdicts = word != NULL};
    item->lang = item_str(item, str_z(lang));
    item->arrived = arrived;
    assert_int_equal(store_begin(store), OK);
    e.identity = store_identify(store, item);
    item->content = item_str(item, str_z("<p>Cleaned.</p>"));
    struct removed *r = item_add_removed(item);
    r->rule = item_str(item, str_z("phrase"));
    r->text = item_str(item, str_z("Read more\x1b[2J"));
    r->place = item_str(item, str_z("tail"));
    if (word)
        word->item = item->id;
    e.dropped = word && word->kind == WN_DROP;
    assert_int_equal(store_put_item(store, item, e.dropped), OK);
    assert_int_equal(stories_apply(store, config, &epoch, NULL, NULL), OK);
    commit(store);
    item_destroy(item);
}

static void source(const char *url, int status, int http, const char *error)
{
    struct fetch_report r = {.source = url,
                             .time = NOW - 60,
                             .status = status,
                             .http = http,
                             .error = error,
                             .failures = status != OK,
                             .next = NOW + 600};
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_put_source(store, NULL, &r), OK);
    commit(store);
}

static void settle(void)
{
    size_t changed;
    int64_t next;
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(stories_settle(store, config, store->fixed_now, 0, &changed, &next), OK);
    commit(store);
}

static int set_up(void **state)
{
    struct buf errors;
    buf_init(&errors, 65536);
    if (make_dir(state) ||
        config_parse(yaml, sizeof yaml - 1, "test.yaml", test_dir, &config, &errors) != OK) {
        fprintf(stderr, "%s\n", errors.p ? errors.p : "no folder");
        return -1;
    }
    buf_finish(&errors);
    store = open_store();
    store->fixed_now = NOW;
    struct verdict edition = {.of = 1,
                              .kind = WN_EDITION,
                              .filter_name = "editions",
                              .score = 0.97,
                              .reason = str_z("the same article"),
                              .evidence = str_z("cos=0.91")};
    struct verdict drop = {
        .kind = WN_DROP, .filter_name = "topics", .score = 1, .reason = str_z("unwanted topic")};
    put("guid-1", "Minister visits Harbour", "en", NULL, NOW);
    put("guid-2", "MINISTERIN besucht Häfen", "de", &edition, NOW);
    settle();
    put("guid-3", "Dropped thing", "en", &drop, NOW);
    put("guid-4", "Waiting thing", "en", NULL, NOW);
    source("https://good.example/feed", OK, 200, NULL);
    source("https://page.example/feed", E_NOTFEED, 200, "an HTML page");
    source("https://broken.example/feed", E_HTTP, 404, "404 Not Found");
    return 0;
}

static int tear_down(void **state)
{
    store_close(store);
    config_destroy(config);
    return remove_dir(state);
}

static json_t *ask(const char *what)
{
    struct explain x = {store_reader(store), config, NOW, NULL, NULL};
    json_t *answer = NULL;
    assert_int_equal(explain_find(&x, what, &answer), OK);
    assert_non_null(answer);
    return answer;
}

static const char *found(const json_t *a)
{
    return json_string_value(json_object_get(a, "found"));
}

static const char *print(json_t *a, int texts)
{
    static char *text;
    size_t n;
    free(text);
    FILE *f = open_memstream(&text, &n);
    explain_print(f, a, texts);
    fclose(f);
    json_decref(a);
    return text;
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void by_every_name(void **state)
{
    (void)state;
    static const char *const names[] = {"2",
                                        "guid-2",
                                        "https://example.org/MINISTERIN besucht Häfen",
                                        "http://example.org/MINISTERIN besucht Häfen/",
                                        "ministerin HÄFEN",
                                        "besucht"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *a = ask(names[i]);
        assert_string_equal(found(a), "item");
        assert_int_equal(json_integer_value(json_object_get(a, "item")), 2);
        json_decref(a);
    }
    json_t *a = ask("story:1");
    assert_string_equal(found(a), "items");
    assert_int_equal(json_array_size(json_object_get(a, "choices")), 2);
    has(print(a, 0), "item 2, \"MINISTERIN");
    a = ask("thing");
    assert_string_equal(found(a), "items");
    json_decref(a);
}

static void an_edition_and_its_face(void **state)
{
    (void)state;
    const char *text = print(ask("2"), 1);
    has(text, "boilerplate: kept the item");
    has(text,
        "editions: edition of item 1, \"Minister visits Harbour\" (en, Example), score 0.970");
    has(text, "because: the same article");
    has(text, "evidence: cos=0.91");
    has(text, "topics: switched off in the configuration, line 4");
    has(text, "taken away (phrase, tail): Read more [2J"); /* no escape reaches the terminal */
    has(text, "text: 10 bytes as it came, 8 as it is shown");
    has(text, "content: <p>Some text.</p>");
    has(text, "content: <p>Cleaned.</p>");
    has(text, "Story 1");
    has(text, "readers see item 1");
    has(text, "instead: its language, en, is the first in `prefer`");
    has(text, "in ");
    text = print(ask("1"), 0);
    has(text, "readers see this item: its language, en");
    assert_null(strstr(text, "As it came"));
}

static void what_is_not_on_show(void **state)
{
    (void)state;
    has(print(ask("3"), 0),
        "topics: switched off in the configuration, line 4; remove `enabled: no`");
    has(print(ask("3"), 0), "drop, score 1.000");
    has(print(ask("3"), 0), "Not shown: a filter dropped it");
    has(print(ask("4"), 0),
        "Not shown yet: its story waits for other editions until 1970-01-12T13:51:40Z");
    /* Too old for the output, and another one came since. */
    store->fixed_now = NOW + 10;
    settle();
    struct explain x = {store_reader(store), config, NOW + 7200, NULL, NULL};
    json_t *a = NULL;
    assert_int_equal(explain_item(&x, 1, &a), OK);
    has(print(a, 0),
        "clean.atom: older than 1 h, and 1 newer entries stand before it: set `for` or `keep`");
}

static void sources(void **state)
{
    (void)state;
    has(print(ask("https://good.example/feed"), 0), "https://good.example/feed: ok");
    has(print(ask("https://page.example/feed"), 0), "unparsable");
    has(print(ask("https://page.example/feed"), 0), "winnow init URL");
    has(print(ask("https://broken.example/feed"), 0), "look for its new address");
    has(print(ask("https://slow.example/feed"), 0), "never polled");
    has(print(ask("https://slow.example/feed"), 0), "winnow run --once -c test.yaml");
    has(print(ask("https://off.example/feed"), 0), "switched off in test.yaml, line 10");
}

static void never_seen(void **state)
{
    (void)state;
    json_t *a = ask("https://www.broken.example/article");
    assert_string_equal(found(a), "nothing");
    const char *text = print(a, 0);
    has(text, "https://broken.example/feed: failing");
    assert_null(strstr(text, "page.example"));
    text = print(ask("https://elsewhere.example/article"),
                 0); /* no such host: whatever is in trouble */
    has(text, "page.example");
    has(text, "broken.example");
    assert_null(strstr(text, "good.example"));
    has(print(ask("no such words"), 0), "Nothing fits \"no such words\"");
    struct explain x = {NULL, config, NOW, NULL, NULL};
    a = NULL;
    assert_int_equal(explain_find(&x, "anything", &a), OK);
    has(print(a, 0), "nothing has been polled yet");
}

static void gone_with_age(void **state)
{
    (void)state;
    size_t removed;
    put("guid-old", "Old thing", "en", NULL, 1000);
    assert_int_equal(store_begin(store), OK);
    assert_int_equal(store_retain(store, NOW, 604800, 3600, 1, 10, NULL, NULL, &removed), OK);
    commit(store);
    assert_int_equal(removed, 1);
    static const char *const names[] = {"guid-old", "5"};
    for (int i = 0; i < 2; i++) {
        json_t *a = ask(names[i]);
        assert_string_equal(found(a), "removed");
        const char *text = print(a, 0);
        has(text, "Item 5 of https://good.example/feed");
        has(text, "`window` (7 days)");
    }
}

static json_t *request(const char *json)
{
    json_t *r = json_loads(json, 0, NULL);
    int changed = -1;
    int64_t generation = 0;
    assert_non_null(r);
    assert_true(state_request_is_ours(r));
    json_t *answer = state_request(store, NULL, config, r, NOW, &changed, &generation);
    assert_int_equal(changed, json_is_true(json_object_get(answer, "ok")) &&
                                  !json_object_get(answer, "found"));
    json_decref(r);
    return answer;
}

static void refused(const char *json, const char *part)
{
    json_t *a = request(json);
    assert_true(json_is_false(json_object_get(a, "ok")));
    has(json_string_value(json_object_get(a, "error")), part);
    json_decref(a);
}

static void on_the_control_socket(void **state)
{
    (void)state;
    json_t *a = request("{\"command\":\"explain\",\"what\":\"guid-1\"}");
    assert_true(json_is_true(json_object_get(a, "ok")));
    assert_int_equal(json_integer_value(json_object_get(a, "item")), 1);
    json_decref(a);
    refused("{\"command\":\"explain\"}", "say what");
    refused("{\"command\":\"split\",\"story\":1}", "give the numbers");
    refused("{\"command\":\"split\",\"story\":77,\"item\":1}", "no story 77");
    refused("{\"command\":\"split\",\"story\":1,\"item\":4}", "item 4 is not in story 1");
    refused("{\"command\":\"split\",\"story\":4,\"item\":4}", "alone");
    refused("{\"command\":\"join\",\"a\":\"1\",\"b\":\"item:99\"}", "no item 99");
    refused("{\"command\":\"join\",\"a\":\"x\",\"b\":1}", "by number");
    a = request("{\"command\":\"split\",\"story\":1,\"item\":2}");
    has(json_string_value(json_object_get(a, "message")), "item 2 left story 1; it is story 5 now");
    json_decref(a);
    has(print(ask("2"), 0), "you ruled: apart from item 1");
    a = request("{\"command\":\"join\",\"a\":\"5\",\"b\":\"item:1\"}");
    has(json_string_value(json_object_get(a, "message")), "in story 1 now");
    json_decref(a);
    has(print(ask("2"), 0), "you ruled: together with item 1");
    a = ask("story:5"); /* its old number still leads there */
    assert_int_equal(json_array_size(json_object_get(a, "choices")), 2);
    json_decref(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_every_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_edition_and_its_face, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_on_show, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sources, set_up, tear_down),
        cmocka_unit_test_setup_teardown(never_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gone_with_age, set_up, tear_down),
        cmocka_unit_test_setup_teardown(on_the_control_socket, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
