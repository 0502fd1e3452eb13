/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host-stub/filter.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"

#define PLUGINS WINNOW_BUILD_DIR "/filters-test/"

static struct buf errors;

static int setup(void **state)
{
    (void)state;
    buf_init(&errors, KIB(64));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_finish(&errors);
    return 0;
}

static void assert_says(const char *words)
{
    if (!errors.p || !strstr(errors.p, words))
        fail_msg("'%s' is not in '%s'", words, errors.p ? errors.p : "");
}

/* ---- loading ---- */

static void test_loads_by_path_and_once(void **state)
{
    (void)state;
    struct plugin *a, *b;
    assert_int_equal(plugin_load(PLUGINS "probe.so", &a, &errors), OK);
    assert_int_equal(plugin_load(PLUGINS "../filters-test/probe.so", &b, &errors), OK);
    assert_ptr_equal(a, b);
    assert_int_equal(plugin_count(a), 2);
    assert_string_equal(plugin_filter(a, 0)->name, "probe");
    assert_string_equal(plugin_filter(a, 1)->name, "echo");
    assert_null(plugin_filter(a, 2));
    assert_string_equal(plugin_descriptor(a)->version, "1.2");
    assert_non_null(strstr(plugin_path(a), "/probe.so"));
    assert_int_equal(errors.n, 0);
}

static void test_loads_by_name(void **state)
{
    (void)state;
    struct plugin *p;
    setenv("WINNOW_FILTERS", PLUGINS, 1);
    assert_int_equal(plugin_load("cpp", &p, &errors), OK);
    assert_string_equal(plugin_filter(p, 0)->name, "cpp");
    assert_int_equal(plugin_load("no-such", &p, &errors), E_ABSENT);
    assert_says("there is no filter 'no-such'");
    assert_says(PLUGINS);
    assert_says("name its file under 'plugins'");
    unsetenv("WINNOW_FILTERS");
}

static void refused(const char *name, int status, const char *words)
{
    struct plugin *p = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s%s.so", PLUGINS, name);
    buf_reset(&errors);
    assert_int_equal(plugin_load(path, &p, &errors), status);
    assert_null(p);
    assert_says(name);
    assert_says(words);
}

static void test_refuses_what_is_no_plugin(void **state)
{
    (void)state;
    refused("wrong_major", E_VERSION, "built for plugin ABI 2.0, this host has 1.");
    refused("too_new", E_VERSION, "needs a newer host");
    refused("not_plugin", E_FILTER, "lacks winnow_plugin_register");
    refused("init_fails", E_FILTER, "the licence file is missing");
    refused("absent", E_ABSENT, "no such plugin file");
    refused("wrong_major", E_VERSION, "built for"); /* and again: nothing of it stayed */
}

static void test_refuses_a_file_that_is_no_object(void **state)
{
    (void)state;
    char path[] = "/tmp/winnow-text-XXXXXX";
    struct plugin *p;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "hello\n", 6), 6);
    close(fd);
    assert_int_equal(plugin_load(path, &p, &errors), E_FILTER);
    assert_says(path);
    unlink(path);
}

/* Built here, since a linker that is asked for a sound object refuses to make this one. */
static void test_refuses_a_missing_symbol_at_once(void **state)
{
    (void)state;
    struct plugin *p;
    char command[1024], path[] = "/tmp/winnow-missing-XXXXXX";
    assert_non_null(mkdtemp(path));
    snprintf(command, sizeof command,
             "cd %s && printf 'int nowhere(void); int winnow_plugin_register(void);"
             "int winnow_plugin_register(void) { return nowhere(); }' > m.c && "
             "cc -shared -fPIC -o m.so m.c",
             path);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/m.so", path);
    assert_int_equal(plugin_load(command, &p, &errors), E_FILTER);
    assert_says("nowhere");
    snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0);
}

static void test_tables_of_other_sizes(void **state)
{
    (void)state;
    struct plugin *p;
    assert_int_equal(plugin_load(PLUGINS "older.so", &p, &errors), OK);
    assert_null(plugin_filter(p, 0)->constrain);
    assert_null(plugin_filter(p, 0)->extension);
    assert_int_equal(plugin_load(PLUGINS "newer.so", &p, &errors), OK);
    assert_string_equal(plugin_filter(p, 0)->name, "newer");
    assert_int_equal(errors.n, 0);
    assert_int_equal(plugin_load(PLUGINS "bad_tables.so", &p, &errors), OK);
    assert_int_equal(plugin_count(p), 1);
    assert_string_equal(plugin_filter(p, 0)->name, "well");
    assert_says("small is refused: its table is too small");
    assert_says("No Such Name is refused: its name must be");
    assert_says("mute is refused: create, destroy and judge are needed");
    assert_says("well is refused: its name is taken");
}

/* ---- options ---- */

static const wn_filter *echo(void)
{
    struct plugin *p;
    assert_int_equal(plugin_load(PLUGINS "probe.so", &p, &errors), OK);
    return plugin_filter(p, 1);
}

/* The value as handed over, or what is wrong with it. */
static void expect(const char *key, const char *value, int is_json, const char *handed,
                   const char *why)
{
    char said[200];
    struct setting s = {(char *)key, (char *)value, is_json, 7};
    const wn_option *o = filter_option(echo(), key);
    assert_non_null(o);
    char *got = filter_option_value(o, &s, "/etc/winnow", said);
    if (handed) {
        assert_non_null(got);
        assert_string_equal(got, handed);
    } else {
        assert_null(got);
        assert_string_equal(said, why);
    }
    free(got);
}

static void test_option_values(void **state)
{
    (void)state;
    expect("strict", "yes", 0, "true", NULL);
    expect("strict", "off", 0, "false", NULL);
    expect("strict", "perhaps", 0, NULL, "write true or false");
    expect("count", "10", 0, "10", NULL);
    expect("count", "11", 0, NULL, "write a whole number in 1..10");
    expect("count", "0", 0, NULL, "write a whole number in 1..10");
    expect("count", "3.5", 0, NULL, "write a whole number in 1..10");
    expect("count", "", 0, NULL, "write a whole number in 1..10");
    expect("level", "0.25", 0, "0.25", NULL);
    expect("level", "1.01", 0, NULL, "write a number in 0..1");
    expect("level", "nan", 0, NULL, "write a number in 0..1");
    expect("window", "7d", 0, "604800", NULL);
    expect("window", "seven", 0, NULL, "write a duration like 90s, 5m, 48h or 7d");
    expect("mode", "good", 0, "good", NULL);
    expect("mode", "goo", 0, NULL, "write one of fast|good");
    expect("mode", "fast|good", 0, NULL, "write one of fast|good");
    expect("word", "a\tb", 0, "a\tb", NULL);
    expect("word", "[1]", 1, NULL, "write a text");
    expect("names", "one", 0, "one", NULL);
    expect("names", "[\"a\", 2, true]", 1, "a\n2\ntrue", NULL);
    expect("names", "[]", 1, "", NULL);
    expect("names", "[[1]]", 1, NULL, "write a list of words, like [a, b]");
    expect("names", "[\"two\\nlines\"]", 1, NULL, "write a list of words, like [a, b]");
    expect("labels", "{\"a\": \"b\", \"c\": 1}", 1, "a\tb\nc\t1\n", NULL);
    expect("labels", "a", 0, NULL, "write a map of words, like {a: b, c: d}");
    expect("file", "words.txt", 0, "/etc/winnow/words.txt", NULL);
    expect("file", "/words.txt", 0, "/words.txt", NULL);
    expect("rules", "{\"a\": [1, {\"b\": null}]}", 1, "{\"a\":[1,{\"b\":null}]}", NULL);
    expect("rules", "plain", 0, "\"plain\"", NULL);
    expect("rules", "12", 0, "12", NULL);
}

static int check(const char *key, const char *value, int per_source)
{
    struct setting s = {(char *)key, (char *)value, 0, 12};
    struct filter_config f = {.settings = &s, .n_settings = 1, .line = 11};
    buf_reset(&errors);
    return filter_check(echo(), &f, per_source, "winnow.yaml", &errors);
}

static void test_check_names_place_and_fix(void **state)
{
    (void)state;
    assert_int_equal(check("word", "x", 0), OK);
    assert_int_equal(check("wrod", "x", 0), E_USAGE);
    assert_string_equal(
        errors.p, "winnow.yaml:12: filter 'echo' has no option 'wrod'; did you mean 'word'?\n");
    assert_int_equal(check("something", "x", 0), E_USAGE);
    assert_says("it has word, level, count, window, strict, mode");
    assert_int_equal(check("count", "twelve", 0), E_USAGE);
    assert_string_equal(errors.p,
                        "winnow.yaml:12: option 'count' of filter 'echo' cannot be 'twelve':"
                        " write a whole number in 1..10\n");
}

static void test_check_of_a_source(void **state)
{
    (void)state;
    assert_int_equal(check("word", "x", 1), OK);
    assert_int_equal(check("level", "0.1", 1), OK);
    assert_int_equal(check("count", "3", 1), E_USAGE);
    assert_says("cannot differ from source to source; set it under 'filters'");
    assert_int_equal(check("something", "3", 1), E_USAGE);
    assert_says("it has word, level\n");
}

static void test_all_errors_are_told(void **state)
{
    (void)state;
    struct setting s[] = {{(char *)"nope", (char *)"1", 0, 3},
                          {(char *)"count", (char *)"x", 0, 4}};
    struct filter_config f = {.settings = s, .n_settings = 2};
    assert_int_equal(filter_check(echo(), &f, 0, "w.yaml", &errors), E_USAGE);
    assert_says("w.yaml:3:");
    assert_says("w.yaml:4:");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_loads_by_path_and_once),
        T(test_loads_by_name),
        T(test_refuses_what_is_no_plugin),
        T(test_refuses_a_file_that_is_no_object),
        T(test_refuses_a_missing_symbol_at_once),
        T(test_tables_of_other_sizes),
        T(test_option_values),
        T(test_check_names_place_and_fix),
        T(test_check_of_a_source),
        T(test_all_errors_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
