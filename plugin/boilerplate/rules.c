/* SPDX-License-Identifier: Apache-2.0 */
/* Reads boilerplate.data and compiles it. */
#include "rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "norm.h"
#include "rules_table.h"

#define LIMIT_RULES 60000u   /* expanded patterns */
#define LIMIT_EXPANSION 1024u /* patterns that one line may stand for */
#define LIMIT_LINE 16384u
#define LIMIT_MACROS 64u

const char *const rule_group_names[GROUP_COUNT] = {
    "",
#define X(symbol, name, on, help) #name,
    RULE_GROUPS(X)
#undef X
};

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

static int fail(struct reader *rd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct reader *rd, const char *fmt, ...)
{
    char text[140];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    snprintf(rd->message, 200, "line %u: %s", rd->line, text);
    return WN_INVALID;
}

static int grow(void **v, uint32_t *cap, uint32_t n, size_t size)
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

static int add_name(struct rules *r, enum list list, const char *s, size_t n)
{
    struct names *names = &r->lists[list];
    if (grow((void **)&names->at, &names->cap, names->n + 1, sizeof *names->at))
        return WN_NOMEM;
    names->at[names->n++] = (uint32_t)r->pool.n;
    for (size_t i = 0; i < n; i++)
        tbuf_addc(&r->pool, s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i]);
    return tbuf_add(&r->pool, "", 1);
}

/* ---- patterns ---- */

static int add_piece(struct rules *r, const char *s, size_t n)
{
    if (grow((void **)&r->pieces, &r->cap_pieces, r->n_pieces + 1, sizeof *r->pieces))
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
    if (grow((void **)&r->elements, &r->cap_elements, r->n_elements + 1, sizeof *r->elements))
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
        return fail(rd, "more than %u patterns", LIMIT_RULES);
    if (grow((void **)&r->rules, &r->cap, r->n + 1, sizeof *r->rules))
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
        return fail(rd, "a pattern needs some text");
    rule.open_end = (uint8_t)gap;
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

static int expand(struct reader *rd, const char *s, size_t n, unsigned *count)
{
    const char *open = s, *close = NULL, *end = s + n;
    for (; (open = memchr(open, '(', (size_t)(end - open))); open = close + 1) {
        close = memchr(open, ')', (size_t)(end - open));
        if (!close || memchr(open + 1, '(', (size_t)(close - open - 1)))
            return fail(rd, "'(' without ')', or '(' inside '('");
        if (must_expand(s, n, open, close))
            break;
    }
    if (!open) {
        if (++*count > LIMIT_EXPANSION)
            return fail(rd, "this line stands for more than %u patterns", LIMIT_EXPANSION);
        return add_pattern(rd, s, n);
    }
    size_t before = (size_t)(open - s), after = (size_t)(end - close) - 1;
    char *text = malloc(n + 1);
    int status = text ? WN_OK : WN_NOMEM;
    for (const char *choice = open + 1, *bar; status == WN_OK && choice <= close; choice = bar + 1) {
        bar = memchr(choice, '|', (size_t)(close - choice));
        if (!bar)
            bar = close;
        size_t len = (size_t)(bar - choice);
        memcpy(text, s, before);
        memcpy(text + before, choice, len);
        memcpy(text + before + len, close + 1, after);
        if (before + len + after)
            status = expand(rd, text, before + len + after, count);
    }
    free(text);
    return status;
}

/* Replaces "{name}" by its value, in brackets unless it stands in some already. */
static int substitute(struct reader *rd, const char *s, size_t n, char out[LIMIT_LINE], size_t *len)
{
    int depth = 0;
    *len = 0;
    for (size_t i = 0; i < n;) {
        const char *from = s + i;
        depth += s[i] == '(' ? 1 : s[i] == ')' ? -1 : 0;
        size_t take = 1;
        wn_str value = {NULL, 0};
        if (s[i] == '{') {
            const char *close = memchr(from, '}', n - i);
            if (!close)
                return fail(rd, "'{' without '}'");
            take = (size_t)(close - from) + 1;
            for (unsigned m = 0; m < rd->n_macros; m++)
                if (rd->macros[m].name.len == take - 2 &&
                    !memcmp(rd->macros[m].name.ptr, from + 1, take - 2))
                    value = rd->macros[m].value;
            if (!value.ptr)
                return fail(rd, "no macro %.*s", (int)take, from);
        }
        if (*len + (value.ptr ? value.len + 2 : take) >= LIMIT_LINE)
            return fail(rd, "line too long");
        if (value.ptr) {
            if (depth <= 0)
                out[(*len)++] = '(';
            memcpy(out + *len, value.ptr, value.len);
            *len += value.len;
            if (depth <= 0)
                out[(*len)++] = ')';
        } else {
            out[(*len)++] = s[i];
        }
        i += take;
    }
    return WN_OK;
}

/* ---- the file ---- */

static int word_is(wn_str w, const char *z)
{
    return w.len == strlen(z) && !memcmp(w.ptr, z, w.len);
}

static wn_str next_word(const char **s, const char *end)
{
    while (*s < end && (**s == ' ' || **s == '\t'))
        ++*s;
    wn_str w = {*s, 0};
    while (*s < end && **s != ' ' && **s != '\t')
        ++*s;
    w.len = (size_t)(*s - w.ptr);
    return w;
}

static int group_word(struct reader *rd, wn_str w)
{
    static const char *const actions[] = {"line", "links", "rest", "prefix", "category", "paragraphs"};
    for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++)
        if (word_is(w, actions[i])) {
            rd->proto.action = (uint8_t)i;
            return WN_OK;
        }
    if (word_is(w, "head"))
        rd->proto.place = PLACE_HEAD;
    else if (word_is(w, "tail"))
        rd->proto.place = PLACE_TAIL;
    else if (word_is(w, "link"))
        rd->proto.need |= NEED_LINK;
    else if (word_is(w, "alone"))
        rd->proto.need |= NEED_SHORT;
    else if (word_is(w, "whole"))
        rd->proto.need |= NEED_WHOLE;
    else if (w.len > 4 && w.len < 9 && !memcmp(w.ptr, "max=", 4))
        rd->proto.max = (uint16_t)strtoul(w.ptr + 4, NULL, 10);
    else
        return fail(rd, "unknown word \"%.*s\" in the section's head", (int)w.len, w.ptr);
    return WN_OK;
}

static int section(struct reader *rd, const char *s, size_t n)
{
    static const char *const lists[] = {"parameter", "pixel", "embed", "class-strong", "class-weak",
                                        "class-article", "unwrap"};
    const char *close = s + n, *p = s + 3;
    wn_str name = next_word(&p, close);
    rd->list = -1;
    for (int i = 0; i < LIST_COUNT; i++)
        if (word_is(name, lists[i])) {
            rd->list = i;
            return WN_OK;
        }
    memset(&rd->proto, 0, sizeof rd->proto);
    rd->proto.max = 200;
    for (unsigned g = 1; g < GROUP_COUNT; g++)
        if (word_is(name, rule_group_names[g]))
            rd->proto.group = (uint8_t)g;
    if (!rd->proto.group)
        return fail(rd, "unknown section \"%.*s\"", (int)name.len, name.ptr);
    for (wn_str w = next_word(&p, close); w.len; w = next_word(&p, close)) {
        int status = group_word(rd, w);
        if (status)
            return status;
    }
    return WN_OK;
}

static int macro(struct reader *rd, const char *s, size_t n)
{
    const char *eq = memchr(s, '=', n);
    if (!eq || rd->n_macros == LIMIT_MACROS)
        return fail(rd, "a macro is written \"@name = a|b|c\"; at most %u", LIMIT_MACROS);
    const char *p = s + 1;
    rd->macros[rd->n_macros].name = next_word(&p, eq);
    eq++;
    while (eq < s + n && *eq == ' ')
        eq++;
    rd->macros[rd->n_macros].value.ptr = eq;
    rd->macros[rd->n_macros++].value.len = (size_t)(s + n - eq);
    return WN_OK;
}

static int read_line(struct reader *rd, const char *s, size_t n)
{
    char text[LIMIT_LINE];
    size_t len;
    unsigned count = 0;
    while (n && (s[n - 1] == '\r' || s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    if (!n || s[0] == '#')
        return WN_OK;
    if (n > 3 && !memcmp(s, "===", 3))
        return section(rd, s, n);
    if (s[0] == '@')
        return macro(rd, s, n);
    if (rd->list >= 0)
        return add_name(rd->r, (enum list)rd->list, s, n);
    if (!rd->proto.group)
        return fail(rd, "a pattern in front of the first section");
    int status = substitute(rd, s, n, text, &len);
    return status ? status : expand(rd, text, len, &count);
}

static int add_entry(struct rules *r, enum where where, uint32_t key, uint32_t rule)
{
    if (grow((void **)&r->entries, &r->cap_entries, r->n_entries + 1, sizeof *r->entries))
        return WN_NOMEM;
    struct entry *e = &r->entries[r->n_entries];
    e->rule = rule;
    e->next = r->heads[where][rules_bucket(key)];
    r->heads[where][rules_bucket(key)] = r->n_entries++;
    return WN_OK;
}

/* Puts rule i where its line will be looked up: by its first bytes, its last, or by its element
 * with the longest literals. */
static int index_rule(struct reader *rd, uint32_t i)
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
            return fail(rd, "a pattern open at both ends needs four letters in a row: %.60s", r->n_pieces ? r->pool.p + r->pieces[e->pieces].at : "");
        r->n_anywhere++;
    }
    for (uint32_t k = 0; k < e->n; k++) {
        const struct piece *p = &r->pieces[e->pieces + k];
        size_t n = p->len < 4 ? p->len : 4;
        /* The last four bytes tell more than the first, which are often an article or a space. */
        uint32_t key = rules_key(r->pool.p + p->at + (where == AT_START ? 0 : p->len - n), n);
        if (where == ANYWHERE)
            r->grams[key >> (32 - GRAM_BITS) >> 3] |= (uint8_t)(1u << (key >> (32 - GRAM_BITS) & 7));
        if (add_entry(r, where, key, i))
            return WN_NOMEM;
    }
    return WN_OK;
}

int rules_parse(const char *text, size_t n, struct rules **rules, char message[200])
{
    int status = WN_NOMEM;
    struct reader rd = {.message = message, .list = -1};
    snprintf(message, 200, "out of memory");
    struct rules *r = rd.r = calloc(1, sizeof *r);
    if (!r)
        return WN_NOMEM;
    tbuf_init(&r->pool, (size_t)16 << 20);
    r->n = 1;
    if (grow((void **)&r->rules, &r->cap, 1, sizeof *r->rules))
        goto out;
    memset(r->rules, 0, sizeof *r->rules);
    for (const char *s = text, *end = text + n; s < end;) {
        const char *nl = memchr(s, '\n', (size_t)(end - s));
        rd.line++;
        status = read_line(&rd, s, (size_t)((nl ? nl : end) - s));
        if (status)
            goto out;
        s = nl ? nl + 1 : end;
    }
    status = WN_NOMEM;
    if (r->pool.err || !(r->prefixes = calloc(r->n, sizeof *r->prefixes)))
        goto out;
    for (int l = 0; l < LIST_COUNT; l++) {
        struct names *names = &r->lists[l];
        names->v = calloc(names->n + 1, sizeof *names->v);
        if (!names->v)
            goto out;
        for (uint32_t i = 0; i < names->n; i++) {
            names->v[i].ptr = r->pool.p + names->at[i];
            names->v[i].len = strlen(names->v[i].ptr);
        }
    }
    r->n_entries = 1;
    for (uint32_t i = r->n; i-- > 1;)
        if ((status = index_rule(&rd, i)))
            goto out;
    message[0] = '\0';
    *rules = r;
    return WN_OK;
out:
    rules_destroy(r);
    return status;
}

void rules_destroy(struct rules *r)
{
    if (!r)
        return;
    for (int l = 0; l < LIST_COUNT; l++) {
        free(r->lists[l].v);
        free(r->lists[l].at);
    }
    tbuf_finish(&r->pool);
    free(r->rules);
    free(r->pieces);
    free(r->elements);
    free(r->entries);
    free(r->prefixes);
    free(r);
}

size_t rules_count(const struct rules *r)
{
    return r->n - 1;
}
