/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trains the cross-lingual encoder and writes its model file.
 *
 * Usage: train_encoder CORPUS.tsv CHOOSE.tsv STEPS|MINUTESm MODEL_OUT VERSION [MODEL_FROM]
 * MODEL_FROM: goes on with the rows of that model, at half the rate, instead of beginning anew.
 *
 * A text's vector is the sum of the vectors of its features, set to length one; a feature's weight
 * is its vector's length, which is learned with it (paraphrastic embeddings from averaged subwords:
 * Wieting et al. 2016, 2019). A batch holds pairs of texts of equal meaning in two languages; each
 * must find its partner among all the others (InfoNCE, both ways). Pairs are sentences, words and
 * names of one source, or passages of documents of unequal length, and a third of the batches is
 * made of neighbours: groups whose vectors are close, the hard negatives. CHOOSE.tsv holds
 * documents that are never trained on; retrieval among them is reported as training goes on.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "corpus.h"
#include "learn.h"
#include "tables.h"
#include "write_model.h"

#define POOL 6144     /* groups among which neighbours are sought */
#define NEIGHBOURS 15 /* of each seed in a hard batch */

static uint64_t seed = 88172645463325252u;

static uint32_t random_below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 32) * n >> 32);
}

static const struct source *random_source(const struct corpus *c, bool documents)
{
    float total = 0;
    for (int pass = 0;; pass++) {
        float at = pass ? (float)random_below(1 << 24) / (1 << 24) * total : 0;
        for (unsigned i = 0; i < c->n_sources; i++) {
            const struct source *s = &c->sources[i];
            if (documents && c->groups[s->first].doc_left == 0)
                continue;
            if (!pass)
                total += s->odds;
            else if ((at -= s->odds) <= 0)
                return s;
        }
    }
}

/* Two bags of a group in different languages. */
static void pick_two(const struct corpus *c, const struct group *g, uint32_t *a, uint32_t *b)
{
    *a = g->first + random_below(g->n);
    for (int tries = 0; tries < 20; tries++) {
        *b = g->first + random_below(g->n);
        if (c->bags[*a].lang != c->bags[*b].lang)
            return;
    }
}

static void add_sentence(struct batch *b, const struct corpus *c, const struct group *g)
{
    uint32_t l, r;
    pick_two(c, g, &l, &r);
    batch_begin(b);
    batch_add(b, 0, c->ids + c->bags[l].at, c->bags[l].n, c->bags[l].key);
    batch_add(b, 1, c->ids + c->bags[r].at, c->bags[r].n, c->bags[r].key);
    batch_end(b);
}

/* The bag of group g in language lang, or NULL. */
static const struct bag *in_language(const struct corpus *c, const struct group *g, uint8_t lang)
{
    for (uint32_t i = g->first; i < g->first + g->n; i++)
        if (c->bags[i].lang == lang)
            return &c->bags[i];
    return NULL;
}

/*
 * Two passages that begin at the same place of a document, in two languages, of independent lengths
 * of 1 to 12 groups: a title against a teaser, a teaser against the whole.
 */
static void add_passages(struct batch *b, const struct corpus *c, const struct source *s)
{
    const struct group *g = &c->groups[s->first + random_below(s->n)];
    uint32_t l, r;
    pick_two(c, g, &l, &r);
    batch_begin(b);
    for (int side = 0; side < 2; side++) {
        uint8_t lang = c->bags[side ? r : l].lang;
        uint32_t n = 1 + random_below(random_below(3) ? 4 : 12);
        for (uint32_t i = 0; i < n && i <= g->doc_left; i++) {
            const struct bag *x = in_language(c, g + i, lang);
            if (x)
                batch_add(b, side, c->ids + x->at, x->n, x->key);
        }
    }
    batch_end(b);
}

/* Texts without a document, two to four put together on one side and some of them on the other. */
static void add_mixture(struct batch *b, const struct corpus *c, const struct source *s)
{
    uint32_t n = 2 + random_below(3), keep = 1 + random_below(n);
    batch_begin(b);
    for (uint32_t i = 0; i < n; i++) {
        const struct group *g = &c->groups[s->first + random_below(s->n)];
        uint32_t l, r;
        pick_two(c, g, &l, &r);
        batch_add(b, 0, c->ids + c->bags[l].at, c->bags[l].n, c->bags[l].key);
        if (i < keep)
            batch_add(b, 1, c->ids + c->bags[r].at, c->bags[r].n, c->bags[r].key);
    }
    batch_end(b);
}

/* Groups of one source with their vectors, to draw neighbours from; renewed after some batches. */
struct pool {
    const struct source *source;
    uint32_t n, uses;
    uint32_t group[POOL];
    float *vectors;
};

static void fill_pool(struct pool *p, const struct corpus *c, struct learner *l)
{
    do
        p->source = random_source(c, false);
    while (p->source->n < 256);
    p->n = p->source->n < POOL ? p->source->n : POOL;
    p->uses = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        p->group[i] = p->source->first + (p->n == p->source->n ? i : random_below(p->source->n));
        const struct group *g = &c->groups[p->group[i]];
        const struct bag *x = &c->bags[g->first + random_below(g->n)];
        learner_encode(l, c->ids + x->at, x->n, p->vectors + (size_t)i * DIM);
    }
}

static void add_neighbours(struct batch *b, const struct corpus *c, struct learner *l,
                           struct pool *p)
{
    if (!p->source || p->uses++ == 6)
        fill_pool(p, c, l);
    while (b->n < BATCH) {
        uint32_t best[NEIGHBOURS], s = random_below(p->n), n = 0;
        float score[NEIGHBOURS];
        for (uint32_t i = 0; i < p->n; i++) {
            float d = dot(p->vectors + (size_t)s * DIM, p->vectors + (size_t)i * DIM);
            if (i == s || p->group[i] == p->group[s] || (n == NEIGHBOURS && d <= score[n - 1]))
                continue;
            uint32_t k = n < NEIGHBOURS ? n++ : n - 1;
            for (; k > 0 && score[k - 1] < d; k--) {
                score[k] = score[k - 1];
                best[k] = best[k - 1];
            }
            score[k] = d;
            best[k] = i;
        }
        add_sentence(b, c, &c->groups[p->group[s]]);
        for (uint32_t i = 0; i < n && b->n < BATCH; i++)
            add_sentence(b, c, &c->groups[p->group[best[i]]]);
    }
}

static void compose(struct batch *b, const struct corpus *c, struct learner *l, struct pool *p)
{
    uint32_t kind = random_below(100);
    batch_clear(b);
    if (kind < 30) {
        add_neighbours(b, c, l, p);
        return;
    }
    const struct source *s = random_source(c, kind >= 65 && kind < 90);
    while (s->words && kind >= 90)
        s = random_source(c, false);
    while (b->n < BATCH) {
        if (kind < 65)
            add_sentence(b, c, &c->groups[s->first + random_below(s->n)]);
        else if (kind < 90)
            add_passages(b, c, s);
        else
            add_mixture(b, c, s);
    }
}

/* Half-way, the rows that turned out to bear little make room: what is left fits the file. */
static void prune(struct learner *l, struct corpus *c, struct corpus *choose,
                  const float *frequency, uint64_t *bitmap)
{
    uint32_t *number = malloc(l->rows * sizeof *number), before = l->rows;
    if (!number)
        exit(1);
    learner_prune(l, MAX_ROWS, frequency, bitmap, number);
    corpus_renumber(c, number);
    corpus_renumber(choose, number);
    fprintf(stderr, "%u rows kept of %u\n", l->rows, before);
    free(number);
}

int main(int argc, char **argv)
{
    struct corpus c = {0}, choose = {0};
    struct text_tables tables;
    struct pool pool = {0};
    if (argc != 6 && argc != 7) {
        fputs("usage: train_encoder CORPUS.tsv CHOOSE.tsv STEPS|MINUTESm MODEL_OUT VERSION "
              "[MODEL_FROM]\n",
              stderr);
        return 2;
    }
    uint64_t *bitmap = calloc(FEATURE_SLOTS / 64, sizeof *bitmap);
    float *frequency = calloc(CANDIDATE_ROWS, sizeof *frequency);
    struct batch *batch = batch_create();
    pool.vectors = malloc((size_t)POOL * DIM * sizeof(float));
    if (!bitmap || !frequency || !batch || !pool.vectors || tables_build(&tables) < 0 ||
        corpus_read(&c, argv[1], &tables) < 0 || corpus_read(&choose, argv[2], &tables) < 0)
        return 1;
    const char *from = argc == 7 ? argv[6] : NULL;
    float *known = NULL;
    uint32_t rows;
    if (!from) {
        rows = corpus_choose_rows(&c, CANDIDATE_ROWS, bitmap, frequency);
    } else {
        if (read_model(from, bitmap, &rows, &known) < 0)
            return 1;
        corpus_map_rows(&c, bitmap);
    }
    corpus_map_rows(&choose, bitmap);
    fprintf(stderr, "%u texts, %llu features, %u sources, pool %u bytes\n", c.n_bags,
            (unsigned long long)c.n_ids, c.n_sources, tables.pool_size);
    struct learner *l = learner_create(rows, frequency);
    if (!l)
        return 1;
    if (known) {
        memcpy(l->weights, known, (size_t)rows * DIM * sizeof *known);
        free(known);
        learner_judge(l, &choose);
        seed ^= (uint64_t)time(NULL) << 20; /* not the batches that it has seen in that order */
    }
    char *unit;
    long budget = strtol(argv[3], &unit, 10), step = 0, next_report = 500;
    bool timed = *unit == 'm', pruned = from != NULL;
    float rate = from ? 0.003f : 0.006f;
    time_t start = time(NULL);
    double loss = 0, done = 0;
    while (done < 1) {
        float warm = step < 200 ? (float)(step + 1) / 200 : 1;
        compose(batch, &c, l, &pool);
        loss += learner_step(l, batch, rate * warm * (float)((1 - done) * 0.98 + 0.02));
        step++;
        done = timed ? difftime(time(NULL), start) / 60 / (double)budget
                     : (double)step / (double)budget;
        if (step == next_report || done >= 1) {
            fprintf(stderr, "%ld loss %.3f, %.0f s, %.0f %% done\n", step, loss / 500,
                    difftime(time(NULL), start), 100 * done);
            loss = 0;
            next_report += 500;
        }
        if (done > 0.5 && !pruned) {
            pruned = true;
            learner_judge(l, &choose);
            prune(l, &c, &choose, frequency, bitmap);
            pool.source = NULL;
            learner_judge(l, &choose);
        }
        if (step % 5000 == 0 || done >= 1) {
            learner_judge(l, &choose);
            if (pruned && write_model(argv[4], argv[5], &tables, bitmap, l->rows, l->weights) < 0)
                return 1;
        }
    }
    return 0;
}
