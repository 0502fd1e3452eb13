/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second host, that gives what the tiny one leaves out: all fields that a JSON line carries,
 * lists, kv, revise, constraints, forget, and observe for each document. Only extensions it has none.
 *
 * Usage: host_full PLUGIN.so < script. Lines of the script:
 *   item DOCUMENT LANG TITLE | LINK | CONTENT   adds an item to the document
 *   run                                         runs the documents gathered so far
 *   together A B, apart A B, free A B           a person's ruling about two items
 *   forget A                                    retention removed it
 *   again                                       destroys and creates the filters anew, kv stays
 * What filters say is printed, a line each.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "full_parts.h"

#define MAX_ITEMS 512

static wn_host hosts[MAX_FILTERS];
static int n_hosts;
static wn_item *items[MAX_ITEMS];
static int n_items, first_new;
/* ---- the table ---- */

static void api_log(wn_host *host, int level, const char *message)
{
    if (level <= WN_LOG_WARNING)
        printf("log\t%s\t%s\n", host->filter ? host->filter->name : "-", message);
}

static int api_add(wn_host *host, const wn_filter *filter)
{
    (void)host;
    if (n_hosts == MAX_FILTERS)
        return WN_LIMIT;
    hosts[n_hosts].index = n_hosts;
    hosts[n_hosts++].filter = filter;
    return WN_OK;
}

static int api_config(wn_host *host, const wn_item *item, const char *key, wn_str *value)
{
    (void)item;
    for (const wn_option *o = host->filter->options; o && o->key; o++)
        if (strcmp(o->key, key) == 0 && o->def) {
            *value = (wn_str){o->def, strlen(o->def)};
            return WN_OK;
        }
    return WN_ABSENT;
}

static void *api_note(wn_host *host, wn_item *item, size_t size)
{
    void **note = &item->note[host->index];
    if (!*note && size)
        *note = calloc(1, size);
    return *note;
}

static int api_revise(wn_host *host, int64_t item, const wn_verdict *v)
{
    if (item < 1 || item > n_items || v->of < 0 || v->of > n_items)
        return WN_ABSENT;
    printf("revise\t%s\t%lld\t%u\t%lld\t%.*s\n", host->filter->name, (long long)item, v->kind,
           (long long)v->of, (int)v->reason.len, v->reason.ptr ? v->reason.ptr : "");
    return WN_OK;
}

/* ---- the script ---- */

static wn_str z(const char *s)
{
    return (wn_str){s, strlen(s)};
}

static void add_item(char *line)
{
    wn_item *it = n_items < MAX_ITEMS ? calloc(1, sizeof *it) : NULL;
    char lang[16], *bar, url[64];
    long long document;
    int used = 0;
    if (!it || sscanf(line, "%lld %15s %n", &document, lang, &used) < 2)
        abort();
    items[n_items++] = it;
    it->id = n_items;
    it->document = document;
    it->arrived = 1700000000 + n_items;
    char *title = line + used, *link, *content;
    if (!(bar = strstr(title, " | ")) || !(content = strstr(bar + 3, " | ")))
        abort();
    *bar = *content = '\0';
    link = bar + 3;
    content += 3;
    snprintf(url, sizeof url, "https://feeds.example/%lld", document);
    it->text[WN_TITLE] = full_copy(z(title));
    it->text[WN_LINK] = full_copy(z(link));
    it->text[WN_GUID] = full_copy(z(link));
    it->text[WN_CONTENT] = full_copy(z(content));
    it->text[WN_DECLARED_LANG] = full_copy(z(lang));
    it->text[WN_SOURCE_URL] = full_copy(z(url));
}

static void judge_document(wn_host *h, wn_item *const *list, size_t n)
{
    if (h->filter->analyse && h->filter->analyse(h->self, h->thread, list, n))
        printf("error\t%s\tanalyse\n", h->filter->name);
    if (h->filter->observe && h->filter->observe(h->self, list, n))
        printf("error\t%s\tobserve\n", h->filter->name);
    for (size_t i = 0; i < n; i++) {
        wn_verdict v = {.size = sizeof v, .score = 1};
        if (h->filter->judge(h->self, list[i], &v))
            printf("error\t%s\tjudge\n", h->filter->name);
        printf("judge\t%s\t%lld\t%u\t%lld\t%.*s\n", h->filter->name, (long long)list[i]->id, v.kind,
               (long long)v.of, (int)v.reason.len, v.reason.ptr ? v.reason.ptr : "");
        free(list[i]->note[h->index]);
        list[i]->note[h->index] = NULL;
    }
}

static void run_new(void)
{
    for (int i = 0; i < n_hosts; i++)
        for (int from = first_new, to; from < n_items; from = to) {
            for (to = from; to < n_items && items[to]->document == items[from]->document; to++)
                continue;
            judge_document(&hosts[i], items + from, (size_t)(to - from));
        }
    for (; first_new < n_items; first_new++) {
        wn_item *it = items[first_new];
        printf("item\t%lld\t%lld\t%.*s\n", (long long)it->id, (long long)it->sanitised,
               (int)it->text[WN_CONTENT].len,
               it->text[WN_CONTENT].ptr ? it->text[WN_CONTENT].ptr : "");
    }
}

static const wn_api api = {
    .size = sizeof api,
    .abi = WN_ABI,
    .host_name = "full",
    .host_version = "1",
    .log = api_log,
    .add_filter = api_add,
    .config = api_config,
    .str = full_str,
    .num = full_num,
    .count = full_count,
    .put = full_put,
    .put_num = full_put_num,
    .note = api_note,
    .kv_get = full_kv_get,
    .kv_put = full_kv_put,
    .kv_scan = full_kv_scan,
    .revise = api_revise,
};

static int create_all(void)
{
    for (int i = 0; i < n_hosts; i++) {
        const wn_filter *f = hosts[i].filter;
        if (f->create(&api, &hosts[i], &hosts[i].self))
            return 1;
        hosts[i].thread = WN_HAS(f, thread_enter) ? f->thread_enter(hosts[i].self) : NULL;
    }
    return 0;
}

static void destroy_all(void)
{
    for (int i = n_hosts; i-- > 0;) {
        if (hosts[i].filter->thread_leave)
            hosts[i].filter->thread_leave(hosts[i].self, hosts[i].thread);
        hosts[i].filter->destroy(hosts[i].self);
    }
}

static void rule(const char *line, uint32_t constraint)
{
    long long a = 0, b = 0;
    sscanf(line, "%lld %lld", &a, &b);
    for (int i = 0; i < n_hosts; i++)
        if (WN_HAS(hosts[i].filter, constrain))
            printf("constrain\t%s\t%d\n", hosts[i].filter->name,
                   hosts[i].filter->constrain(hosts[i].self, a, b, constraint));
}

static int obey(char *line)
{
    if (strncmp(line, "item ", 5) == 0)
        add_item(line + 5);
    else if (strcmp(line, "run") == 0)
        run_new();
    else if (strncmp(line, "together ", 9) == 0)
        rule(line + 9, WN_TOGETHER);
    else if (strncmp(line, "apart ", 6) == 0)
        rule(line + 6, WN_APART);
    else if (strncmp(line, "free ", 5) == 0)
        rule(line + 5, WN_FREE);
    else if (strncmp(line, "forget ", 7) == 0)
        for (int i = 0; i < n_hosts; i++) {
            if (WN_HAS(hosts[i].filter, forget))
                hosts[i].filter->forget(hosts[i].self, atoll(line + 7));
        }
    else if (strcmp(line, "again") == 0)
        destroy_all(), create_all();
    else
        return 1;
    return 0;
}

int main(int argc, char **argv)
{
    static char line[1 << 20];
    const wn_plugin *(*reg)(uint32_t);
    void *so = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    *(void **)&reg = so ? dlsym(so, "winnow_plugin_register") : NULL;
    const wn_plugin *plugin = reg ? reg(WN_ABI) : NULL;
    wn_host loading = {0};
    if (!plugin || plugin->Init(&api, &loading) || create_all())
        return fprintf(stderr, "%s\n", so ? "not for this host" : dlerror()), 1;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line && obey(line))
            return fprintf(stderr, "what is '%s'?\n", line), 2;
    }
    destroy_all();
    for (int i = 0; i < n_items; i++)
        free(items[i]);
    full_free();
    return 0;
}
