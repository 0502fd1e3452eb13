/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast `winnow parse` reads a 50 MB RSS file, as ratios in one run: against sfeed (Debian's
 * package), which reads and prints too, and against a bare pass of libxml2's reader over the same
 * bytes in memory, which does nothing with them. All write to /dev/null. Medians of interleaved
 * rounds; wall clock and peak memory. Usage: bench_parse [MEGABYTES [ROUNDS]]
 */
#include <fcntl.h>
#include <libxml/xmlreader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ROUNDS = 51 };

static char path[] = "/tmp/bench_parse.XXXXXX";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sentences as a wire would send them, in scripts of one, two and three bytes a character. */
static const char *const sentences[] = {
    "The ministers of nine countries met in Lisbon on Tuesday to agree on a common timetable. ",
    "Der Ausschuss legte am Mittwoch einen Bericht über die Häfen der Region vor. ",
    "Le gouvernement a présenté un plan pour les écoles, qui sera débattu en février. ",
    "Производство электроэнергии выросло на семь процентов по сравнению с прошлым годом. ",
    "정부는 다음 달부터 새로운 교통 규칙을 시행한다고 밝혔다. ",
    "A spokesperson said that \"no decision has been taken\" &amp; declined to comment further. ",
    "Shares rose 3.4 % in early trading; analysts had expected less than half of that. ",
};

static void write_item(FILE *f, unsigned i)
{
    unsigned r = i * 2654435761u;
    fprintf(f,
            "<item>\n<title>Report %u: ports &amp; schools in region %u</title>\n"
            "<link>https://wire.example.org/2026/11/%02u/report-%u.html</link>\n"
            "<guid isPermaLink=\"false\">tag:wire.example.org,2026:%u</guid>\n"
            "<pubDate>Tue, %02u Nov 2026 %02u:%02u:00 +0100</pubDate>\n"
            "<dc:creator>Reporter %u</dc:creator>\n<category>Economy</category>\n"
            "<category domain=\"https://wire.example.org/c\">Region %u</category>\n"
            "<media:thumbnail url=\"https://img.example.org/%u.jpg\" width=\"120\"/>\n"
            "<description>",
            i, r % 97, 1 + i % 28, i, i, 1 + i % 28, i % 24, i % 60, r % 41, r % 97, i);
    for (unsigned k = 0; k < 3; k++)
        fputs(sentences[(r >> k) % 7], f);
    fputs("</description>\n<content:encoded>", f);
    if (i % 2) { /* half escaped, half in CDATA, as feeds are */
        fputs("<![CDATA[", f);
        for (unsigned k = 0; k < 16; k++)
            fprintf(f, "<p class=\"text\">%s<a href=\"https://example.org/%u\">more</a></p>\n",
                    sentences[(r + k) % 5], i + k);
        fputs("]]>", f);
    } else {
        for (unsigned k = 0; k < 16; k++)
            fprintf(f,
                    "&lt;p class=\"text\"&gt;%s&lt;a href=\"https://example.org/%u\"&gt;more"
                    "&lt;/a&gt;&lt;/p&gt;\n",
                    sentences[(r + k) % 7], i + k);
    }
    fputs("</content:encoded>\n</item>\n", f);
}

static unsigned write_feed(size_t bytes)
{
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    unsigned n = 0;
    if (!f)
        return 0;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\""
          " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
          " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\""
          " xmlns:media=\"http://search.yahoo.com/mrss/\">\n<channel>\n<title>The wire</title>\n"
          "<link>https://wire.example.org/</link>\n<description>All of it</description>\n",
          f);
    while ((size_t)ftell(f) < bytes)
        write_item(f, n++);
    fputs("</channel>\n</rss>\n", f);
    return fclose(f) ? 0 : n;
}

static int bare_pass(void)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 1;
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(n);
    if (!bytes || fread(bytes, 1, n, f) != n)
        return 1;
    fclose(f);
    double start = now();
    xmlTextReaderPtr reader = xmlReaderForMemory(bytes, (int)n, NULL, NULL, XML_PARSE_NONET);
    int more;
    while ((more = xmlTextReaderRead(reader)) == 1)
        ;
    xmlFreeTextReader(reader);
    dprintf(3, "%.6f", now() - start);
    return more;
}

struct result {
    double seconds;
    long peak; /* KiB */
};

/* Runs `what` in a process of its own: NULL is the bare pass, which tells its own time, since the
 * pass alone and not its reading of the file is the measure. */
static int measure(const char *what, struct result *r)
{
    int out[2];
    char text[32] = "";
    if (pipe(out))
        return -1;
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
        int in = open(path, O_RDONLY), null = open("/dev/null", O_WRONLY);
        dup2(out[1], 3);
        dup2(in, 0);
        dup2(null, 1);
        if (!what)
            _exit(bare_pass());
        if (strcmp(what, "sfeed") == 0)
            execlp("sfeed", "sfeed", (char *)NULL);
        else
            execl(what, what, "parse", path, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    int status = -1;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status) {
        close(out[0]);
        return -1;
    }
    r->seconds = now() - start;
    r->peak = usage.ru_maxrss;
    if (!what && read(out[0], text, sizeof text - 1) > 0)
        r->seconds = atof(text);
    close(out[0]);
    return 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    size_t megabytes = argc > 1 ? (size_t)atoi(argv[1]) : 50;
    int rounds = argc > 2 ? atoi(argv[2]) : 7, failed = 0;
    const char *binary = getenv("WINNOW_BIN") ? getenv("WINNOW_BIN") : WINNOW_BIN;
    const char *const who[] = {binary, "sfeed", NULL};
    const char *const names[] = {"winnow parse", "sfeed", "libxml2 reader, bare"};
    static double times[3][MOST_ROUNDS];
    long peaks[3] = {0};
    if (rounds < 1 || rounds > MOST_ROUNDS)
        rounds = 7;
    unsigned items = write_feed(megabytes * 1000000);
    if (!items) {
        fprintf(stderr, "bench_parse: cannot write %s\n", path);
        return 1;
    }
    for (int i = 0; i < rounds && !failed; i++)
        for (int k = 0; k < 3 && !failed; k++) {
            struct result r;
            if (measure(who[k], &r)) {
                fprintf(stderr, "bench_parse: %s failed (is it built or installed?)\n", names[k]);
                failed = 1;
                break;
            }
            times[k][i] = r.seconds;
            peaks[k] = r.peak > peaks[k] ? r.peak : peaks[k];
        }
    unlink(path);
    if (failed)
        return 1;
    printf("%zu MB of RSS, %u items, median of %d rounds\n", megabytes, items, rounds);
    for (int k = 0; k < 3; k++) {
        qsort(times[k], (size_t)rounds, sizeof times[k][0], compare);
        printf("  %-22s %7.1f ms   %5ld MB peak\n", names[k], times[k][rounds / 2] * 1e3,
               peaks[k] / 1024);
    }
    double mine = times[0][rounds / 2], sfeed = mine / times[1][rounds / 2],
           bare = mine / times[2][rounds / 2];
    printf("  winnow / sfeed %.2f (at most 1.2), winnow / bare reader %.2f (at most 1.6)\n", sfeed,
           bare);
    return sfeed > 1.2 || bare > 1.6;
}
