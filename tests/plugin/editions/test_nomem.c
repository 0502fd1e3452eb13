/* SPDX-License-Identifier: Apache-2.0 */
/* wrap: allocation. The n-th allocation of the editions filter fails, for each n: it says so, or
 * does without; it never crashes, never leaks, and goes on afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "plugin/editions/editions.h"
#include "plugin/text/encoder.h"
#include "tests/support/nomem.h"
#include "tests/support/small_host.h"

static char model[4096];

static void prepare(struct small_host *h)
{
    static const char *const texts[][3] = {
        {"en", "Council approves the new tram line", "The council voted for the line on Monday."},
        {"de", "Stadtrat beschließt neue Straßenbahn", "Der Rat stimmte am Montag für die Linie."},
        {"ja", "市議会が新しい路面電車を承認", "市議会は月曜日に路線を可決した。"},
        {"en", "Tram line approved", "The council voted for the line on Monday."},
    };
    small_host_init(h);
    snprintf(model, sizeof model, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    h->options[0][0] = "model";
    h->options[0][1] = model;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct small_item x = {.lang = texts[i][0], .title = texts[i][1], .content = texts[i][2]};
        small_host_add(h, &x);
    }
}

static void test_create(void **state)
{
    (void)state;
    for (long n = 1, failed = 1; failed; n++) {
        struct small_host h;
        prepare(&h);
        nomem_fail(n);
        int status = small_host_start(&h, &editions_filter);
        failed = nomem_end();
        if (status == WN_OK) /* it did without a cache, say, and works */
            assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
        small_host_finish(&h);
        assert_true(n < 500);
    }
}

static void test_run(void **state)
{
    (void)state;
    for (long n = 1, failed = 1; failed; n++) {
        struct small_host h;
        prepare(&h);
        assert_int_equal(small_host_start(&h, &editions_filter), WN_OK);
        nomem_fail(n);
        small_host_run(&h, 0, h.n);
        if (small_host_restart(&h) != WN_OK) {
            failed = nomem_end();
            assert_true(failed);
            assert_int_equal(small_host_start(&h, &editions_filter), WN_OK);
        } else {
            failed = nomem_end();
        }
        struct small_item again = {.lang = "en",
                                   .title = "Another day, other news of the town",
                                   .content = "Nothing more was decided on Tuesday."};
        size_t at = small_host_add(&h, &again);
        assert_int_equal(small_host_run(&h, at, at + 1), WN_OK);
        small_host_finish(&h);
        assert_true(n < 3000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
