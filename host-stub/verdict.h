/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.h: what filters said, in the host's own memory, and the epoch that carries it from the
 * chain to the store. Belongs to the judge thread.
 */
#ifndef WINNOW_VERDICT_H
#define WINNOW_VERDICT_H

#include <stdint.h>

#include "item.h"

struct verdict {
    int64_t item;            /* whom it is about */
    int64_t of;              /* 0: none */
    uint32_t kind;           /* enum wn_kind */
    int filter;              /* index in the chain */
    const char *filter_name; /* static for the life of the chain */
    double score;
    wn_str reason, evidence; /* in the epoch's arena */
};

/* A document, or a part of one that is larger than LIMIT_DOCUMENT_PART. */
struct part {
    struct document *doc; /* owned by the epoch if `last` */
    size_t first, n;      /* its items in this epoch: doc->items[first] … */
    int last;             /* the document ends here: its validators are committed with it */
};

enum identity { ITEM_NEW, ITEM_UPDATED, ITEM_SAME };

struct epoch_item {
    struct item *item;
    int part;     /* index */
    int identity; /* enum identity; ITEM_SAME goes through no filter */
    int dropped;  /* a filter said DROP */
    struct verdict *
        final; /* the strongest word: DROP, DUPLICATE, EDITION, RELATED, KEEP; NULL: no filter spoke */
};

struct epoch {
    int64_t number; /* its generation */
    struct arena arena;
    struct part *parts;
    size_t n_parts;
    struct epoch_item *items; /* all items of all parts in order */
    size_t n_items;
    struct verdict *verdicts; /* first words, of all filters that said something but plain KEEP */
    size_t n_verdicts;
    struct verdict *revisions; /* later words about earlier items, in order */
    size_t n_revisions;
};

#endif
