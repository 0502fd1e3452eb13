/* SPDX-License-Identifier: Apache-2.0 */
/* label: threads. Two threads analyse at once, over an index that holds items already; what judge
 * then says is what one thread's analysis leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "plugin/editions/editions.h"
#include "plugin/text/encoder.h"
#include "tests/support/small_host.h"

#define ITEMS 96

static char titles[ITEMS][120], texts[ITEMS][400], model[4096];

static void prepare(struct small_host *h)
{
    static const char *const words[3][4] = {
        {"The harbour of", "received", "ships on", "of March, the port authority reported."},
        {"Der Hafen von", "empfing", "Schiffe am", "März, teilte die Hafenbehörde mit."},
        {"El puerto de", "recibió", "barcos el", "de marzo, informó la autoridad portuaria."},
    };
    static const char *const langs[] = {"en", "de", "es"};
    static const char *const towns[] = {"Larnholm", "Vessaby", "Quintar", "Morwenna",
                                        "Tolsted",  "Abranto", "Kelmar",  "Issoline"};
    small_host_init(h);
    snprintf(model, sizeof model, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    h->options[0][0] = "model";
    h->options[0][1] = model;
    for (size_t i = 0; i < ITEMS; i++) {
        size_t l = i % 3, story = i / 3;
        const char *const *w = words[l];
        snprintf(titles[i], sizeof titles[i], "%s %s %s %zu %s %zu", w[0], towns[story % 8], w[1],
                 100 + 37 * story, w[2], 1 + story % 30);
        snprintf(texts[i], sizeof texts[i], "%.119s %s", titles[i], w[3]);
        struct small_item x = {.lang = langs[l], .title = titles[i], .text = texts[i]};
        small_host_add(h, &x);
    }
}

struct work {
    struct small_host *h;
    size_t from, to;
    int status;
};

static void *analyse(void *arg)
{
    struct work *w = arg;
    wn_item *batch[ITEMS];
    void *thread = editions_filter.thread_enter(w->h->self);
    for (size_t i = w->from; i < w->to; i++)
        batch[i - w->from] = (wn_item *)(void *)&w->h->items[i];
    w->status = editions_filter.analyse(w->h->self, thread, batch, w->to - w->from);
    editions_filter.thread_leave(w->h->self, thread);
    return NULL;
}

static void test_two_threads(void **state)
{
    struct small_host one, two;
    (void)state;
    prepare(&one);
    assert_int_equal(small_host_start(&one, &editions_filter), WN_OK);
    assert_int_equal(small_host_run(&one, 0, ITEMS / 2), WN_OK);
    assert_int_equal(small_host_run(&one, ITEMS / 2, ITEMS), WN_OK);
    prepare(&two);
    assert_int_equal(small_host_start(&two, &editions_filter), WN_OK);
    assert_int_equal(small_host_run(&two, 0, ITEMS / 2), WN_OK);
    struct work work[2] = {{&two, ITEMS / 2, ITEMS * 3 / 4, 0}, {&two, ITEMS * 3 / 4, ITEMS, 0}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, analyse, &work[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(work[i].status, WN_OK);
    }
    for (size_t i = ITEMS / 2; i < ITEMS; i++) {
        wn_verdict v = {.size = sizeof v, .kind = WN_KEEP, .score = 1};
        assert_int_equal(editions_filter.judge(two.self, (wn_item *)(void *)&two.items[i], &v),
                         WN_OK);
        two.items[i].kind = v.kind;
        two.items[i].of = v.of;
    }
    for (size_t i = 0; i < ITEMS; i++) { /* revisions included */
        assert_int_equal(two.items[i].kind, one.items[i].kind);
        assert_int_equal(two.items[i].of, one.items[i].of);
    }
    small_host_finish(&one);
    small_host_finish(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
