/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast items go through the whole of it (identified, all shipped filters, stories, one commit
 * an epoch), and how memory grows: from 1,000 to 100,000 items, each size in a process of its own,
 * all of them in the window. Prints items a second, peak memory, and B, the bytes that an item in
 * the window costs.
 *
 * Usage: bench_chain [-w WORKERS] [-c FILE.yaml] [SIZE …]
 * The articles are made of ../shared/data/parallel, in all languages, so that most are editions of
 * others (real_texts.h); the mix is the same at every size. Without that folder they are made up of
 * random words, all of them alike to the encoder, which makes them harder than any real window. One
 * in eight is a near-copy of an earlier one, as on a wire.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host-stub/chain.h"
#include "host-stub/judge.h"
#include "host-stub/limits.h"
#include "host-stub/status.h"
#include "host-stub/store.h"
#include "host-stub/workers.h"
#include "real_texts.h"

#define PER_DOCUMENT 20
#define IN_FLIGHT                                                                                  \
    64 /* documents handed over and not yet done with, as back-pressure keeps them                 \
        */

struct result {
    double seconds, cpu;
    long peak_kib;
    uint64_t analyse_ns[LIMIT_FILTERS], judge_ns[LIMIT_FILTERS];
    char names[LIMIT_FILTERS][32];
    size_t filters;
    int failed;
};

struct bench {
    struct judge *judge;
    pthread_mutex_t lock;
    pthread_cond_t room;
    size_t waiting;
    struct result *result;
};

/* ---- articles ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void add_words(struct buf *b, uint64_t *seed, size_t n, uint64_t vocabulary)
{
    static const char *const syllables[] = {"ka", "re",  "mon", "ti", "sel", "or", "ba",  "lin",
                                            "du", "ver", "est", "pa", "gor", "na", "thi", "ul"};
    for (size_t i = 0; i < n; i++) {
        /* Small numbers more often, as words are. */
        uint64_t word = next_random(seed) % (next_random(seed) % vocabulary + 1);
        if (i)
            buf_addc(b, ' ');
        do {
            buf_adds(b, syllables[word & 15]);
            word >>= 4;
        } while (word);
        if (next_random(seed) % 11 == 0)
            buf_adds(b, ".");
    }
}

static struct real_texts real;

static void real_article(struct item *it, struct buf *b, uint64_t number)
{
    const struct real_article *a = &real.articles[number % real.n];
    it->title = item_str(it, str_z(a->text[0]));
    it->lang = item_str(it, str_z(a->lang));
    for (unsigned p = 1; p < a->n; p++) {
        buf_adds(b, "<p>");
        buf_adds(b, a->text[p]);
        buf_adds(b, "</p>\n");
    }
}

static void made_up_article(struct item *it, struct buf *b, uint64_t number)
{
    uint64_t seed = number * 2654435761u + 1;
    add_words(b, &seed, 9, 60000);
    it->title = item_str(it, str_of(b->p, b->n));
    it->lang = item_str(it, str_z("en"));
    buf_reset(b);
    for (int p = 0; p < 5; p++) {
        buf_adds(b, "<p>");
        add_words(b, &seed, 60, 60000);
        buf_adds(b, "</p>\n");
    }
}

static struct item *make_item(uint64_t number)
{
    struct item *it = item_create();
    struct buf b;
    char line[128];
    buf_init(&b, KIB(64));
    /* One in eight tells an article of a while ago again, with a sentence of its own. */
    uint64_t origin = number % 8 == 7 && number > 100 ? number - 93 : number;
    if (real.n)
        real_article(it, &b, origin - origin / 8); /* none is left out for the copies */
    else
        made_up_article(it, &b, origin);
    if (origin != number) {
        uint64_t seed = number;
        buf_adds(&b, "<p>");
        add_words(&b, &seed, 12, 60000);
        buf_adds(&b, "</p>");
    }
    buf_addf(&b,
             "<p>The post appeared first on <a href=\"https://site%" PRIu64
             ".example/\">Site</a>.</p>"
             "<img src=\"https://pixel.example/?id=%" PRIu64 "\" width=\"1\" height=\"1\">",
             number % 500, number);
    it->content = item_str(it, str_of(b.p, b.n));
    snprintf(line, sizeof line, "https://site%" PRIu64 ".example/article-%" PRIu64 ".html",
             number % 500, number);
    it->link = item_str(it, str_z(line));
    it->guid = it->link;
    it->published = 1700000000 + (int64_t)number;
    buf_finish(&b);
    return it;
}

static struct document *make_document(uint64_t number)
{
    struct document *doc = document_create();
    char line[64];
    snprintf(line, sizeof line, "https://site%" PRIu64 ".example/feed", number % 500);
    doc->source_key = arena_str(&doc->arena, line, strlen(line));
    doc->arrived = time(NULL);
    for (uint64_t i = 0; i < PER_DOCUMENT; i++)
        document_add(doc, make_item(number * PER_DOCUMENT + i));
    return doc;
}

/* ---- a run ---- */

static void released(void *user, const struct document *doc)
{
    struct bench *b = user;
    (void)doc;
    pthread_mutex_lock(&b->lock);
    b->waiting--;
    pthread_cond_signal(&b->room);
    pthread_mutex_unlock(&b->lock);
}

static int read_chain(void *arg, struct judge *judge)
{
    struct bench *b = arg;
    struct chain_filter_info info;
    for (size_t i = 0; chain_info(judge_chain(judge), i, &info) == OK; i++) {
        b->result->analyse_ns[i] = info.analyse_ns;
        b->result->judge_ns[i] = info.judge_ns;
        snprintf(b->result->names[i], sizeof b->result->names[i], "%s", info.name);
        b->result->filters = i + 1;
        if (info.errors || info.disabled)
            b->result->failed = 1;
    }
    return OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void deliver_all(struct bench *b, size_t items)
{
    int64_t sequence = 0;
    for (uint64_t d = 0; d * PER_DOCUMENT < items; d++) {
        pthread_mutex_lock(&b->lock);
        while (b->waiting >= IN_FLIGHT)
            pthread_cond_wait(&b->room, &b->lock);
        b->waiting++;
        pthread_mutex_unlock(&b->lock);
        judge_document(b->judge, ++sequence, make_document(d), NULL);
    }
    if (judge_wait(b->judge, sequence))
        b->result->failed = 1;
}

static int run(size_t items, int n_workers, const char *file, const char *dir,
               struct result *result)
{
    struct bench b = {.result = result};
    struct config *config = NULL;
    struct store *store = NULL;
    struct workers *workers = NULL;
    struct buf errors;
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.room, NULL);
    buf_init(&errors, KIB(64));
    int status = file ? config_load(file, &config, &errors) : config_default(&config);
    if (!status) {
        free(config->state);
        config->state = strdup(dir);
        status = store_open(dir, "bench", &store, NULL);
    }
    if (!status)
        status = workers_create(n_workers, &workers);
    struct judge_options options = {.config = config,
                                    .store = store,
                                    .workers = workers,
                                    .once = 1,
                                    .released = released,
                                    .user = &b};
    if (!status)
        status = judge_start(&options, &b.judge, &errors);
    if (status) {
        fprintf(stderr, "%s\n%s", status_text(status), errors.p ? errors.p : "");
        return 1;
    }
    double began = now();
    deliver_all(&b, items);
    result->seconds = now() - began;
    judge_call(b.judge, read_chain, &b);
    judge_stop(b.judge, 1);
    workers_destroy(workers);
    store_close(store);
    config_destroy(config);
    buf_finish(&errors);
    return result->failed;
}

/* In a process of its own, so that its peak is its own. */
static int measure(size_t items, int workers, const char *file, struct result *result)
{
    char dir[] = "/tmp/winnow-bench-XXXXXX", command[128];
    int ends[2], status = 1;
    if (!mkdtemp(dir) || pipe(ends))
        return 1;
    pid_t pid = fork();
    if (pid == 0) {
        struct result mine = {0};
        mine.failed = run(items, workers, file, dir, &mine);
        _exit(write(ends[1], &mine, sizeof mine) != sizeof mine);
    }
    close(ends[1]);
    struct rusage usage;
    if (pid > 0 && read(ends[0], result, sizeof *result) == sizeof *result &&
        wait4(pid, &status, 0, &usage) == pid) {
        result->peak_kib = usage.ru_maxrss;
        result->cpu = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
                      (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    close(ends[0]);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command) | status | result->failed;
}

int main(int argc, char **argv)
{
    static const size_t usual[] = {1000, 10000, 100000};
    size_t sizes[16], n = 0;
    struct result results[16];
    int workers = 0, option;
    const char *file = NULL;
    if (!getenv("WINNOW_FILTERS"))
        setenv("WINNOW_FILTERS", WINNOW_FILTERS_DIR, 1);
    while ((option = getopt(argc, argv, "w:c:")) != -1) {
        if (option == 'w')
            workers = atoi(optarg);
        else if (option == 'c')
            file = optarg;
        else
            return 2;
    }
    for (; optind < argc && n < 16; optind++)
        sizes[n++] = strtoul(argv[optind], NULL, 10);
    for (size_t i = 0; !n && i < 3; i++)
        sizes[i] = usual[i];
    n = n ? n : 3;
    if (real_read(&real, WINNOW_SOURCE_DIR "/../shared/data/parallel") == 0)
        printf("%zu articles of real text, %.1f editions of each on average\n", real.n,
               (double)real.n / (double)real.n_stories);
    else
        puts("../shared/data/parallel is absent: articles of random words");
    printf("%10s %10s %12s %12s %12s   filter: analyse + judge, us an item (clock, waiting "
           "included)\n",
           "items", "seconds", "items/s", "CPU us/item", "peak MiB");
    for (size_t i = 0; i < n; i++) {
        struct result *r = &results[i];
        memset(r, 0, sizeof *r);
        if (measure(sizes[i], workers, file, r)) {
            fprintf(stderr, "the run over %zu items failed\n", sizes[i]);
            return 1;
        }
        double items = (double)sizes[i];
        printf("%10zu %10.2f %12.0f %12.0f %12.1f  ", sizes[i], r->seconds, items / r->seconds,
               r->cpu * 1e6 / items, (double)r->peak_kib / 1024);
        for (size_t k = 0; k < r->filters; k++)
            printf(" %s %.1f + %.1f", r->names[k], (double)r->analyse_ns[k] / 1e3 / items,
                   (double)r->judge_ns[k] / 1e3 / items);
        printf("\n");
        fflush(stdout);
    }
    if (n > 1) {
        struct result *a = &results[n - 2], *b = &results[n - 1];
        double more = (double)sizes[n - 1] - (double)sizes[n - 2];
        double scale = (double)sizes[n - 2] / (double)sizes[n - 1];
        /* CPU time tells what the program does; the clock, also what else the machine did. */
        printf("growth from %zu to %zu items: CPU time an item x %.2f, clock x %.2f; memory = base "
               "+ B x "
               "items, B = %.0f bytes\n",
               sizes[n - 2], sizes[n - 1], b->cpu / a->cpu * scale, b->seconds / a->seconds * scale,
               (double)(b->peak_kib - a->peak_kib) * 1024 / more);
    }
    return 0;
}
