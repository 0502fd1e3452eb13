/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_buf.h: a growing byte buffer for the filters, born with its limit.
 *
 * The caller owns the struct; one thread at a time. A buffer that would pass its limit, or finds no
 * memory, keeps what it has and stays in error, so a writer may check once at the end.
 */
#ifndef WINNOW_HTML_BUF_H
#define WINNOW_HTML_BUF_H

#include <stddef.h>

struct tbuf {
    char *p;    /* NULL while nothing was ever added */
    size_t n;   /* bytes used; p[n] is NUL once p is set */
    size_t cap; /* bytes allocated */
    size_t max; /* the limit, NUL not counted */
    int err;    /* sticky: 0, WN_LIMIT or WN_NOMEM */
};

void tbuf_init(struct tbuf *b, size_t max);
void tbuf_finish(struct tbuf *b);
/* Forgets bytes and error, keeps the memory (up to 1 MiB of it, so that one giant doesn't stay). */
void tbuf_reset(struct tbuf *b);

/* Each returns 0, WN_LIMIT or WN_NOMEM, as err then says too. */
int tbuf_room(struct tbuf *b, size_t n);
int tbuf_add(struct tbuf *b, const char *p, size_t n);
int tbuf_adds(struct tbuf *b, const char *z);
/* Adds one character; inline, for it is called for each byte of a text. */
static inline int tbuf_addc(struct tbuf *b, char c)
{
    if (b->n + 1 >= b->cap && tbuf_room(b, 1))
        return b->err;
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
    return 0;
}

/* Adds a few bytes; inline for the same reason. */
static inline int tbuf_addn(struct tbuf *b, const char *p, size_t n)
{
    if (b->n + n >= b->cap && tbuf_room(b, n))
        return b->err;
    for (size_t i = 0; i < n; i++)
        b->p[b->n + i] = p[i];
    b->n += n;
    b->p[b->n] = '\0';
    return 0;
}

#endif
