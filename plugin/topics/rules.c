/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static json_t *load(wn_str text, char *error, size_t size, const char *option)
{
    json_error_t e;
    json_t *root = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
    if (!root)
        snprintf(error, size, "%s: not readable: %s", option, e.text);
    return root;
}

static int read_topic(json_t *j, const struct mapping *m, uint16_t *topic, char *error, size_t size)
{
    char digits[24];
    wn_str name = {NULL, 0};
    if (json_is_integer(j)) {
        int n = snprintf(digits, sizeof digits, "%08lld", (long long)json_integer_value(j));
        name = (wn_str){digits, (size_t)n};
    } else if (json_is_string(j)) {
        name = (wn_str){json_string_value(j), json_string_length(j)};
    }
    *topic = mapping_find(m, name);
    if (*topic != TOPIC_NONE)
        return WN_OK;
    snprintf(error, size,
             "drop: \"%.*s\" is no topic: write an id such as 15000000, a name such "
             "as Sport, or the name of one of your own topics",
             (int)name.len, name.ptr ? name.ptr : "");
    return WN_INVALID;
}

static int read_topics(json_t *j, const struct mapping *m, uint16_t *topics, size_t *n, char *error,
                       size_t size)
{
    if (!j)
        return WN_OK;
    size_t count = json_is_array(j) ? json_array_size(j) : 1;
    if (count > RULE_TOPICS) {
        snprintf(error, size, "drop: more than %d topics in one rule", RULE_TOPICS);
        return WN_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_is_array(j) ? json_array_get(j, i) : j;
        int status = read_topic(one, m, &topics[(*n)++], error, size);
        if (status)
            return status;
    }
    return WN_OK;
}

static int read_rule(json_t *j, const struct mapping *m, struct rule *r, char *error, size_t size)
{
    const char *key;
    json_t *value;
    memset(r, 0, sizeof *r);
    if (!json_is_object(j)) {
        snprintf(error, size, "drop: a rule is written {topic: 15000000} or {unless: Politics}");
        return WN_INVALID;
    }
    json_object_foreach(j, key, value)
    {
        int status = WN_OK;
        if (!strcmp(key, "topic") || !strcmp(key, "topics")) {
            status = read_topics(value, m, r->topics, &r->n_topics, error, size);
        } else if (!strcmp(key, "unless")) {
            status = read_topics(value, m, r->unless, &r->n_unless, error, size);
        } else if (!strcmp(key, "above") && json_is_number(value) &&
                   json_number_value(value) >= 0 && json_number_value(value) <= 1) {
            r->above = (float)json_number_value(value);
        } else {
            snprintf(error, size, "drop: \"%s\" is not one of topic, unless, above (0 to 1)", key);
            status = WN_INVALID;
        }
        if (status)
            return status;
    }
    if (r->n_topics || r->n_unless)
        return WN_OK;
    snprintf(error, size, "drop: a rule without topic and unless says nothing");
    return WN_INVALID;
}

int rules_read(struct rules *rules, wn_str text, const struct mapping *m, char *error, size_t size)
{
    rules->n = 0;
    if (!text.ptr || !text.len)
        return WN_OK;
    json_t *root = load(text, error, size, "drop");
    if (!root)
        return WN_INVALID;
    int status = WN_OK;
    size_t count = json_is_array(root) ? json_array_size(root) : !json_is_null(root);
    if (count > RULES_MAX) {
        snprintf(error, size, "drop: more than %d rules", RULES_MAX);
        status = WN_LIMIT;
    }
    for (size_t i = 0; i < count && !status; i++)
        status = read_rule(json_is_array(root) ? json_array_get(root, i) : root, m,
                           &rules->rules[rules->n++], error, size);
    json_decref(root);
    return status;
}

/* Whether the item has the topic, or one below it. */
static int has(const struct vocabulary *v, uint16_t topic, float above, const struct scored *s,
               size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((s[i].topic == topic || v->topics[s[i].topic].top == topic) && s[i].score >= above)
            return 1;
    return 0;
}

static int any(const struct vocabulary *v, const uint16_t *topics, size_t n_topics, float above,
               const struct scored *s, size_t n, uint16_t *which)
{
    for (size_t i = 0; i < n_topics; i++)
        if (has(v, topics[i], above, s, n)) {
            *which = topics[i];
            return 1;
        }
    return 0;
}

const struct rule *rules_judge(const struct rules *rules, const struct vocabulary *v,
                               const struct scored *s, size_t n, uint16_t *by)
{
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *r = &rules->rules[i];
        uint16_t which = TOPIC_NONE, saved;
        if (r->n_topics && !any(v, r->topics, r->n_topics, r->above, s, n, &which))
            continue;
        if (any(v, r->unless, r->n_unless, r->above, s, n, &saved))
            continue;
        *by = which;
        return r;
    }
    return NULL;
}

static int read_own(json_t *j, struct vocabulary *v, struct terms *t, own_like_fn like, void *user,
                    char *error, size_t size)
{
    json_t *name = json_object_get(j, "name"), *words = json_object_get(j, "words"), *w;
    json_t *texts = json_object_get(j, "like");
    const char *key;
    json_t *value;
    json_object_foreach(j, key, value) if (strcmp(key, "name") && strcmp(key, "words") &&
                                           strcmp(key, "like"))
    {
        snprintf(error, size, "topics: \"%s\" is not one of name, words, like", key);
        return WN_INVALID;
    }
    if (!json_is_string(name) || (!words && !texts) || (words && !json_is_array(words)) ||
        (texts && !json_is_array(texts)) || json_array_size(words) > OWN_TERMS ||
        json_array_size(texts) > OWN_LIKE) {
        snprintf(error, size,
                 "topics: write {name: Iran, words: [Iran, Teheran*]} with at most %d "
                 "words, or like: [a headline, another] with at most %d",
                 OWN_TERMS, OWN_LIKE);
        return WN_INVALID;
    }
    uint16_t topic;
    int status =
        vocabulary_own(v, (wn_str){json_string_value(name), json_string_length(name)}, &topic);
    if (status) {
        snprintf(error, size,
                 "topics: the name \"%.40s\" is empty or too long, or there are too "
                 "many topics",
                 json_string_value(name));
        return status;
    }
    size_t i;
    json_array_foreach(
        words, i, w) if (!json_is_string(w) ||
                         terms_own(t, topic, (wn_str){json_string_value(w), json_string_length(w)}))
    {
        snprintf(error, size, "topics: word %zu of \"%.40s\" is empty, too long or no text", i + 1,
                 json_string_value(name));
        return WN_INVALID;
    }
    json_array_foreach(texts, i, w)
    {
        status = json_is_string(w)
                     ? like(user, topic, (wn_str){json_string_value(w), json_string_length(w)})
                     : WN_INVALID;
        if (status) {
            snprintf(error, size,
                     "topics: example %zu of \"%.40s\" can't be used: it is no text "
                     "or has no words, or the topic model is missing",
                     i + 1, json_string_value(name));
            return status;
        }
    }
    return WN_OK;
}

int own_read(wn_str text, struct vocabulary *v, struct terms *t, own_like_fn like, void *user,
             char *error, size_t size)
{
    if (!text.ptr || !text.len)
        return WN_OK;
    json_t *root = load(text, error, size, "topics");
    if (!root)
        return WN_INVALID;
    int status = WN_OK;
    size_t count = json_is_array(root) ? json_array_size(root) : !json_is_null(root);
    for (size_t i = 0; i < count && !status; i++)
        status = read_own(json_is_array(root) ? json_array_get(root, i) : root, v, t, like, user,
                          error, size);
    json_decref(root);
    return status;
}
