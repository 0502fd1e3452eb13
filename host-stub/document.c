/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "item.h"
#include "limits.h"
#include "status.h"

struct document *document_create(void)
{
    struct document *doc = calloc(1, sizeof *doc);
    if (!doc)
        return NULL;
    doc->feed.published = doc->feed.updated = doc->arrived = TIME_ABSENT;
    doc->feed.ttl = -1;
    return doc;
}

void document_destroy(struct document *doc)
{
    if (!doc)
        return;
    for (size_t i = 0; i < doc->n_items; i++)
        item_destroy(doc->items[i]);
    free(doc->items);
    arena_finish(&doc->arena);
    free(doc);
}

int document_add(struct document *doc, struct item *item)
{
    if (doc->n_items >= LIMIT_ITEMS) {
        doc->n_left_out++;
        item_destroy(item);
        return E_LIMIT;
    }
    if (doc->n_items == doc->cap_items) {
        size_t cap = doc->cap_items ? doc->cap_items * 2 : 32;
        struct item **items = realloc(doc->items, cap * sizeof *items);
        if (!items) {
            item_destroy(item);
            return E_NOMEM;
        }
        doc->items = items;
        doc->cap_items = cap;
    }
    doc->items[doc->n_items++] = item;
    doc->bytes += item->arena.used + sizeof *item;
    return OK;
}

void document_warn(struct document *doc, const char *fmt, ...)
{
    if (doc->n_warnings >= LIMIT_WARNINGS) {
        doc->n_more_warnings++;
        return;
    }
    if (!doc->warnings) {
        doc->warnings = arena_alloc(&doc->arena, LIMIT_WARNINGS * sizeof *doc->warnings);
        if (!doc->warnings)
            return;
    }
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    /* Warnings quote documents, which may hold anything, and are cut anywhere. */
    struct buf clean;
    buf_init(&clean, 4 * sizeof line);
    wn_str s = {NULL, 0};
    if (!encoding_clean(&clean, line, strlen(line)) && clean.p)
        s = arena_str(&doc->arena, clean.p, clean.n);
    buf_finish(&clean);
    if (s.ptr)
        doc->warnings[doc->n_warnings++] = s;
}
