/* SPDX-License-Identifier: Apache-2.0 */
#include "cores.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

struct packed {
    int64_t id; /* 0: empty */
    size_t n;
    unsigned char *bytes;
};

struct cores {
    const wn_api *api;
    wn_host *host;
    bool kv;
    uint64_t changes;     /* of stored cores */
    struct packed *table; /* without kv: open addressing by id */
    size_t n, cap;
};

int cores_create(struct cores **out, const wn_api *api, wn_host *host)
{
    struct cores *c = calloc(1, sizeof *c);
    if (!c)
        return WN_NOMEM;
    c->api = api;
    c->host = host;
    c->kv = WN_HAS(api, kv_get) && WN_HAS(api, kv_put) && WN_HAS(api, kv_scan);
    *out = c;
    return WN_OK;
}

void cores_destroy(struct cores *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->cap; i++)
        free(c->table[i].bytes);
    free(c->table);
    free(c);
}

bool cores_durable(const struct cores *c)
{
    return c->kv;
}

static wn_str key_of(int64_t id, char out[32])
{
    int n = snprintf(out, 32, "i%016" PRIx64, (uint64_t)id);
    return (wn_str){out, (size_t)n};
}

static struct packed *place(const struct cores *c, int64_t id)
{
    size_t at = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 20) & (c->cap - 1);
    while (c->table[at].id && c->table[at].id != id)
        at = (at + 1) & (c->cap - 1);
    return &c->table[at];
}

static int grow(struct cores *c)
{
    struct cores bigger = *c;
    bigger.cap = c->cap ? 2 * c->cap : 256;
    bigger.table = calloc(bigger.cap, sizeof *bigger.table);
    if (!bigger.table)
        return WN_NOMEM;
    for (size_t i = 0; i < c->cap; i++)
        if (c->table[i].id)
            *place(&bigger, c->table[i].id) = c->table[i];
    free(c->table);
    *c = bigger;
    return WN_OK;
}

int cores_put(struct cores *c, const struct evidence *e, bool vectors, int64_t expires)
{
    unsigned char bytes[PACK_MAX];
    char key[32];
    int64_t id = e->core.id;
    size_t n = pack_evidence(e, vectors, bytes);
    if (c->kv)
        return c->api->kv_put(c->host, key_of(id, key), (wn_str){(char *)bytes, n}, expires);
    if ((c->n + 1) * 3 > c->cap * 2 && grow(c) < 0)
        return WN_NOMEM;
    struct packed *p = place(c, id);
    unsigned char *copy = malloc(n);
    if (!copy)
        return WN_NOMEM;
    memcpy(copy, bytes, n);
    c->n += p->id == 0;
    free(p->bytes);
    *p = (struct packed){id, n, copy};
    return WN_OK;
}

void cores_drop(struct cores *c, int64_t id)
{
    char key[32];
    if (c->kv) {
        c->api->kv_put(c->host, key_of(id, key), (wn_str){NULL, 0}, 0);
        return;
    }
    if (!c->cap)
        return;
    struct packed *p = place(c, id);
    if (!p->id)
        return;
    free(p->bytes);
    *p = (struct packed){0, 0, NULL};
    c->n--;
    /* What follows in the run may have been pushed past this place. */
    for (size_t at = (size_t)(p - c->table + 1) & (c->cap - 1); c->table[at].id;
         at = (at + 1) & (c->cap - 1)) {
        struct packed moved = c->table[at];
        c->table[at] = (struct packed){0, 0, NULL};
        *place(c, moved.id) = moved;
    }
}

/* The bytes of an item; n 0: not there. */
static wn_str packed_of(const struct cores *c, int64_t id)
{
    char key[32];
    wn_str value = {NULL, 0};
    if (c->kv)
        return c->api->kv_get(c->host, key_of(id, key), &value) == WN_OK ? value
                                                                         : (wn_str){NULL, 0};
    const struct packed *p = c->cap ? place(c, id) : NULL;
    return p && p->id ? (wn_str){(const char *)p->bytes, p->n} : value;
}

int cores_get(const struct cores *c, int64_t id, struct core *out)
{
    wn_str p = packed_of(c, id);
    return p.len && pack_read_core(p.ptr, p.len, out) == WN_OK ? WN_OK : WN_ABSENT;
}

int cores_get_evidence(const struct cores *c, struct workshop *w, int64_t id, struct evidence *out)
{
    wn_str p = packed_of(c, id);
    return p.len && pack_read_evidence(w, p.ptr, p.len, out) == WN_OK ? WN_OK : WN_ABSENT;
}

void cores_changed(struct cores *c)
{
    c->changes++;
}

struct each {
    int (*fn)(void *, const struct core *);
    void *user;
    struct core core;
    int status;
};

static int each_entry(void *user, wn_str key, wn_str value)
{
    struct each *e = user;
    (void)key;
    if (pack_read_core(value.ptr, value.len, &e->core) != WN_OK)
        return 0; /* another version's: it is read anew when it comes again */
    e->status = e->fn(e->user, &e->core);
    return e->status != WN_OK;
}

int cores_each(struct cores *c, int (*fn)(void *user, const struct core *core), void *user)
{
    if (!c->kv)
        return WN_OK;
    struct each *e = malloc(sizeof *e);
    if (!e)
        return WN_NOMEM;
    e->fn = fn;
    e->user = user;
    e->status = WN_OK;
    int status = c->api->kv_scan(c->host, (wn_str){"i", 1}, each_entry, e);
    status = e->status != WN_OK ? e->status : status;
    free(e);
    return status;
}

struct reader {
    const struct cores *cores;
    uint64_t changes; /* as of when the slots were filled */
    struct workshop *workshop;
    int64_t id[READER_SIZE];
    struct evidence *slot[READER_SIZE];
    struct evidence *aside; /* of two that want one slot, the first */
};

struct reader *reader_create(const struct cores *c, struct workshop *w)
{
    struct reader *r = calloc(1, sizeof *r);
    if (r) {
        r->cores = c;
        r->workshop = w;
    }
    return r;
}

void reader_destroy(struct reader *r)
{
    for (int i = 0; r && i < READER_SIZE; i++)
        free(r->slot[i]);
    if (r)
        free(r->aside);
    free(r);
}

static size_t reader_slot(int64_t id)
{
    return (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 56) % READER_SIZE;
}

const struct evidence *reader_get(struct reader *r, int64_t id)
{
    size_t at = reader_slot(id);
    if (r->changes != r->cores->changes) {
        memset(r->id, 0, sizeof r->id);
        r->changes = r->cores->changes;
    }
    if (r->id[at] == id)
        return r->slot[at];
    if (!r->slot[at] && !(r->slot[at] = malloc(sizeof *r->slot[at])))
        return NULL;
    bool there = cores_get_evidence(r->cores, r->workshop, id, r->slot[at]) == WN_OK;
    r->id[at] = there ? id : 0;
    return there ? r->slot[at] : NULL;
}

bool reader_get_both(struct reader *r, int64_t a, int64_t b, const struct evidence **x,
                     const struct evidence **y)
{
    *x = reader_get(r, a);
    if (*x && reader_slot(a) == reader_slot(b) && a != b) {
        if (!r->aside && !(r->aside = malloc(sizeof *r->aside)))
            return false;
        *r->aside = **x;
        *x = r->aside;
    }
    *y = *x ? reader_get(r, b) : NULL;
    return *x && *y;
}
