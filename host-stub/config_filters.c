/* SPDX-License-Identifier: Apache-2.0 */
/* The lists `plugins` and `filters` of winnow.yaml, and a source's `filters`. */
#include <stdlib.h>
#include <string.h>

#include "config_parts.h"
#include "folder.h"
#include "limits.h"
#include "status.h"

void config_free_filters(struct filter_config *filters, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(filters[i].plugin);
        free(filters[i].name);
        for (size_t j = 0; j < filters[i].n_settings; j++) {
            free(filters[i].settings[j].key);
            free(filters[i].settings[j].value);
        }
        free(filters[i].settings);
    }
    free(filters);
}

void config_read_plugins(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    struct config *c = base;
    struct yaml_key key = *k;
    key.offset = offsetof(struct config, plugins);
    key.offset_n = offsetof(struct config, n_plugins);
    yaml_read_strings(t, n, &key, base);
    if (c->n_plugins && !(c->plugin_lines = calloc(c->n_plugins, sizeof *c->plugin_lines))) {
        yaml_error(t, n, "no memory for '%s'", k->name);
        return;
    }
    for (size_t i = 0; i < c->n_plugins; i++) {
        yaml_node_t *entry =
            n->type == YAML_SEQUENCE_NODE ? yaml_at(t, n->data.sequence.items.start[i]) : n;
        c->plugin_lines[i] = yaml_line(entry);
        /* A bare name is looked for beside the binary; anything with a slash is a file. */
        if (!strchr(c->plugins[i], '/'))
            continue;
        char *absolute = path_absolute(t->folder, c->plugins[i]);
        free(c->plugins[i]);
        c->plugins[i] = absolute;
    }
}

static int add_setting(struct filter_config *f, const char *key, char *value, int is_json, int line)
{
    struct setting *fresh = realloc(f->settings, (f->n_settings + 1) * sizeof *fresh);
    if (!fresh) {
        free(value);
        return E_NOMEM;
    }
    f->settings = fresh;
    fresh[f->n_settings++] = (struct setting){strdup(key), value, is_json, line};
    return OK;
}

static void read_settings(struct yaml_tree *t, yaml_node_t *map, struct filter_config *f)
{
    if (yaml_is_null(map))
        return;
    if (map->type != YAML_MAPPING_NODE) {
        yaml_error(t, map, "the options of filter '%s' must be a mapping, like {window: 7d}",
                   f->name);
        return;
    }
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
         p++) {
        yaml_node_t *key = yaml_at(t, p->key), *value = yaml_at(t, p->value);
        const char *name = yaml_text(key);
        struct yaml_key k = {.name = name};
        if (!name) {
            yaml_error(t, key, "an option of filter '%s' has no name", f->name);
        } else if (!strcmp(name, "enabled")) {
            k.offset = offsetof(struct filter_config, enabled);
            yaml_read_bool(t, value, &k, f);
        } else if (!strcmp(name, "plugin")) {
            k.offset = offsetof(struct filter_config, plugin);
            yaml_read_path(t, value, &k, f);
        } else if (yaml_text(value)) {
            add_setting(f, name, strdup(yaml_text(value)), 0, yaml_line(key));
        } else if (!yaml_is_null(value)) {
            char *json = yaml_to_json(t, value);
            if (json)
                add_setting(f, name, json, 1, yaml_line(key));
        }
    }
}

/* One entry of the list: `name`, or `name: {options}`. */
static void read_filter(struct yaml_tree *t, yaml_node_t *key, yaml_node_t *options,
                        struct filter_config *f)
{
    f->enabled = 1;
    f->line = yaml_line(key);
    const char *name = yaml_text(key);
    if (!name || !*name) {
        yaml_error(t, key, "a filter must be a name, or 'name: {options}'");
        return;
    }
    f->name = strdup(name);
    if (f->name && options)
        read_settings(t, options, f);
}

void config_read_filters(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    struct filter_config **to = (void *)((char *)base + k->offset);
    size_t *to_n = (void *)((char *)base + k->offset_n);
    if (yaml_is_null(n))
        return;
    int list = n->type == YAML_SEQUENCE_NODE, map = n->type == YAML_MAPPING_NODE;
    size_t count = list  ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start)
                   : map ? (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start)
                         : 0;
    if ((!list && !map) || count > LIMIT_FILTERS) {
        yaml_error(t, n,
                   "'%s' must be a list of at most %d filters, in the order in which they run",
                   k->name, LIMIT_FILTERS);
        return;
    }
    if (!count)
        return; /* none named: the defaults come */
    struct filter_config *filters = calloc(count, sizeof *filters);
    if (!filters)
        return;
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *entry, *options = NULL;
        if (map) {
            entry = yaml_at(t, n->data.mapping.pairs.start[i].key);
            options = yaml_at(t, n->data.mapping.pairs.start[i].value);
        } else {
            entry = yaml_at(t, n->data.sequence.items.start[i]);
            if (entry->type == YAML_MAPPING_NODE &&
                entry->data.mapping.pairs.top - entry->data.mapping.pairs.start == 1) {
                options = yaml_at(t, entry->data.mapping.pairs.start->value);
                entry = yaml_at(t, entry->data.mapping.pairs.start->key);
            }
        }
        read_filter(t, entry, options, &filters[i]);
        for (size_t j = 0; j < i; j++)
            if (filters[i].name && filters[j].name && !strcmp(filters[i].name, filters[j].name))
                yaml_error(t, entry, "filter '%s' is listed twice; remove one", filters[i].name);
    }
    *to = filters;
    *to_n = count;
}

int config_default_filters(struct config *c)
{
    static const char *const names[] = {"boilerplate", "editions", "topics"};
    c->filters = calloc(3, sizeof *c->filters);
    if (!c->filters)
        return E_NOMEM;
    c->n_filters = 3;
    for (size_t i = 0; i < 3; i++) {
        c->filters[i].enabled = 1;
        if (!(c->filters[i].name = strdup(names[i])))
            return E_NOMEM;
    }
    return OK;
}

int config_plugin_filters(struct config *c)
{
    c->filters = calloc(c->n_plugins, sizeof *c->filters);
    if (!c->filters)
        return E_NOMEM;
    c->n_filters = c->n_plugins;
    for (size_t i = 0; i < c->n_plugins; i++) {
        c->filters[i].enabled = 1;
        c->filters[i].line = c->plugin_lines[i];
        if (!(c->filters[i].plugin = strdup(c->plugins[i])))
            return E_NOMEM;
    }
    return OK;
}
