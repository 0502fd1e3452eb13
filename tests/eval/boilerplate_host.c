/* SPDX-License-Identifier: Apache-2.0 */
/* Items through the boilerplate filter, for eval_boilerplate.py: JSON lines {source, id, title, link,
 * content} from stdin; items of one source that follow each other are one document. JSON lines with
 * content, text, lang, categories and removals to stdout: [rule group, text, place, pattern], the
 * pattern as line and number of boilerplate.data, "" where none matches the text as it stands. "whole" is
 * right where a document is one item: whether the item was taken for a whole page.
 * Arguments: option=value …, skip=FILE of patterns that are to match nothing, or
 * skip=patterns: none does. */
#include <jansson.h>

#include "../plugin/boilerplate/host.h"
#include "plugin/boilerplate/filter.h"
#include "plugin/boilerplate/norm.h"
#include "plugin/boilerplate/rules_table.h"

static void *self, *thread;

/* Which pattern takes a line: what evidence a removal has beyond its source. */
static const char *pattern_of(const char *group, const char *text)
{
    static char name[40];
    const struct rules *rules = ((struct boilerplate *)self)->rules;
    const struct rule *rule = NULL;
    struct tbuf norm;
    struct rule_line line = {.letters = 1, .linked = 1, .whole = 1};
    for (unsigned g = 1; g < GROUP_COUNT; g++)
        if (!strcmp(rule_group_names[g], group))
            line.groups = 1u << g;
    tbuf_init(&norm, 1u << 20);
    norm_text(text, strlen(text), 1, &norm, NULL);
    line.norm = norm.p ? norm.p : "";
    line.n = norm.n;
    if (line.n)
        rule = rules_match(rules, &line);
    if (!rule && !strcmp(group, "dateline")) {
        tbuf_reset(&norm);
        norm_text(text, strlen(text), 0, &norm, NULL);
        rules_prefix(rules, norm.p ? norm.p : "", norm.n, &rule);
    }
    tbuf_finish(&norm);
    snprintf(name, sizeof name, rule ? "%u/%u" : "", rule ? rule->line : 0,
             rule ? rule->elements : 0);
    return name;
}

/* Reads "skip=FILE": names of patterns as printed, or "class/GLOB", one a line, that are to match nothing. */
static int skip(const char *path)
{
    struct rules *r = ((struct boilerplate *)self)->rules;
    char name[400];
    if (!strcmp(path, "patterns")) {
        for (uint32_t i = 1; i < r->n; i++)
            r->rules[i].max = r->rules[i].n = 0;
        return 0;
    }
    FILE *f = fopen(path, "r");
    if (!f)
        return 1;
    while (fgets(name, sizeof name, f)) {
        unsigned line, elements;
        name[strcspn(name, "\n")] = '\0';
        for (int l = LIST_STRONG; l <= LIST_BODY; l++)
            for (uint32_t i = 0; i < r->lists[l].n; i++)
                if (!strncmp(name, "class/", 6) && !strcmp(r->lists[l].v[i].ptr, name + 6))
                    r->lists[l].v[i] = (wn_str){"", 0};
        if (sscanf(name, "%u/%u", &line, &elements) == 2)
            for (uint32_t i = 1; i < r->n; i++)
                if (r->rules[i].line == line && r->rules[i].elements == elements)
                    r->rules[i].max = r->rules[i].n = 0;
    }
    return fclose(f);
}

static void print(wn_item *item)
{
    wn_str s;
    json_t *o = json_object(), *removed = json_array(), *categories = json_array();
    json_object_set_new(o, "content", json_string(host_get(item, WN_CONTENT)));
    json_object_set_new(o, "text", json_string(host_get(item, WN_TEXT)));
    json_object_set_new(o, "title", json_string(host_get(item, WN_TITLE)));
    json_object_set_new(o, "lang", json_string(host_get(item, WN_DETECTED_LANG)));
    for (uint32_t i = 0; i < item->n[WN_CATEGORY_TERM]; i++)
        if (host_str(item, WN_CATEGORY_TERM, i, &s) == WN_OK)
            json_array_append_new(categories, json_stringn(s.ptr, s.len));
    for (uint32_t i = 0; i < item->n[WN_REMOVED_RULE]; i++)
        json_array_append_new(removed, json_pack("[s,s,s,s]", item->field[WN_REMOVED_RULE][i].ptr,
                                                 item->field[WN_REMOVED_TEXT][i].ptr,
                                                 item->field[WN_REMOVED_PLACE][i].ptr,
                                                 pattern_of(item->field[WN_REMOVED_RULE][i].ptr,
                                                            item->field[WN_REMOVED_TEXT][i].ptr)));
    json_object_set_new(o, "categories", categories);
    json_object_set_new(o, "removed", removed);
    json_object_set_new(o, "whole", json_boolean(((struct workspace *)thread)->page.whole));
    json_object_set_new(o, "sanitised", json_boolean(item->has_number[WN_SANITISED]));
    json_dumpf(o, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(o);
}

static void document(wn_item *items, size_t n)
{
    const wn_filter *f = &boilerplate_filter;
    wn_item **list = malloc((n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = &items[i];
    f->analyse(self, thread, list, n);
    f->observe(self, list, n);
    for (size_t i = 0; i < n; i++) {
        wn_verdict verdict = {.size = sizeof verdict, .score = 1};
        f->judge(self, list[i], &verdict);
        print(list[i]);
        host_item_finish(list[i]);
    }
    free(list);
}

static void set(wn_item *item, uint32_t field, json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    if (s)
        host_set(item, field, s);
}

int main(int argc, char **argv)
{
    static wn_item items[256];
    wn_host host = {0};
    char *line = NULL, *skipped = NULL, source[2048] = "";
    size_t cap = 0, n = 0;
    int64_t id = 0;
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (!eq)
            return 2;
        *eq = '\0';
        if (!strcmp(argv[i], "skip")) {
            skipped = eq + 1;
            continue;
        }
        host.options[host.n_options][0] = argv[i];
        host.options[host.n_options++][1] = eq + 1;
    }
    if (boilerplate_filter.create(&host_api, &host, &self)) {
        fputs(host.log, stderr);
        return 1;
    }
    if (skipped && skip(skipped)) {
        perror(skipped);
        return 1;
    }
    thread = boilerplate_filter.thread_enter(self);
    while (getline(&line, &cap, stdin) > 0) {
        json_t *o = json_loads(line, 0, NULL);
        const char *s = json_string_value(json_object_get(o, "source"));
        if (n == 256 || (n && s && strcmp(s, source))) {
            document(items, n);
            n = 0;
        }
        snprintf(source, sizeof source, "%s", s ? s : "");
        wn_item *item = &items[n++];
        item->id = ++id;
        set(item, WN_SOURCE_URL, o, "source");
        set(item, WN_TITLE, o, "title");
        set(item, WN_LINK, o, "link");
        set(item, WN_CONTENT, o, "content");
        set(item, WN_DECLARED_LANG, o, "lang");
        json_decref(o);
    }
    document(items, n);
    boilerplate_filter.thread_leave(self, thread);
    boilerplate_filter.destroy(self);
    fputs(host.log, stderr);
    host_finish(&host);
    free(line);
    return 0;
}
