/* SPDX-License-Identifier: Apache-2.0 */
#include "buf.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "status.h"

void buf_init(struct buf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

void buf_finish(struct buf *b)
{
    if (!b)
        return;
    free(b->p);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->err = OK;
    if (b->p)
        b->p[0] = '\0';
}

static int fail(struct buf *b, int err)
{
    free(b->p);
    b->p = NULL;
    b->n = b->cap = 0;
    b->err = err;
    return err;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->err)
        return NULL;
    if (n > b->max || b->n > b->max - n) {
        fail(b, E_LIMIT);
        return NULL;
    }
    size_t need = b->n + n + 1;
    if (need > b->cap) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < need)
            cap += cap / 2 + 64;
        if (cap > b->max + 1)
            cap = b->max + 1;
        char *p = realloc(b->p, cap);
        if (!p) {
            fail(b, E_NOMEM);
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

int buf_add(struct buf *b, const void *p, size_t n)
{
    char *to = buf_room(b, n);
    if (!to)
        return b->err;
    if (n)
        memcpy(to, p, n);
    b->n += n;
    b->p[b->n] = '\0';
    return OK;
}

int buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_addstr(struct buf *b, wn_str s)
{
    return buf_add(b, s.ptr, s.ptr ? s.len : 0);
}

int buf_addc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

int buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *to = n < 0 ? NULL : buf_room(b, (size_t)n);
    if (to) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    return n < 0 ? E_INVALID : b->err;
}

char *buf_take(struct buf *b, size_t *n)
{
    if (!b->err && !b->p)
        buf_add(b, "", 0);
    if (b->err)
        return NULL;
    char *p = b->p;
    if (n)
        *n = b->n;
    buf_init(b, b->max);
    return p;
}

struct arena_chunk {
    struct arena_chunk *next;
    size_t n, cap;
    alignas(max_align_t) char bytes[];
};

/* A document may have 100,000 small items, each with an arena: so the first chunk is small and each
 * further one twice as large, up to where it no longer matters. */
enum { FIRST_CHUNK = 1024 - 48, LAST_CHUNK = 32768 - 48 };

void arena_init(struct arena *a, size_t max)
{
    memset(a, 0, sizeof *a);
    a->max = max;
}

void arena_finish(struct arena *a)
{
    if (!a)
        return;
    for (struct arena_chunk *c = a->head, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->head = NULL;
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = NULL;
    for (struct arena_chunk *c = a->head, *next; c; c = next) {
        struct arena_chunk *worse = c;
        next = c->next;
        if (c->cap <= LAST_CHUNK && (!keep || keep->cap < c->cap)) {
            worse = keep;
            keep = c;
        }
        free(worse);
    }
    if (keep) {
        keep->n = 0;
        keep->next = NULL;
    }
    a->head = keep;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t max = a->max ? a->max : LIMIT_ITEM;
    if (n > max || a->used > max - n)
        return NULL;
    n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_chunk *c = a->head;
    if (!c || c->cap - c->n < n) {
        size_t cap = !c ? FIRST_CHUNK : c->cap < LAST_CHUNK / 2 ? 2 * c->cap : LAST_CHUNK;
        if (cap < n)
            cap = n;
        struct arena_chunk *fresh = malloc(sizeof *fresh + cap);
        if (!fresh)
            return NULL;
        fresh->n = 0;
        fresh->cap = cap;
        fresh->next = c;
        a->head = c = fresh;
    }
    void *p = c->bytes + c->n;
    c->n += n;
    a->used += n;
    return p;
}

void *arena_grow(struct arena *a, void *array_field, size_t *n, size_t size, size_t limit)
{
    void **array = array_field;
    if (*n >= limit)
        return NULL;
    if ((*n & (*n - 1)) == 0) {
        void *fresh = arena_alloc(a, (*n ? *n * 2 : 1) * size);
        if (!fresh)
            return NULL;
        if (*n)
            memcpy(fresh, *array, *n * size);
        *array = fresh;
    }
    return memset((char *)*array + (*n)++ * size, 0, size);
}

wn_str arena_str(struct arena *a, const char *p, size_t n)
{
    char *to = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1);
    if (!to)
        return str_of(NULL, 0);
    if (n)
        memcpy(to, p, n);
    to[n] = '\0';
    return str_of(to, n);
}

wn_str str_z(const char *z)
{
    return str_of(z, z ? strlen(z) : 0);
}

int str_eq(wn_str a, wn_str b)
{
    size_t an = a.ptr ? a.len : 0, bn = b.ptr ? b.len : 0;
    return an == bn && (an == 0 || memcmp(a.ptr, b.ptr, an) == 0);
}

int str_eqz(wn_str a, const char *z)
{
    return str_eq(a, str_z(z));
}

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

wn_str str_trim(wn_str s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}
