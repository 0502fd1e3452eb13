/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What publishing costs as the clean feed grows: one round of the publisher for each format over
 * states of 1,000, 10,000 and so on up to the argument's entries (50,000), 5 kB of content each.
 * Linear means that the time an entry does not grow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host-stub/publish.h"
#include "host-stub/status.h"
#include "host-stub/story.h"

static char dir[] = "/tmp/winnow-bench-publish-XXXXXX";

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int status, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench_publish: %s: %s\n", what, status_text(status));
    exit(1);
}

static struct item *make_item(int number)
{
    static const char words[] =
        "lorem ipsum &amp; dolor sit amet consectetur adipiscing elit sed do ";
    static char text[5001];
    char name[64];
    for (int k = 0; k < 5000; k++)
        text[k] = words[(k + number * 7) % (int)(sizeof words - 1)];
    struct item *item = item_create();
    snprintf(name, sizeof name, "https://example.org/item/%d", number);
    item->source_key = item_str(item, str_z("https://example.org/feed"));
    item->guid = item->link = item->title = item_str(item, str_z(name));
    item->content = item_str(item, str_z(text));
    item->sanitised = 1;
    item->arrived = time(NULL);
    return item;
}

/* Items up to `n`, each a story of its own, all of them on show. */
static void fill(struct store *store, const struct config *config, int from, int n)
{
    struct epoch_item items[256];
    while (from < n) {
        struct epoch e = {.items = items};
        int64_t generation, next;
        size_t changed;
        check(store_begin(store), "begin");
        for (; from < n && e.n_items < 256; from++) {
            struct item *item = make_item(from);
            item->document = from;
            check(store_identify(store, item), "identify");
            check(store_put_item(store, item, 0), "put");
            items[e.n_items++] = (struct epoch_item){.item = item, .identity = ITEM_NEW};
        }
        check(stories_apply(store, config, &e, NULL, NULL), "stories");
        check(stories_settle(store, config, time(NULL) + 1, 0, &changed, &next), "settle");
        check(store_commit(store, &generation), "commit");
        for (size_t i = 0; i < e.n_items; i++)
            item_destroy(items[i].item);
    }
}

static void measure(struct store *store, struct config *config, int n)
{
    static const char *const names[] = {"atom", "rss", "json"};
    for (int format = OUTPUT_ATOM; format <= OUTPUT_JSON; format++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%d.%s", dir, n, names[format]);
        struct output output = {.file = path, .format = format, .keep = n, .within = 86400};
        struct publish_options options = {.config = config, .store = store};
        struct publisher *p = NULL;
        config->outputs = &output;
        config->n_outputs = 1;
        double t = seconds();
        check(publisher_start(&options, &p), "start");
        check(publisher_stop(p), "publish");
        t = seconds() - t;
        struct stat st;
        struct rusage usage;
        stat(path, &st);
        getrusage(RUSAGE_SELF, &usage);
        printf("%8d  %-5s %8.3f s  %6.1f us/entry  %7.1f MB  peak %ld MB\n", n, names[format], t,
               t / n * 1e6, (double)st.st_size / 1e6, usage.ru_maxrss / 1024);
        unlink(path);
    }
}

int main(int argc, char **argv)
{
    int most = argc > 1 ? atoi(argv[1]) : 50000;
    struct store *store = NULL;
    struct config *config = NULL;
    if (!mkdtemp(dir))
        return 1;
    check(config_default(&config), "configuration");
    struct config mine = *config;
    mine.state = dir;
    check(store_open(dir, "bench", &store, NULL), "state");
    printf(" entries  format     time       each     file\n");
    int filled = 0;
    for (int n = 1000; n <= most; n = n * 10 <= most || n == most ? n * 10 : most) {
        fill(store, &mine, filled, n);
        filled = n;
        measure(store, &mine, n);
    }
    store_close(store);
    config_destroy(config);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command) != 0;
}
