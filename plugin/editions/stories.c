/* SPDX-License-Identifier: Apache-2.0 */
#include "stories.h"

#include <stdlib.h>
#include <string.h>

void stories_finish(struct stories *s)
{
    for (uint32_t i = 0; i < s->n; i++)
        free(s->list[i].members);
    free(s->list);
    memset(s, 0, sizeof *s);
}

uint32_t stories_new(struct stories *s)
{
    if (s->free) {
        uint32_t story = s->free;
        s->free = s->list[story].n;
        s->list[story] = (struct story){0};
        return story;
    }
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? 2 * s->cap : 64;
        struct story *list = realloc(s->list, cap * sizeof *list);
        if (!list)
            return STORY_NONE;
        s->list = list;
        s->cap = cap;
    }
    if (s->n == 0)
        s->list[s->n++] = (struct story){0};
    s->list[s->n] = (struct story){0};
    return s->n++;
}

struct story *stories_get(struct stories *s, uint32_t story)
{
    return &s->list[story];
}

int stories_add(struct stories *s, uint32_t story, const struct member *m)
{
    struct story *t = &s->list[story];
    if (t->n == t->cap) {
        uint32_t cap = t->cap ? 2 * t->cap : 4;
        struct member *members = realloc(t->members, cap * sizeof *members);
        if (!members)
            return WN_NOMEM;
        t->members = members;
        t->cap = cap;
    }
    uint32_t at = t->n++;
    for (; at > 0 && t->members[at - 1].id > m->id; at--)
        t->members[at] = t->members[at - 1];
    t->members[at] = *m;
    return WN_OK;
}

void stories_take(struct stories *s, uint32_t story, int64_t id)
{
    struct story *t = &s->list[story];
    for (uint32_t i = 0; i < t->n; i++)
        if (t->members[i].id == id) {
            memmove(t->members + i, t->members + i + 1, (t->n - i - 1) * sizeof *t->members);
            t->n--;
            break;
        }
    if (t->n == 0) {
        free(t->members);
        *t = (struct story){s->free, 0, NULL};
        s->free = story;
    }
}

struct member *stories_member(struct stories *s, uint32_t story, int64_t id)
{
    struct story *t = &s->list[story];
    for (uint32_t i = 0; i < t->n; i++)
        if (t->members[i].id == id)
            return &t->members[i];
    return NULL;
}
