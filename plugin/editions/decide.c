/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From links to stories. The newcomer, those that it is linked to and all members of their stories
 * are parted anew (cluster.h); what differs from what the host was told is said or revised.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "circle.h"

#define RELATED_ODDS (-2.0f) /* a near miss: the same event, another article */

/* The mean odds of one of the circle with the others of its new story; 0 if it is alone. */
static float standing(const struct circle *c, unsigned i)
{
    float sum = 0;
    unsigned n = 0;
    for (unsigned j = 0; j < c->n; j++)
        if (j != i && c->label[j] == c->label[i]) {
            sum += c->odds[i * c->n + j];
            n++;
        }
    return n ? sum / (float)n : 0;
}

/* What is now said of a member: remembered, and told to the host if it is news and not the
 * newcomer's, of which judge speaks itself. */
static int say(struct editions *f, uint32_t story, struct member *m, uint32_t kind, int64_t of,
               float odds, bool newcomer)
{
    bool news = m->said != kind || m->said_of != of;
    const char *reason = kind == WN_KEEP        ? "stands for itself after all"
                         : kind == WN_DUPLICATE ? "a copy, on later evidence"
                                                : "the same article in another language, on later "
                                                  "evidence";
    wn_verdict v = {.size = sizeof v,
                    .kind = kind,
                    .of = of,
                    .score = 1 / (1 + exp((double)-odds)),
                    .reason = {reason, strlen(reason)}};
    m->said = kind;
    m->said_of = of;
    int status = story == STORY_NONE ? WN_OK : members_save(f, story, m);
    if (status == WN_OK && news && !newcomer && f->mode == MODE_MERGE && !f->shadow &&
        WN_HAS(f->api, revise))
        status = f->api->revise(f->host, m->id, &v);
    return status;
}

/* One new story of the circle's items with that label, copies of theirs included. */
static int settle_label(struct editions *f, const struct circle *c, unsigned label,
                        struct member *moved, unsigned n_moved, int64_t newcomer)
{
    uint32_t story = STORY_NONE;
    unsigned n = 0;
    for (unsigned i = 0; i < n_moved; i++) {
        int at = circle_find(c, moved[i].copy_of ? moved[i].copy_of : moved[i].id);
        n += at >= 0 && c->label[at] == label;
    }
    for (unsigned i = 0; i < n_moved; i++) {
        int at = circle_find(c, moved[i].copy_of ? moved[i].copy_of : moved[i].id);
        if (at < 0 || c->label[at] != label)
            continue;
        if (n == 1) { /* alone: no story is kept, but what was said is taken back */
            say(f, STORY_NONE, &moved[i], WN_KEEP, 0, 0, moved[i].id == newcomer);
            continue;
        }
        if (story == STORY_NONE && (story = stories_new(&f->stories)) == STORY_NONE)
            return WN_NOMEM;
        int status = members_put(f, story, &moved[i]);
        if (status != WN_OK)
            return status;
    }
    if (story == STORY_NONE)
        return WN_OK;
    struct story *t = stories_get(&f->stories, story);
    int64_t root = 0;
    for (uint32_t i = 0; i < t->n && !root; i++)
        root = t->members[i].copy_of ? 0 : t->members[i].id;
    for (uint32_t i = 0; i < t->n; i++) {
        struct member *m = &t->members[i];
        int at = circle_find(c, m->id);
        uint32_t kind = m->copy_of ? WN_DUPLICATE : m->id == root ? WN_KEEP : WN_EDITION;
        int64_t of = m->copy_of ? m->copy_of : m->id == root ? 0 : root;
        int status =
            say(f, story, m, kind, of, at >= 0 ? standing(c, (unsigned)at) : 6, m->id == newcomer);
        if (status != WN_OK)
            return status;
    }
    return WN_OK;
}

/* Takes all of the circle, and the copies of theirs, out of their stories into moved. */
static unsigned gather(struct editions *f, const struct circle *c, struct member *moved,
                       unsigned most)
{
    unsigned n = 0;
    for (unsigned i = 0; i < c->n; i++) {
        if (c->story[i] == STORY_NONE) {
            if (n < most)
                moved[n++] = (struct member){.id = c->id[i], .lang = c->lang[i]};
            continue;
        }
        const struct story *t = stories_get(&f->stories, c->story[i]);
        for (uint32_t k = 0; k < t->n && n < most; k++)
            if (t->members[k].id == c->id[i] || t->members[k].copy_of == c->id[i])
                moved[n++] = t->members[k];
    }
    for (unsigned i = 0; i < n; i++)
        members_take(f, moved[i].id);
    return n;
}

/* Whether the new labels are the stories that there are. */
static bool unchanged(const struct circle *c)
{
    for (unsigned i = 0; i < c->n; i++)
        for (unsigned j = i + 1; j < c->n; j++) {
            bool now = c->story[i] != STORY_NONE && c->story[i] == c->story[j];
            if (now != (c->label[i] == c->label[j]))
                return false;
        }
    return true;
}

static int part_anew(struct editions *f, struct circle *c, const struct match *m, int64_t newcomer)
{
    struct member moved[4 * CLUSTER_MOST];
    circle_part(f, c, m);
    if (unchanged(c))
        return WN_OK;
    unsigned n = gather(f, c, moved, 4 * CLUSTER_MOST);
    for (unsigned label = 0; label < c->n; label++) {
        int status =
            c->label[label] == label ? settle_label(f, c, label, moved, n, newcomer) : WN_OK;
        if (status != WN_OK)
            return status;
    }
    return WN_OK;
}

int decide_again(struct editions *f, int64_t a, int64_t b)
{
    struct circle c = {0};
    if (index_slot(f->index, a) == INDEX_NONE || index_slot(f->index, b) == INDEX_NONE)
        return WN_OK;
    circle_enter(f, &c, a);
    circle_enter(f, &c, b);
    return part_anew(f, &c, NULL, 0);
}

/* The newcomer is a copy: it goes where its original is. */
static int join_copy(struct editions *f, const struct match *m, const struct link *l, wn_verdict *v)
{
    uint32_t story = circle_story(f, l->id);
    int64_t original = l->id, id = m->e.core.id;
    struct core core;
    int status = WN_OK;
    if (story == STORY_NONE) {
        if (cores_get(f->cores, l->id, &core) != WN_OK)
            return WN_OK;
        if ((story = stories_new(&f->stories)) == STORY_NONE)
            return WN_NOMEM;
        struct member first = {.id = l->id, .lang = language_number(core.lang)};
        status = members_put(f, story, &first);
        if (status == WN_OK)
            status = members_save(f, story, &first);
    } else {
        const struct member *o = stories_member(&f->stories, story, l->id);
        if (o && o->copy_of)
            original = o->copy_of;
    }
    struct member copy = {.id = id,
                          .copy_of = original,
                          .said_of = original,
                          .said = WN_DUPLICATE,
                          .lang = language_number(m->e.core.lang)};
    if (status == WN_OK)
        status = members_put(f, story, &copy);
    if (status == WN_OK)
        status = members_save(f, story, &copy);
    uint32_t slot = index_slot(f->index, id);
    if (slot != INDEX_NONE)
        index_item(f->index, slot)->flags |= INDEX_COPY;
    v->kind = WN_DUPLICATE;
    v->of = original;
    v->score = l->score;
    return status;
}

/* For the newcomer alone: another report of the same event, if there is one. */
static void say_related(const struct editions *f, const struct match *m, wn_verdict *v,
                        const struct link **why)
{
    const struct link *a = match_strongest(m, LINK_RELATED, NULL),
                      *b = match_strongest(m, LINK_EDITION, NULL);
    const struct link *l = a && (!b || a->odds > b->odds) ? a : b;
    if (!l || l->odds + l->need < RELATED_ODDS ||
        members_ruling(f, m->e.core.id, l->id) == WN_APART)
        return;
    v->kind = WN_RELATED;
    v->of = l->id;
    v->score = 1 / (1 + exp(-(double)l->odds));
    *why = l;
}

int decide(struct editions *f, struct match *m, wn_verdict *v)
{
    static _Thread_local char reason[200];
    const struct link *copy = match_strongest(m, LINK_COPY, NULL), *why = NULL;
    struct circle c = {0};
    int64_t id = m->e.core.id;
    int status;
    bool skip[MATCH_LINKS] = {false};
    while (copy && members_ruling(f, id, copy->id) == WN_APART) {
        skip[copy - m->links] = true;
        copy = match_strongest(m, LINK_COPY, skip);
    }
    for (unsigned i = 0; i < m->n_links; i++)
        if (m->links[i].kind == LINK_EDITION)
            circle_remember(f, id, m->links[i].id, m->links[i].odds);
    if (copy) {
        status = join_copy(f, m, copy, v);
        snprintf(reason, sizeof reason, "a copy: %s", copy->reason);
        v->reason = (wn_str){reason, strlen(reason)};
        v->evidence = (wn_str){copy->evidence, strlen(copy->evidence)};
        return status;
    }
    circle_gather(f, m, &c);
    status = c.n > 1 ? part_anew(f, &c, m, id) : WN_OK;
    uint32_t story = circle_story(f, id);
    const struct member *me = story == STORY_NONE ? NULL : stories_member(&f->stories, story, id);
    if (me && me->said == WN_EDITION) {
        v->kind = WN_EDITION;
        v->of = me->said_of;
        v->score = 1 / (1 + exp(-(double)standing(&c, (unsigned)circle_find(&c, id))));
        why = match_strongest(m, LINK_EDITION, NULL);
        snprintf(reason, sizeof reason, "the same article in another language (%s)%s%s",
                 m->e.core.lang, why && why->reason ? ": " : "",
                 why && why->reason ? why->reason : "");
        v->reason = (wn_str){reason, strlen(reason)};
    } else if (!me) {
        say_related(f, m, v, &why);
        if (v->kind == WN_RELATED) {
            snprintf(reason, sizeof reason, "another report of the same event");
            v->reason = (wn_str){reason, strlen(reason)};
        }
    }
    if (why)
        v->evidence = (wn_str){why->evidence, strlen(why->evidence)};
    return status;
}
