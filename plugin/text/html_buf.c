/* SPDX-License-Identifier: Apache-2.0 */
#include "html_buf.h"

#include <stdlib.h>
#include <string.h>

#include "../winnow_plugin.h"

#define KEEP ((size_t)1 << 20)

void tbuf_init(struct tbuf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

void tbuf_finish(struct tbuf *b)
{
    free(b->p);
    b->p = NULL;
    b->n = b->cap = 0;
}

void tbuf_reset(struct tbuf *b)
{
    if (b->cap > KEEP)
        tbuf_finish(b);
    b->n = 0;
    b->err = 0;
    if (b->p)
        b->p[0] = '\0';
}

int tbuf_room(struct tbuf *b, size_t n)
{
    if (b->err)
        return b->err;
    if (n > b->max || b->n > b->max - n)
        return b->err = WN_LIMIT;
    if (b->n + n < b->cap)
        return 0;
    size_t cap = b->cap ? b->cap : 256;
    while (cap <= b->n + n)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (!p)
        return b->err = WN_NOMEM;
    b->p = p;
    b->cap = cap;
    b->p[b->n] = '\0';
    return 0;
}

int tbuf_add(struct tbuf *b, const char *p, size_t n)
{
    if (tbuf_room(b, n))
        return b->err;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
    return 0;
}

int tbuf_adds(struct tbuf *b, const char *z)
{
    return tbuf_add(b, z, strlen(z));
}
