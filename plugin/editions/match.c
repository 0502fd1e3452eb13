/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../text/limits.h"
#include "window.h"

/* Title and whole cosine together at which two of one language are looked at as copies, and as reports
 * of one event. */
#define COPY_CLOSE 1.0f
#define SAME_LANGUAGE_CLOSE 1.25f
/* What a candidate's cosines must have above those of strangers, for headlines and for longer texts,
 * which have more to be alike in: below it no evidence ever made a pair likely. */
#define CLOSE_TITLE 0.2f
#define CLOSE_TEXT 0.35f
#define CLOSE_LENGTHS 4.6f, 6.0f /* pair_length of these */
/* In a crowd nobody comes after as many strangers in a row, headlines apart. */
#define STRANGERS_TITLE 4
#define STRANGERS_TEXT 3
#define TEXT_LENGTH 5.0f   /* pair_length from which it isn't a headline */
#define SAME_VERSION 4.0f  /* log odds for titles that name the same versions */
#define OTHER_NUMBERS 2.0f /* for titles that both name numbers and share none */
#define THIN_WORDS 2
#define THIN_ODDS (-3.0f)
#define FOREIGN_ODDS (-1.0f)
#define FOREIGN_BODY 500
#define SAME_LANGUAGE_RELATED 2.0f /* log odds at which two of one language report one event */
#define LEAST_ODDS (-4.0f)         /* what is weaker is not worth keeping */

int matcher_init(struct matcher *m, const wn_api *api, const struct encoder *e,
                 const struct index *x, const struct cores *c)
{
    *m = (struct matcher){.api = api, .encoder = e, .index = x, .cores = c};
    m->workshop = workshop_create(e);
    m->reader = m->workshop ? reader_create(c, m->workshop) : NULL;
    tbuf_init(&m->text, TEXT_LIMIT_PLAIN);
    return m->reader ? WN_OK : WN_NOMEM;
}

void matcher_finish(struct matcher *m)
{
    reader_destroy(m->reader);
    workshop_destroy(m->workshop);
    tbuf_finish(&m->text);
}

float match_odds(const struct evidence *a, const struct evidence *b, const struct found *found,
                 uint32_t slot, uint32_t window, char *evidence, size_t size, const char **why)
{
    float f[PF_COUNT];
    pair_features(a, b, window_rival(found, (unsigned)b->lang, slot), window, f);
    float odds = pair_odds(f) - pair_need(&a->core, &b->core, window),
          outside = pair_outside(&a->core, &b->core, why);
    /* Two words are a rubric ("News", "Photo of the day"), not an article. */
    if (f[PF_WORDS] <= THIN_WORDS && odds > THIN_ODDS)
        odds = THIN_ODDS;
    /* Of other languages the encoder knows names and loans alone, and training showed none: whole
     * articles show enough of these, teasers do not. */
    if (a->lang == 15 || b->lang == 15) {
        odds -= 1;
        if ((a->core.body < FOREIGN_BODY || b->core.body < FOREIGN_BODY) && odds > FOREIGN_ODDS)
            odds = FOREIGN_ODDS;
    }
    /* Versions in the titles that differ: siblings of a series, however alike they read. */
    if (a->core.versions && b->core.versions && outside < 5) {
        if (f[PF_TITLE_NUMBERS] >= 1)
            odds += SAME_VERSION;
        else
            odds = odds < 0 ? odds - 3 : -odds - 3;
    } else if (f[PF_TITLE_NUMBERS] == -1 && outside < 5) {
        odds -= OTHER_NUMBERS;
    }
    if (evidence && size)
        snprintf(evidence, size,
                 "title=%.2f lead=%.2f whole=%.2f words=%.2f weighty=%.2f sound=%.2f numbers=%.2f "
                 "sentences=%.2f rival=%.2f text=%.1f outside=%.1f",
                 f[PF_COS_TITLE], f[PF_COS_LEAD], f[PF_COS_WHOLE], f[PF_COVER_LESS],
                 f[PF_COVER_TOP], f[PF_SOUND], f[PF_NUMBERS], f[PF_ALIGN_MEAN], f[PF_RIVAL], odds,
                 outside);
    return odds + outside;
}

/* Keeps a link; of too many, the strongest. One item has one link. */
static void add_link(struct match *m, const struct link *l)
{
    unsigned weakest = 0;
    for (unsigned i = 0; i < m->n_links; i++) {
        if (m->links[i].id == l->id)
            return;
        if (m->links[i].kind != LINK_COPY &&
            (m->links[weakest].kind == LINK_COPY || m->links[i].odds < m->links[weakest].odds))
            weakest = i;
    }
    if (m->n_links < MATCH_LINKS)
        m->links[m->n_links++] = *l;
    else if (l->kind == LINK_COPY || l->odds > m->links[weakest].odds)
        m->links[weakest] = *l;
}

static bool languages_differ(const struct core *a, const struct core *b)
{
    return a->lang[0] && b->lang[0] && strcmp(a->lang, b->lang) != 0;
}

/* Whether b, another item of the language, is a copy; by address or by text. */
static bool weigh_copy(struct matcher *m, struct match *a, uint32_t slot, bool same_address,
                       bool many)
{
    struct core b;
    struct link l = {.id = index_item(m->index, slot)->id, .kind = LINK_COPY};
    if (cores_get(m->cores, l.id, &b) != WN_OK)
        return false;
    bool differ = languages_differ(&a->e.core, &b);
    if (differ && !(same_address && b.text_len == 0))
        return false;
    if (!m->side.core)
        copies_side(&m->side, &a->e.core);
    struct copy_verdict v =
        same_address ? copies_by_url(&m->side, &b, many) : copies_by_text(&m->side, &b, many);
    if (!v.copy)
        return false;
    l.score = v.score;
    l.odds = 20;
    l.reason = v.reason;
    snprintf(l.evidence, sizeof l.evidence, "alike=%.2f contained=%.2f address=%d", v.alike,
             v.contained, same_address);
    add_link(a, &l);
    return true;
}

/* Weighs the evidence on a candidate; same: of the item's own language, for RELATED only. false: it
 * is a stranger. */
static bool weigh(struct matcher *m, struct match *a, uint32_t slot, bool same)
{
    struct link l = {.id = index_item(m->index, slot)->id, .kind = LINK_EDITION};
    if (l.id == a->e.core.id)
        return false;
    const struct evidence *b = reader_get(m->reader, l.id);
    if (!b)
        return false;
    l.odds = match_odds(&a->e, b, &a->found, slot, index_live(m->index), l.evidence,
                        sizeof l.evidence, &l.reason);
    l.need = pair_need(&a->e.core, &b->core, index_live(m->index));
    l.cosine = encoder_cosine(a->e.core.whole, b->core.whole);
    if (same)
        l.kind = l.odds + l.need > SAME_LANGUAGE_RELATED ? LINK_RELATED : LINK_NONE;
    if (l.odds + l.need > LEAST_ODDS && l.kind != LINK_NONE)
        add_link(a, &l);
    return l.odds + l.need > LEAST_ODDS;
}

/* Items of one key: mostly the same ones again, key after key. */
struct looked {
    uint32_t slot[4 * MATCH_KEYED];
    bool many[4 * MATCH_KEYED];
    unsigned n;
};

/* Whether the pair is to be looked at; with many, a copy has to prove more than without. */
static bool first_look(struct looked *l, uint32_t slot, bool many)
{
    for (unsigned i = 0; i < l->n; i++)
        if (l->slot[i] == slot) {
            bool stricter = l->many[i];
            l->many[i] = stricter && many;
            return stricter && !many;
        }
    if (l->n < 4 * MATCH_KEYED) {
        l->slot[l->n] = slot;
        l->many[l->n++] = many;
    }
    return true;
}

/* Copies by address and by shingles. */
static void search_copies(struct matcher *m, struct match *a, uint32_t from)
{
    const struct core *c = &a->e.core;
    uint32_t slots[MATCH_KEYED], keys[INDEX_KEYS], address[2];
    unsigned n = copies_keys(c, keys), n_address = 0, found;
    struct looked looked = {.n = 0};
    if (c->url)
        address[n_address++] = copies_url_key(c->url);
    if (c->guid && c->guid != c->url)
        address[n_address++] = copies_url_key(c->guid);
    for (unsigned k = 0; k < n_address; k++) {
        found = index_find(m->index, address[k], slots, MATCH_KEYED);
        for (unsigned i = 0; i < found; i++)
            if (slots[i] >= from && index_item(m->index, slots[i])->id != c->id)
                weigh_copy(m, a, slots[i], true, found > 2);
    }
    for (unsigned k = 0; k < n; k++) {
        found = index_find(m->index, keys[k], slots, MATCH_KEYED);
        for (unsigned i = 0; i < found; i++)
            if (slots[i] >= from && index_item(m->index, slots[i])->id != c->id &&
                first_look(&looked, slots[i], found > 1))
                weigh_copy(m, a, slots[i], false, found > 1);
    }
}

/* Pages that name each other, or whose addresses differ in the language alone. */
static void search_named(struct matcher *m, struct match *a, uint32_t from)
{
    const struct core *c = &a->e.core;
    uint32_t slots[MATCH_KEYED], named[CORE_LINKS + 2];
    unsigned n_named = 0, found;
    for (unsigned i = 0; i < c->n_links; i++)
        named[n_named++] = copies_url_key(c->links[i]);
    named[n_named++] = copies_link_key(c->url);
    named[n_named++] = copies_rest_key(c->url_rest);
    for (unsigned k = 0; k < n_named; k++) {
        found = index_find(m->index, named[k], slots, MATCH_KEYED);
        for (unsigned i = 0; i < found; i++)
            if (slots[i] >= from && index_item(m->index, slots[i])->lang != a->e.lang)
                weigh(m, a, slots[i], false);
    }
}

/* Whether a candidate is worth a look at its evidence. */
static bool close_enough(const struct matcher *m, const struct match *a, uint32_t slot, int lang,
                         float score)
{
    static const float at[2] = {CLOSE_LENGTHS};
    float x = pair_length(&a->e.core), y = (float)index_item(m->index, slot)->length / INDEX_LENGTH;
    float text = ((x < y ? x : y) - at[0]) / (at[1] - at[0]);
    text = text < 0 ? 0 : text > 1 ? 1 : text;
    float crowd = window_crowd(index_live(m->index));
    return crowd == 0 || score - a->e.near_title[lang] - a->e.near_whole[lang] >
                             crowd * (CLOSE_TITLE + text * (CLOSE_TEXT - CLOSE_TITLE));
}

/* The candidates by vector, the closest first, counted from what strangers have in common. */
static void weigh_found(struct matcher *m, struct match *a, uint32_t from)
{
    struct found *f = &a->found;
    unsigned next[EVIDENCE_LANGS] = {0}, k, strangers = 0;
    unsigned most = pair_length(&a->e.core) < TEXT_LENGTH ? STRANGERS_TITLE : STRANGERS_TEXT;
    if (window_crowd(index_live(m->index)) < 1)
        most = WINDOW_CLOSE;
    for (unsigned n = 0; n < WINDOW_CLOSE && strangers < most; n++) {
        int best = window_next(f, &a->e, next, &k);
        if (best < 0)
            return;
        uint32_t slot = f->slot[best][k];
        float score = (float)f->score[best][k] / WINDOW_UNIT;
        if (slot < from)
            continue;
        if (best != a->e.lang) {
            bool known = close_enough(m, a, slot, best, score) && weigh(m, a, slot, false);
            strangers = known ? 0 : strangers + 1;
        } else if (score > COPY_CLOSE && !weigh_copy(m, a, slot, false, false) &&
                   score > SAME_LANGUAGE_CLOSE) {
            weigh(m, a, slot, true);
        }
    }
}

void match_search(struct matcher *m, struct match *const *matches, size_t n, uint32_t from)
{
    struct query queries[64];
    for (size_t at = 0; at < n; at += 64) {
        size_t count = n - at < 64 ? n - at : 64, q = 0;
        for (size_t i = 0; i < count; i++) {
            struct match *a = matches[at + i];
            if (a->ready && a->vectors)
                queries[q++] = (struct query){a->e.core.title, a->e.core.whole, &a->found};
        }
        index_search(m->index, from, index_end(m->index), queries, q, WINDOW_LEAST);
        for (size_t i = 0; i < count; i++) {
            struct match *a = matches[at + i];
            if (!a->ready)
                continue;
            m->side.core = NULL;
            search_copies(m, a, from);
            if (a->vectors) {
                search_named(m, a, from);
                weigh_found(m, a, from);
            }
            a->end = index_end(m->index);
        }
    }
}

const struct link *match_strongest(const struct match *m, enum link_kind kind, const bool *skip)
{
    const struct link *best = NULL;
    for (unsigned i = 0; i < m->n_links; i++) {
        const struct link *l = &m->links[i];
        if (l->kind == kind && !(skip && skip[i]) &&
            (!best || (kind == LINK_COPY ? l->score > best->score : l->odds > best->odds)))
            best = l;
    }
    return best;
}
