/* SPDX-License-Identifier: Apache-2.0 */
/* The sample wire of feeds/, as its labels say: each story one, its neighbours apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/editions.h"
#include "plugin/text/encoder.h"
#include "tests/support/small_host.h"

#define MOST 400

static json_t *lines[MOST];
static size_t n_lines;

static const char *text_of(size_t i, const char *key)
{
    const char *s = json_string_value(json_object_get(lines[i], key));
    return s ? s : "";
}

static int read_labels(void **state)
{
    FILE *f = fopen(WINNOW_SOURCE_DIR "/feeds/labels.jsonl", "r");
    char *line = NULL;
    size_t cap = 0;
    (void)state;
    while (f && n_lines < MOST && getline(&line, &cap, f) > 0)
        if ((lines[n_lines] = json_loads(line, 0, NULL)))
            n_lines++;
    free(line);
    if (f)
        fclose(f);
    return n_lines ? 0 : -1;
}

static int free_labels(void **state)
{
    (void)state;
    while (n_lines)
        json_decref(lines[--n_lines]);
    return 0;
}

/* The items in an order of their own: a feed at a time, or all mixed. */
static void run(size_t step)
{
    static uint32_t story[MOST];
    static size_t order[MOST];
    struct small_host h;
    char path[4096], feeds[MOST][100];
    size_t wrong = 0;
    small_host_init(&h);
    snprintf(path, sizeof path, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
    h.options[0][0] = "model";
    h.options[0][1] = path;
    assert_int_equal(small_host_start(&h, &editions_filter), WN_OK);
    for (size_t k = 0; k < n_lines; k++) {
        size_t i = order[k] = k * step % n_lines;
        snprintf(feeds[k], sizeof feeds[k], "https://wire.example/%s", text_of(i, "feed"));
        struct small_item x = {.title = text_of(i, "title"),
                               .text = text_of(i, "text"),
                               .lang = text_of(i, "lang"),
                               .guid = text_of(i, "guid"),
                               .link = text_of(i, "guid"),
                               .source = feeds[k]};
        small_host_add(&h, &x);
    }
    assert_int_equal(small_host_run(&h, 0, h.n), WN_OK);
    small_host_stories(&h, story);
    for (size_t a = 0; a < h.n; a++)
        for (size_t b = a + 1; b < h.n; b++) {
            bool one = strcmp(text_of(order[a], "story"), text_of(order[b], "story")) == 0;
            if (one == (story[a] == story[b]))
                continue;
            if (wrong++ < 5)
                print_error("%s: [%s] %s | [%s] %s\n  %s (%s)\n", one ? "apart" : "joined",
                            text_of(order[a], "lang"), text_of(order[a], "title"),
                            text_of(order[b], "lang"), text_of(order[b], "title"),
                            h.items[b].reason, h.items[b].evidence);
        }
    small_host_finish(&h);
    if (wrong)
        fail_msg("%zu pairs are wrong, in steps of %zu", wrong, step);
}

static void test_feed_by_feed(void **state)
{
    (void)state;
    run(1);
}

static void test_mixed(void **state)
{
    size_t step = 37;
    (void)state;
    while (n_lines % step == 0)
        step += 2;
    run(step);
    run(n_lines - 1); /* backwards */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_by_feed),
        cmocka_unit_test(test_mixed),
    };
    return cmocka_run_group_tests(tests, read_labels, free_labels);
}
