/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

/* A member as it stands in kv under "m" and its id. */
struct stored {
    int64_t root; /* the story's oldest member when this was written */
    int64_t copy_of, said_of;
    uint32_t said;
    int32_t lang;
};

int language_number(const char *tag)
{
    int known = evidence_lang(tag), n = 0;
    if (!*tag)
        return -1;
    if (known < 15)
        return known;
    for (int i = 0; i < 3 && tag[i] && tag[i] != '-'; i++)
        n = n * 32 + (tag[i] & 31);
    return 100 + n;
}

uint32_t members_ruling(const struct editions *f, int64_t a, int64_t b)
{
    for (size_t i = 0; i < f->n_rulings; i++) {
        const struct ruling *r = &f->rulings[i];
        if ((r->a == a && r->b == b) || (r->a == b && r->b == a))
            return r->what;
    }
    return WN_FREE;
}

static wn_str key_of(int64_t id, char out[32])
{
    int n = snprintf(out, 32, "m%016" PRIx64, (uint64_t)id);
    return (wn_str){out, (size_t)n};
}

int members_save(struct editions *f, uint32_t story, const struct member *m)
{
    char key[32];
    const struct story *t = stories_get(&f->stories, story);
    struct stored s = {t->n ? t->members[0].id : m->id, m->copy_of, m->said_of, m->said, m->lang};
    uint32_t slot = index_slot(f->index, m->id);
    int64_t arrived = slot != INDEX_NONE ? index_item(f->index, slot)->arrived : 0;
    if (!cores_durable(f->cores))
        return WN_OK;
    return f->api->kv_put(f->host, key_of(m->id, key), (wn_str){(const char *)&s, sizeof s},
                          arrived ? arrived + f->window + 86400 : 0);
}

int members_put(struct editions *f, uint32_t story, const struct member *m)
{
    uint32_t slot = index_slot(f->index, m->id);
    int status = stories_add(&f->stories, story, m);
    if (status == WN_OK && slot != INDEX_NONE)
        index_item(f->index, slot)->story = story;
    return status;
}

void members_take(struct editions *f, int64_t id)
{
    char key[32];
    uint32_t slot = index_slot(f->index, id);
    uint32_t story = slot != INDEX_NONE ? index_item(f->index, slot)->story : STORY_NONE;
    if (story == STORY_NONE)
        return;
    stories_take(&f->stories, story, id);
    index_item(f->index, slot)->story = STORY_NONE;
    if (cores_durable(f->cores))
        f->api->kv_put(f->host, key_of(id, key), (wn_str){NULL, 0}, 0);
}

struct loaded {
    int64_t id;
    struct stored s;
};

struct loading {
    struct loaded *list;
    size_t n, cap;
};

static int load_one(void *user, wn_str key, wn_str value)
{
    struct loading *l = user;
    struct loaded x;
    char hex[32];
    if (key.len != 17 || value.len != sizeof x.s)
        return 0;
    snprintf(hex, sizeof hex, "%.*s", 16, key.ptr + 1);
    x.id = (int64_t)strtoull(hex, NULL, 16);
    memcpy(&x.s, value.ptr, sizeof x.s);
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 256;
        struct loaded *list = realloc(l->list, cap * sizeof *list);
        if (!list)
            return 1;
        l->list = list;
        l->cap = cap;
    }
    l->list[l->n++] = x;
    return 0;
}

static int by_root(const void *a, const void *b)
{
    const struct loaded *x = a, *y = b;
    return x->s.root < y->s.root   ? -1
           : x->s.root > y->s.root ? 1
           : x->id < y->id         ? -1
                                   : x->id > y->id;
}

int members_load(struct editions *f)
{
    struct loading l = {NULL, 0, 0};
    uint32_t story = STORY_NONE;
    int status = WN_OK;
    if (!cores_durable(f->cores))
        return WN_OK;
    f->api->kv_scan(f->host, (wn_str){"m", 1}, load_one, &l);
    if (l.n)
        qsort(l.list, l.n, sizeof *l.list, by_root);
    for (size_t i = 0; i < l.n && status == WN_OK; i++) {
        const struct loaded *x = &l.list[i];
        if (i == 0 || x->s.root != l.list[i - 1].s.root)
            story = STORY_NONE;
        if (index_slot(f->index, x->id) == INDEX_NONE)
            continue; /* it has left the window meanwhile */
        if (story == STORY_NONE && (story = stories_new(&f->stories)) == STORY_NONE) {
            status = WN_NOMEM;
            break;
        }
        struct member m = {x->id, x->s.copy_of, x->s.said_of, x->s.said, x->s.lang};
        status = members_put(f, story, &m);
    }
    free(l.list);
    return status;
}
