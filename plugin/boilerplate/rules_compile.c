/* SPDX-License-Identifier: Apache-2.0 */
/* From a pattern's text to elements, pieces and the buckets where lines look them up. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "norm.h"
#include "rules_table.h"

#define LIMIT_RULES 60000u    /* expanded patterns */
#define LIMIT_EXPANSION 1024u /* patterns that one line may stand for */

int rules_fail(struct reader *rd, const char *fmt, ...)
{
    char text[140];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    snprintf(rd->message, 200, "line %u: %s", rd->line, text);
    return WN_INVALID;
}

int rules_grow(void **v, uint32_t *cap, uint32_t n, size_t size)
{
    if (n < *cap)
        return WN_OK;
    uint32_t more = *cap ? *cap * 2 : 256;
    void *p = realloc(*v, more * size);
    if (!p)
        return WN_NOMEM;
    *v = p;
    *cap = more;
    return WN_OK;
}

static int add_piece(struct rules *r, const char *s, size_t n)
{
    if (rules_grow((void **)&r->pieces, &r->cap_pieces, r->n_pieces + 1, sizeof *r->pieces))
        return WN_NOMEM;
    struct piece *p = &r->pieces[r->n_pieces++];
    p->at = (uint32_t)r->pool.n;
    norm_text(s, n, 0, &r->pool, NULL);
    p->len = (uint32_t)r->pool.n - p->at;
    return r->pool.err;
}

/* Adds an element: the literals of s, parted by '|'. */
static int add_element(struct rules *r, struct rule *rule, const char *s, size_t n, int gap)
{
    if (rules_grow((void **)&r->elements, &r->cap_elements, r->n_elements + 1, sizeof *r->elements))
        return WN_NOMEM;
    struct element *e = &r->elements[r->n_elements++];
    e->pieces = r->n_pieces;
    e->n = 0;
    e->gap = (uint16_t)gap;
    rule->n++;
    for (const char *end = s + n, *bar; s <= end; s = bar + 1, e->n++) {
        bar = memchr(s, '|', (size_t)(end - s));
        if (!bar)
            bar = end;
        if (add_piece(r, s, (size_t)(bar - s)))
            return WN_NOMEM;
    }
    return WN_OK;
}

/* The shortest literal of an element. */
static uint32_t shortest(const struct rules *r, const struct element *e)
{
    uint32_t n = UINT32_MAX;
    for (uint32_t i = 0; i < e->n; i++)
        if (r->pieces[e->pieces + i].len < n)
            n = r->pieces[e->pieces + i].len;
    return n;
}

/* Takes decoration off the ends of a whole pattern, as norm_text does with lines. */
static void trim_ends(struct rules *r, struct rule *rule)
{
    struct element *first = &r->elements[rule->elements], *last = first + rule->n - 1;
    if (!first->gap && rule->action != ACTION_PREFIX)
        for (uint32_t i = 0; i < first->n; i++) {
            struct piece *p = &r->pieces[first->pieces + i];
            while (p->len && norm_decoration(r->pool.p[p->at])) {
                p->at++;
                p->len--;
            }
        }
    if (!rule->open_end && rule->action != ACTION_PREFIX)
        for (uint32_t i = 0; i < last->n; i++) {
            struct piece *p = &r->pieces[last->pieces + i];
            while (p->len && norm_decoration(r->pool.p[p->at + p->len - 1]))
                p->len--;
        }
}

/* Adds one pattern: literals and (a|b) sets, '*' between them. */
static int add_pattern(struct reader *rd, const char *s, size_t n)
{
    struct rules *r = rd->r;
    struct rule rule = rd->proto;
    int gap = 0, status = WN_OK;
    if (r->n >= LIMIT_RULES)
        return rules_fail(rd, "more than %u patterns", LIMIT_RULES);
    if (rules_grow((void **)&r->rules, &r->cap, r->n + 1, sizeof *r->rules))
        return WN_NOMEM;
    rule.line = rd->line;
    rule.elements = r->n_elements;
    for (size_t i = 0; i < n && status == WN_OK;) {
        size_t end = i;
        if (s[i] == '*') {
            gap = 1;
            i++;
            continue;
        }
        if (s[i] == '(') {
            const char *close = memchr(s + i, ')', n - i);
            end = (size_t)(close - s);
            status = add_element(r, &rule, s + i + 1, end - i - 1, gap);
            end++;
        } else {
            while (end < n && s[end] != '*' && s[end] != '(')
                end++;
            status = add_element(r, &rule, s + i, end - i, gap);
        }
        gap = 0;
        i = end;
    }
    if (status)
        return status;
    if (!rule.n)
        return rules_fail(rd, "a pattern needs some text");
    rule.open_end = (uint8_t)gap;
    rule.open_start = r->elements[rule.elements].gap != 0;
    trim_ends(r, &rule);
    r->rules[r->n++] = rule;
    return WN_OK;
}

/* Whether a set has to be written out as one pattern per choice: where a choice holds '*', where
 * one is empty at the pattern's beginning or end (the index needs text there), and where the set is
 * the whole pattern. */
static int must_expand(const char *s, size_t n, const char *open, const char *close)
{
    size_t len = (size_t)(close - open) - 1;
    if (memchr(open, '*', len + 1) || len + 2 == n)
        return 1;
    int empty = open[1] == '|' || close[-1] == '|' || memmem(open, len + 1, "||", 2) || !len;
    return empty && (open == s || close == s + n - 1);
}

int rules_expand(struct reader *rd, const char *s, size_t n, unsigned *count)
{
    const char *open = s, *close = NULL, *end = s + n;
    for (; (open = memchr(open, '(', (size_t)(end - open))); open = close + 1) {
        close = memchr(open, ')', (size_t)(end - open));
        if (!close || memchr(open + 1, '(', (size_t)(close - open - 1)))
            return rules_fail(rd, "'(' without ')', or '(' inside '('");
        if (must_expand(s, n, open, close))
            break;
    }
    if (!open) {
        if (++*count > LIMIT_EXPANSION)
            return rules_fail(rd, "this line stands for more than %u patterns", LIMIT_EXPANSION);
        return add_pattern(rd, s, n);
    }
    size_t before = (size_t)(open - s), after = (size_t)(end - close) - 1;
    char *text = malloc(n + 1);
    int status = text ? WN_OK : WN_NOMEM;
    for (const char *choice = open + 1, *bar; status == WN_OK && choice <= close;
         choice = bar + 1) {
        bar = memchr(choice, '|', (size_t)(close - choice));
        if (!bar)
            bar = close;
        size_t len = (size_t)(bar - choice);
        memcpy(text, s, before);
        memcpy(text + before, choice, len);
        memcpy(text + before + len, close + 1, after);
        if (before + len + after)
            status = rules_expand(rd, text, before + len + after, count);
    }
    free(text);
    return status;
}

static int add_entry(struct rules *r, enum where where, uint32_t key, uint32_t rule,
                     uint32_t literal)
{
    const struct piece *p = &r->pieces[literal];
    size_t n = p->len < 8 ? p->len : 8;
    if (rules_grow((void **)&r->entries, &r->cap_entries, r->n_entries + 1, sizeof *r->entries))
        return WN_NOMEM;
    struct entry *e = &r->entries[r->n_entries];
    e->sign = rules_sign(r->pool.p + p->at + (where == AT_START ? 0 : p->len - n), n);
    e->n = (uint8_t)n;
    e->literal = literal;
    e->max = r->rules[rule].max;
    e->group = r->rules[rule].group;
    e->rule = rule;
    e->next = r->heads[where][rules_bucket(key)];
    r->heads[where][rules_bucket(key)] = r->n_entries++;
    return WN_OK;
}

/* Puts rule i where its line will be looked up: by its first bytes, its last, or by its element
 * with the longest literals. */
int rules_index(struct reader *rd, uint32_t i)
{
    struct rules *r = rd->r;
    struct rule *rule = &r->rules[i];
    const struct element *first = &r->elements[rule->elements], *last = first + rule->n - 1,
                         *e = first;
    enum where where = ANYWHERE;
    rd->line = rule->line;
    if (rule->action == ACTION_PREFIX) {
        r->prefixes[r->n_prefix++] = i;
        return WN_OK;
    }
    if (!first->gap && shortest(r, first) >= 1) {
        where = AT_START;
    } else if (!rule->open_end && shortest(r, last) >= 1) {
        where = AT_END;
        e = last;
    } else {
        for (const struct element *q = first; q <= last; q++)
            if (shortest(r, q) > shortest(r, e))
                e = q;
        if (shortest(r, e) < 4)
            return rules_fail(rd, "a pattern open at both ends needs four letters in a row: %.60s",
                              r->n_pieces ? r->pool.p + r->pieces[e->pieces].at : "");
        r->n_anywhere++;
    }
    for (uint32_t k = 0; k < e->n; k++) {
        const struct piece *p = &r->pieces[e->pieces + k];
        size_t n = p->len < 4 ? p->len : 4;
        /* The last four bytes tell more than the first, which are often an article or a space. */
        uint32_t key = rules_key(r->pool.p + p->at + (where == AT_START ? 0 : p->len - n), n);
        if (where == ANYWHERE)
            r->grams[key >> (32 - GRAM_BITS) >> 3] |=
                (uint8_t)(1u << (key >> (32 - GRAM_BITS) & 7));
        if (add_entry(r, where, key, i, e->pieces + k))
            return WN_NOMEM;
    }
    return WN_OK;
}
