/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host-stub/config.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "host-stub/suggest.h"

static struct config *config;
static struct buf errors;

static int parse(const char *text)
{
    config_destroy(config);
    config = NULL;
    buf_finish(&errors);
    buf_init(&errors, 1 << 16);
    return config_parse(text, strlen(text), "winnow.yaml", "/etc/winnow", &config, &errors);
}

static void expect_error(const char *text, const char *part)
{
    assert_int_equal(parse(text), E_USAGE);
    if (!errors.p || !strstr(errors.p, part))
        fail_msg("expected '%s' in: %s", part, errors.p ? errors.p : "(nothing)");
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse(""), OK);
    assert_string_equal(config->state, "/etc/winnow/state");
    assert_int_equal(config->n_filters, 3);
    assert_string_equal(config->filters[1].name, "editions");
    assert_int_equal(config->settle, 300);
    assert_int_equal(config->window, 7 * 86400);
    assert_int_equal(config->filter_timeout, LIMIT_FILTER_CALL_S);
    assert_int_equal(LIMIT_FILTER_CALL_S, 60); /* what winnow.yaml(5) promises */
    assert_int_equal(config->n_outputs, 0);
}

static void test_everything(void **state)
{
    (void)state;
    assert_int_equal(
        parse("state: /var/lib/winnow\n"
              "title: News\n"
              "prefer: [en, de]\n"
              "settle: 10m\n"
              "plugins: [./mine.so, other]\n"
              "filters:\n"
              "  - boilerplate\n"
              "  - editions: {window: 7d, mode: tag}\n"
              "  - topics:\n"
              "      map: {Wirtschaft: 04000000}\n"
              "      topics: [{name: Iran, like: [a, 'b']}]\n"
              "  - mine: {enabled: false, plugin: /opt/mine.so}\n"
              "sources:\n"
              "  - https://b.example/feed\n"
              "  - url: https://a.example/feed\n"
              "    every: 1h\n"
              "    language: de\n"
              "    priority: -3\n"
              "    tags: [x, y]\n"
              "    headers: ['X-A: b']\n"
              "    allow-private: yes\n"
              "    filters: {boilerplate: {shadow: true}}\n"
              "  - file:feeds/wire.xml\n"
              "output:\n"
              "  - {file: feed.atom, keep: 50, for: 24h}\n"
              "  - {file: /srv/feed.json, topic: 'medtop:11000000', lang: de}\n"
              "serve: {listen: '127.0.0.1:8080', url: 'https://n.example/w/', allow-origin: '*'}\n"
              "events: {file: events.jsonl, stats: 10s}\n"),
        OK);
    assert_string_equal(config->plugins[0], "/etc/winnow/mine.so");
    assert_string_equal(config->plugins[1], "other");
    assert_int_equal(config->n_filters, 4);
    assert_string_equal(config->filters[1].settings[0].key, "window");
    assert_string_equal(config->filters[1].settings[0].value, "7d");
    assert_string_equal(config->filters[2].settings[0].value, "{\"Wirtschaft\":\"04000000\"}");
    assert_true(config->filters[2].settings[0].is_json);
    assert_string_equal(config->filters[2].settings[1].value,
                        "[{\"name\":\"Iran\",\"like\":[\"a\",\"b\"]}]");
    assert_false(config->filters[3].enabled);
    assert_string_equal(config->filters[3].plugin, "/opt/mine.so");
    const struct source *a = config_source(config, "https://a.example/feed");
    assert_non_null(a);
    assert_int_equal(a->every, 3600);
    assert_string_equal(a->lang, "de");
    assert_int_equal(a->priority, -3);
    assert_int_equal(a->n_tags, 2);
    assert_string_equal(a->headers[0], "X-A: b");
    assert_true(a->allow_private);
    assert_string_equal(a->overrides[0].settings[0].key, "shadow");
    assert_non_null(config_source(config, "file:///etc/winnow/feeds/wire.xml"));
    assert_null(config_source(config, "https://c.example/feed"));
    /* Two that were listed and three that the server shows. */
    assert_int_equal(config->n_outputs, 5);
    assert_string_equal(config->outputs[0].file, "/etc/winnow/feed.atom");
    assert_int_equal(config->outputs[0].within, 86400);
    assert_int_equal(config->outputs[1].format, OUTPUT_JSON);
    assert_int_equal(config->outputs[1].n_topics, 1);
    assert_string_equal(config->outputs[1].topics[0], "11000000");
    assert_int_equal(config->outputs[1].n_except, 0);
    assert_string_equal(config->outputs[3].served, "/feed.rss");
    assert_int_equal(config->outputs[3].keep, 50);
    assert_string_equal(config->outputs[3].link, "https://n.example/w/feed.rss");
    assert_null(config->outputs[0].link);
    assert_string_equal(config->allow_origin, "*");
    assert_string_equal(config->events_file, "/etc/winnow/events.jsonl");
    assert_int_equal(config->stats_every, 10);
}

static void test_errors_name_line_and_fix(void **state)
{
    (void)state;
    expect_error("stat: x\n",
                 "winnow.yaml:1: unknown key 'stat' in the configuration; did you mean 'state'?");
    expect_error("title: a\nsources:\n  - url: https://a/\n    prioritty: 3\n",
                 "winnow.yaml:4: unknown key 'prioritty'");
    expect_error("\nsettle: soon\n", "winnow.yaml:2: 'settle' must be a duration like");
    expect_error("settle: 3d\n", "must lie between");
    expect_error("title: a\nserve: {listen: 127.0.0.1}\n",
                 "winnow.yaml:2: '127.0.0.1' is no address to listen at; write HOST:PORT");
    expect_error("serve: localhost:99999\n", "no address to listen at");
    expect_error("serve: {listen: '::1:80'}\n", "no address to listen at");
    expect_error("proxy: proxy.example:3128\n", "is no proxy; write its URL");
    expect_error("proxy: 'http://'\n", "is no proxy");
    expect_error("title: a\nca-file: none.pem\n", "winnow.yaml:2: the certificates in ");
    expect_error("serve: {listen: ':80',\n url: n.example}\n",
                 "winnow.yaml:2: 'n.example' is no address that readers could use");
    expect_error("serve: {listen: ':80', allow-origin: 'https://n.example/'}\n", "is no origin");
    expect_error("serve: {listen: ':80', allow-origin: n.example}\n", "is no origin");
    expect_error("serve: {listen: ':80', url: 'https:///x'}\n", "no address that readers");
    expect_error("serve: {listen: ':80', url: 'https://n.example/?a'}\n",
                 "no address that readers");
    expect_error("prefer: [en,\n  englisch]\n",
                 "winnow.yaml:2: 'englisch' in 'prefer' is no language's code; write one like en");
    expect_error("prefer: 'English'\n", "no language's code");
    expect_error("sources: [{url: https://a/, language: zh-}]\n", "'zh-' in 'language'");
    expect_error("workers: 5000\n", "must lie between 0 and 64");
    expect_error("sources: [ftp://a/]\n", "is no URL; write https://");
    expect_error("sources: [/etc/passwd]\n", "file:PATH");
    expect_error("sources: [https://a/, https://a/]\n", "listed twice");
    expect_error("title: a\ntitle: b\n", "'title' is given twice");
    expect_error("output: {file: a, topic: []}\n", "'topic' names no topic");
    expect_error("title: a\noutput:\n  - {file: a, except: [Sport, [x]]}\n",
                 "winnow.yaml:3: 'except' must be a list of texts");
    expect_error("output: [{file: a}, {file: a}]\n", "listed twice");
    expect_error("filters: [topics, topics]\n", "listed twice");
    expect_error("sources: [\n", "not valid YAML");
    expect_error("sources: [{url: 'https://a/', headers: [\"A: b\\r\\nC: d\"]}]\n",
                 "must be one line");
    expect_error("- a\n", "must be a mapping");
}

static void test_all_errors_are_told(void **state)
{
    (void)state;
    expect_error("settle: soon\nworkers: many\n", "winnow.yaml:1:");
    assert_non_null(strstr(errors.p, "winnow.yaml:2:"));
}

static void test_alias_bomb_ends(void **state)
{
    (void)state;
    expect_error("filters:\n  - topics:\n      a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                 "      b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                 "      c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                 "      d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                 "      e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                 "      f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
                 "too large");
}

static void test_durations(void **state)
{
    (void)state;
    int64_t s = 0;
    assert_int_equal(config_duration("90s", &s), OK);
    assert_int_equal(s, 90);
    assert_int_equal(config_duration("48h", &s), OK);
    assert_int_equal(s, 172800);
    assert_int_equal(config_duration("7", &s), OK);
    assert_int_equal(s, 7);
    assert_int_equal(config_duration("-1s", &s), E_INVALID);
    assert_int_equal(config_duration("5 parsecs", &s), E_INVALID);
    assert_int_equal(config_duration("99999999999999999999d", &s), E_INVALID);
}

static void test_suggestions(void **state)
{
    (void)state;
    static const char *const words[] = {"threshold", "window", "mode", NULL};
    assert_string_equal(suggest("treshold", words), "threshold");
    assert_string_equal(suggest("widnow", words), "window");
    assert_null(suggest("colour", words));
}

static int finish(void **state)
{
    (void)state;
    config_destroy(config);
    buf_finish(&errors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_errors_name_line_and_fix),
        cmocka_unit_test(test_all_errors_are_told),
        cmocka_unit_test(test_alias_bomb_ends),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
