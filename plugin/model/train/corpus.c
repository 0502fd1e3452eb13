/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Odds of a source; one that is not named here gets a half. Chosen by how much news-like text each
 * has. */
static const struct {
    const char *prefix;
    float odds;
    bool words;
} SOURCE_ODDS[] = {
    {"msbeginners", 4, false},  {"stsb", 3, false},       {"wmt21_news", 2, false},
    {"wmt23_en", 2, false},     {"wmt22", 1.5f, false},   {"pud", 2.5f, false},
    {"sib200", 2.5f, false},    {"tico", 1.5f, false},    {"misc_alt", 3, false},
    {"misc_wmt", 1, false},     {"misc_ko", 1.5f, false}, {"misc_flores", 1, false},
    {"misc_tatoeba", 1, false}, {"xquad", .7f, false},    {"udhr", .1f, false},
    {"privacy", 1, false},      {"dictionary", 3, true},  {"omw", 2.5f, true},
    {"cedict", 1, true},        {"names", 2.5f, true},    {"cldr_names", .8f, true},
    {"cldr_emoji", .8f, true},  {"osm_id", .5f, true},
};

static void set_odds(struct source *s)
{
    s->odds = .4f;
    for (size_t i = 0; i < sizeof SOURCE_ODDS / sizeof SOURCE_ODDS[0]; i++)
        if (strncmp(s->name, SOURCE_ODDS[i].prefix, strlen(SOURCE_ODDS[i].prefix)) == 0) {
            s->odds = SOURCE_ODDS[i].odds;
            s->words = SOURCE_ODDS[i].words;
            return;
        }
}

static void *grow(void *p, size_t n, size_t size)
{
    if (n & (n - 1))
        return p; /* doubles at powers of two */
    p = realloc(p, (n ? 2 * n : 1) * size);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static uint8_t lang_number(struct corpus *c, const char *lang)
{
    for (unsigned i = 0; i < c->n_langs; i++)
        if (strcmp(c->langs[i], lang) == 0)
            return (uint8_t)i;
    snprintf(c->langs[c->n_langs], sizeof c->langs[0], "%s", lang);
    return (uint8_t)c->n_langs++;
}

static void add_bag(struct corpus *c, const struct text_tables *tables, const char *lang,
                    const char *text)
{
    struct token_reader r;
    struct text_token t, before = {.kind = TOKEN_NUMBER};
    uint64_t start = c->n_ids, key = 0;
    token_reader_init(&r, tables, text, strlen(text));
    while (token_next(&r, &t)) {
        if (c->n_ids + TOKEN_SLOTS_MAX + 1 > c->cap_ids) {
            c->cap_ids = c->cap_ids ? 2 * c->cap_ids : 1 << 20;
            c->ids = realloc(c->ids, c->cap_ids * sizeof *c->ids);
            if (!c->ids)
                exit(1);
        }
        c->n_ids += token_features(tables, &t, c->ids + c->n_ids);
        if (token_pair_feature(&before, &t, c->ids + c->n_ids))
            c->n_ids++;
        before = t;
        key = key * 0x9E3779B97F4A7C15u + t.key;
    }
    c->bags = grow(c->bags, c->n_bags, sizeof *c->bags);
    c->bags[c->n_bags++] = (struct bag){start, (uint32_t)(c->n_ids - start), (uint32_t)(key >> 32),
                                        lang_number(c, lang)};
}

int corpus_read(struct corpus *c, const char *path, const struct text_tables *tables)
{
    FILE *f = fopen(path, "r");
    char *line = NULL, group[24] = "", doc[200] = "";
    size_t cap = 0;
    uint32_t doc_first = c->n_groups;
    if (!f) {
        perror(path);
        return -1;
    }
    while (getline(&line, &cap, f) > 0) {
        char *field[5], *p = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < 5; i++)
            field[i] = p ? strsep(&p, "\t") : NULL;
        if (!field[4])
            continue;
        struct source *s = c->n_sources ? &c->sources[c->n_sources - 1] : NULL;
        bool new_source = !s || strcmp(s->name, field[0]) != 0;
        if (new_source) {
            s = &c->sources[c->n_sources++];
            snprintf(s->name, sizeof s->name, "%s", field[0]);
            s->first = c->n_groups;
            set_odds(s);
        }
        if (new_source || strcmp(doc, field[2]) != 0) {
            doc_first = c->n_groups;
            snprintf(doc, sizeof doc, "%s", field[2]);
        }
        if (new_source || strcmp(group, field[1]) != 0) {
            snprintf(group, sizeof group, "%s", field[1]);
            c->groups = grow(c->groups, c->n_groups, sizeof *c->groups);
            c->groups[c->n_groups++] = (struct group){c->n_bags, 0, 0};
            s->n++;
            if (*doc)
                for (uint32_t g = doc_first; g + 1 < c->n_groups; g++)
                    c->groups[g].doc_left++;
        }
        add_bag(c, tables, field[3], field[4]);
        c->groups[c->n_groups - 1].n++;
    }
    free(line);
    fclose(f);
    return 0;
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static uint32_t row_of(const uint64_t *bitmap, const uint32_t *rank, uint32_t slot)
{
    uint64_t word = bitmap[slot >> 6], bit = (uint64_t)1 << (slot & 63);
    return word & bit ? rank[slot >> 6] + (uint32_t)__builtin_popcountll(word & (bit - 1))
                      : UINT32_MAX;
}

void corpus_map_rows(struct corpus *c, const uint64_t *bitmap)
{
    uint32_t *rank = malloc(FEATURE_SLOTS / 64 * sizeof *rank), rows = 0;
    if (!rank)
        exit(1);
    for (uint32_t i = 0; i < FEATURE_SLOTS / 64; i++) {
        rank[i] = rows;
        rows += (uint32_t)__builtin_popcountll(bitmap[i]);
    }
    for (uint32_t b = 0; b < c->n_bags; b++) {
        struct bag *bag = &c->bags[b];
        uint32_t *ids = c->ids + bag->at, n = 0;
        for (uint32_t i = 0; i < bag->n; i++) {
            uint32_t row = row_of(bitmap, rank, ids[i]);
            if (row != UINT32_MAX)
                ids[n++] = row;
        }
        bag->n = n;
    }
    free(rank);
}

void corpus_renumber(struct corpus *c, const uint32_t *number)
{
    for (uint32_t b = 0; b < c->n_bags; b++) {
        struct bag *bag = &c->bags[b];
        uint32_t *ids = c->ids + bag->at, n = 0;
        for (uint32_t i = 0; i < bag->n; i++)
            if (number[ids[i]] != UINT32_MAX)
                ids[n++] = number[ids[i]];
        bag->n = n;
    }
}

uint32_t corpus_choose_rows(struct corpus *c, uint32_t most, uint64_t *bitmap, float *frequency)
{
    uint32_t *count = calloc(FEATURE_SLOTS, sizeof *count);
    uint64_t *order = malloc(FEATURE_SLOTS * sizeof *order), total = 0;
    uint32_t n = 0;
    if (!count || !order)
        exit(1);
    for (unsigned s = 0; s < c->n_sources; s++) {
        const struct source *src = &c->sources[s];
        for (uint32_t g = src->first; g < src->first + src->n; g++)
            for (uint32_t b = c->groups[g].first; b < c->groups[g].first + c->groups[g].n; b++)
                for (uint32_t i = 0; i < c->bags[b].n; i++)
                    count[c->ids[c->bags[b].at + i]] += src->words ? 1 : 4;
    }
    for (uint32_t i = 0; i < FEATURE_SLOTS; i++) {
        total += count[i];
        if (count[i] >= 3)
            order[n++] = (uint64_t)count[i] << 32 | i;
    }
    qsort(order, n, sizeof *order, by_count);
    fprintf(stderr, "%u slots occur, %u are chosen, the rarest %.2f times\n", n,
            n < most ? n : most, (double)(order[(n < most ? n : most) - 1] >> 32) / 4);
    if (n > most)
        n = most;
    memset(bitmap, 0, FEATURE_SLOTS / 8);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = (uint32_t)order[i];
        bitmap[slot >> 6] |= (uint64_t)1 << (slot & 63);
    }
    uint32_t row = 0;
    for (uint32_t i = 0; i < FEATURE_SLOTS; i++)
        if (bitmap[i >> 6] >> (i & 63) & 1)
            frequency[row++] = (float)((double)count[i] / (double)total);
    free(count);
    free(order);
    corpus_map_rows(c, bitmap);
    return row;
}
