/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the store is by itself: items through identify, put and stories in epochs of 256, a
 * filter's gets and puts, opening, retention, and how large it gets. Arguments: items (20000),
 * bytes of text an item (3000), "star": one story of all items, as spam makes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host-stub/status.h"
#include "host-stub/store.h"
#include "host-stub/story.h"

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
    fprintf(stderr, "bench_store: %s: %s\n", what, status_text(status));
    exit(1);
}

static int star;
static double in_identify, in_put, in_stories, in_commit;

static void run_epoch(struct store *store, int64_t epoch, int n, int bytes, int changed)
{
    static const char words[] =
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod ";
    struct epoch_item *items = calloc((size_t)n, sizeof *items);
    struct verdict *verdicts = calloc((size_t)n, sizeof *verdicts);
    struct epoch e = {.items = items, .n_items = (size_t)n, .verdicts = verdicts};
    char *text = malloc((size_t)bytes + 1);
    int64_t generation;
    check(store_begin(store), "begin");
    for (int i = 0; i < n; i++) {
        struct item *item = item_create();
        char name[64];
        int64_t number = epoch * n + i;
        snprintf(name, sizeof name, "https://example.org/item/%lld", (long long)number);
        for (int k = 0; k < bytes; k++)
            text[k] = words[(k + number * 7) % (int)(sizeof words - 1)];
        text[snprintf(text, 24, "%lld ", (long long)number)] = ' ';
        text[bytes] = '\0';
        item->guid = item->link = item_str(item, str_z(name));
        item->title = item_str(item, str_z(name));
        item->content = item_str(item, str_z(text));
        item->document = epoch + 1;
        char source[64];
        snprintf(source, sizeof source, "https://example.org/feed/%d", (int)(epoch % 500));
        item->source_key = item_str(item, str_z(source));
        double t = seconds();
        int identity = store_identify(store, item);
        check(identity, "identify");
        in_identify += seconds() - t;
        items[i].item = item;
        items[i].identity = identity;
        if (changed) /* as a filter that takes something away */
            item->content = item_str(item, str_of(item->content.ptr, item->content.len - 100));
        t = seconds();
        check(identity == ITEM_SAME ? OK : store_put_item(store, item, 0), "put");
        in_put += seconds() - t;
        char value[256] = "";
        wn_str got;
        snprintf(value, sizeof value, "%lld", (long long)number);
        store_kv_get(store, "editions", str_z(value), &got);
        check(store_kv_put(store, "editions", str_z(value), str_of(value, sizeof value), 0), "kv");
        /* Every third item is an edition of the one before it; or all are copies of the first. */
        if (identity == ITEM_NEW && (star ? number > 0 : number % 3 == 2))
            verdicts[e.n_verdicts++] = (struct verdict){.item = item->id,
                                                        .of = star ? 1 : item->id - 1,
                                                        .kind = WN_EDITION,
                                                        .filter_name = "editions",
                                                        .score = 0.9};
    }
    double t = seconds();
    check(stories_apply(store, NULL, &e, NULL, NULL), "stories");
    size_t settled;
    int64_t next;
    check(stories_settle(store, NULL, time(NULL), 0, &settled, &next), "settle");
    in_stories += seconds() - t;
    t = seconds();
    check(store_commit(store, &generation), "commit");
    in_commit += seconds() - t;
    for (int i = 0; i < n; i++)
        item_destroy(items[i].item);
    free(items);
    free(verdicts);
    free(text);
}

static int count_entry(void *user, const struct entry *entry)
{
    *(size_t *)user += 1 + entry->n_members;
    return 0;
}

int main(int argc, char **argv)
{
    star = argc > 3 && strcmp(argv[3], "star") == 0;
    int total = argc > 1 ? atoi(argv[1]) : 20000, bytes = argc > 2 ? atoi(argv[2]) : 3000, n = 256;
    char dir[] = "/tmp/bench-store-XXXXXX", path[64];
    struct store *store = NULL;
    if (!mkdtemp(dir))
        return 1;
    check(store_open(dir, "bench", &store, NULL), "open");
    double t = seconds();
    for (int i = 0; i < total / n; i++) {
        run_epoch(store, i, n, bytes, 1);
        check(store_events_sent(store, 0), "sent");
    }
    double took = seconds() - t;
    int done = total / n * n;
    printf("items of %d bytes: %.0f a second (us an item: identify %.1f, put %.1f, stories and "
           "events %.1f, "
           "commit %.1f)\n",
           bytes, done / took, in_identify / done * 1e6, in_put / done * 1e6,
           in_stories / done * 1e6, in_commit / done * 1e6);
    t = seconds();
    for (int i = 0; i < 100000; i++) {
        char key[32];
        wn_str value;
        snprintf(key, sizeof key, "%d", i * 7919 % done);
        check(store_kv_get(store, "editions", str_z(key), &value), "kv_get");
    }
    printf("kv_get: %.2f us\n", (seconds() - t) * 10);
    struct reader *reader = NULL;
    size_t entries = 0;
    check(reader_open(store, &reader), "reader");
    t = seconds();
    check(reader_each_entry(reader, 0, 1 << 30, NULL, NULL, count_entry, &entries), "entries");
    took = seconds() - t;
    printf("reading entries: %.1f us an item\n", took / (double)entries * 1e6);
    reader_close(reader);
    t = seconds();
    run_epoch(store, 0, n, bytes, 1);
    printf("items seen before: %.1f us an item\n", (seconds() - t) / n * 1e6);
    store_close(store);
    struct stat st;
    snprintf(path, sizeof path, "%s/winnow.db", dir);
    if (stat(path, &st) == 0)
        printf("state: %.0f bytes an item\n", (double)st.st_size / done);
    t = seconds();
    check(store_open(dir, "bench", &store, NULL), "open again");
    printf("opening: %.1f ms", (seconds() - t) * 1e3);
    t = seconds();
    store_close(store);
    printf(", closing: %.1f ms\n", (seconds() - t) * 1e3);
    check(store_open(dir, "bench", &store, NULL), "open again");
    t = seconds();
    size_t removed = 0, sum = 0;
    do {
        int64_t generation;
        check(store_begin(store), "begin");
        check(store_retain(store, time(NULL) + 1000, 1, 1, 200, 256, NULL, NULL, &removed),
              "retain");
        check(store_commit(store, &generation), "commit");
        sum += removed;
    } while (removed);
    printf("retention: %.1f us an item (%zu)\n", (seconds() - t) / (double)(sum ? sum : 1) * 1e6,
           sum);
    store_close(store);
    snprintf(path, sizeof path, "rm -rf '%s'", dir);
    return system(path) != 0;
}
