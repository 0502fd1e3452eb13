/* SPDX-License-Identifier: Apache-2.0 */
#include "editions_data.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/editions/pair.h"

static const char *const LANGS[] = {"en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi", "th",
                                    "id", "ms", "de", "ru", "fr",      "es",      "pt"};

int lang_index(const char *lang)
{
    for (int i = 0; i < 15; i++)
        if (strcmp(LANGS[i], lang) == 0)
            return i;
    return 0;
}

const char *lang_name(int index)
{
    return LANGS[index];
}

const char *tier_name(enum tier t)
{
    static const char *const names[] = {"title", "lead", "full", "mixed"};
    return names[t];
}

static FILE *open_gz(const char *folder, const char *name)
{
    char command[4400], path[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fclose(f);
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    return popen(command, "r");
}

static struct sentences *add(struct sentences **list, size_t *n, size_t *cap, int doc,
                             const char *lang)
{
    if (*n == *cap) {
        *cap = *cap ? 2 * *cap : 1024;
        *list = realloc(*list, *cap * sizeof **list);
        if (!*list)
            abort();
    }
    struct sentences *s = &(*list)[(*n)++];
    *s = (struct sentences){.doc = doc};
    snprintf(s->lang, sizeof s->lang, "%s", lang);
    return s;
}

static void add_sentence(struct sentences *s, const char *text, size_t n)
{
    while (n && isspace((unsigned char)*text)) {
        text++;
        n--;
    }
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    if (!n)
        return;
    s->s = realloc(s->s, (s->n + 1) * sizeof *s->s);
    if (!s->s || !(s->s[s->n++] = strndup(text, n)))
        abort();
    for (char *p = s->s[s->n - 1]; *p; p++)
        *p = *p == '\n' || *p == '\t' ? ' ' : *p;
}

/* Cuts running text into sentences at full stops, at most 40. */
static void add_text(struct sentences *s, const char *text)
{
    while (*text && s->n < 40) {
        const char *end = text;
        while (*end && !((*end == '.' || *end == '!' || *end == '?') && end[1] == ' '))
            end++;
        end += *end != 0;
        add_sentence(s, text, (size_t)(end - text));
        text = end;
    }
}

static int load_documents(struct data *d, const char *folder)
{
    FILE *f = open_gz(folder, "editions/ntrex_dev.jsonl.gz");
    char *line = NULL, names[400][80];
    size_t cap = 0;
    if (!f)
        return -1;
    while (getline(&line, &cap, f) > 0) {
        json_t *j = json_loads(line, 0, NULL), *list = json_object_get(j, "sentences");
        const char *doc = json_string_value(json_object_get(j, "doc"));
        const char *lang = json_string_value(json_object_get(j, "lang"));
        size_t k = 0;
        if (doc && lang && d->n_docs < 400) {
            while (k < d->n_docs && strcmp(names[k], doc) != 0)
                k++;
            if (k == d->n_docs)
                snprintf(names[d->n_docs++], sizeof names[0], "%s", doc);
            struct sentences *s = add(&d->docs, &d->n, &d->cap, (int)k, lang);
            for (size_t i = 0; i < json_array_size(list); i++) {
                const char *x = json_string_value(json_array_get(list, i));
                add_sentence(s, x ? x : "", x ? strlen(x) : 0);
            }
        }
        json_decref(j);
    }
    free(line);
    pclose(f);
    return 0;
}

static void load_reuters(struct data *d, const char *folder)
{
    FILE *f = open_gz(folder, "topics/reuters21578.jsonl.gz");
    char *line = NULL;
    size_t cap = 0, n = 0;
    while (f && n < 5700 && getline(&line, &cap, f) > 0) {
        json_t *j = json_loads(line, 0, NULL);
        const char *text = json_string_value(json_object_get(j, "text"));
        const char *body = text ? strchr(text, '\n') : NULL;
        if (body) {
            struct sentences *s = add(&d->crowd, &d->n_crowd, &d->cap_crowd, 0, "en");
            add_sentence(s, text, (size_t)(body - text));
            for (char *p = s->n ? s->s[0] + 1 : NULL; p && *p; p++)
                *p = (char)tolower((unsigned char)*p); /* their headlines are in capitals */
            char *one_line = strdup(body);
            for (char *p = one_line; p && *p; p++)
                *p = *p == '\n' ? ' ' : *p;
            add_text(s, one_line ? one_line : "");
            free(one_line);
            n++;
        }
        json_decref(j);
    }
    free(line);
    if (f)
        pclose(f);
}

static void load_news(struct data *d, const char *folder, int half)
{
    FILE *f = open_gz(folder, "topics/tgcontest.jsonl.gz");
    char *line = NULL;
    size_t cap = 0, at = 0;
    while (f && getline(&line, &cap, f) > 0) {
        json_t *j = json_loads(line, 0, NULL);
        const char *title = json_string_value(json_object_get(j, "title"));
        const char *text = json_string_value(json_object_get(j, "text"));
        const char *lang = json_string_value(json_object_get(j, "lang"));
        if (title && text && lang && (half < 0 || at % 2 == (size_t)half)) {
            struct sentences *s = add(&d->crowd, &d->n_crowd, &d->cap_crowd, 0, lang);
            add_sentence(s, title, strlen(title));
            add_text(s, text);
        }
        at++;
        json_decref(j);
    }
    if (f)
        pclose(f);
    f = open_gz(folder, "topics/spanish_topic_news.tsv.gz");
    if (f && getline(&line, &cap, f) > 0)
        while (getline(&line, &cap, f) > 0) {
            char *p = line, *field[6] = {NULL};
            for (int i = 0; i < 6 && p; i++)
                field[i] = strsep(&p, "\t\n");
            if (!field[5] || (half >= 0 && at++ % 2 != (size_t)half))
                continue;
            struct sentences *s = add(&d->crowd, &d->n_crowd, &d->cap_crowd, 0, "es");
            add_sentence(s, field[4], strlen(field[4]));
            add_text(s, field[5]);
        }
    if (f)
        pclose(f);
    free(line);
}

/* Single sentences of news, every `step`th row of a table of translations in one language only. */
static void load_sentences(struct data *d, const char *folder, const char *name, size_t step,
                           size_t most)
{
    FILE *f = open_gz(folder, name);
    char *line = NULL, *head[24] = {NULL};
    size_t cap = 0, row = 0, columns = 0, made = 0;
    if (f && getline(&line, &cap, f) > 0)
        for (char *p = line; p && columns < 24;)
            head[columns++] = strdup(strsep(&p, "\t\n"));
    while (f && made < most && getline(&line, &cap, f) > 0) {
        char *p = line, *field[24] = {NULL};
        for (size_t i = 0; i < columns && p; i++)
            field[i] = strsep(&p, "\t\n");
        if (row++ % step)
            continue;
        for (size_t tries = 0; tries < columns; tries++) {
            size_t k = (made + tries) % columns;
            const char *lang = strcmp(head[k], "zh") == 0 ? "zh-Hans" : head[k];
            if (!field[k] || !*field[k] || strcmp(LANGS[lang_index(lang)], lang) != 0)
                continue;
            struct sentences *s = add(&d->crowd, &d->n_crowd, &d->cap_crowd, 0, lang);
            add_sentence(s, field[k], strlen(field[k]));
            break;
        }
        made++;
    }
    for (size_t i = 0; i < columns; i++)
        free(head[i]);
    free(line);
    if (f)
        pclose(f);
}

static void load_posts(struct data *d, const char *folder)
{
    FILE *f = open_gz(folder, "editions/ruby_news_docs.tsv.gz");
    char *line = NULL, post[300] = "";
    size_t cap = 0;
    int k = 0;
    if (f && getline(&line, &cap, f) > 0)
        while (getline(&line, &cap, f) > 0) {
            char *p = line, *field[4] = {NULL};
            for (int i = 0; i < 4 && p; i++)
                field[i] = strsep(&p, "\t\n");
            if (!field[3] || strlen(field[0]) < 10)
                continue;
            if (strcmp(post, field[0]) != 0) {
                snprintf(post, sizeof post, "%s", field[0]);
                k++;
            }
            struct sentences *s = add(&d->posts, &d->n_posts, &d->cap_posts, k, field[1]);
            add_sentence(s, field[0], 4);
            add_sentence(s, field[2], strlen(field[2]));
            if (s->n == 2)
                add_text(s, field[3]);
        }
    free(line);
    if (f)
        pclose(f);
}

int data_load(struct data *d, const char *folder, int half)
{
    memset(d, 0, sizeof *d);
    if (load_documents(d, folder) < 0)
        return -1;
    load_reuters(d, folder);
    load_news(d, folder, half);
    load_sentences(d, folder, "parallel/pud.tsv.gz", 3, 330);
    load_sentences(d, folder, "topics/sib200.tsv.gz", 5, 170);
    load_posts(d, folder);
    return 0;
}

static uint64_t state;

static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 32) * n >> 32);
}

static size_t tier_length(enum tier t)
{
    static const size_t sizes[] = {1, 2, 999};
    return t == TIER_MIXED ? sizes[below(3)] : sizes[t];
}

/* The first n sentences from `first` on as a title and text. */
static bool make_item(const struct sentences *s, size_t first, size_t n, struct doc_item *out)
{
    size_t len = 1;
    if (s->n <= first)
        return false;
    memset(out, 0, sizeof *out);
    snprintf(out->lang, sizeof out->lang, "%s", s->lang);
    out->title = strdup(s->s[first]);
    for (size_t i = first + 1; i < s->n && i < first + n; i++)
        len += strlen(s->s[i]) + 1;
    out->text = calloc(1, len);
    if (!out->title || !out->text)
        abort();
    for (size_t i = first + 1; i < s->n && i < first + n; i++) {
        strcat(out->text, s->s[i]);
        strcat(out->text, i + 1 < s->n && i + 1 < first + n ? "\n" : "");
    }
    out->doc = s->doc;
    return true;
}

static void shuffle(struct doc_item *x, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = below((uint32_t)i);
        struct doc_item t = x[i - 1];
        x[i - 1] = x[j];
        x[j] = t;
    }
}

static uint32_t editions_of_document(enum world kind)
{
    uint32_t u = below(10);
    return kind == WORLD_CLOSED ? 15 : u < 4 ? 1 : u < 7 ? 2 + below(2) : 4 + below(12);
}

/* Some languages of one document, at random. */
static size_t choose(const struct data *d, int doc, uint32_t many, enum tier tier,
                     struct doc_item *out)
{
    size_t at[16], n = 0, made = 0;
    for (size_t i = 0; i < d->n && n < 16; i++)
        if (d->docs[i].doc == doc)
            at[n++] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = below((uint32_t)i), t = at[i - 1];
        at[i - 1] = at[j];
        at[j] = t;
    }
    for (size_t i = 0; i < n && i < many; i++)
        made += make_item(&d->docs[at[i]], 0, tier_length(tier), &out[made]);
    return made;
}

void data_world(const struct data *d, enum world kind, enum tier tier, int half, uint64_t seed,
                struct doc_item **items, size_t *n, size_t **lots, size_t *n_lots)
{
    struct doc_item *out = calloc(d->n + d->n_crowd, sizeof *out);
    size_t at = 0, in_lot = 0, *lot = calloc(d->n_docs + 2, sizeof *lot), lot_n = 0;
    state = seed * 7919 + 13;
    for (size_t k = 0; k < d->n_docs; k++) {
        if (half >= 0 && k % 2 != (size_t)half)
            continue;
        at += choose(d, (int)k, editions_of_document(kind), tier, out + at);
        if (kind == WORLD_COLD && ++in_lot % 8 == 0)
            lot[++lot_n] = at;
    }
    if (kind == WORLD_CROWD)
        for (size_t i = 0; i < d->n_crowd; i++)
            if (make_item(&d->crowd[i], 0, tier_length(tier), &out[at])) {
                out[at].crowd = true;
                out[at++].doc = 100000 + (int)i;
            }
    if (lot_n == 0 || lot[lot_n] != at)
        lot[++lot_n] = at;
    for (size_t l = 0; l < lot_n; l++)
        shuffle(out + lot[l], lot[l + 1] - lot[l]);
    *items = out;
    *n = at;
    *lots = lot;
    *n_lots = lot_n;
}

size_t data_posts(const struct data *d, const char *from, enum tier tier, struct doc_item **items)
{
    struct doc_item *out = calloc(d->n_posts + 1, sizeof *out);
    size_t n = 0;
    int first = atoi(from);
    state = 5;
    for (size_t i = 0; i < d->n_posts; i++) {
        int year = atoi(d->posts[i].s[0]);
        if (year >= first && year < first + 2)
            n += make_item(&d->posts[i], 1, tier_length(tier), &out[n]);
    }
    shuffle(out, n);
    *items = out;
    return n;
}

void data_free_items(struct doc_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(items[i].title);
        free(items[i].text);
    }
    free(items);
}

void data_use_verifier(const char *path)
{
    FILE *f = fopen(path, "r");
    float bias;
    unsigned trees, n;
    if (!f || fscanf(f, "%f %u %u", &bias, &trees, &n) != 3 || n > 65535 || trees > n) {
        perror(path);
        exit(1);
    }
    uint16_t *root = calloc(trees, sizeof *root);
    struct verifier_node *nodes = calloc(n, sizeof *nodes);
    float(*linear)[PF_COUNT] = calloc(VERIFIER_ROWS, sizeof *linear);
    float(*net)[VERIFIER_HIDDEN] = calloc(VERIFIER_NET_ROWS, sizeof *net);
    if (!root || !nodes || !linear || !net)
        abort();
    for (unsigned i = 0; i < trees; i++)
        if (fscanf(f, "%hu", &root[i]) != 1)
            exit(1);
    for (unsigned i = 0; i < n; i++)
        if (fscanf(f, "%hd %hu %f", &nodes[i].feature, &nodes[i].right, &nodes[i].value) != 3)
            exit(1);
    for (unsigned i = 0; i < VERIFIER_ROWS * PF_COUNT; i++)
        if (fscanf(f, "%f", &linear[i / PF_COUNT][i % PF_COUNT]) != 1)
            exit(1);
    for (unsigned i = 0; i < VERIFIER_NET_ROWS * VERIFIER_HIDDEN; i++)
        if (fscanf(f, "%f", &net[i / VERIFIER_HIDDEN][i % VERIFIER_HIDDEN]) != 1)
            exit(1);
    fclose(f);
    pair_verifier = (struct verifier){bias, trees, root, nodes, linear, net};
}
