/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation */
/* The n-th allocation fails, in turn, from a document's delivery to its commit: the judge goes on,
 * and what was given up is there after the next poll. */
#include "judge_fixture.h"

#include <time.h>

#include "tests/support/nomem.h"

static void deliver_and_wait(struct court *c, int64_t sequence, const char *title)
{
    struct fetch_report r = {.source = "https://a/", .time = 1700000000, .http = 200, .items = 3};
    struct document *doc = make_document("https://a/", title, 3);
    for (size_t i = 0; i < 3; i++)
        doc->items[i]->arrived = time(NULL); /* else retention takes them at once */
    nomem_fail(sequence % 2 ? (long)sequence / 2 + 1 : 0);
    judge_document(c->judge, sequence, doc, &r);
    int status = judge_wait(c->judge, sequence);
    nomem_end();
    assert_int_equal(status, OK);
}

static int stored(void *arg, struct judge *judge)
{
    struct item *item;
    int n = 0;
    for (int64_t id = 1; id < *(int64_t *)arg; id++)
        if (reader_item(store_reader(judge_store(judge)), id, &item) == OK) {
            n++;
            item_destroy(item);
        }
    return n;
}

static void every_allocation_of_an_epoch(void **state)
{
    (void)state;
    struct court c;
    int64_t sequence = 1, most = 100000;
    open_court(&c, 1, 1, ECHO);
    /* Odd numbers with a failure, even ones without: the poll after. Filters forget their errors. */
    for (int quiet = 0; quiet < 3 && sequence < 1200; sequence += 2) {
        char title[32];
        uint64_t before = numbers(&c).stats.items_new;
        snprintf(title, sizeof title, "n%d", (int)sequence);
        deliver_and_wait(&c, sequence, title);
        quiet = numbers(&c).stats.items_new == before + 3 ? quiet + 1 : 0;
        deliver_and_wait(&c, sequence + 1, title);
        struct judge_numbers n = numbers(&c);
        assert_int_equal(n.stuck, 0);
        if (n.stats.items_new != before + 3)
            fail_msg("%d items are new after failure %d", (int)(n.stats.items_new - before),
                     (int)sequence / 2 + 1);
        quiet = sequence > 100 ? quiet : 0;
    }
    assert_int_equal(judge_call(c.judge, stored, &most), numbers(&c).stats.items_new);
    close_court(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_an_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
