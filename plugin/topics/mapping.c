/* SPDX-License-Identifier: Apache-2.0 */
#include "mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "plain.h"
#include "trie.h"

#define WHOLE 1.0f
#define PART 0.85f
#define INSIDE 0.8f
#define ARTICLE 2    /* letters of the Arabic article */
#define COVERED 0.8f /* of a name's letters must be known words before words inside it count */

struct mapping {
    const struct fold *fold;
    const struct vocabulary *vocabulary;
    const struct mapping *under; /* whose names these only add to; NULL: none */
    struct trie *user;           /* the configuration's names */
    struct trie *names;          /* as written */
    struct trie *bare;           /* without accents: asked when `names` knows nothing */
};

struct mapping *mapping_create(const struct fold *fold, const struct vocabulary *v)
{
    struct mapping *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->fold = fold;
    m->vocabulary = v;
    m->user = trie_create();
    m->names = trie_create();
    m->bare = trie_create();
    if (!m->user || !m->names || !m->bare) {
        mapping_destroy(m);
        return NULL;
    }
    return m;
}

struct mapping *mapping_over(const struct mapping *under)
{
    struct mapping *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = *under;
    m->under = under;
    m->user = trie_create();
    if (!m->user) {
        free(m);
        return NULL;
    }
    return m;
}

void mapping_destroy(struct mapping *m)
{
    if (!m)
        return;
    trie_destroy(m->user);
    if (!m->under) {
        trie_destroy(m->names);
        trie_destroy(m->bare);
    }
    free(m);
}

static int add(struct mapping *m, struct trie *t, unsigned flags, struct field name, uint16_t topic,
               unsigned lang)
{
    uint16_t key[TRIE_KEY_MAX + 1];
    size_t n = fold_text(m->fold, name.ptr, name.len, flags, key, TRIE_KEY_MAX + 1);
    int status = trie_add(t, key, n, (struct trie_entry){topic, (uint8_t)lang, 0, 0}, 0);
    return status == WN_INVALID ? WN_OK : status; /* nothing but punctuation: no name */
}

static int add_both(struct mapping *m, struct field name, uint16_t topic, unsigned lang)
{
    int status = add(m, m->names, FOLD_PLAIN, name, topic, lang);
    return status ? status : add(m, m->bare, FOLD_BARE, name, topic, lang);
}

static int add_labels(struct mapping *m)
{
    for (size_t i = 0; i < m->vocabulary->n_iptc; i++)
        for (unsigned lang = 0; lang < LANGS; lang++) {
            wn_str s = m->vocabulary->topics[i].labels[lang];
            int status = s.len ? add_both(m, (struct field){s.ptr, s.len}, (uint16_t)i, lang) : 0;
            if (status)
                return status;
        }
    return WN_OK;
}

int mapping_read(struct mapping *m, const char *text, size_t len, char *error, size_t size)
{
    const char *at = text, *end = text + len;
    struct field f[DATA_FIELDS_MAX], name;
    unsigned line = 0;
    size_t n;
    int status = WN_OK;
    while (!status && (n = data_line(&at, end, &line, f))) {
        int none = f[0].len == 1 && f[0].ptr[0] == '-';
        uint16_t topic = vocabulary_id(m->vocabulary, (wn_str){f[0].ptr, f[0].len});
        if (n != 3 || (topic == TOPIC_NONE && !none)) {
            snprintf(error, size,
                     "line %u is not \"topic, language, names parted by ' | '\" of a "
                     "topic in topics-labels.tsv",
                     line);
            return WN_INVALID;
        }
        unsigned lang = vocabulary_lang((wn_str){f[1].ptr, f[1].len});
        while (!status && data_name(&f[2], &name))
            status = add_both(m, name, topic, lang);
    }
    return status ? status : add_labels(m);
}

/* The entry in the item's language, else the first. */
static const struct trie_entry *choose(const struct trie *t, const struct trie_entry *e,
                                       unsigned lang)
{
    for (const struct trie_entry *x = e; x; x = trie_follow(t, x))
        if (x->lang == lang)
            return x;
    return e;
}

static const struct trie_entry *get(const struct mapping *m, const char *s, size_t n, unsigned lang)
{
    uint16_t key[TRIE_KEY_MAX + 1];
    size_t k = fold_text(m->fold, s, n, FOLD_PLAIN, key, TRIE_KEY_MAX + 1);
    const struct trie_entry *e = trie_get(m->user, key, k);
    if (!e && m->under)
        e = trie_get(m->under->user, key, k);
    if (e)
        return e;
    e = trie_get(m->names, key, k);
    if (e)
        return choose(m->names, e, lang);
    k = fold_text(m->fold, s, n, FOLD_BARE, key, TRIE_KEY_MAX + 1);
    e = trie_get(m->bare, key, k);
    /* Arabic sections come with and without their article: "الرياضة" is "رياضة". */
    if (!e && k > ARTICLE + 1 && k <= TRIE_KEY_MAX && key[0] == 0x0627 && key[1] == 0x0644)
        e = trie_get(m->bare, key + ARTICLE, k - ARTICLE);
    return choose(m->bare, e, lang);
}

uint16_t mapping_find(const struct mapping *m, wn_str name)
{
    uint16_t topic = vocabulary_id(m->vocabulary, name);
    if (topic != TOPIC_NONE)
        return topic;
    const struct trie_entry *e = name.ptr ? get(m, name.ptr, name.len, LANG_NONE) : NULL;
    return e ? e->topic : TOPIC_NONE;
}

static int says_none(struct field v)
{
    return (v.len == 1 && *v.ptr == '-') || (v.len == 4 && !memcmp(v.ptr, "none", 4)) ||
           (v.len == 6 && !memcmp(v.ptr, "ignore", 6));
}

int mapping_user(struct mapping *m, wn_str lines, char *error, size_t size)
{
    if (!lines.ptr)
        return WN_OK;
    const char *at = lines.ptr, *end = lines.ptr + lines.len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        const char *tab = memchr(at, '\t', (size_t)(stop - at));
        if (tab) {
            struct field name = {at, (size_t)(tab - at)};
            struct field value = {tab + 1, (size_t)(stop - tab) - 1};
            uint16_t topic = mapping_find(m, (wn_str){value.ptr, value.len});
            if (topic == TOPIC_NONE && !says_none(value)) {
                snprintf(error, size,
                         "map: \"%.*s\" is no topic: write an id such as 04000000 or "
                         "a name such as Sport, or \"-\" to ignore \"%.*s\"",
                         (int)value.len, value.ptr, (int)name.len, name.ptr);
                return WN_INVALID;
            }
            int status = add(m, m->user, FOLD_PLAIN, name, topic, LANG_NONE);
            if (status)
                return status;
        }
        at = stop < end ? stop + 1 : end;
    }
    return WN_OK;
}

static void hit(struct mapping_hit *hits, size_t *n, uint16_t topic, float strength)
{
    for (size_t i = 0; i < *n; i++)
        if (hits[i].topic == topic) {
            if (hits[i].strength < strength)
                hits[i].strength = strength;
            return;
        }
    if (*n < MAPPING_HITS)
        hits[(*n)++] = (struct mapping_hit){topic, strength};
}

/* The length of the separator at s, 0 if there is none. */
static size_t separator(const char *s, size_t n)
{
    static const char *const marks[] = {" - ", " – ", " — ", "·",  "・", "、", "，",
                                        "／",  "＞",  "；",  "：", "»",  "›",  "→"};
    if (strchr("/>,;|&:", *s) && *s)
        return 1;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t k = strlen(marks[i]);
        if (n >= k && !memcmp(s, marks[i], k))
            return k;
    }
    return 0;
}

/* The parts of "News > Sports > Football" and "Kunst & Kultur", each looked up whole. */
static void look_parts(const struct mapping *m, const char *s, size_t n, unsigned lang,
                       struct mapping_hit *hits, size_t *n_hits)
{
    size_t begin = 0, parts = 0;
    for (size_t i = 0; i <= n && parts < CATEGORY_PARTS; i++) {
        size_t k = i < n ? separator(s + i, n - i) : 1;
        if (!k)
            continue;
        if (i > begin) {
            const struct trie_entry *e = get(m, s + begin, i - begin, lang);
            if (e && e->topic != TOPIC_NONE)
                hit(hits, n_hits, e->topic, PART);
            parts++;
        }
        begin = i + k;
        i = begin - 1;
    }
}

struct inside {
    const struct mapping *m;
    unsigned lang;
    size_t covered;
    struct mapping_hit hits[MAPPING_HITS];
    size_t n;
    size_t at; /* of the last string counted: its other entries count once */
};

static void found_inside(void *user, const struct trie_entry *e, size_t at, size_t len)
{
    struct inside *in = user;
    if (in->at == at)
        return;
    in->at = at;
    in->covered += len;
    e = choose(in->m->names, e, in->lang);
    if (e->topic != TOPIC_NONE)
        hit(in->hits, &in->n, e->topic, INSIDE);
}

/* "Latest sports news", "体育新闻": names that are made of known names alone. */
static void look_inside(const struct mapping *m, const char *s, size_t n, unsigned lang,
                        struct mapping_hit *hits, size_t *n_hits)
{
    uint16_t key[TRIE_KEY_MAX];
    size_t k = fold_text(m->fold, s, n, FOLD_PLAIN, key, TRIE_KEY_MAX);
    struct inside in = {m, lang, 0, {{0, 0}}, 0, (size_t)-1};
    trie_scan(m->names, key, k, found_inside, &in);
    size_t letters = 0;
    for (size_t i = 0; i < k; i++)
        letters += key[i] != ' ';
    if ((float)in.covered < COVERED * (float)letters)
        return;
    for (size_t i = 0; i < in.n; i++)
        hit(hits, n_hits, in.hits[i].topic, in.hits[i].strength);
}

size_t mapping_look(const struct mapping *m, wn_str scheme, wn_str name, unsigned lang,
                    struct mapping_hit *hits)
{
    size_t n = 0;
    if (!name.ptr || !name.len)
        return 0;
    uint16_t coded = vocabulary_id(m->vocabulary, name);
    int bare = coded != TOPIC_NONE && name.len <= 8; /* digits alone: only of the right scheme */
    if (coded != TOPIC_NONE &&
        (!bare || (scheme.ptr && memmem(scheme.ptr, scheme.len, "iptc", 4)))) {
        hit(hits, &n, coded, WHOLE);
        return n;
    }
    char plain[CATEGORY_BYTES];
    size_t len = name.len < CATEGORY_BYTES ? name.len : CATEGORY_BYTES;
    len = plain_text(name.ptr, len, plain, sizeof plain);
    const struct trie_entry *e = get(m, plain, len, lang);
    if (e) {
        if (e->topic != TOPIC_NONE)
            hit(hits, &n, e->topic, WHOLE);
        return n;
    }
    look_parts(m, plain, len, lang, hits, &n);
    if (!n)
        look_inside(m, plain, len, lang, hits, &n);
    return n;
}
