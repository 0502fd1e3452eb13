/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ./dev eval editions [--model FILE] [--verifier FILE] [--half 0|1] [--threshold P] [--only WHAT]
 *
 * How well the editions filter recognises one article in many languages, through its plugin
 * interface, at the shipped defaults. Worlds of news documents (editions/ntrex_dev), in feed-like
 * lengths; posts of a software project; near-copies in one language; speed. WHAT is worlds, posts,
 * copies or speed. --half judges every second document only, with --verifier a forest trained on
 * the others (train_verifier.py writes half0.txt, half1.txt): cross-validation.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plugin/editions/editions.h"
#include "plugin/editions/index.h"
#include "plugin/editions/pair.h"
#include "tests/support/editions_data.h"
#include "tests/support/small_host.h"

static const char *model, *threshold;
static int half = -1;

static void start(struct small_host *h)
{
    unsigned n = 0;
    small_host_init(h);
    if (model) {
        h->options[n][0] = "model";
        h->options[n++][1] = model;
    }
    if (threshold) {
        h->options[n][0] = "threshold";
        h->options[n++][1] = threshold;
    }
    if (small_host_start(h, &editions_filter) != WN_OK) {
        fprintf(stderr, "eval editions: %s\n", h->log);
        exit(1);
    }
}

struct score {
    double hits, said, pairs;  /* cross-language pairs */
    double wrong_items, items; /* items in a story with a stranger of another language */
    double b_precision, b_recall, b_items;
    double lang_hits[15], lang_pairs[15];
    double crowd_wrong, crowd_items;
};

/* Compares the stories of a host with the documents. */
static void judge_stories(const struct small_host *h, const struct doc_item *items, struct score *s)
{
    uint32_t *story = malloc(h->n * sizeof *story);
    small_host_stories(h, story);
    for (size_t i = 0; i < h->n; i++) {
        double same = 0, mine = 0, truth = 0;
        bool wrong = false;
        for (size_t j = 0; j < h->n; j++) {
            bool together = story[i] == story[j], one = items[i].doc == items[j].doc;
            same += together && one;
            mine += together;
            truth += one;
            wrong |= together && !one && strcmp(items[i].lang, items[j].lang) != 0;
            if (j <= i || strcmp(items[i].lang, items[j].lang) == 0)
                continue;
            s->hits += together && one;
            s->said += together;
            s->pairs += one;
            if (one) {
                int a = lang_index(items[i].lang), b = lang_index(items[j].lang);
                s->lang_pairs[a]++;
                s->lang_pairs[b]++;
                s->lang_hits[a] += together;
                s->lang_hits[b] += together;
            }
        }
        s->b_precision += same / mine;
        s->b_recall += same / truth;
        s->b_items++;
        s->wrong_items += wrong;
        if (items[i].crowd) {
            s->crowd_items++;
            s->crowd_wrong += wrong;
        }
    }
    s->items += (double)h->n;
    free(story);
}

static double f1(double p, double r)
{
    return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

static void print_score(const char *world, const char *tier, const struct score *s)
{
    double p = s->said ? s->hits / s->said : 1, r = s->pairs ? s->hits / s->pairs : 1;
    double bp = s->b_precision / s->b_items, br = s->b_recall / s->b_items, worst = 1, mean = 0;
    int worst_lang = 0, n = 0;
    for (int l = 0; l < 15; l++)
        if (s->lang_pairs[l] > 0) {
            double x = s->lang_hits[l] / s->lang_pairs[l];
            mean += x;
            n++;
            if (x < worst) {
                worst = x;
                worst_lang = l;
            }
        }
    printf("%-7s %-6s F1 %.3f  P %.3f  R %.3f  B3 %.3f  wrong %5.1f/10k", world, tier, f1(p, r), p,
           r, f1(bp, br), 1e4 * s->wrong_items / s->items);
    if (s->crowd_items > 0)
        printf("  (of the crowd %.1f/10k)", 1e4 * s->crowd_wrong / s->crowd_items);
    printf("  weakest %s %.3f (mean %.3f)\n", lang_name(worst_lang), worst, n ? mean / n : 0);
    fflush(stdout);
}

/* Names those that were joined with a stranger, for whoever looks into it. */
static void show_wrong(const struct small_host *h, const struct doc_item *items)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct small_item *x = &h->items[i];
        if (x->kind == WN_EDITION && items[i].doc != items[x->of - 1].doc)
            printf("  WRONG %.3f [%s %d] %.150s\n        [%s %d] %.150s\n        %s\n", x->score,
                   x->lang, items[i].doc, x->title, items[x->of - 1].lang, items[x->of - 1].doc,
                   items[x->of - 1].title, x->evidence);
    }
}

static void run_world(const struct doc_item *items, size_t n, struct score *s)
{
    struct small_host h;
    start(&h);
    for (size_t i = 0; i < n; i++) {
        struct small_item x = {.title = items[i].title,
                               .text = items[i].text,
                               .lang = items[i].lang,
                               .arrived = 1700000000};
        small_host_add(&h, &x);
    }
    if (small_host_run(&h, 0, n) != WN_OK)
        fprintf(stderr, "eval editions: the filter failed: %s\n", h.log);
    judge_stories(&h, items, s);
    if (getenv("SHOW_WRONG"))
        show_wrong(&h, items);
    small_host_finish(&h);
}

static const char *only_world, *only_tier;

static void worlds(const struct data *d)
{
    static const char *const kinds[] = {"closed", "open", "cold", "crowd"};
    static const int times[] = {2, 3, 3, 3};
    printf("items: %zu documents in 15 languages%s; crowd: %zu unrelated items\n", d->n_docs,
           half < 0 ? ""
           : half   ? ", the odd ones"
                    : ", the even ones",
           d->n_crowd);
    for (int k = 0; k < 4; k++)
        for (int t = 0; t < TIERS; t++) {
            struct score s = {0};
            if ((only_world && strcmp(only_world, kinds[k]) != 0) ||
                (only_tier && strcmp(only_tier, tier_name((enum tier)t)) != 0))
                continue;
            for (int i = 0; i < times[k]; i++) {
                struct doc_item *items;
                size_t n, *lots, n_lots;
                data_world(d, (enum world)k, (enum tier)t, half, (uint64_t)(100 + 7 * i + k),
                           &items, &n, &lots, &n_lots);
                for (size_t l = 0; l < n_lots; l++)
                    run_world(items + lots[l], lots[l + 1] - lots[l], &s);
                data_free_items(items, n);
                free(lots);
            }
            print_score(kinds[k], tier_name((enum tier)t), &s);
        }
}

static void posts(const struct data *d)
{
    static const char *const from[] = {"2014", "2016", "2018"};
    for (int y = 0; y < 3; y++)
        for (int t = 0; t < TIERS; t++) {
            struct score s = {0};
            struct doc_item *items;
            size_t n = data_posts(d, from[y], (enum tier)t, &items);
            if (n)
                run_world(items, n, &s);
            data_free_items(items, n);
            char name[20];
            snprintf(name, sizeof name, "posts%s", from[y] + 2);
            print_score(name, tier_name((enum tier)t), &s);
        }
}

static void copies(const struct data *d)
{
    struct copy_case *cases;
    size_t n = data_copies(d, &cases);
    double said[16] = {0}, all[16] = {0}, hit = 0, wrong = 0, total = 0, true_ones = 0;
    for (size_t i = 0; i < n; i++) {
        struct small_host h;
        start(&h);
        for (int k = 0; k < 2; k++) {
            struct small_item x = {.title = cases[i].title[k],
                                   .text = cases[i].text[k],
                                   .lang = cases[i].lang,
                                   .source =
                                       k ? "https://b.example/feed" : "https://a.example/feed"};
            small_host_add(&h, &x);
        }
        small_host_run(&h, 0, 1);
        small_host_run(&h, 1, 2);
        bool copy = h.items[1].kind == WN_DUPLICATE;
        said[cases[i].kind] += copy;
        all[cases[i].kind]++;
        hit += copy && cases[i].is_copy;
        wrong += copy && !cases[i].is_copy;
        true_ones += cases[i].is_copy;
        total++;
        small_host_finish(&h);
    }
    for (int k = 0; k < COPY_KINDS; k++)
        printf("copies  %-28s called copies: %4.0f of %4.0f\n", copy_kind_name(k), said[k], all[k]);
    double p = hit + wrong > 0 ? hit / (hit + wrong) : 1, r = hit / true_ones;
    printf("copies  F1 %.3f  P %.3f  R %.3f\n", f1(p, r), p, r);
    data_free_copies(cases, n);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void speed(const struct data *d)
{
    char path[4096], why[400];
    struct encoder *e;
    if (encoder_find(model, NULL, path, sizeof path) < 0 ||
        encoder_open(&e, path, why, sizeof why) < 0)
        return;
    struct encoder_cache *cache = encoder_cache_create();
    struct doc_item *items;
    size_t n, *lots, n_lots;
    float v[ENCODER_DIM];
    data_world(d, WORLD_CLOSED, TIER_FULL, -1, 1, &items, &n, &lots, &n_lots);
    double start_time = seconds();
    for (size_t i = 0; i < n; i++)
        encoder_encode(e, cache, items[i].text, strlen(items[i].text), v);
    double once = seconds() - start_time;
    printf("speed   encoder: %.0f whole articles/s in 15 languages on one core\n",
           (double)n / once);
    free(lots);
    static const uint32_t sizes[] = {100000, 1000000};
    for (int k = 0; k < 2; k++) {
        struct index *x;
        struct core c = {0};
        uint32_t slot, seed = 1;
        if (index_create(&x) < 0)
            return;
        for (uint32_t i = 0; i < sizes[k]; i++) {
            for (int j = 0; j < ENCODER_DIM; j++) {
                seed = seed * 1664525 + 1013904223;
                c.title[j] = (int8_t)((int)(seed >> 24) % 50 - 25);
                c.whole[j] = (int8_t)((int)(seed >> 16 & 255) % 50 - 25);
            }
            uint32_t keys[8];
            for (int j = 0; j < 8; j++)
                keys[j] = seed * (uint32_t)(2 * j + 3) | 1;
            struct index_item item = {.id = i + 1, .lang = (uint8_t)(i % 15)};
            if (index_add(x, &item, &c, keys, 8, &slot) < 0)
                break;
        }
        struct found found[64];
        struct query q[64];
        for (int b = 1; b <= 64; b *= 64) {
            memset(found, 0, sizeof found);
            for (int i = 0; i < b; i++)
                q[i] = (struct query){c.title, c.whole, &found[i]};
            double t = seconds();
            int rounds = b == 1 ? 5 : 1;
            for (int i = 0; i < rounds; i++)
                index_search(x, 0, index_end(x), q, (size_t)b, 40000);
            printf("speed   exact search among %u items, %d at a time: %.2f ms each\n", sizes[k], b,
                   1e3 * (seconds() - t) / rounds / b);
        }
        printf("speed   resident: %.0f bytes an item\n", (double)index_bytes(x) / sizes[k]);
        index_destroy(x);
    }
    struct small_host h;
    start(&h);
    for (size_t i = 0; i < n; i++) {
        struct small_item y = {
            .title = items[i].title, .text = items[i].text, .lang = items[i].lang};
        small_host_add(&h, &y);
    }
    start_time = seconds();
    small_host_run(&h, 0, n);
    printf("speed   whole filter: %.0f articles/s on one core\n",
           (double)n / (seconds() - start_time));
    small_host_finish(&h);
    data_free_items(items, n);
    encoder_cache_destroy(cache);
    encoder_close(e);
}

int main(int argc, char **argv)
{
    struct data d;
    const char *only = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--model") == 0)
            model = argv[i + 1];
        else if (strcmp(argv[i], "--verifier") == 0)
            data_use_verifier(argv[i + 1]);
        else if (strcmp(argv[i], "--half") == 0)
            half = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--threshold") == 0)
            threshold = argv[i + 1];
        else if (strcmp(argv[i], "--world") == 0)
            only_world = argv[i + 1];
        else if (strcmp(argv[i], "--tier") == 0)
            only_tier = argv[i + 1];
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
    }
    char beside[4096];
    if (!model && encoder_find(NULL, NULL, beside, sizeof beside) != WN_OK) {
        snprintf(beside, sizeof beside, "%s/%s", WINNOW_FILTERS_DIR, ENCODER_MODEL_FILE);
        model = beside;
    }
    if (data_load(&d, WINNOW_SOURCE_DIR "/../shared/data", half) < 0) {
        puts("eval editions: ../shared/data is not there; nothing to measure with");
        return 0;
    }
    if (!only || strcmp(only, "worlds") == 0)
        worlds(&d);
    if (!only || strcmp(only, "posts") == 0)
        posts(&d);
    if (!only || strcmp(only, "copies") == 0)
        copies(&d);
    if (!only || strcmp(only, "speed") == 0)
        speed(&d);
    return 0;
}
