/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verifier sees: evidence on pairs of items, for train_verifier.py.
 *
 * Usage: dump_pairs MODEL < items.tsv > pairs.bin
 *
 * Input, one item a line: world, document, language, title, text (lines parted by \x01). The items
 * of a world arrive one after another, as in the filter: each is compared with the candidates that
 * the index finds among those before it, and with the members of its own document that it misses.
 * Output, float32: world, 1 if one document, language of each (evidence_lang), then the features.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../editions/index.h"
#include "../../editions/pair.h"
#include "../../editions/window.h"

struct member {
    struct evidence *e;
    char doc[64];
};

static struct member *members;
static size_t n_members, cap_members;

static void emit(float world, const struct member *a, const struct member *b,
                 const struct found *found)
{
    float out[4 + PF_COUNT];
    out[0] = world;
    out[1] = strcmp(a->doc, b->doc) == 0;
    out[2] = (float)a->e->lang;
    out[3] = (float)b->e->lang;
    pair_features(a->e, b->e, window_rival(found, (unsigned)b->e->lang, (uint32_t)(b - members)),
                  (uint32_t)n_members, out + 4);
    fwrite(out, sizeof out, 1, stdout);
}

static void reset(struct index **x)
{
    for (size_t i = 0; i < n_members; i++)
        free(members[i].e);
    n_members = 0;
    index_destroy(*x);
    if (index_create(x) < 0)
        exit(1);
}

static void compare(float world, const struct member *a, const struct index *x)
{
    struct found found = {0};
    struct query q = {a->e->core.title, a->e->core.whole, &found};
    char *seen = calloc(n_members, 1);
    index_search(x, 0, index_end(x), &q, 1, WINDOW_LEAST);
    for (int l = 0; l < EVIDENCE_LANGS; l++)
        for (int k = 0; k < found.n[l] && l != a->e->lang; k++) {
            seen[found.slot[l][k]] = 1;
            emit(world, a, &members[found.slot[l][k]], &found);
        }
    for (size_t i = 0; i + 1 < n_members; i++)
        if (!seen[i] && members[i].e->lang != a->e->lang && strcmp(members[i].doc, a->doc) == 0)
            emit(world, a, &members[i], &found);
    free(seen);
}

int main(int argc, char **argv)
{
    struct encoder *encoder;
    struct index *x = NULL;
    char why[400], world[32] = "", *line = NULL;
    size_t cap = 0;
    if (argc != 2 || encoder_open(&encoder, argv[1], why, sizeof why) < 0) {
        fprintf(stderr, "usage: dump_pairs MODEL < items.tsv > pairs.bin; %s\n",
                argc == 2 ? why : "");
        return 2;
    }
    struct workshop *w = workshop_create(encoder);
    while (getline(&line, &cap, stdin) > 0) {
        char *field[5], *p = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < 5; i++)
            field[i] = p ? strsep(&p, "\t") : NULL;
        if (!field[4])
            continue;
        if (strcmp(world, field[0]) != 0) {
            snprintf(world, sizeof world, "%s", field[0]);
            reset(&x);
        }
        for (char *s = field[4]; *s; s++)
            *s = *s == 1 ? '\n' : *s;
        if (n_members == cap_members) {
            cap_members = cap_members ? 2 * cap_members : 1024;
            members = realloc(members, cap_members * sizeof *members);
        }
        static struct core c;
        struct member *m = &members[n_members];
        memset(&c, 0, sizeof c);
        snprintf(c.lang, sizeof c.lang, "%s", field[2]);
        core_from_text(w, &c, (wn_str){field[3], strlen(field[3])},
                       (wn_str){field[4], strlen(field[4])});
        m->e = malloc(sizeof *m->e);
        snprintf(m->doc, sizeof m->doc, "%s", field[1]);
        if (!m->e || evidence_from_core(w, &c, m->e) != WN_OK) {
            free(m->e);
            continue;
        }
        n_members++;
        compare(strtof(world, NULL), m, x);
        struct index_item item = {(int64_t)n_members, 0, 0, (uint8_t)m->e->lang, 0};
        uint32_t slot;
        if (index_add(x, &item, &m->e->core, NULL, 0, &slot) < 0)
            return 1;
    }
    return 0;
}
