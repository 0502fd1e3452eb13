/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The editions filter's index among 10,000, 100,000 and 1,000,000 items: milliseconds a lookup,
 * alone and in batches of 64, beside going through all vectors with the fastest dot product at
 * hand; the share of what that full search finds that a lookup finds too, by how alike it is; bytes
 * resident an item. One thread.
 *
 * The items are real: lines of ../shared/data/parallel in all languages, the first words of each as
 * a title, the rest and the lines after it as text, which makes most of them translations of others.
 * Past the number of lines each begins anew with other lines joined to it. Without that folder they
 * are made up, each a mixture of a few of 500 subjects and noise of its own.
 * Usage: bench_index [SIZE …]
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "plugin/editions/index.h"
#include "plugin/editions/window.h"
#include "plugin/text/kernels.h"

enum { QUERIES = 192, BATCH = 64, COLUMNS = 24, LINE = 1 << 16 };

struct item {
    int8_t title[ENCODER_DIM], whole[ENCODER_DIM];
    uint8_t lang;
};

static struct item *items;
static size_t n_items, most_items;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- items ---- */

static void add_text(struct workshop *w, const char *tag, const char *text, const char *more)
{
    static struct core c;
    char body[4096];
    size_t len = strlen(text), cut = len > 120 ? 60 : len;
    if (len < 12 || n_items == most_items)
        return;
    while (cut < len && text[cut] != ' ' && cut < 120)
        cut++;
    while (cut < len && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut++;
    int n = snprintf(body, sizeof body, "%s %s", text + cut, more);
    /* A fifth are headlines alone, as in some feeds. */
    size_t used = n_items % 5 == 0 ? 0 : (size_t)n < sizeof body ? (size_t)n : sizeof body - 1;
    memset(&c, 0, sizeof c);
    core_from_text(w, &c, (wn_str){text, cut}, (wn_str){body, used});
    if (!c.model)
        return;
    struct item *it = &items[n_items++];
    memcpy(it->title, c.title, ENCODER_DIM);
    memcpy(it->whole, c.whole, ENCODER_DIM);
    it->lang = (uint8_t)evidence_lang(tag);
}

static unsigned cells(char *line, char **out)
{
    unsigned n = 0;
    for (char *p = line; p && n < COLUMNS; n++) {
        out[n] = p;
        p = strpbrk(p, "\t\n");
        if (p)
            *p++ = '\0';
    }
    return n;
}

/* Every language's column of a file; each text goes on with that of `ahead` lines before. */
static void add_file(struct workshop *w, const char *path, unsigned ahead)
{
    enum { KEPT = 8 };
    static char head[LINE], lines[KEPT][LINE];
    char *names[COLUMNS], *now_[COLUMNS], *before[KEPT][COLUMNS];
    unsigned n_before[KEPT] = {0};
    gzFile f = gzopen(path, "rb");
    if (!f || !gzgets(f, head, LINE)) {
        if (f)
            gzclose(f);
        return;
    }
    unsigned n = cells(head, names);
    for (size_t at = 0; gzgets(f, lines[at % KEPT], LINE); at++) {
        unsigned got = cells(lines[at % KEPT], now_), old = (unsigned)((at + KEPT - ahead) % KEPT);
        memcpy(before[at % KEPT], now_, sizeof now_);
        n_before[at % KEPT] = got;
        for (unsigned i = 0; i < n && i < got; i++)
            if (evidence_lang(names[i]) < 15)
                add_text(w, names[i], now_[i], i < n_before[old] ? before[old][i] : "");
    }
    gzclose(f);
}

static int add_real(void)
{
    char path[4096], why[400];
    struct encoder *e;
    glob_t files;
    if (glob(WINNOW_SOURCE_DIR "/../shared/data/parallel/*.tsv.gz", 0, NULL, &files))
        return 0;
    if (encoder_find(WINNOW_FILTERS_DIR "/" ENCODER_MODEL_FILE, NULL, path, sizeof path) < 0 ||
        encoder_open(&e, path, why, sizeof why) < 0) {
        globfree(&files);
        return 0;
    }
    struct workshop *w = workshop_create(e);
    for (unsigned ahead = 1; w && ahead < 7 && n_items < most_items; ahead++)
        for (size_t i = 0; i < files.gl_pathc; i++)
            add_file(w, files.gl_pathv[i], ahead);
    globfree(&files);
    workshop_destroy(w);
    encoder_close(e);
    return n_items == most_items;
}

static uint32_t seed = 1;

static int noise(void)
{
    int sum = 0;
    for (int i = 0; i < 4; i++) {
        seed = seed * 1664525u + 1013904223u;
        sum += (int)(seed >> 24) - 128;
    }
    return sum / 4;
}

static void add_made_up(void)
{
    static int8_t subjects[500][ENCODER_DIM];
    int8_t *all = &subjects[0][0];
    for (int i = 0; i < 500 * ENCODER_DIM; i++)
        all[i] = (int8_t)noise();
    for (n_items = 0; n_items < most_items; n_items++) {
        struct item *it = &items[n_items];
        const int8_t *a = subjects[seed / 7 % 500], *b = subjects[seed / 11 % 500];
        int32_t title[ENCODER_DIM], whole[ENCODER_DIM];
        for (int d = 0; d < ENCODER_DIM; d++) {
            title[d] = a[d] + 2 * noise();
            whole[d] = title[d] + a[d] + b[d] + noise();
        }
        encoder_quantise(title, it->title);
        encoder_quantise(whole, it->whole);
        it->lang = (uint8_t)(n_items % 15);
    }
}

/* In an order that has nothing to do with the files'. */
static void shuffle(void)
{
    for (size_t i = n_items; i-- > 1;) {
        seed = seed * 1664525u + 1013904223u;
        size_t j = (((uint64_t)seed << 16) ^ (seed >> 7) * 2654435761u) % (i + 1);
        struct item x = items[i];
        items[i] = items[j];
        items[j] = x;
    }
}

/* ---- searches ---- */

static void full_search(const int8_t *title, const int8_t *whole, size_t n,
                        const struct item *query, struct found *f)
{
    enum { TILE = 256 };
    int32_t a[TILE], b[TILE];
    for (size_t at = 0; at < n; at += TILE) {
        size_t count = n - at < TILE ? n - at : TILE;
        kernels_best()->dot_many(query->title, title + at * ENCODER_DIM, ENCODER_DIM, count, a);
        kernels_best()->dot_many(query->whole, whole + at * ENCODER_DIM, ENCODER_DIM, count, b);
        for (size_t i = 0; i < count; i++) {
            int32_t score = a[i] + b[i];
            unsigned lang = items[at + i].lang, k;
            if (score < WINDOW_LEAST ||
                (f->n[lang] == INDEX_BEST && score <= f->score[lang][INDEX_BEST - 1]))
                continue;
            k = f->n[lang] < INDEX_BEST ? f->n[lang]++ : INDEX_BEST - 1;
            for (; k > 0 && f->score[lang][k - 1] < score; k--) {
                f->score[lang][k] = f->score[lang][k - 1];
                f->slot[lang][k] = f->slot[lang][k - 1];
            }
            f->score[lang][k] = score;
            f->slot[lang][k] = (uint32_t)(at + i);
        }
    }
}

enum { BANDS = 4 };
static const float band_from[BANDS] = {0.55f, 0.8f, 1.0f, 1.4f};

static void compare(const struct found *truth, const struct found *got, size_t total[BANDS],
                    size_t missed[BANDS])
{
    for (unsigned lang = 0; lang < EVIDENCE_LANGS; lang++)
        for (unsigned k = 0; k < truth->n[lang]; k++) {
            int32_t score = truth->score[lang][k];
            int band = BANDS - 1, there = 0;
            while (band && (float)score < band_from[band] * ENCODER_UNIT * ENCODER_UNIT)
                band--;
            for (unsigned j = 0; j < got->n[lang]; j++)
                there |= got->slot[lang][j] == truth->slot[lang][k];
            total[band]++;
            missed[band] += !there;
        }
}

static int measure(size_t n, const struct item *queries)
{
    static struct found truth[QUERIES], alone[QUERIES], batch[QUERIES];
    struct index *x;
    size_t total[BANDS] = {0}, missed[BANDS] = {0}, all = 0, lost = 0;
    int8_t *title = malloc(n * ENCODER_DIM), *whole = malloc(n * ENCODER_DIM);
    if (!title || !whole || index_create(&x) < 0)
        return 1;
    double t = now();
    for (size_t i = 0; i < n; i++) {
        static struct core c;
        uint32_t slot, keys[8];
        for (unsigned k = 0; k < 8; k++)
            keys[k] = (uint32_t)(i * 8 + k) * 2654435761u | 1;
        memcpy(c.title, items[i].title, ENCODER_DIM);
        memcpy(c.whole, items[i].whole, ENCODER_DIM);
        memcpy(title + i * ENCODER_DIM, c.title, ENCODER_DIM);
        memcpy(whole + i * ENCODER_DIM, c.whole, ENCODER_DIM);
        struct index_item it = {.id = (int64_t)i + 1, .lang = items[i].lang};
        if (index_add(x, &it, &c, keys, 8, &slot) < 0)
            return 1;
    }
    double building = now() - t, full = 0, one = 0, worst = 0;
    memset(truth, 0, sizeof truth);
    memset(alone, 0, sizeof alone);
    memset(batch, 0, sizeof batch);
    struct query q[QUERIES];
    for (int i = 0; i < QUERIES; i++) {
        t = now();
        full_search(title, whole, n, &queries[i], &truth[i]);
        full += now() - t;
        q[i] = (struct query){queries[i].title, queries[i].whole, &alone[i]};
        t = now();
        index_search(x, 0, (uint32_t)n, &q[i], 1, WINDOW_LEAST);
        t = now() - t;
        one += t;
        worst = t > worst ? t : worst;
        compare(&truth[i], &alone[i], total, missed);
        q[i].found = &batch[i];
    }
    t = now();
    for (int i = 0; i < QUERIES; i += BATCH)
        index_search(x, 0, (uint32_t)n, q + i, BATCH, WINDOW_LEAST);
    t = now() - t;
    for (int i = 0; i < BANDS; i++) {
        all += total[i];
        lost += missed[i];
    }
    printf("%9zu %8.3f %8.3f %8.3f %8.3f %8.2f %9.6f", n, full * 1e3 / QUERIES, one * 1e3 / QUERIES,
           worst * 1e3, t * 1e3 / QUERIES, full / one, all ? 1 - (double)lost / (double)all : 1);
    for (int i = 0; i < BANDS; i++)
        printf(" %8.6f", total[i] ? 1 - (double)missed[i] / (double)total[i] : 1);
    printf(" %6.0f %8.2f\n", (double)index_bytes(x) / (double)n, building * 1e6 / (double)n);
    int differs = memcmp(alone, batch, sizeof alone) != 0;
    if (differs)
        puts("alone and in a batch something else was found");
    index_destroy(x);
    free(title);
    free(whole);
    return differs || (double)lost > 0.001 * (double)all;
}

int main(int argc, char **argv)
{
    static const size_t usual[] = {10000, 100000, 1000000};
    size_t sizes[8], n = 0;
    int failed = 0;
    for (int i = 1; i < argc && n < 8; i++)
        sizes[n++] = strtoul(argv[i], NULL, 10);
    for (; n < 3 && argc < 2; n++)
        sizes[n] = usual[n];
    for (size_t i = 0; i < n; i++)
        if (sizes[i] + QUERIES > most_items)
            most_items = sizes[i] + QUERIES;
    if (!(items = malloc(most_items * sizeof *items)))
        return 1;
    if (!add_real()) {
        puts("../shared/data/parallel is not there or too small: vectors are made up");
        add_made_up();
    }
    shuffle();
    printf("                ms a lookup                        times  of what a full search finds: "
           "all,       of them with a score of    bytes    us to\n"
           "    items     full    alone    worst    batch    full       found  ≥0.55    ≥0.8    "
           "≥1.0    ≥1.4   an item    add\n");
    for (size_t i = 0; i < n; i++)
        failed |= measure(sizes[i], items + most_items - QUERIES);
    free(items);
    return failed;
}
