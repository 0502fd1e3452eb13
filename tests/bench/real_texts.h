/* SPDX-License-Identifier: Apache-2.0 */
/*
 * real_texts.h: lines of ../shared/data/parallel in all their languages, for articles made of real
 * text: words of a random vocabulary are all alike to the encoder, as real texts are not. Read once,
 * before the runs; kept until the process ends. One thread.
 */
#ifndef TESTS_BENCH_REAL_TEXTS_H
#define TESTS_BENCH_REAL_TEXTS_H

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define REAL_COLUMNS 24
#define REAL_LEAST 40 /* bytes: shorter lines are names of buttons */

struct real_line {
    char *text;
    char lang[12];
};

struct real_texts {
    struct real_line *lines; /* those of one column of one file stand together */
    size_t n, cap;
};

static inline int real_add(struct real_texts *r, const char *lang, const char *text)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 65536;
        struct real_line *more = realloc(r->lines, cap * sizeof *more);
        if (!more)
            return -1;
        r->lines = more;
        r->cap = cap;
    }
    struct real_line *line = &r->lines[r->n];
    line->text = strdup(text);
    snprintf(line->lang, sizeof line->lang, "%s", lang);
    r->n += line->text != NULL;
    return line->text ? 0 : -1;
}

static inline char *real_cell(char **line)
{
    char *cell = strsep(line, "\t");
    if (cell)
        cell[strcspn(cell, "\r\n")] = '\0';
    return cell;
}

/* One column of a file, if it is a language's. */
static inline int real_column(struct real_texts *r, const char *path, int column)
{
    static char buffer[1 << 16];
    char lang[12] = "";
    gzFile f = gzopen(path, "rb");
    int status = f ? 0 : -1;
    for (size_t at = 0; !status && gzgets(f, buffer, sizeof buffer); at++) {
        char *rest = buffer, *cell = real_cell(&rest);
        for (int i = 0; i < column && cell; i++)
            cell = real_cell(&rest);
        if (at == 0) {
            size_t n = cell ? strlen(cell) : 0;
            if (n < 2 || n >= sizeof lang || (n > 2 && cell[2] != '-'))
                break;
            memcpy(lang, cell, n + 1);
        } else if (cell && strlen(cell) >= REAL_LEAST) {
            status = real_add(r, lang, cell);
        }
    }
    if (f)
        gzclose(f);
    return status;
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
        for (int column = 0; !status && column < REAL_COLUMNS; column++)
            status = real_column(r, files.gl_pathv[i], column);
    globfree(&files);
    return r->n ? status : -1;
}

#endif
