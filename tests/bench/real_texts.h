/* SPDX-License-Identifier: Apache-2.0 */
/*
 * real_texts.h: articles made of ../shared/data/parallel, each of a few rows that follow each other,
 * in all languages in which the file has them: words of a random vocabulary are all alike to the
 * encoder, as real texts are not. The editions of an article stand near each other, strangers
 * between them, as on a wire; so the first thousand are of the same mix as the first hundred
 * thousand. Read once, before the runs; kept until the process ends. One thread.
 */
#ifndef TESTS_BENCH_REAL_TEXTS_H
#define TESTS_BENCH_REAL_TEXTS_H

#include <ctype.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define REAL_ROWS 5   /* of an article: a title and paragraphs */
#define REAL_LEAST 40 /* bytes: shorter cells are names of buttons */
#define REAL_FILLED 4 /* cells that an edition must have */
#define REAL_COLUMNS 24
#define REAL_NEAR 64 /* articles whose editions are mixed with each other */

struct real_article {
    char lang[12];
    unsigned n;
    char *text[REAL_ROWS]; /* the title first */
};

struct real_texts {
    struct real_article *articles; /* each in one language */
    size_t n, cap;
    struct real_story { /* an article's editions, as they stand before they are mixed */
        size_t first, n;
    } * stories;
    size_t n_stories, cap_stories;
};

static inline int real_room(void **list, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return 0;
    size_t more = *cap ? 2 * *cap : 4096;
    void *bigger = realloc(*list, more * size);
    if (!bigger)
        return -1;
    *list = bigger;
    *cap = more;
    return 0;
}

/* The languages of a file's columns, "" for the others; returns the columns. */
static inline int real_head(char *line, char lang[REAL_COLUMNS][12])
{
    int n = 0;
    for (char *cell; n < REAL_COLUMNS && (cell = strsep(&line, "\t\r\n")); n++) {
        size_t len = strlen(cell);
        int is_language = len >= 2 && len < 12 && (len == 2 || cell[2] == '-') &&
                          isalpha((unsigned char)cell[0]) && isalpha((unsigned char)cell[1]);
        memcpy(lang[n], is_language ? cell : "", is_language ? len + 1 : 1);
    }
    return n;
}

/* What the rows hold in each language becomes an article's editions; the cells are given away. */
static inline int real_editions(struct real_texts *r, char *cells[REAL_ROWS][REAL_COLUMNS],
                                char lang[REAL_COLUMNS][12])
{
    size_t first = r->n;
    for (int column = 0; column < REAL_COLUMNS; column++) {
        struct real_article a = {.n = 0};
        for (int row = 0; row < REAL_ROWS; row++)
            if (cells[row][column])
                a.text[a.n++] = cells[row][column];
        memcpy(a.lang, lang[column], sizeof a.lang);
        if (a.n < REAL_FILLED)
            continue;
        if (real_room((void **)&r->articles, r->n, &r->cap, sizeof *r->articles))
            return -1;
        r->articles[r->n++] = a;
    }
    memset(cells, 0, sizeof(char *[REAL_ROWS][REAL_COLUMNS]));
    if (r->n == first)
        return 0;
    if (real_room((void **)&r->stories, r->n_stories, &r->cap_stories, sizeof *r->stories))
        return -1;
    r->stories[r->n_stories++] = (struct real_story){first, r->n - first};
    return 0;
}

static inline int real_file(struct real_texts *r, const char *path)
{
    static char buffer[1 << 17];
    char lang[REAL_COLUMNS][12] = {{0}}, *cells[REAL_ROWS][REAL_COLUMNS] = {{NULL}};
    gzFile f = gzopen(path, "rb");
    int status = f ? 0 : -1, rows = 0, columns = 0;
    if (f && gzgets(f, buffer, sizeof buffer))
        columns = real_head(buffer, lang);
    while (!status && columns && gzgets(f, buffer, sizeof buffer)) {
        char *rest = buffer, *cell;
        for (int c = 0; c < columns && (cell = strsep(&rest, "\t\r\n")); c++)
            if (lang[c][0] && strlen(cell) >= REAL_LEAST)
                cells[rows][c] = strdup(cell);
        if (++rows == REAL_ROWS) {
            status = real_editions(r, cells, lang);
            rows = 0;
        }
    }
    if (f)
        gzclose(f);
    return status;
}

static inline uint64_t real_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Articles in an order of chance, their editions mixed with those of the ones beside them. */
static inline int real_mix(struct real_texts *r)
{
    struct real_article *mixed = malloc(r->n * sizeof *mixed);
    uint64_t seed = 1;
    size_t n = 0;
    if (!mixed)
        return -1;
    for (size_t i = r->n_stories; i > 1; i--) {
        size_t j = real_random(&seed) % i;
        struct real_story kept = r->stories[i - 1];
        r->stories[i - 1] = r->stories[j];
        r->stories[j] = kept;
    }
    for (size_t i = 0; i < r->n_stories;) {
        size_t from = n;
        for (size_t last = i + REAL_NEAR; i < last && i < r->n_stories; i++)
            for (size_t k = 0; k < r->stories[i].n; k++)
                mixed[n++] = r->articles[r->stories[i].first + k];
        for (size_t k = n - from; k > 1; k--) {
            size_t j = from + real_random(&seed) % k;
            struct real_article kept = mixed[from + k - 1];
            mixed[from + k - 1] = mixed[j];
            mixed[j] = kept;
        }
    }
    free(r->articles);
    r->articles = mixed;
    return 0;
}

/* 0; -1: the folder isn't there, or no memory. */
static inline int real_read(struct real_texts *r, const char *folder)
{
    char pattern[4096];
    glob_t files;
    int status = 0;
    snprintf(pattern, sizeof pattern, "%s/*.tsv.gz", folder);
    if (glob(pattern, 0, NULL, &files))
        return -1;
    for (size_t i = 0; !status && i < files.gl_pathc; i++)
        status = real_file(r, files.gl_pathv[i]);
    globfree(&files);
    return status || !r->n ? -1 : real_mix(r);
}

#endif
