/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h: a growing byte buffer that is born with its limit, and an arena of strings.
 *
 * The caller owns both structs; one thread at a time. A buffer that would pass its limit frees
 * what it has, stays in error and returns E_LIMIT from then on, so a writer may check once at the
 * end. After any success p[n] is NUL, not counted in n.
 */
#ifndef WINNOW_BUF_H
#define WINNOW_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "../plugin/winnow_plugin.h"

struct buf {
    char *p;    /* NULL while empty and never grown */
    size_t n;   /* bytes used */
    size_t cap; /* bytes allocated */
    size_t max; /* the limit */
    int err;    /* sticky: E_LIMIT or E_NOMEM */
};

void buf_init(struct buf *b, size_t max);
void buf_finish(struct buf *b);
/* Forgets the bytes and the error, keeps the memory. */
void buf_reset(struct buf *b);
/* Each returns OK, E_LIMIT or E_NOMEM (sticky). */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addstr(struct buf *b, wn_str s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for n more bytes and returns where they go (caller adds to b->n), or NULL. */
char *buf_room(struct buf *b, size_t n);
/* Hands the memory to the caller (free()), NUL-terminated; the buffer is empty afterwards. NULL in error. */
char *buf_take(struct buf *b, size_t *n);

/* An arena: allocations live until arena_finish or arena_reset. Zero-initialised is valid. */
struct arena_chunk;
struct arena {
    struct arena_chunk *head;
    size_t used; /* bytes handed out, all chunks */
    size_t max;  /* 0: LIMIT_ITEM */
};

void arena_init(struct arena *a, size_t max);
void arena_finish(struct arena *a);
/* Keeps one chunk of a usual size for reuse. */
void arena_reset(struct arena *a);
/* n bytes aligned for any type, not zeroed; NULL past the limit or without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* Copies with a NUL behind. On failure returns {NULL, 0}. An empty s gives a non-NULL ptr. */
wn_str arena_str(struct arena *a, const char *p, size_t n);

/* Room for one more entry, zeroed, in an array that lives in an arena: `array` is the address of the
 * pointer to it, *n its count, which grows. The memory doubles whenever the count reaches a power of
 * two, so that the arena holds at most twice the final size. NULL past `limit` or without memory. */
void *arena_grow(struct arena *a, void *array, size_t *n, size_t size, size_t limit);

static inline wn_str str_of(const char *p, size_t n)
{
    wn_str s = {p, n};
    return s;
}
wn_str str_z(const char *z);    /* of a C string; NULL gives {NULL, 0} */
int str_eq(wn_str a, wn_str b); /* same bytes; absent equals empty */
int str_eqz(wn_str a, const char *z);
wn_str str_trim(wn_str s); /* without ASCII white space at both ends */

#endif
