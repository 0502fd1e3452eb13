/* SPDX-License-Identifier: Apache-2.0 */
#include "terms.h"

#include <stdio.h>
#include <stdlib.h>

#include "data.h"
#include "trie.h"

#define NORMAL 10 /* weights are tenths */
#define STRONG 25
#define OWN 10
#define AGAIN 0.3f /* a term that occurs again counts so much less each time */
#define FOREIGN                                                                                    \
    0.3f            /* a term of another language than the text's: a loan word or a false friend  \
                      */
#define SISTER 0.8f /* Malay in Indonesian and the other way round */

struct terms {
    const struct fold *fold;
    const struct vocabulary *vocabulary;
    struct trie *trie;
    int ready;
    struct trie
        *own; /* of the user's topics: no longer term of the lists hides these; NULL: none */
};

struct terms *terms_create(const struct fold *fold, const struct vocabulary *v)
{
    struct terms *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->fold = fold;
    t->vocabulary = v;
    t->trie = trie_create();
    if (!t->trie) {
        free(t);
        return NULL;
    }
    return t;
}

void terms_destroy(struct terms *t)
{
    if (!t)
        return;
    trie_destroy(t->trie);
    trie_destroy(t->own);
    free(t);
}

static int add(const struct terms *t, struct trie *to, struct field term, uint16_t topic,
               unsigned lang, unsigned weight)
{
    if (term.len > 1 && *term.ptr == '!') {
        weight = STRONG;
        term.ptr++;
        term.len--;
    }
    int prefix = term.len > 1 && term.ptr[term.len - 1] == '*';
    uint16_t key[TRIE_KEY_MAX + 1];
    size_t n =
        fold_text(t->fold, term.ptr, term.len - (size_t)prefix, FOLD_PLAIN, key, TRIE_KEY_MAX + 1);
    return trie_add(to, key, n, (struct trie_entry){topic, (uint8_t)lang, (uint8_t)weight, 0},
                    prefix);
}

/* Both Chinese scripts are folded into one, and so are their languages here. */
static unsigned spoken(unsigned lang)
{
    return lang == LANG_HANT ? LANG_HANS : lang;
}

int terms_read(struct terms *t, const char *text, size_t len, char *error, size_t size)
{
    const char *at = text, *end = text + len;
    struct field f[DATA_FIELDS_MAX], term;
    unsigned line = 0;
    size_t n;
    while ((n = data_line(&at, end, &line, f))) {
        uint16_t topic = vocabulary_id(t->vocabulary, (wn_str){f[0].ptr, f[0].len});
        if (n != 3 || topic == TOPIC_NONE) {
            snprintf(error, size,
                     "line %u is not \"topic, language, terms parted by ' | '\" of a "
                     "topic in topics-labels.tsv",
                     line);
            return WN_INVALID;
        }
        unsigned lang = spoken(vocabulary_lang((wn_str){f[1].ptr, f[1].len}));
        while (data_name(&f[2], &term)) {
            int status = add(t, t->trie, term, topic, lang, NORMAL);
            if (status == WN_INVALID) {
                snprintf(error, size, "line %u: the term \"%.*s\" is empty or too long", line,
                         (int)term.len, term.ptr);
                return WN_INVALID;
            }
            if (status)
                return status;
        }
    }
    return WN_OK;
}

int terms_own(struct terms *t, uint16_t topic, wn_str term)
{
    if (!term.ptr || !term.len || t->ready)
        return WN_INVALID;
    if (!t->own && !(t->own = trie_create()))
        return WN_NOMEM;
    return add(t, t->own, (struct field){term.ptr, term.len}, topic, LANG_NONE, OWN);
}

void terms_ready(struct terms *t)
{
    /* Without memory for it the search is only slower. */
    t->ready = 1;
    trie_freeze(t->trie);
    if (t->own)
        trie_freeze(t->own);
}

struct scan {
    const struct trie *trie; /* that is being searched */
    struct term_sums *sums;
    unsigned lang;
    const struct trie_entry *seen[TERMS_SEEN];
    size_t n_seen;
    size_t at;           /* where the present string begins … */
    uint16_t counted[8]; /* … and the topics that it already counted for */
    size_t n_counted;
};

static float fits(unsigned of, unsigned lang)
{
    if (of == lang || of == LANG_NONE || lang == LANG_NONE)
        return 1;
    if ((of == LANG_ID && lang == LANG_MS) || (of == LANG_MS && lang == LANG_ID))
        return SISTER;
    return FOREIGN;
}

static void found(void *user, const struct trie_entry *e, size_t at, size_t len)
{
    struct scan *s = user;
    (void)len;
    float weight = fits(e->lang, s->lang) * (float)e->weight / 10;
    if (s->at != at) {
        s->at = at;
        s->n_counted = 0;
    }
    /* One string in several languages is one word. The text's own language is asked first. */
    if (s->lang != LANG_NONE && fits(e->lang, s->lang) < SISTER) {
        for (const struct trie_entry *x = trie_follow(s->trie, e); x; x = trie_follow(s->trie, x))
            if (x->topic == e->topic && fits(x->lang, s->lang) >= SISTER)
                return;
    }
    for (size_t i = 0; i < s->n_counted; i++)
        if (s->counted[i] == e->topic)
            return;
    if (s->n_counted < sizeof s->counted / sizeof *s->counted)
        s->counted[s->n_counted++] = e->topic;
    size_t i = 0;
    while (i < s->n_seen && s->seen[i] != e)
        i++;
    if (i < s->n_seen)
        weight *= AGAIN;
    else if (s->n_seen < TERMS_SEEN)
        s->seen[s->n_seen++] = e;
    s->sums->topic[e->topic] += weight;
}

void terms_scan(const struct terms *t, const uint16_t *text, size_t n, unsigned lang,
                struct term_sums *sums)
{
    struct scan s = {.trie = t->trie,
                     .sums = sums,
                     .lang = lang == LANG_NONE ? lang : spoken(lang),
                     .at = (size_t)-1};
    trie_scan(t->trie, text, n, found, &s);
    s.at = (size_t)-1;
    s.trie = t->own;
    if (t->own)
        trie_scan(t->own, text, n, found, &s);
}
