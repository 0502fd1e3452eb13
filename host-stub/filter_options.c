/* SPDX-License-Identifier: Apache-2.0 */
/* Options of filters: what is configured against what the filter declares. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "status.h"
#include "suggest.h"

#define WHY 200 /* bytes of a reason */

const char *filter_option_type(uint32_t type)
{
    static const char *const names[] = {"true or false", "whole number", "number", "text",
                                        "choice",        "duration",     "list",   "map",
                                        "path",          "anything"};
    return type < sizeof names / sizeof *names ? names[type] : "unknown";
}

const wn_option *filter_option(const wn_filter *filter, const char *key)
{
    for (const wn_option *o = filter->options; o && o->key; o++)
        if (strcmp(o->key, key) == 0)
            return o;
    return NULL;
}

static int one_of(const char *text, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (strcmp(text, list[i]) == 0)
            return 1;
    return 0;
}

/* Both YAML 1.1 spellings, since people write both. */
static char *read_bool(const char *text, char *why)
{
    static const char *const yes[] = {"true", "yes", "on", "True", "TRUE", "Yes", "1", NULL};
    static const char *const no[] = {"false", "no", "off", "False", "FALSE", "No", "0", NULL};
    if (one_of(text, yes))
        return strdup("true");
    if (one_of(text, no))
        return strdup("false");
    snprintf(why, WHY, "write true or false");
    return NULL;
}

/* "min..max", either may be missing. */
static int in_range(double value, const char *range)
{
    const char *dots = range ? strstr(range, "..") : NULL;
    if (!dots)
        return 1;
    if (dots != range && value < strtod(range, NULL))
        return 0;
    return dots[2] == '\0' || value <= strtod(dots + 2, NULL);
}

static char *read_number(const wn_option *o, const char *text, char *why)
{
    char *end = NULL;
    errno = 0;
    double value = o->type == WN_OPT_INT ? (double)strtoll(text, &end, 10) : strtod(text, &end);
    int plain = text[strspn(text, "+-.0123456789eE")] == '\0'; /* neither "nan" nor "0x10" */
    if (end == text || *end || errno || !plain || !isfinite(value) ||
        !in_range(value, o->choices)) {
        snprintf(why, WHY, "write a %s%s%s", filter_option_type(o->type), o->choices ? " in " : "",
                 o->choices ? o->choices : "");
        return NULL;
    }
    return strdup(text);
}

static char *read_choice(const wn_option *o, const char *text, char *why)
{
    size_t n = strlen(text);
    for (const char *p = o->choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
        size_t len = strcspn(p, "|");
        if (len == n && strncmp(p, text, n) == 0)
            return strdup(text);
    }
    snprintf(why, WHY, "write one of %.150s", o->choices);
    return NULL;
}

static char *read_duration(const char *text, char *why)
{
    int64_t seconds;
    if (config_duration(text, &seconds)) {
        snprintf(why, WHY, "write a duration like 90s, 5m, 48h or 7d");
        return NULL;
    }
    char out[24];
    snprintf(out, sizeof out, "%lld", (long long)seconds);
    return strdup(out);
}

static char *read_path(const char *text, const char *folder, char *why)
{
    if (!*text) {
        snprintf(why, WHY, "write the path of a file");
        return NULL;
    }
    if (*text == '/' || !folder)
        return strdup(text);
    size_t n = strlen(folder) + strlen(text) + 2;
    char *out = malloc(n);
    if (out)
        snprintf(out, n, "%s/%s", folder, text);
    return out;
}

/* A scalar of a list or map as text. 0: it isn't one. */
static int scalar(struct buf *out, const json_t *value)
{
    char number[32];
    if (json_is_string(value)) {
        const char *s = json_string_value(value);
        if (strlen(s) != json_string_length(value) || strpbrk(s, "\n\t"))
            return 0;
        buf_adds(out, s);
    } else if (json_is_integer(value)) {
        buf_addf(out, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        snprintf(number, sizeof number, "%.15g", json_real_value(value));
        buf_adds(out, number);
    } else if (json_is_boolean(value)) {
        buf_adds(out, json_is_true(value) ? "true" : "false");
    } else {
        return 0;
    }
    return 1;
}

static char *read_list(const char *text, int is_json, char *why)
{
    if (!is_json)
        return strdup(text); /* one item needs no brackets */
    json_t *list = json_loads(text, JSON_DECODE_ANY, NULL);
    struct buf out;
    buf_init(&out, 1 << 24);
    int ok = json_is_array(list);
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        if (i)
            buf_addc(&out, '\n');
        ok = scalar(&out, json_array_get(list, i));
    }
    json_decref(list);
    char *value = ok ? buf_take(&out, NULL) : NULL;
    if (!value)
        snprintf(why, WHY, "write a list of words, like [a, b]");
    buf_finish(&out);
    return value;
}

static char *read_map(const char *text, int is_json, char *why)
{
    json_t *map = is_json ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    struct buf out;
    buf_init(&out, 1 << 24);
    int ok = json_is_object(map);
    const char *key;
    json_t *entry;
    if (ok)
        json_object_foreach(map, key, entry)
        {
            ok = ok && !strpbrk(key, "\n\t");
            buf_addf(&out, "%s\t", key);
            ok = scalar(&out, entry) && ok;
            buf_addc(&out, '\n');
        }
    json_decref(map);
    char *value = ok ? buf_take(&out, NULL) : NULL;
    if (!value)
        snprintf(why, WHY, "write a map of words, like {a: b, c: d}");
    buf_finish(&out);
    return value;
}

/* Scalars reach us as text: what is JSON as it stands (a number, true) stays, the rest is quoted.
 */
static char *read_json(const char *text, int is_json)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!value && !is_json)
        value = json_string(text);
    char *out = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    json_decref(value);
    return out;
}

char *filter_option_value(const wn_option *o, const struct setting *s, const char *folder,
                          char *why)
{
    snprintf(why, WHY, "write a %s", filter_option_type(o->type));
    if (!s->value)
        return NULL;
    switch (o->type) {
    case WN_OPT_LIST:
        return read_list(s->value, s->is_json, why);
    case WN_OPT_MAP:
        return read_map(s->value, s->is_json, why);
    case WN_OPT_JSON:
        return read_json(s->value, s->is_json);
    }
    if (s->is_json)
        return NULL; /* a list or map where one value belongs */
    switch (o->type) {
    case WN_OPT_BOOL:
        return read_bool(s->value, why);
    case WN_OPT_INT:
    case WN_OPT_NUMBER:
        return read_number(o, s->value, why);
    case WN_OPT_CHOICE:
        return read_choice(o, s->value, why);
    case WN_OPT_DURATION:
        return read_duration(s->value, why);
    case WN_OPT_PATH:
        return read_path(s->value, folder, why);
    case WN_OPT_STRING:
        return strdup(s->value);
    }
    return NULL;
}

static void unknown(const wn_filter *f, const struct setting *s, int per_source, const char *where,
                    struct buf *errors)
{
    const char *keys[128];
    size_t n = 0;
    for (const wn_option *o = f->options; o && o->key && n < 127; o++)
        if (!per_source || o->per_source)
            keys[n++] = o->key;
    keys[n] = NULL;
    const char *near = suggest(s->key, keys);
    buf_addf(errors, "%s:%d: filter '%s' has no option '%s'", where, s->line, f->name, s->key);
    if (near)
        buf_addf(errors, "; did you mean '%s'?\n", near);
    else if (n == 0)
        buf_addf(errors, "; it has none%s: remove the line\n",
                 per_source ? " for single sources" : "");
    else {
        buf_adds(errors, "; it has ");
        for (size_t i = 0; i < n; i++)
            buf_addf(errors, "%s%s", i ? ", " : "", keys[i]);
        buf_addc(errors, '\n');
    }
}

int filter_check(const wn_filter *filter, const struct filter_config *settings, int per_source,
                 const char *where, struct buf *errors)
{
    int status = OK;
    char why[WHY];
    for (size_t i = 0; i < settings->n_settings; i++) {
        const struct setting *s = &settings->settings[i];
        const wn_option *o = filter_option(filter, s->key);
        if (!o) {
            unknown(filter, s, per_source, where, errors);
            status = E_USAGE;
            continue;
        }
        if (per_source && !o->per_source) {
            buf_addf(errors,
                     "%s:%d: option '%s' of filter '%s' cannot differ from source to source;"
                     " set it under 'filters'\n",
                     where, s->line, s->key, filter->name);
            status = E_USAGE;
            continue;
        }
        char *value = filter_option_value(o, s, NULL, why);
        if (!value) {
            buf_addf(errors, "%s:%d: option '%s' of filter '%s' cannot be '%.100s': %s\n", where,
                     s->line, s->key, filter->name, s->value ? s->value : "", why);
            status = E_USAGE;
        }
        free(value);
    }
    return status;
}
