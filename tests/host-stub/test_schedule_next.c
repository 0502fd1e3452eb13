/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/test.h"

#include "host-stub/schedule.h"
#include "host-stub/status.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* 2024-01-03, a Wednesday, 10:30:00 UTC. */
static const int64_t NOW = 1704277800;

static struct poll_facts fine(void)
{
    return (struct poll_facts){
        .now = NOW, .every = 1800, .ttl = -1, .retry_after = -1, .max_age = -1, .http = 200};
}

static struct poll_facts failing(int http, int failures)
{
    struct poll_facts f = fine();
    f.http = http;
    f.status = http ? E_HTTP : E_NET;
    f.failures = failures;
    f.random = 0x80000000u; /* the middle: no jitter */
    return f;
}

static int64_t wait_of(struct poll_facts f)
{
    return poll_next(&f) - f.now;
}

static void success(void **state)
{
    (void)state;
    struct poll_facts f = fine();
    assert_int_equal(wait_of(f), 1800);
    f.random = UINT32_MAX;
    assert_in_range(wait_of(f), 1801, 1890);
    f.random = 0;
    f.ttl = HOUR;
    assert_int_equal(wait_of(f), HOUR);
    f.max_age = 2 * HOUR;
    assert_int_equal(wait_of(f), 2 * HOUR);
    f.max_age = 10;
    f.ttl = 10;
    assert_int_equal(wait_of(f), 1800); /* a feed's wish never makes it more often */
    f.ttl = 365 * (int64_t)DAY;
    assert_int_equal(wait_of(f), DAY);
    f.retry_after = 3 * DAY;
    assert_int_equal(wait_of(f), 3 * DAY);
    f.retry_after = INT32_MAX;
    assert_int_equal(wait_of(f), 7 * DAY);
}

static void odd_numbers(void **state)
{
    (void)state;
    struct poll_facts f = fine();
    f.every = 0;
    assert_int_equal(wait_of(f), 1);
    f.every = INT64_MAX;
    assert_true(wait_of(f) <= 366 * (int64_t)DAY);
    f.every = 1800;
    f.ttl = f.max_age = f.retry_after = INT64_MAX;
    assert_int_equal(wait_of(f), 7 * DAY);
    f.ttl = f.max_age = f.retry_after = INT64_MIN;
    assert_int_equal(wait_of(f), 1800);
    f = failing(500, 1000000);
    assert_int_equal(wait_of(f), DAY);
}

static void back_off(void **state)
{
    (void)state;
    assert_int_equal(wait_of(failing(0, 1)), 300);
    assert_int_equal(wait_of(failing(0, 2)), 600);
    assert_int_equal(wait_of(failing(0, 3)), 1200);
    assert_int_equal(wait_of(failing(0, 20)), DAY);
    assert_int_equal(wait_of(failing(500, 1)), 1800);
    assert_int_equal(wait_of(failing(404, 3)), 7200);
    struct poll_facts f = failing(0, 3);
    f.random = 0;
    assert_int_equal(wait_of(f), 900);
    f.random = UINT32_MAX;
    assert_int_equal(wait_of(f), 1499);
    f = failing(0, 1);
    f.every = 60; /* who asks every minute may try again in one */
    assert_int_equal(wait_of(f), 60);
}

static void what_servers_ask(void **state)
{
    (void)state;
    struct poll_facts f = failing(429, 1);
    f.every = 60;
    assert_int_equal(wait_of(f), 15 * 60 + 30);
    f.retry_after = 5000;
    assert_int_equal(wait_of(f), 5030);
    f.random = 0;
    assert_int_equal(wait_of(f), 5000); /* never before */
    f = failing(503, 1);
    f.retry_after = 10;
    assert_int_equal(wait_of(f), 1800); /* nor sooner than anyhow */
    f.retry_after = INT32_MAX;
    assert_int_equal(wait_of(f), 7 * DAY + 30);
    assert_int_equal(wait_of(failing(410, 1)), 7 * DAY);
}

static void skipped_times(void **state)
{
    (void)state;
    struct poll_facts f = fine();
    f.skip_hours = 1u << 11; /* the poll would be at 11:00 */
    assert_int_equal(wait_of(f), 90 * 60);
    f.random = UINT32_MAX;
    assert_in_range(wait_of(f), 90 * 60, 100 * 60);
    f.random = 0;
    f.skip_hours = 0;
    f.skip_days = 1u << 3; /* Wednesday */
    assert_int_equal(wait_of(f), 13 * HOUR + 1800);
    f.skip_days = 1u << 3 | 1u << 4 | 1u << 5;
    f.skip_hours = 1;
    assert_int_equal(wait_of(f), 13 * HOUR + 1800 + 2 * DAY + HOUR);
    f.skip_days = 0x7f; /* never: nobody means that */
    assert_int_equal(wait_of(f), 1800);
    f.skip_days = 0;
    f.skip_hours = 0xffffff;
    assert_int_equal(wait_of(f), 1800);
    f.skip_hours = 1u << 10;
    assert_int_equal(wait_of(f), 1800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success),       cmocka_unit_test(odd_numbers),
        cmocka_unit_test(back_off),      cmocka_unit_test(what_servers_ask),
        cmocka_unit_test(skipped_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
