/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_topics: items a second through the topics filter on one core. The items are the articles
 * of the sample feeds in 15 languages, with their plain text and language known, as they are behind
 * the filters that come before. Expected: 20,000.
 */
#include "../eval/topics_item.h"

#include <jansson.h>
#include <time.h>

#define SECONDS 3.0

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other processes don't count */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static wn_str text_of(json_t *j, const char *key)
{
    json_t *s = json_object_get(j, key);
    return (wn_str){json_string_value(s), json_string_length(s)};
}

int main(void)
{
    struct wn_host host = {{{"data", WINNOW_FILTERS_DIR}}};
    void *self;
    wn_item *items[1024];
    size_t n = 0, bytes = 0, cap = 0;
    char *line = NULL;
    FILE *f = fopen(WINNOW_SOURCE_DIR "/feeds/labels.jsonl", "r");
    double making = now();
    if (!f || topics_filter.create(&item_api, &host, &self)) {
        fprintf(stderr, "bench_topics: feeds/labels.jsonl or the filter's files are missing\n");
        return 1;
    }
    making = now() - making;
    while (n < 1024 && getline(&line, &cap, f) > 0) {
        json_t *j = json_loads(line, 0, NULL); /* lives to the end: the items point into it */
        wn_item *item = calloc(1, sizeof *item);
        if (!j || !item)
            return 1;
        item->title = text_of(j, "title");
        item->text = text_of(j, "text");
        item->lang = text_of(j, "lang");
        json_t *sectors = json_object_get(j, "sectors"), *s;
        size_t i;
        json_array_foreach(sectors, i, s) item->categories[item->n_categories++] =
            (wn_str){json_string_value(s), json_string_length(s)};
        bytes += item->title.len + item->text.len;
        items[n++] = item;
    }
    fclose(f);
    free(line);
    void *thread = topics_filter.thread_enter(self);
    double start = now(), took;
    size_t done = 0;
    do {
        if (topics_filter.analyse(self, thread, items, n))
            return 1;
        done += n;
        took = now() - start;
    } while (took < SECONDS);
    printf("topics: %.0f items a second on one core, %.1f microseconds and %zu bytes an item "
           "(expected: 20000 a second)\n",
           (double)done / took, took / (double)done * 1e6, bytes / n);
    printf("topics: made in %.1f ms\n", making * 1e3);
    topics_filter.thread_leave(self, thread);
    topics_filter.destroy(self);
    for (size_t i = 0; i < n; i++)
        free(items[i]);
    return 0;
}
