/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_table.h: the compiled form of the rules, shared by rules.c and
 * rules_compile.c, which build it, and rules_match.c and rules_names.c, which read it. Private to
 * these four. Immutable once built; any thread may read.
 */
#ifndef WINNOW_RULES_TABLE_H
#define WINNOW_RULES_TABLE_H

#include <string.h>

#include "rules.h"

#define BUCKETS 4096u
#define GRAM_BITS 16u

struct piece {
    uint32_t at, len; /* in pool */
};

/* One step of a pattern: any of some literals, behind a gap ('*') or right behind the step before. */
struct element {
    uint32_t pieces;
    uint16_t n;
    uint16_t gap;
};

/* A rule in the bucket of one of its keys. What decides most cases stands here, so that walking a
 * chain seldom has to look anywhere else. */
struct entry {
    uint64_t sign; /* of the literal: rules_sign() of its first or last bytes */
    uint32_t rule;
    uint32_t next;    /* 0: end of the chain */
    uint32_t literal; /* index of the piece */
    uint16_t max;     /* the rule's */
    uint8_t group;
    uint8_t n; /* bytes in sign */
};

/* Where a pattern is looked up: at a line's first bytes, its last bytes, or anywhere in it. */
enum where { AT_START, AT_END, ANYWHERE, WHERE_COUNT };

struct names {
    wn_str *v; /* into pool after sealing; lists of words are sorted */
    uint32_t *at;
    uint32_t n, cap;
    uint32_t first[257]; /* of a list of words: where those begin that begin with this byte */
};

/* From LIST_STRONG to LIST_BODY in the order of enum class_sign. */
enum list { LIST_PARAMETER, LIST_PIXEL, LIST_EMBED, LIST_UNWRAP, LIST_STRONG, LIST_WEAK, LIST_ARTICLE,
            LIST_BOX, LIST_META, LIST_COMMENTS, LIST_BODY, LIST_COUNT };

struct rules {
    struct tbuf pool;    /* all literals and names */
    struct rule *rules;  /* rules[0] is unused, so that 0 ends a chain */
    uint32_t n, cap;
    struct piece *pieces;
    uint32_t n_pieces, cap_pieces;
    struct element *elements;
    uint32_t n_elements, cap_elements;
    struct entry *entries; /* entries[0] is unused, so that 0 ends a chain */
    uint32_t n_entries, cap_entries;
    uint32_t heads[WHERE_COUNT][BUCKETS]; /* chains, later rules first */
    uint8_t grams[1u << (GRAM_BITS - 3)]; /* which four-byte keys ANYWHERE has */
    uint32_t n_anywhere, n_prefix;
    uint32_t *prefixes;  /* indexes of ACTION_PREFIX rules */
    struct names lists[LIST_COUNT];
};

/* The key of up to four bytes: its length counts too, so that short patterns have buckets. */
static inline uint32_t rules_key(const char *p, size_t n)
{
    uint32_t k = 0;
    n = n < 4 ? n : 4;
    for (size_t i = 0; i < n; i++)
        k = k << 8 | (unsigned char)p[i];
    return (k ^ (uint32_t)n << 29) * 0x9e3779b1u;
}

/* Up to eight bytes as a number, the first of them in the lowest place. */
static inline uint64_t rules_sign(const char *p, size_t n)
{
    uint64_t v = 0;
    memcpy(&v, p, n < 8 ? n : 8);
    return v;
}

static inline uint32_t rules_bucket(uint32_t key)
{
    return key >> 20;
}

#define LIMIT_MACROS 64u

/* The state of reading a file of rules. */
struct reader {
    struct rules *r;
    char *message;
    unsigned line;
    int list;          /* enum list of the section, or -1 */
    struct rule proto; /* what the section's head says */
    struct {
        wn_str name, value;
    } macros[LIMIT_MACROS];
    unsigned n_macros;
};

/* Writes "line N: …" into rd->message; returns WN_INVALID. */
int rules_fail(struct reader *rd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for one more entry in a table of n. WN_OK or WN_NOMEM. */
int rules_grow(void **v, uint32_t *cap, uint32_t n, size_t size);
/* Adds the patterns that a line stands for. */
int rules_expand(struct reader *rd, const char *s, size_t n, unsigned *count);
/* Puts rule i where lines will be looked up: by their first bytes, their last, or anywhere. */
int rules_index(struct reader *rd, uint32_t i);

#endif
