/* SPDX-License-Identifier: Apache-2.0 */
/* Matching lines against the compiled rules. */
#include <string.h>

#include "rules.h"
#include "rules_table.h"

#define PREFIX_GAP 80 /* bytes */

static const char *find(const char *s, size_t n, const char *what, size_t len)
{
    return len > n ? NULL : memmem(s, n, what, len);
}

/* Whether elements i.. match s to its end. Bounded: a pattern has few elements, and each literal of
 * a set is tried once a place. */
static int match_from(const struct rules *r, const struct rule *rule, unsigned i, const char *s,
                      size_t n, unsigned *steps)
{
    if (i == rule->n)
        return rule->open_end || !n;
    const struct element *e = &r->elements[rule->elements + i];
    int last = i + 1 == rule->n;
    for (uint32_t k = 0; k < e->n; k++) {
        const struct piece *p = &r->pieces[e->pieces + k];
        const char *literal = r->pool.p + p->at;
        if (p->len > n || ++*steps > 20000)
            continue;
        if (!e->gap) {
            if (!memcmp(s, literal, p->len) &&
                match_from(r, rule, i + 1, s + p->len, n - p->len, steps))
                return 1;
        } else if (last && !rule->open_end) {
            if (!memcmp(s + n - p->len, literal, p->len))
                return 1;
        } else {
            const char *hit = s;
            while ((hit = find(hit, n - (size_t)(hit - s), literal, p->len))) {
                size_t used = (size_t)(hit - s) + p->len;
                if (match_from(r, rule, i + 1, s + used, n - used, steps))
                    return 1;
                /* Behind a gap the first place is as good as any, unless the next step is fixed. */
                if (last || r->elements[rule->elements + i + 1].gap || ++*steps > 20000 || !p->len)
                    break;
                hit++;
            }
        }
    }
    return 0;
}

static int matches(const struct rules *r, const struct rule *rule, const char *s, size_t n)
{
    unsigned steps = 0;
    return match_from(r, rule, 0, s, n, &steps);
}

static int admissible(const struct rule *rule, const struct rule_line *line)
{
    return line->groups >> rule->group & 1 && line->letters <= rule->max &&
           (!(rule->need & NEED_LINK) || line->linked * 2 >= line->letters) &&
           (!(rule->need & NEED_WHOLE) || line->whole) &&
           (!line->placeless || rule->place == PLACE_ANY);
}

/* Tries the rules of a chain whose literal stands in the line: at its start, or with its last byte
 * in front of `end`. */
static const struct rule *try_chain(const struct rules *r, enum where where, uint32_t key,
                                    const struct rule_line *line, size_t end,
                                    const struct rule *best)
{
    uint32_t i = r->heads[where][rules_bucket(key)];
    if (!i)
        return best;
    uint64_t sign[9]; /* of the line, by the literal's length; made when first wanted */
    unsigned signs = 0;
    for (; i; i = r->entries[i].next) {
        const struct entry *e = &r->entries[i];
        if (line->letters > e->max || !(line->groups >> e->group & 1))
            continue;
        size_t n = e->n, from = where == AT_START ? 0 : end - n;
        if (n > line->n || (where != AT_START && end < n))
            continue;
        if (!(signs >> n & 1)) {
            sign[n] = rules_sign(line->norm + from, n);
            signs |= 1u << n;
        }
        if (sign[n] != e->sign)
            continue;
        const struct rule *rule = &r->rules[e->rule];
        const struct piece *p = &r->pieces[e->literal];
        from = where == AT_START ? 0 : end - p->len;
        if ((best && rule >= best) || p->len > line->n || (where != AT_START && end < p->len) ||
            memcmp(line->norm + from, r->pool.p + p->at, p->len))
            continue;
        if (admissible(rule, line) && matches(r, rule, line->norm, line->n))
            best = rule;
    }
    return best;
}

const struct rule *rules_match(const struct rules *r, const struct rule_line *line)
{
    const struct rule *best = NULL;
    const char *s = line->norm;
    if (!line->n || line->letters > 2400)
        return NULL;
    for (size_t k = 1; k <= 4 && k <= line->n; k++) {
        best = try_chain(r, AT_START, rules_key(s, k), line, k, best);
        best = try_chain(r, AT_END, rules_key(s + line->n - k, k), line, line->n, best);
    }
    if (!r->n_anywhere)
        return best;
    for (size_t i = 0; i + 4 <= line->n; i++) {
        uint32_t key = rules_key(s + i, 4), gram = key >> (32 - GRAM_BITS);
        if (r->grams[gram >> 3] >> (gram & 7) & 1)
            best = try_chain(r, ANYWHERE, key, line, i + 4, best);
    }
    return best;
}

/* Where element e first ends within its gap: the earliest hit, of those the longest; 0: nowhere. */
static size_t prefix_step(const struct rules *r, const struct element *e, const char *norm,
                          size_t n, size_t at)
{
    size_t best = 0, start = SIZE_MAX;
    for (uint32_t k = 0; k < e->n; k++) {
        const struct piece *p = &r->pieces[e->pieces + k];
        /* A gap in a dateline holds a place and a date, not half an article. */
        size_t look = p->len + (e->gap ? PREFIX_GAP : 0);
        const char *hit = find(norm + at, look < n - at ? look : n - at, r->pool.p + p->at, p->len);
        if (!hit)
            continue;
        size_t where = (size_t)(hit - norm);
        if (where < start || (where == start && where + p->len > best)) {
            start = where;
            best = where + p->len;
        }
    }
    return best;
}

size_t rules_prefix(const struct rules *r, const char *norm, size_t n, const struct rule **rule)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < r->n_prefix; i++) {
        const struct rule *candidate = &r->rules[r->prefixes[i]];
        size_t at = 0;
        unsigned k = 0;
        for (; k < candidate->n; k++) {
            size_t end = prefix_step(r, &r->elements[candidate->elements + k], norm, n, at);
            if (!end)
                break;
            at = end;
        }
        if (k == candidate->n && at > longest) {
            longest = at;
            *rule = candidate;
        }
    }
    return longest;
}
