/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
/* Under --once the filters' instances are made when something comes that needs them. */
#include "judge_fixture.h"

/* A chain that cannot start: whoever made it is found out. */
#define WRONG                                                                                      \
    "plugins: [" PLUGINS "misbehave.so]\nfilters:\n  - misbehave: {how: error, where: create}\n"   \
    "events: {file: events.json}\nstate: .\n"
static struct config *parse(struct court *c, const char *yaml)
{
    struct config *config;
    assert_int_equal(config_parse(yaml, strlen(yaml), "test.yaml", c->w.dir, &config, &c->w.errors),
                     OK);
    return config;
}

/* The judge anew over the same state, with another configuration. */
static void again(struct court *c, const struct config *config)
{
    judge_stop(c->judge, 1);
    c->judge = NULL;
    c->options.config = config;
    start(c);
}

static void without_news_no_filter_starts(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 1, ECHO);
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    struct config *wrong = parse(&c, WRONG);
    again(&c, wrong);
    nothing(&c, 1, "https://b/");
    deliver(&c, 2, "https://a/", "a", 5); /* from a server that knows no validators */
    assert_int_equal(judge_wait(c.judge, 2), OK);
    struct judge_numbers n = numbers(&c);
    assert_int_equal(n.stuck, OK);
    assert_int_equal(n.stats.items_same, 5);
    assert_int_equal(n.stats.not_modified, 1);
    assert_false(log_has(&c.w, "could not start"));
    judge_stop(c.judge, 1);
    c.judge = NULL;
    close_court(&c);
    config_destroy(wrong);
}

static void a_filter_that_cannot_start_loses_nothing(void **state)
{
    (void)state;
    struct court c;
    struct etag e;
    open_court(&c, 2, 1, ECHO);
    struct config *wrong = parse(&c, WRONG);
    again(&c, wrong);
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), E_FILTER);
    assert_int_equal(numbers(&c).stuck, E_FILTER);
    assert_true(log_has(&c.w, "test.yaml:3: filter 'misbehave' could not start"));
    assert_int_equal(c.released, 1); /* its bytes are back in the budget */
    assert_int_equal(c.with_validators, 0);
    deliver(&c, 2, "https://b/", "b", 5);
    assert_int_equal(judge_wait(c.judge, 2), E_FILTER);
    assert_int_equal(c.released, 2);
    assert_int_equal(numbers(&c).stats.items_new, 0);
    again(&c, c.w.config);
    assert_true(etag_of(&c, "https://a/", &e) == NULL);
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_int_equal(numbers(&c).stats.items_new, 5);
    close_court(&c);
    config_destroy(wrong);
}

static void the_daemon_says_so_at_its_start(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 1, 1, ECHO);
    struct config *wrong = parse(&c, WRONG);
    judge_stop(c.judge, 1);
    c.judge = NULL;
    c.options.config = wrong;
    c.options.once = 0;
    assert_int_equal(judge_start(&c.options, &c.judge, &c.w.errors), E_FILTER);
    assert_null(c.judge);
    close_court(&c);
    config_destroy(wrong);
}

/* Names of topics are asked for by whoever writes a feed, on a thread of its own. */
static void names_come_without_news(void **state)
{
    (void)state;
    struct court c;
    open_court(&c, 2, 1, ECHO);
    wn_str label = judge_topic_label(c.judge, str_z("04000000"), str_z("de"));
    assert_true(str_eqz(label, "Wirtschaft"));
    deliver(&c, 1, "https://a/", "a", 5);
    assert_int_equal(judge_wait(c.judge, 1), OK);
    assert_int_equal(numbers(&c).stats.items_new, 5);
    close_court(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_news_no_filter_starts),
        cmocka_unit_test(a_filter_that_cannot_start_loses_nothing),
        cmocka_unit_test(the_daemon_says_so_at_its_start),
        cmocka_unit_test(names_come_without_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
