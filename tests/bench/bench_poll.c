/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast Winnow polls 1,000 feeds that nginx serves on the loopback, each from an address of its
 * own (127.0.x.y), as ratios in one run: against a bare libcurl-multi loop that downloads them with
 * the same concurrency and throws the bytes away, and against sfeed_update (Debian's package).
 *
 * First everything is fetched once; then, in rounds that take turns, everything is asked for again
 * with the validators, which is what polling is most of the time: 1,000 answers of 304. `fetcher`
 * is Winnow's schedule and fetcher alone; `winnow run --once` is the whole program with start,
 * state, commits and publishing. sfeed_update knows no validators and fetches all again. Usage:
 * bench_poll [FEEDS [ROUNDS]]
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

#include "host-stub/schedule.h"
#include "host-stub/status.h"

enum { CONCURRENCY = 64, MOST_ROUNDS = 51, ITEMS = 20 };

static char folder[64] = "/tmp/bench_poll.XXXXXX";
static int port, n_feeds = 1000, rounds = 7;
static pid_t nginx;
static char (*urls)[64], (*etags)[64];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    if (nginx > 0)
        kill(nginx, SIGTERM);
    exit(1);
}

static FILE *create(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f)
        die(path);
    return f;
}

static void write_feed(int i)
{
    char name[32];
    snprintf(name, sizeof name, "www/%d.xml", i);
    FILE *f = create(name);
    fprintf(f,
            "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Feed %d</title>"
            "<link>https://example.org/%d</link><description>A feed</description>\n",
            i, i);
    for (int k = 0; k < ITEMS; k++) {
        unsigned r = (unsigned)(i * ITEMS + k) * 2654435761u;
        fprintf(f,
                "<item><title>Report %u of ward "
                "%u</title><link>https://example.org/%d/%d</link><guid>%d-%d</guid>"
                "<pubDate>Tue, 03 Nov 2026 %02d:00:00 GMT</pubDate><description>",
                r % 9973, r % 811, i, k, i, k, k);
        for (int w = 0; w < 60; w++)
            fprintf(f, "w%x ", (r = r * 1664525u + 1013904223u) >> 20);
        fprintf(f, "</description></item>\n");
    }
    fputs("</channel></rss>\n", f);
    fclose(f);
}

static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) ||
        getsockname(fd, (struct sockaddr *)&a, &n))
        die("socket");
    close(fd);
    return ntohs(a.sin_port);
}

/* Runs a program to its end, silently; returns its seconds. */
static double run(char *const argv[], int *code)
{
    double start = now();
    pid_t pid = fork();
    if (!pid) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        if (!getenv("BENCH_VERBOSE"))
            dup2(null, 2);
        if (chdir(folder))
            _exit(127);
        execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return now() - start;
}

static void start_nginx(void)
{
    FILE *f = create("nginx.conf");
    fprintf(
        f,
        "worker_processes 1;\npid %s/nginx.pid;\nerror_log stderr crit;\ndaemon off;\n"
        "events { worker_connections 4096; }\n"
        "http {\n access_log off;\n client_body_temp_path %s/tmp1; proxy_temp_path %s/tmp2; "
        "fastcgi_temp_path %s/tmp3;"
        " uwsgi_temp_path %s/tmp4; scgi_temp_path %s/tmp5;\n default_type application/rss+xml;\n"
        " server { listen 127.0.0.1:%d; listen %d; root %s/www; }\n}\n",
        folder, folder, folder, folder, folder, folder, port, port, folder);
    fclose(f);
    char conf[128];
    snprintf(conf, sizeof conf, "%s/nginx.conf", folder);
    nginx = fork();
    if (!nginx) {
        execlp("nginx", "nginx", "-c", conf, "-p", folder, (char *)NULL);
        execl("/usr/sbin/nginx", "nginx", "-c", conf, "-p", folder, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 100; i++) {
        struct sockaddr_in a = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int up = !connect(fd, (struct sockaddr *)&a, sizeof a);
        close(fd);
        if (up)
            return;
        usleep(50000);
    }
    fputs("nginx doesn't start (apt-get install nginx-light)\n", stderr);
    exit(1);
}

/* ---- the bare loop ---- */

struct bare {
    int feed;
    struct curl_slist *headers;
    int http;
};

static size_t throw_away(char *p, size_t size, size_t n, void *user)
{
    (void)p;
    (void)user;
    return size * n;
}

static size_t keep_etag(char *p, size_t size, size_t n, void *user)
{
    struct bare *b = user;
    n *= size;
    if (n > 6 && n < sizeof etags[0] && !strncasecmp(p, "etag: ", 6)) {
        memcpy(etags[b->feed], p + 6, n - 8);
        etags[b->feed][n - 8] = '\0';
    }
    return n;
}

static void bare_start(CURLM *multi, CURL *easy, struct bare *b, int feed, int conditional)
{
    char line[128];
    b->feed = feed;
    curl_slist_free_all(b->headers);
    b->headers = NULL;
    if (conditional) {
        snprintf(line, sizeof line, "If-None-Match: %s", etags[feed]);
        b->headers = curl_slist_append(NULL, line);
    }
    curl_easy_setopt(easy, CURLOPT_URL, urls[feed]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, b->headers);
    curl_multi_add_handle(multi, easy);
}

/* Returns its seconds; *right counts the answers that were to be expected. */
static double bare_loop(int conditional, int *right)
{
    static struct bare bares[CONCURRENCY];
    CURL *easies[CONCURRENCY];
    double start = now();
    CURLM *multi = curl_multi_init();
    int next = 0, running = 1, left;
    *right = 0;
    memset(bares, 0, sizeof bares);
    for (int i = 0; i < CONCURRENCY; i++) {
        easies[i] = curl_easy_init();
        curl_easy_setopt(easies[i], CURLOPT_WRITEFUNCTION, throw_away);
        curl_easy_setopt(easies[i], CURLOPT_HEADERFUNCTION, keep_etag);
        curl_easy_setopt(easies[i], CURLOPT_HEADERDATA, &bares[i]);
        curl_easy_setopt(easies[i], CURLOPT_PRIVATE, &bares[i]);
        curl_easy_setopt(easies[i], CURLOPT_ACCEPT_ENCODING, "");
        if (next < n_feeds)
            bare_start(multi, easies[i], &bares[i], next++, conditional);
    }
    while (running) {
        CURLMsg *msg;
        curl_multi_perform(multi, &running);
        while ((msg = curl_multi_info_read(multi, &left))) {
            CURL *easy = msg->easy_handle;
            struct bare *b;
            long http = 0;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &b);
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &http);
            *right += http == (conditional ? 304 : 200);
            curl_multi_remove_handle(multi, easy);
            if (next < n_feeds) {
                bare_start(multi, easy, b, next++, conditional);
                running = 1;
            }
        }
        if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    for (int i = 0; i < CONCURRENCY; i++) {
        curl_easy_cleanup(easies[i]);
        curl_slist_free_all(bares[i].headers);
    }
    curl_multi_cleanup(multi);
    return now() - start;
}

/* ---- Winnow's ---- */

static int answers_right;

static void on_polled(void *user, const struct source *source, struct fetch_result *result,
                      int64_t next, int failures)
{
    (void)source;
    (void)next;
    (void)failures;
    answers_right += !result->status && result->http == *(int *)user;
}

static void on_done(void *user)
{
    uv_stop(user);
}

static double fetcher_loop(int conditional, int *right)
{
    struct source *sources = calloc((size_t)n_feeds, sizeof *sources);
    struct config config = {.every = 1800, .sources = sources, .n_sources = (size_t)n_feeds};
    struct fetcher *fetcher;
    struct schedule *schedule;
    uv_loop_t loop;
    int want = conditional ? 304 : 200;
    double start = now();
    for (int i = 0; i < n_feeds; i++)
        sources[i] = (struct source){.url = urls[i], .enabled = 1, .allow_private = 1};
    uv_loop_init(&loop);
    if (fetcher_create(&loop, &(struct fetch_options){.concurrency = CONCURRENCY}, &fetcher) ||
        schedule_create(&loop, &config, fetcher, on_polled, &want, &schedule))
        die("fetcher");
    for (int i = 0; conditional && i < n_feeds; i++)
        schedule_validators(schedule, urls[i], etags[i], NULL);
    answers_right = 0;
    schedule_start(schedule, 1, on_done, &loop);
    uv_run(&loop, UV_RUN_DEFAULT);
    schedule_destroy(schedule);
    fetcher_destroy(fetcher);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    free(sources);
    *right = answers_right;
    return now() - start;
}

static double whole_winnow(int *code)
{
    char *argv[] = {WINNOW_BIN, "run", "--once", "-c", "winnow.yaml", NULL};
    return run(argv, code);
}

static double sfeed_update(int *code)
{
    char *argv[] = {"sfeed_update", "sfeedrc", NULL};
    return run(argv, code);
}

/* ---- the table ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
}

static void setup(void)
{
    char path[128];
    if (!mkdtemp(folder))
        die(folder);
    chmod(folder, 0755);
    snprintf(path, sizeof path, "%s/www", folder);
    mkdir(path, 0755);
    port = free_port();
    FILE *yaml = create("winnow.yaml"), *rc = create("sfeedrc");
    fprintf(yaml,
            "state: state\nconcurrency: %d\noutput:\n  - {file: feed.atom}\nallow-private: "
            "true\nsources:\n",
            CONCURRENCY);
    fprintf(rc, "sfeedpath=\"%s/sfeed\"\nfeeds() {\n", folder); /* its own 8 at once */
    for (int i = 0; i < n_feeds; i++) {
        write_feed(i);
        snprintf(urls[i], sizeof urls[i], "http://127.0.%d.%d:%d/%d.xml", 1 + i / 250, 1 + i % 250,
                 port, i);
        fprintf(yaml, "  - %s\n", urls[i]);
        fprintf(rc, "feed \"f%d\" \"%s\"\n", i, urls[i]);
    }
    fputs("}\n", rc);
    fclose(yaml);
    fclose(rc);
    start_nginx();
}

static void clean_up(void)
{
    char *argv[] = {"rm", "-rf", folder, NULL};
    int code;
    if (nginx > 0) {
        kill(nginx, SIGTERM);
        waitpid(nginx, NULL, 0);
    }
    run(argv, &code);
}

static void row(const char *name, double seconds, double bare, const char *note)
{
    printf("%-22s %9.1f ms %9.0f feeds/s %8.2f x  %s\n", name, seconds * 1e3, n_feeds / seconds,
           seconds / bare, note);
}

int main(int argc, char **argv)
{
    double bare[MOST_ROUNDS], ours[MOST_ROUNDS], whole[MOST_ROUNDS], cold_bare, cold_ours,
        cold_whole, sfeed;
    int right = 0, code = 0, wrong = 0;
    if (argc > 1)
        n_feeds = atoi(argv[1]);
    if (argc > 2)
        rounds = atoi(argv[2]);
    if (n_feeds < 1 || n_feeds > 50000 || rounds < 1 || rounds > MOST_ROUNDS)
        return fprintf(stderr, "usage: bench_poll [FEEDS [ROUNDS]]\n"), 2;
    urls = calloc((size_t)n_feeds, sizeof *urls);
    etags = calloc((size_t)n_feeds, sizeof *etags);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    setup();
    cold_bare = bare_loop(0, &right);
    wrong += n_feeds - right;
    cold_ours = fetcher_loop(0, &right);
    wrong += n_feeds - right;
    cold_whole = whole_winnow(&code);
    wrong += code != 0;
    sfeed = sfeed_update(&code);
    wrong += code != 0;
    for (int i = 0; i < rounds; i++) {
        bare[i] = bare_loop(1, &right);
        wrong += n_feeds - right;
        ours[i] = fetcher_loop(1, &right);
        wrong += n_feeds - right;
        whole[i] = whole_winnow(&code);
        wrong += code != 0;
    }
    double again = sfeed_update(&code);
    wrong += code != 0;
    printf("%d feeds of %d items, %d transfers at once, medians of %d rounds\n", n_feeds, ITEMS,
           CONCURRENCY, rounds);
    puts("first poll (200):");
    row("  bare libcurl loop", cold_bare, cold_bare, "");
    row("  winnow's fetcher", cold_ours, cold_bare, "");
    row("  winnow run --once", cold_whole, cold_bare, "parses, filters, commits and publishes too");
    row("  sfeed_update", sfeed, cold_bare, "parses and merges too");
    double b = median(bare, rounds), o = median(ours, rounds);
    puts("steady state (304):");
    row("  bare libcurl loop", b, b, "");
    row("  winnow's fetcher", o, b, "schedule and fetcher; expected at most 1.5 x");
    row("  winnow run --once", median(whole, rounds), b,
        "the whole program, start and commits too");
    row("  sfeed_update", again, b, "fetches all again");
    if (wrong)
        printf("%d answers or programs went wrong: BENCH_VERBOSE=1 shows what they say\n", wrong);
    clean_up();
    return wrong || o > 1.5 * b;
}
