/* SPDX-License-Identifier: Apache-2.0 */
/* The editions filter's table: options, create, analyse, judge, constrain, forget. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text/limits.h"
#include "copies.h"
#include "state.h"
#include "window.h"

static const wn_option options[] = {
    {"window", WN_OPT_DURATION, 0, "604800", NULL,
     "how long after its arrival an item is compared with newcomers"},
    {"mode", WN_OPT_CHOICE, 0, "merge", "merge|tag|off",
     "merge: copies and editions become one story; tag: they are linked as related only"},
    {"shadow", WN_OPT_BOOL, 0, "false", NULL,
     "say in events and explain what would be merged, and merge nothing"},
    {"threshold", WN_OPT_NUMBER, 0, "0.5", "0.05..0.999",
     "how sure the filter must be that two items are editions of one article"},
    {"model", WN_OPT_PATH, 0, NULL, NULL,
     "the encoder's model file; default: encoder.wnm beside the filter, then the installed one"},
    {"allow-no-model", WN_OPT_BOOL, 0, "false", NULL,
     "without a usable model find copies only, rather than refuse to start"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static wn_str option(const struct editions *f, const char *key)
{
    wn_str value = {NULL, 0};
    if (WN_HAS(f->api, config) && f->api->config(f->host, NULL, key, &value) == WN_OK && value.ptr)
        return value;
    for (const wn_option *o = options; o->key; o++)
        if (strcmp(o->key, key) == 0 && o->def)
            return (wn_str){o->def, strlen(o->def)};
    return (wn_str){NULL, 0};
}

static bool is(wn_str value, const char *word)
{
    return value.len == strlen(word) && memcmp(value.ptr, word, value.len) == 0;
}

static double as_number(wn_str value, double otherwise)
{
    char text[40];
    if (!value.ptr || !value.len || value.len >= sizeof text)
        return otherwise;
    memcpy(text, value.ptr, value.len);
    text[value.len] = 0;
    return strtod(text, NULL);
}

static void read_options(struct editions *f)
{
    wn_str mode = option(f, "mode");
    double p = as_number(option(f, "threshold"), 0.5);
    p = p < 0.05 ? 0.05 : p > 0.999 ? 0.999 : p;
    f->mode = is(mode, "off") ? MODE_OFF : is(mode, "tag") ? MODE_TAG : MODE_MERGE;
    f->shadow = is(option(f, "shadow"), "true");
    f->window = (int64_t)as_number(option(f, "window"), 604800);
    f->least = (float)log(p / (1 - p));
}

static int open_model(struct editions *f)
{
    char path[4096], configured[4096], why[4300];
    wn_str model = option(f, "model");
    snprintf(configured, sizeof configured, "%.*s", (int)model.len, model.ptr ? model.ptr : "");
    int status = encoder_find(configured, (const void *)&options, path, sizeof path);
    if (status != WN_OK)
        snprintf(why, sizeof why, "no model: %s is neither beside the filter nor in %s",
                 ENCODER_MODEL_FILE, WINNOW_LIBDIR);
    else
        status = encoder_open(&f->encoder, path, why, sizeof why);
    if (status == WN_OK)
        return WN_OK;
    bool allowed = is(option(f, "allow-no-model"), "true");
    size_t n = strlen(why);
    snprintf(why + n, sizeof why - n,
             allowed ? "; going on without: copies are found, language editions are not"
                     : "; install it, set the option model, or set allow-no-model: true");
    f->api->log(f->host, allowed ? WN_LOG_WARNING : WN_LOG_ERROR, why);
    return allowed ? WN_OK : WN_ERROR;
}

static int add_to_index(struct editions *f, const struct core *c)
{
    uint32_t keys[INDEX_KEYS], slot;
    unsigned n = copies_keys(c, keys);
    struct index_item item = {.id = c->id,
                              .arrived = c->arrived,
                              .lang = (uint8_t)evidence_lang(c->lang),
                              .length = (uint16_t)(pair_length(c) * INDEX_LENGTH)};
    return index_add(f->index, &item, c->model ? c : NULL, keys, n, &slot);
}

static int load_core(void *user, const struct core *stored)
{
    struct editions *f = user;
    if (!f->encoder || stored->model == encoder_version_number(f->encoder))
        return add_to_index(f, stored);
    struct core *c = malloc(sizeof *c);
    if (!c)
        return WN_NOMEM;
    *c = *stored;
    core_renew(f->matcher.workshop, c);
    int status = add_to_index(f, c);
    free(c);
    return status;
}

static void destroy(void *self)
{
    struct editions *f = self;
    if (!f)
        return;
    matcher_finish(&f->matcher);
    stories_finish(&f->stories);
    index_destroy(f->index);
    cores_destroy(f->cores);
    encoder_close(f->encoder);
    free(f->rulings);
    free(f->pairs);
    free(f);
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct editions *f = calloc(1, sizeof *f);
    int status = WN_NOMEM;
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    read_options(f);
    f->pairs = calloc(PAIR_MEMORY, sizeof *f->pairs);
    if (!f->pairs || index_create(&f->index) < 0 || cores_create(&f->cores, api, host) < 0)
        goto out;
    if (f->mode != MODE_OFF && (status = open_model(f)) != WN_OK)
        goto out;
    status = matcher_init(&f->matcher, api, f->encoder, f->index, f->cores);
    if (status == WN_OK && f->mode != MODE_OFF)
        status = cores_each(f->cores, load_core, f);
    if (status == WN_OK)
        status = members_load(f);
out:
    if (status != WN_OK) {
        destroy(f);
        return status;
    }
    *self = f;
    return WN_OK;
}

static void *thread_enter(void *self)
{
    struct editions *f = self;
    struct matcher *m = malloc(sizeof *m);
    if (m && matcher_init(m, f->api, f->encoder, f->index, f->cores) < 0) {
        matcher_finish(m);
        free(m);
        m = NULL;
    }
    return m; /* NULL: judge does the work itself */
}

static void thread_leave(void *self, void *thread)
{
    (void)self;
    if (thread)
        matcher_finish(thread);
    free(thread);
}

static struct match *note_of(const struct editions *f, wn_item *item)
{
    return WN_HAS(f->api, note) ? f->api->note(f->host, item, sizeof(struct match)) : NULL;
}

static int analyse(void *self, void *thread, wn_item *const *items, size_t n)
{
    struct editions *f = self;
    struct match *batch[64];
    if (!thread || f->mode == MODE_OFF)
        return WN_OK;
    for (size_t at = 0; at < n; at += 64) {
        size_t count = 0;
        for (size_t i = at; i < n && i < at + 64; i++) {
            struct match *m = note_of(f, items[i]);
            if (m && match_read(thread, items[i], m) == WN_OK)
                batch[count++] = m;
            else if (m)
                m->ready = false;
        }
        match_search(thread, batch, count, 0);
        for (size_t i = 0; i < count; i++)
            batch[i]->generation = f->generation;
    }
    return WN_OK;
}

static void drop(struct editions *f, int64_t id)
{
    uint32_t slot = index_slot(f->index, id);
    if (slot == INDEX_NONE)
        return;
    members_take(f, id);
    index_remove(f->index, slot);
    cores_drop(f->cores, id);
}

static void expire(struct editions *f, int64_t now)
{
    uint32_t slot;
    while ((slot = index_oldest(f->index)) != INDEX_NONE &&
           (index_item(f->index, slot)->arrived < now - f->window ||
            index_live(f->index) >= EDITIONS_LIMIT_ITEMS))
        drop(f, index_item(f->index, slot)->id);
    if (index_compact(f->index))
        f->generation++;
}

/* What the filter would do, in the words that its mode allows. */
static void soften(const struct editions *f, wn_verdict *v)
{
    static _Thread_local char said[300];
    if (v->kind == WN_KEEP || (f->mode == MODE_MERGE && !f->shadow))
        return;
    bool by_address = v->kind == WN_DUPLICATE && v->score >= 0.99 && v->reason.ptr &&
                      strstr(v->reason.ptr, "address");
    if (f->mode == MODE_TAG && !f->shadow && by_address)
        return; /* one address is one article, whatever the mode */
    if (f->shadow) {
        snprintf(said, sizeof said, "shadow: would be %s of %lld: %.*s",
                 v->kind == WN_EDITION     ? "edition"
                 : v->kind == WN_DUPLICATE ? "duplicate"
                                           : "related",
                 (long long)v->of, (int)v->reason.len, v->reason.ptr ? v->reason.ptr : "");
        v->kind = WN_KEEP;
        v->of = 0;
        v->reason = (wn_str){said, strlen(said)};
    } else {
        v->kind = WN_RELATED;
    }
}

/* An item that changed keeps its story: it is what it was, in other words. */
static bool is_update(struct editions *f, struct match *m, wn_verdict *v, int *status)
{
    int64_t id = m->e.core.id;
    uint32_t slot = index_slot(f->index, id), story;
    if (slot == INDEX_NONE)
        return false;
    m->e.core.arrived = index_item(f->index, slot)->arrived;
    story = index_item(f->index, slot)->story;
    cores_changed(f->cores);
    if (story == STORY_NONE) {
        drop(f, id);
        return false;
    }
    uint8_t copy = index_item(f->index, slot)->flags & INDEX_COPY;
    index_remove(f->index, slot);
    *status = add_to_index(f, &m->e.core);
    if (*status != WN_OK)
        return true;
    slot = index_slot(f->index, id);
    index_item(f->index, slot)->story = story;
    index_item(f->index, slot)->flags |= copy;
    *status = cores_put(f->cores, &m->e, m->vectors, m->e.core.arrived + f->window + 86400);
    const struct member *me = stories_member(&f->stories, story, id);
    if (me) {
        v->kind = me->said;
        v->of = me->said_of;
        v->reason = (wn_str){"updated; its story stays", 24};
    }
    return true;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    struct editions *f = self;
    int status = WN_OK;
    if (f->mode == MODE_OFF)
        return WN_OK;
    struct match *m = note_of(f, item);
    if (!m || !m->ready) {
        m = &f->scratch;
        status = match_read(&f->matcher, item, m);
        if (status != WN_OK)
            return status;
        m->generation = f->generation;
    }
    if (m->e.core.arrived)
        expire(f, m->e.core.arrived);
    if (is_update(f, m, verdict, &status)) {
        soften(f, verdict);
        return status;
    }
    if (m->generation != f->generation) {
        memset(&m->found, 0, sizeof m->found);
        m->end = 0;
    }
    match_search(&f->matcher, &m, 1, m->end);
    window_keep(&m->found, &m->e.core);
    status = add_to_index(f, &m->e.core);
    if (status == WN_OK)
        status = cores_put(f->cores, &m->e, m->vectors,
                           m->e.core.arrived ? m->e.core.arrived + f->window + 86400 : 0);
    if (status == WN_OK)
        status = decide(f, m, verdict);
    soften(f, verdict);
    return status;
}

static int constrain(void *self, int64_t a, int64_t b, uint32_t what)
{
    struct editions *f = self;
    for (size_t i = 0; i < f->n_rulings; i++)
        if ((f->rulings[i].a == a && f->rulings[i].b == b) ||
            (f->rulings[i].a == b && f->rulings[i].b == a)) {
            f->rulings[i].what = what;
            return decide_again(f, a, b);
        }
    if (f->n_rulings == EDITIONS_LIMIT_RULINGS)
        return WN_LIMIT;
    if (f->n_rulings == f->cap_rulings) {
        size_t cap = f->cap_rulings ? 2 * f->cap_rulings : 16;
        struct ruling *list = realloc(f->rulings, cap * sizeof *list);
        if (!list)
            return WN_NOMEM;
        f->rulings = list;
        f->cap_rulings = cap;
    }
    f->rulings[f->n_rulings++] = (struct ruling){a, b, what};
    return decide_again(f, a, b);
}

static void forget(void *self, int64_t item)
{
    drop(self, item);
}

const wn_filter editions_filter = {
    .size = sizeof(wn_filter),
    .name = "editions",
    .options = options,
    .create = create,
    .destroy = destroy,
    .thread_enter = thread_enter,
    .thread_leave = thread_leave,
    .analyse = analyse,
    .judge = judge,
    .constrain = constrain,
    .forget = forget,
};
