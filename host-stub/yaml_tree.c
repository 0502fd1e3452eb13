/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_tree.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "folder.h"
#include "json_text.h"
#include "limits.h"
#include "status.h"
#include "suggest.h"

int yaml_line(const yaml_node_t *node)
{
    return node ? (int)node->start_mark.line + 1 : 1;
}

yaml_node_t *yaml_at(struct yaml_tree *t, int index)
{
    return yaml_document_get_node(&t->doc, index);
}

static void tell(struct yaml_tree *t, int line, const char *kind, const char *fmt, va_list ap)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, ap);
    buf_addf(t->errors, "%s:%d: %s%s\n", t->name, line, kind, text);
}

void yaml_error(struct yaml_tree *t, const yaml_node_t *node, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    tell(t, yaml_line(node), "", fmt, ap);
    va_end(ap);
    t->failed++;
}

void yaml_warning(struct yaml_tree *t, const yaml_node_t *node, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    tell(t, yaml_line(node), "warning: ", fmt, ap);
    va_end(ap);
}

int yaml_tree_load(struct yaml_tree *t, const char *text, size_t n)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return E_NOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    int ok = yaml_parser_load(&parser, &t->doc);
    if (!ok) {
        buf_addf(t->errors,
                 "%s:%d: not valid YAML: %s%s%s; look at the indentation and quotes there\n",
                 t->name, (int)parser.problem_mark.line + 1,
                 parser.problem ? parser.problem : "cannot be read", parser.context ? ", " : "",
                 parser.context ? parser.context : "");
        t->failed++;
    }
    yaml_parser_delete(&parser);
    return ok ? OK : E_SYNTAX;
}

void yaml_tree_finish(struct yaml_tree *t)
{
    yaml_document_delete(&t->doc);
}

const char *yaml_text(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE || yaml_is_null(node))
        return NULL;
    const char *s = (const char *)node->data.scalar.value;
    return strlen(s) == node->data.scalar.length ? s : NULL;
}

int yaml_is_null(const yaml_node_t *node)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return !node;
    const char *s = (const char *)node->data.scalar.value;
    return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*s || !strcmp(s, "~") || !strcmp(s, "null") || !strcmp(s, "Null"));
}

static void unknown_key(struct yaml_tree *t, yaml_node_t *node, const char *name,
                        const struct yaml_key *keys, const char *what)
{
    const char *names[64];
    size_t n = 0;
    struct buf all;
    buf_init(&all, KIB(4));
    for (; keys->name && n < 63; keys++) {
        names[n++] = keys->name;
        buf_addf(&all, "%s%s", all.n ? ", " : "", keys->name);
    }
    names[n] = NULL;
    const char *near = suggest(name, names);
    if (near)
        yaml_error(t, node, "unknown key '%s' in %s; did you mean '%s'?", name, what, near);
    else
        yaml_error(t, node, "unknown key '%s' in %s; known are: %s", name, what,
                   all.p ? all.p : "");
    buf_finish(&all);
}

void yaml_read_map(struct yaml_tree *t, yaml_node_t *map, const struct yaml_key *keys,
                   const char *what, void *base)
{
    if (map->type != YAML_MAPPING_NODE) {
        yaml_error(t, map, "%s must be a mapping (lines of 'key: value')", what);
        return;
    }
    uint64_t seen = 0;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        yaml_node_t *key = yaml_at(t, p->key), *value = yaml_at(t, p->value);
        const char *name = yaml_text(key);
        int i = 0;
        while (keys[i].name && (!name || strcmp(keys[i].name, name)))
            i++;
        if (!keys[i].name) {
            unknown_key(t, key, name ? name : "(not a word)", keys, what);
        } else if (seen >> i & 1) {
            yaml_error(t, key, "'%s' is given twice in %s; remove one", name, what);
        } else {
            seen |= (uint64_t)1 << i;
            keys[i].read(t, value, &keys[i], base);
        }
    }
}

#define TARGET(type, base, offset) ((type *)(void *)((char *)(base) + (offset)))

void yaml_read_string(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    const char *text = yaml_text(n);
    if (!text) {
        if (!yaml_is_null(n))
            yaml_error(t, n, "'%s' must be a single text", k->name);
        return;
    }
    char **to = TARGET(char *, base, k->offset);
    free(*to);
    *to = strdup(text);
}

void yaml_read_path(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    char **to = TARGET(char *, base, k->offset);
    yaml_read_string(t, n, k, base);
    if (*to && **to) {
        char *absolute = path_absolute(t->folder, *to);
        free(*to);
        *to = absolute;
    }
    if (k->offset_n)
        *TARGET(int, base, k->offset_n) = yaml_line(n);
}

void yaml_read_bool(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    const char *text = yaml_text(n);
    for (int i = 0; text && i < 4; i++) {
        if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
            *TARGET(int, base, k->offset) = !strcasecmp(text, yes[i]);
            return;
        }
    }
    yaml_error(t, n, "'%s' must be true or false", k->name);
}

static int read_number(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k,
                       int64_t *value)
{
    const char *text = yaml_text(n);
    char *end = NULL;
    errno = 0;
    long long v = text ? strtoll(text, &end, 10) : 0;
    if (!text || end == text || *end || errno) {
        yaml_error(t, n, "'%s' must be a whole number", k->name);
        return 0;
    }
    if (v < k->min || v > k->max) {
        yaml_error(t, n, "'%s' is %lld; it must lie between %lld and %lld", k->name, v,
                   (long long)k->min, (long long)k->max);
        return 0;
    }
    *value = v;
    return 1;
}

void yaml_read_int(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    int64_t v;
    if (read_number(t, n, k, &v))
        *TARGET(int, base, k->offset) = (int)v;
}

void yaml_read_int64(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    int64_t v;
    if (read_number(t, n, k, &v))
        *TARGET(int64_t, base, k->offset) = v;
}

void yaml_read_duration(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    const char *text = yaml_text(n);
    int64_t v;
    if (!text || config_duration(text, &v))
        yaml_error(t, n, "'%s' must be a duration like 90s, 5m, 48h or 7d", k->name);
    else if (v < k->min || v > k->max)
        yaml_error(t, n, "'%s' is %s; it must lie between %lld and %lld seconds", k->name, text,
                   (long long)k->min, (long long)k->max);
    else
        *TARGET(int64_t, base, k->offset) = v;
}

void yaml_read_strings(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    int many = n->type == YAML_SEQUENCE_NODE;
    size_t count = many ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start) : 1;
    if (yaml_is_null(n))
        return;
    char **list = calloc(count ? count : 1, sizeof *list);
    if (!list)
        return;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *entry = many ? yaml_at(t, n->data.sequence.items.start[i]) : n;
        const char *text = yaml_text(entry);
        if (text)
            list[used++] = strdup(text);
        else
            yaml_error(t, entry, "'%s' must be a list of texts, like [a, b]", k->name);
    }
    *TARGET(char **, base, k->offset) = list;
    *TARGET(size_t, base, k->offset_n) = used;
}

/* RFC 5646: two or three letters, then subtags of one to eight letters or digits. Underscores are what
 * feeds and locales write. */
static int is_language(const char *tag)
{
    size_t n = strcspn(tag, "-_");
    if (n < 2 || n > 3 || strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") < n)
        return 0;
    for (const char *p = tag + n; *p; p += n) {
        p++;
        n = strcspn(p, "-_");
        if (n < 1 || n > 8)
            return 0;
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)p[i] > 127 || !isalnum((unsigned char)p[i]))
                return 0;
    }
    return 1;
}

static void check_language(struct yaml_tree *t, yaml_node_t *n, const char *name, const char *tag)
{
    if (tag && !is_language(tag))
        yaml_error(t, n,
                   "'%.40s' in '%s' is no language's code; write one like en, de, pt-BR or zh-Hant",
                   tag, name);
}

void yaml_read_lang(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    yaml_read_string(t, n, k, base);
    check_language(t, n, k->name, yaml_text(n));
}

void yaml_read_langs(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    yaml_read_strings(t, n, k, base);
    if (n->type != YAML_SEQUENCE_NODE) {
        check_language(t, n, k->name, yaml_text(n));
        return;
    }
    for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
        check_language(t, yaml_at(t, *i), k->name, yaml_text(yaml_at(t, *i)));
}

/* ---- any node as JSON ---- */

/* What JSON would read as a number: YAML's 04000000 is an id and stays text. */
static int is_json_number(const char *s)
{
    const char *p = s + (*s == '-');
    if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
        return 0;
    p += strspn(p, "0123456789");
    if (*p == '.' && p[1] >= '0' && p[1] <= '9')
        p += 1 + strspn(p + 1, "0123456789");
    return !*p;
}

static void json_scalar(struct buf *out, yaml_node_t *n)
{
    const char *s = (const char *)n->data.scalar.value;
    int plain = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (yaml_is_null(n))
        buf_adds(out, "null");
    else if (plain && (!strcmp(s, "true") || !strcmp(s, "false") || is_json_number(s)))
        buf_adds(out, s);
    else
        buf_json_string(out, str_of(s, n->data.scalar.length));
}

static int json_node(struct yaml_tree *t, struct buf *out, yaml_node_t *n, int depth)
{
    if (!n || depth > 16)
        return E_LIMIT;
    int err = OK, first = 1;
    if (n->type == YAML_SCALAR_NODE) {
        json_scalar(out, n);
    } else if (n->type == YAML_SEQUENCE_NODE) {
        buf_addc(out, '[');
        for (int *i = n->data.sequence.items.start; !err && i < n->data.sequence.items.top; i++) {
            if (!first)
                buf_addc(out, ',');
            first = 0;
            err = json_node(t, out, yaml_at(t, *i), depth + 1);
        }
        buf_addc(out, ']');
    } else {
        buf_addc(out, '{');
        yaml_node_pair_t *p = n->data.mapping.pairs.start;
        for (; !err && p < n->data.mapping.pairs.top; p++) {
            const yaml_node_t *key = yaml_at(t, p->key);
            if (!key || key->type != YAML_SCALAR_NODE)
                return E_SYNTAX;
            if (!first)
                buf_addc(out, ',');
            first = 0;
            buf_json_string(out,
                            str_of((const char *)key->data.scalar.value, key->data.scalar.length));
            buf_addc(out, ':');
            err = json_node(t, out, yaml_at(t, p->value), depth + 1);
        }
        buf_addc(out, '}');
    }
    /* Aliases can name one node many times: the buffer's limit ends such a bomb. */
    return err ? err : out->err;
}

char *yaml_to_json(struct yaml_tree *t, yaml_node_t *node)
{
    struct buf out;
    buf_init(&out, MIB(1));
    if (json_node(t, &out, node, 0)) {
        yaml_error(t, node, "nested too deep or too large for an option");
        buf_finish(&out);
        return NULL;
    }
    return buf_take(&out, NULL);
}
