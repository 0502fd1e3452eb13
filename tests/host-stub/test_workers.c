/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "host-stub/workers.h"

static void add_one(void *arg, int thread)
{
    (void)thread;
    atomic_fetch_add((atomic_int *)arg, 1);
}

static void test_tasks_all_run_before_destroy(void **state)
{
    (void)state;
    atomic_int sum = 0;
    struct workers *w;
    assert_int_equal(workers_create(3, &w), OK);
    assert_int_equal(workers_count(w), 3);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(workers_submit(w, add_one, &sum), OK);
    workers_destroy(w);
    assert_int_equal(sum, 1000);
}

struct order {
    int n, seen[100];
};

static int order_next;

static void take_order(void *arg, int thread)
{
    (void)thread;
    struct order *o = arg;
    o->seen[o->n++] = order_next++;
}

static void test_one_thread_keeps_the_order(void **state)
{
    (void)state;
    struct order o = {0};
    order_next = 0;
    struct workers *w;
    assert_int_equal(workers_create(1, &w), OK);
    for (int i = 0; i < 100; i++)
        workers_submit(w, take_order, &o);
    workers_destroy(w);
    assert_int_equal(o.n, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(o.seen[i], i);
}

struct marks {
    unsigned char hit[5000];
    atomic_int wrong;
    int threads;
};

static void mark(void *arg, size_t index, int thread)
{
    struct marks *m = arg;
    m->hit[index]++; /* no lock: each index is one thread's */
    if (thread < 0 || thread >= m->threads)
        atomic_fetch_add(&m->wrong, 1);
}

static void test_spread_visits_each_index_once(void **state)
{
    (void)state;
    for (int n = 1; n <= 8; n += 7) {
        struct workers *w;
        assert_int_equal(workers_create(n, &w), OK);
        for (size_t size = 0; size <= 5000; size += 1250) {
            struct marks m = {.threads = n};
            workers_spread(w, mark, &m, size);
            assert_int_equal(m.wrong, 0);
            for (size_t i = 0; i < 5000; i++)
                assert_int_equal(m.hit[i], i < size);
        }
        workers_destroy(w);
    }
}

static void count_thread(void *arg, int thread)
{
    ((int *)arg)[thread]++;
}

static void test_each_runs_once_on_every_thread(void **state)
{
    (void)state;
    int hits[LIMIT_WORKERS] = {0};
    struct workers *w;
    assert_int_equal(workers_create(5, &w), OK);
    for (int turn = 1; turn <= 20; turn++) {
        workers_each(w, count_thread, hits);
        for (int i = 0; i < 5; i++)
            assert_int_equal(hits[i], turn);
    }
    workers_destroy(w);
}

/* A spread from the judge is done although tasks keep coming from the loop. */
struct both {
    struct workers *w;
    atomic_int tasks, indices;
};

static void task_again(void *arg, int thread)
{
    (void)thread;
    struct both *b = arg;
    if (atomic_fetch_add(&b->tasks, 1) < 2000)
        workers_submit(b->w, task_again, b);
}

static void count_index(void *arg, size_t index, int thread)
{
    (void)index;
    (void)thread;
    atomic_fetch_add(&((struct both *)arg)->indices, 1);
}

static void test_spreads_and_tasks_together(void **state)
{
    (void)state;
    struct both b = {0};
    assert_int_equal(workers_create(2, &b.w), OK);
    workers_submit(b.w, task_again, &b);
    for (int i = 0; i < 50; i++)
        workers_spread(b.w, count_index, &b, 64);
    assert_int_equal(b.indices, 50 * 64);
    workers_destroy(b.w);
    assert_int_equal(b.tasks, 2001);
}

static void test_limits(void **state)
{
    (void)state;
    struct workers *w = NULL;
    assert_int_equal(workers_create(-1, &w), E_INVALID);
    assert_null(w);
    assert_int_equal(workers_create(10000, &w), OK);
    assert_int_equal(workers_count(w), LIMIT_WORKERS);
    workers_destroy(w);
    assert_int_equal(workers_create(0, &w), OK);
    assert_true(workers_count(w) >= 1);
    workers_destroy(w);
    workers_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_all_run_before_destroy),
        cmocka_unit_test(test_one_thread_keeps_the_order),
        cmocka_unit_test(test_spread_visits_each_index_once),
        cmocka_unit_test(test_each_runs_once_on_every_thread),
        cmocka_unit_test(test_spreads_and_tasks_together),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
