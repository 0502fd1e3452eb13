/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives a model its background (encoder_background): vectors of some sentences in all fifteen
 * languages, encoded by that model.
 *
 * Usage: add_background MODEL SENTENCES.tsv MODEL_OUT
 * SENTENCES.tsv: one sentence a line, fifteen columns in the order en ko ja ar zh-Hans zh-Hant vi
 * th id ms de ru fr es pt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../../text/encoder.h"
#include "../../text/model_file.h"

#define MOST 96

static int8_t vectors[15][MOST][ENCODER_DIM];

static uint32_t read_sentences(const struct encoder *e, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    uint32_t n = 0;
    while (f && n < MOST && getline(&line, &cap, f) > 0) {
        char *p = line;
        for (int l = 0; l < 15 && p; l++) {
            int32_t sum[ENCODER_DIM] = {0};
            const char *s = strsep(&p, "\t\n");
            encoder_add(e, NULL, s, strlen(s), sum);
            encoder_quantise(sum, vectors[l][n]);
        }
        n++;
    }
    free(line);
    if (f)
        fclose(f);
    return n;
}

int main(int argc, char **argv)
{
    struct encoder *e;
    struct model_header h;
    struct model_layout l;
    char why[400];
    if (argc != 4 || encoder_open(&e, argv[1], why, sizeof why) < 0) {
        fprintf(stderr, "usage: add_background MODEL SENTENCES.tsv MODEL_OUT; %s\n",
                argc == 4 ? why : "");
        return 2;
    }
    uint32_t n = read_sentences(e, argv[2]);
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[3], "wb");
    if (!in || !out || fread(&h, sizeof h, 1, in) != 1) {
        perror(argv[1]);
        return 1;
    }
    h.background = n;
    model_layout_of(&h, &l);
    unsigned char *m = calloc(1, l.size);
    if (!m || l.size > MODEL_FILE_MAX) {
        fprintf(stderr, "%s: %zu bytes, more than a model file may have\n", argv[3], l.size);
        return 1;
    }
    size_t got = fread(m + sizeof h, 1, l.background - sizeof h, in);
    if (got != l.background - sizeof h)
        fprintf(stderr, "%s: cut short\n", argv[1]);
    for (uint32_t lang = 0; lang < 15; lang++)
        memcpy(m + l.background + (size_t)lang * n * ENCODER_DIM, vectors[lang],
               (size_t)n * ENCODER_DIM);
    h.checksum = XXH3_64bits(m + sizeof h, l.size - sizeof h);
    memcpy(m, &h, sizeof h);
    int status = fwrite(m, 1, l.size, out) == l.size ? 0 : 1;
    if (fclose(out) != 0)
        status = 1;
    return status;
}
