/* SPDX-License-Identifier: Apache-2.0 */
/* Reads boilerplate.data and compiles it. */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "norm.h"
#include "rules_table.h"

#define LIMIT_LINE 16384u

const char *const rule_group_names[GROUP_COUNT] = {"",
#define X(symbol, name, on, help) #name,
                                                   RULE_GROUPS(X)
#undef X
};

static int add_name(struct rules *r, enum list list, const char *s, size_t n)
{
    struct names *names = &r->lists[list];
    if (rules_grow((void **)&names->at, &names->cap, names->n + 1, sizeof *names->at))
        return WN_NOMEM;
    names->at[names->n++] = (uint32_t)r->pool.n;
    for (size_t i = 0; i < n; i++)
        tbuf_addc(&r->pool, s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i]);
    return tbuf_add(&r->pool, "", 1);
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
                return rules_fail(rd, "'{' without '}'");
            take = (size_t)(close - from) + 1;
            for (unsigned m = 0; m < rd->n_macros; m++)
                if (rd->macros[m].name.len == take - 2 &&
                    !memcmp(rd->macros[m].name.ptr, from + 1, take - 2))
                    value = rd->macros[m].value;
            if (!value.ptr)
                return rules_fail(rd, "no macro %.*s", (int)take, from);
        }
        if (*len + (value.ptr ? value.len + 2 : take) >= LIMIT_LINE)
            return rules_fail(rd, "line too long");
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
    static const char *const actions[] = {"line",   "links",    "rest",
                                          "prefix", "category", "paragraphs"};
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
    else if (word_is(w, "caption"))
        rd->proto.need |= TAKES_CAPTION;
    else if (w.len > 4 && w.len < 9 && !memcmp(w.ptr, "max=", 4))
        rd->proto.max = (uint16_t)strtoul(w.ptr + 4, NULL, 10);
    else
        return rules_fail(rd, "unknown word \"%.*s\" in the section's head", (int)w.len, w.ptr);
    return WN_OK;
}

static int section(struct reader *rd, const char *s, size_t n)
{
    static const char *const lists[] = {
        "parameter",     "pixel",     "embed",      "unwrap",         "class-strong", "class-weak",
        "class-article", "class-box", "class-meta", "class-comments", "class-body"};
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
        return rules_fail(rd, "unknown section \"%.*s\"", (int)name.len, name.ptr);
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
        return rules_fail(rd, "a macro is written \"@name = a|b|c\"; at most %u", LIMIT_MACROS);
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
        return rules_fail(rd, "a pattern in front of the first section");
    int status = substitute(rd, s, n, text, &len);
    return status ? status : rules_expand(rd, text, len, &count);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const wn_str *)a)->ptr, ((const wn_str *)b)->ptr);
}

/* Names can be had when no more move the pool; those of words can be found by their first byte. */
static int seal_names(struct rules *r, enum list list)
{
    struct names *names = &r->lists[list];
    names->v = calloc(names->n + 1, sizeof *names->v);
    if (!names->v)
        return WN_NOMEM;
    for (uint32_t i = 0; i < names->n; i++) {
        names->v[i].ptr = r->pool.p + names->at[i];
        names->v[i].len = strlen(names->v[i].ptr);
    }
    if (list < LIST_BOX)
        return WN_OK;
    qsort(names->v, names->n, sizeof *names->v, by_text);
    for (uint32_t c = 0, i = 0; c <= 256; c++) {
        while (i < names->n && (unsigned char)names->v[i].ptr[0] < c)
            i++;
        names->first[c] = i;
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
    if (rules_grow((void **)&r->rules, &r->cap, 1, sizeof *r->rules))
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
    for (int l = 0; l < LIST_COUNT; l++)
        if (seal_names(r, (enum list)l))
            goto out;
    r->n_entries = 1;
    for (uint32_t i = r->n; i-- > 1;)
        if ((status = rules_index(&rd, i)))
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
