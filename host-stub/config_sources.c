/* SPDX-License-Identifier: Apache-2.0 */
/* The lists `sources` and `output` of winnow.yaml, and what needs all parts. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_parts.h"
#include "folder.h"
#include "limits.h"
#include "status.h"
#include "suggest.h"

void yaml_read_duration_int(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k,
                            void *base)
{
    struct yaml_key key = *k;
    int64_t value = INT64_MIN;
    key.offset = 0;
    yaml_read_duration(t, n, &key, &value);
    if (value != INT64_MIN)
        *(int *)(void *)((char *)base + k->offset) = (int)value;
}

#define AT(field) .offset = offsetof(struct source, field)

static const struct yaml_key source_keys[] = {
    {.name = "url", .read = yaml_read_string, AT(url)},
    {.name = "title", .read = yaml_read_string, AT(title)},
    {.name = "every", .read = yaml_read_duration, AT(every), .min = 1, .max = 30 * 86400},
    {.name = "lang", .read = yaml_read_lang, AT(lang)},
    {.name = "language", .read = yaml_read_lang, AT(lang)},
    {.name = "priority", .read = yaml_read_int, AT(priority), .min = -1000, .max = 1000},
    {.name = "tags",
     .read = yaml_read_strings,
     AT(tags),
     .offset_n = offsetof(struct source, n_tags)},
    {.name = "headers",
     .read = yaml_read_strings,
     AT(headers),
     .offset_n = offsetof(struct source, n_headers)},
    {.name = "allow-private", .read = yaml_read_bool, AT(allow_private)},
    {.name = "enabled", .read = yaml_read_bool, AT(enabled)},
    {.name = "filters",
     .read = config_read_filters,
     AT(overrides),
     .offset_n = offsetof(struct source, n_overrides)},
    {.name = NULL},
};
#undef AT

/* `file:feeds/a.xml` is relative to the configuration's folder; what is kept is absolute. */
static void check_url(struct yaml_tree *t, yaml_node_t *n, struct source *s)
{
    if (!s->url || !*s->url) {
        yaml_error(t, n, "a source needs a url, like https://example.org/feed.xml");
        return;
    }
    if (strlen(s->url) > LIMIT_URL) {
        yaml_error(t, n, "the url of a source is longer than %d bytes", (int)LIMIT_URL);
        return;
    }
    if (!strncasecmp(s->url, "http://", 7) || !strncasecmp(s->url, "https://", 8))
        return;
    if (!strncasecmp(s->url, "file:", 5)) {
        const char *path = s->url + 5;
        if (!strncmp(path, "///", 3))
            path += 2;
        char *absolute = path_absolute(t->folder, path), *url = NULL;
        if (absolute && asprintf(&url, "file://%s", absolute) >= 0) {
            free(s->url);
            s->url = url;
        }
        free(absolute);
        return;
    }
    yaml_error(t, n, "source '%.200s' is no URL; write https://…, http://… or file:PATH", s->url);
}

static void check_headers(struct yaml_tree *t, yaml_node_t *n, const struct source *s)
{
    for (size_t i = 0; i < s->n_headers; i++)
        if (!strchr(s->headers[i], ':') || strpbrk(s->headers[i], "\r\n"))
            yaml_error(t, n, "header '%.100s' of %s must be one line 'Name: value'", s->headers[i],
                       s->url ? s->url : "a source");
}

void config_read_sources(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    struct config *c = base;
    if (yaml_is_null(n))
        return;
    size_t count = n->type == YAML_SEQUENCE_NODE
                       ? (size_t)(n->data.sequence.items.top - n->data.sequence.items.start)
                       : 0;
    if (n->type != YAML_SEQUENCE_NODE || count > LIMIT_SOURCES) {
        yaml_error(t, n, "'%s' must be a list of at most %d URLs", k->name, LIMIT_SOURCES);
        return;
    }
    c->sources = calloc(count ? count : 1, sizeof *c->sources);
    if (!c->sources)
        return;
    for (size_t i = 0; i < count; i++) {
        yaml_node_t *entry = yaml_at(t, n->data.sequence.items.start[i]);
        struct source *s = &c->sources[c->n_sources++];
        s->enabled = 1;
        s->line = yaml_line(entry);
        if (yaml_text(entry))
            s->url = strdup(yaml_text(entry));
        else
            yaml_read_map(t, entry, source_keys, "a source", s);
        check_url(t, entry, s);
        check_headers(t, entry, s);
    }
}

static void read_format(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    static const char *const names[] = {"atom", "rss", "json"};
    const char *text = yaml_text(n);
    for (int i = 0; text && i < 3; i++) {
        if (!strcasecmp(text, names[i])) {
            *(int *)(void *)((char *)base + k->offset) = i;
            return;
        }
    }
    yaml_error(t, n, "'%s' must be atom, rss or json", k->name);
}

/* One topic or a list: ids, or names. What a name means only the filters know (topic_choice.h). */
static void read_topics(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    yaml_read_strings(t, n, k, base);
    char **topics = *(char ***)(void *)((char *)base + k->offset);
    size_t count = *(size_t *)(void *)((char *)base + k->offset_n);
    if (count > LIMIT_OUTPUT_TOPICS)
        yaml_error(t, n, "'%s' lists more than %d topics", k->name, LIMIT_OUTPUT_TOPICS);
    if (!count)
        yaml_error(t, n, "'%s' names no topic; write an id or a name, like 11000000 or Sport",
                   k->name);
    for (size_t i = 0; i < count; i++)
        if (topics[i] && !strncmp(topics[i], "medtop:", 7))
            memmove(topics[i], topics[i] + 7, strlen(topics[i] + 7) + 1);
}

#define AT(field) .offset = offsetof(struct output, field)

static const struct yaml_key output_keys[] = {
    {.name = "file", .read = yaml_read_path, AT(file)},
    {.name = "format", .read = read_format, AT(format)},
    {.name = "keep", .read = yaml_read_int64, AT(keep), .min = 1, .max = 1000000},
    {.name = "for", .read = yaml_read_duration, AT(within), .min = 60, .max = 90 * 86400},
    {.name = "title", .read = yaml_read_string, AT(title)},
    {.name = "lang", .read = yaml_read_lang, AT(lang)},
    {.name = "topic",
     .read = read_topics,
     AT(topics),
     .offset_n = offsetof(struct output, n_topics)},
    {.name = "except",
     .read = read_topics,
     AT(except),
     .offset_n = offsetof(struct output, n_except)},
    {.name = "link", .read = yaml_read_string, AT(link)},
    {.name = NULL},
};

/* An ending that tells nothing is an error: a feed in another format than was meant is noticed late. */
static int format_of_file(struct yaml_tree *t, yaml_node_t *n, const char *file)
{
    static const char *const endings[] = {"atom", "rss", "json", "xml", NULL};
    static const int formats[] = {OUTPUT_ATOM, OUTPUT_RSS, OUTPUT_JSON, OUTPUT_RSS};
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot && endings[i]; i++)
        if (!strcasecmp(dot + 1, endings[i]))
            return formats[i];
    const char *near = dot ? suggest(dot + 1, endings) : NULL;
    if (near)
        yaml_error(t, n,
                   "output %.200s: its ending is no format's; did you mean '.%s'? Else add "
                   "'format: atom', 'rss' or 'json'",
                   name, near);
    else
        yaml_error(t, n,
                   "output %.200s: its ending is no format's; name it .atom, .rss, .xml (RSS) "
                   "or .json, or add 'format: atom', 'rss' or 'json'",
                   name);
    return OUTPUT_ATOM;
}

static struct output *add_output(struct config *c)
{
    struct output *fresh = realloc(c->outputs, (c->n_outputs + 1) * sizeof *fresh);
    if (!fresh)
        return NULL;
    c->outputs = fresh;
    struct output *o = &fresh[c->n_outputs++];
    *o = (struct output){.format = -1, .keep = 200, .within = 48 * 3600};
    return o;
}

static void read_output(struct yaml_tree *t, yaml_node_t *n, struct config *c)
{
    struct output *o = add_output(c);
    if (!o)
        return;
    o->line = yaml_line(n);
    if (yaml_text(n)) /* output: [feed.atom] */
        o->file = path_absolute(t->folder, yaml_text(n));
    else
        yaml_read_map(t, n, output_keys, "an output", o);
    if (!o->file)
        yaml_error(t, n, "an output needs a file, like {file: feed.atom}");
    if (o->format < 0)
        o->format = o->file ? format_of_file(t, n, o->file) : OUTPUT_ATOM;
}

void config_read_outputs(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base)
{
    struct config *c = base;
    if (yaml_is_null(n))
        return;
    if (n->type != YAML_SEQUENCE_NODE) { /* a single one without the dash */
        read_output(t, n, c);
        return;
    }
    if (n->data.sequence.items.top - n->data.sequence.items.start > 256)
        yaml_error(t, n, "'%s' lists more than 256 files", k->name);
    else
        for (int *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
            read_output(t, yaml_at(t, *i), c);
}

int config_default_output(struct config *c)
{
    struct output *o = add_output(c);
    if (!o || !(o->file = path_absolute(c->folder, "feed.atom")))
        return E_NOMEM;
    o->format = OUTPUT_ATOM;
    return OK;
}

int config_served_outputs(struct config *c)
{
    static const char *const names[] = {"feed.atom", "feed.rss", "feed.json"};
    int64_t keep = c->n_outputs ? c->outputs[0].keep : 200;
    int64_t within = c->n_outputs ? c->outputs[0].within : 48 * 3600;
    for (int i = 0; i < 3; i++) {
        struct output *o = add_output(c);
        if (!o)
            return E_NOMEM;
        o->format = i;
        o->keep = keep;
        o->within = within;
        if (asprintf(&o->file, "%s/served/%s", c->state, names[i]) < 0)
            o->file = NULL;
        if (asprintf(&o->served, "/%s", names[i]) < 0)
            o->served = NULL;
        if (c->serve_url && asprintf(&o->link, "%s/%s", c->serve_url, names[i]) < 0)
            o->link = NULL;
        if (!o->file || !o->served || (c->serve_url && !o->link))
            return E_NOMEM;
    }
    return OK;
}

static int by_url(const void *a, const void *b)
{
    const struct source *x = *(struct source *const *)a, *y = *(struct source *const *)b;
    int order = strcmp(x->url ? x->url : "", y->url ? y->url : "");
    return order ? order : x->line < y->line ? -1 : x->line > y->line;
}

/* The list stays as it was written, since its order decides where nothing else does. */
static void index_sources(struct yaml_tree *t, struct config *c)
{
    c->by_url = calloc(c->n_sources + 1, sizeof *c->by_url);
    if (!c->by_url) {
        buf_addf(t->errors, "%s: out of memory\n", t->name);
        t->failed++;
        return;
    }
    for (size_t i = 0; i < c->n_sources; i++)
        c->by_url[i] = &c->sources[i];
    qsort(c->by_url, c->n_sources, sizeof *c->by_url, by_url);
    for (size_t i = 1; i < c->n_sources; i++) {
        const struct source *a = c->by_url[i - 1], *b = c->by_url[i];
        if (a->url && b->url && !strcmp(a->url, b->url)) {
            buf_addf(t->errors,
                     "%s:%d: source %.200s is listed twice (also in line %d); remove one\n",
                     t->name, b->line, b->url, a->line);
            t->failed++;
        }
    }
}

void config_check_parts(struct yaml_tree *t, struct config *c)
{
    index_sources(t, c);
    for (size_t i = 0; i < c->n_outputs; i++)
        for (size_t j = 0; j < i; j++)
            if (c->outputs[i].file && c->outputs[j].file &&
                !strcmp(c->outputs[i].file, c->outputs[j].file)) {
                buf_addf(t->errors,
                         "%s:%d: output %s is listed twice; give each a file of its own\n", t->name,
                         c->outputs[i].line, c->outputs[i].file);
                t->failed++;
            }
}
