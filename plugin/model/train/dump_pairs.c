/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verifier sees: evidence on pairs of items, for train_verifier.py.
 *
 * Usage: dump_pairs MODEL < items.tsv > pairs.bin
 *
 * Input, one item a line: world, document, language, title, text (lines parted by \x01). The items
 * of a world arrive one after another, as in the filter: each is compared with the candidates that
 * the filter would weigh, with all that belong to the closest candidates' documents, as their story
 * speaks for them, and with the members of its own document.
 * Output, float32: world, 1 if one document, language of each (evidence_lang), the newcomer's number
 * in the world, that of the first member of the other's document, then the features.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../editions/index.h"
#include "../../editions/pair.h"
#include "../../editions/window.h"

#define DUMP_HEAD 6

struct member {
    struct evidence *e;
    char doc[64];
    size_t first; /* of its document */
};

static struct member *members;
static size_t n_members, cap_members;

static void emit(float world, const struct member *a, const struct member *b,
                 const struct found *found)
{
    float out[DUMP_HEAD + PF_COUNT];
    out[0] = world;
    out[1] = a->first == b->first;
    out[2] = (float)a->e->lang;
    out[3] = (float)b->e->lang;
    out[4] = (float)(a - members);
    out[5] = (float)b->first;
    pair_features(a->e, b->e, window_rival(found, (unsigned)b->e->lang, (uint32_t)(b - members)),
                  (uint32_t)n_members, out + DUMP_HEAD);
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

#define STORIES 4 /* of candidates, whose members are all compared */

static void compare(float world, struct member *a, const struct index *x)
{
    struct found found = {0};
    struct query q = {a->e->core.title, a->e->core.whole, &found};
    unsigned next[EVIDENCE_LANGS] = {0}, k;
    size_t docs[STORIES + 1] = {a->first}, n_docs = 1;
    char *wanted = calloc(n_members, 1);
    index_search(x, 0, index_end(x), &q, 1, WINDOW_LEAST);
    for (unsigned n = 0; n < WINDOW_CLOSE; n++) {
        int l = window_next(&found, a->e, next, &k);
        if (l < 0)
            break;
        wanted[found.slot[l][k]] = 1;
        if (n_docs <= STORIES)
            docs[n_docs++] = members[found.slot[l][k]].first;
    }
    for (size_t i = 0; i + 1 < n_members; i++) {
        for (size_t d = 0; !wanted[i] && d < n_docs; d++)
            wanted[i] = members[i].first == docs[d];
        if (wanted[i] && members[i].e->lang != a->e->lang)
            emit(world, a, &members[i], &found);
    }
    free(wanted);
    window_keep(&found, &a->e->core);
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
        m->first = 0;
        while (m->first < n_members && strcmp(members[m->first].doc, m->doc) != 0)
            m->first++;
        n_members++;
        compare(strtof(world, NULL), m, x);
        struct index_item item = {(int64_t)n_members, 0, 0, (uint8_t)m->e->lang, 0};
        uint32_t slot;
        if (index_add(x, &item, &m->e->core, NULL, 0, &slot) < 0)
            return 1;
    }
    return 0;
}
