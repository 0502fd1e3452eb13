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

#include "../../plugin/winnow_plugin.h"

#define MAX_FILTERS 8
#define MAX_ITEMS 512
#define MAX_LIST 64

struct wn_item {
    int64_t id, document, arrived, sanitised;
    wn_str text[64];           /* single fields, by number */
    wn_str list[64][MAX_LIST]; /* list fields */
    int64_t number[64][MAX_LIST];
    uint32_t n[64];
    void *note[MAX_FILTERS];
};

struct pair {
    struct pair *next;
    wn_str key, value;
};

struct wn_host {
    const wn_filter *filter;
    void *self, *thread;
    struct pair *kv; /* newest first */
    int index;
};

static wn_host hosts[MAX_FILTERS];
static int n_hosts;
static wn_item *items[MAX_ITEMS];
static int n_items, first_new;
static struct blob {
    struct blob *next;
    char bytes[];
} * blobs; /* all copies, until the end */

static wn_str copy(wn_str s)
{
    struct blob *b = malloc(sizeof *b + s.len + 1);
    if (!b)
        abort();
    if (s.len)
        memcpy(b->bytes, s.ptr, s.len);
    b->bytes[s.len] = '\0';
    b->next = blobs;
    blobs = b;
    return (wn_str){b->bytes, s.len};
}

static int same(wn_str a, wn_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

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

/* Fields of one group share their count; the group is named by its first field. */
static uint32_t group(uint32_t field)
{
    switch (field) {
    case WN_AUTHOR:
        return WN_AUTHOR;
    case WN_CATEGORY_TERM:
    case WN_CATEGORY_SCHEME:
    case WN_CATEGORY_LABEL:
        return WN_CATEGORY_TERM;
    case WN_ENCLOSURE_URL:
    case WN_ENCLOSURE_TYPE:
        return WN_ENCLOSURE_URL;
    case WN_LINK_HREF:
    case WN_LINK_REL:
    case WN_LINK_HREFLANG:
        return WN_LINK_HREF;
    case WN_TOPIC_ID:
    case WN_TOPIC_SCORE:
        return WN_TOPIC_ID;
    case WN_REMOVED_RULE:
    case WN_REMOVED_TEXT:
    case WN_REMOVED_PLACE:
        return WN_REMOVED_RULE;
    default:
        return 0;
    }
}

static int api_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    if (field >= 64)
        return WN_ABSENT;
    uint32_t g = group(field);
    if (g ? index >= item->n[g] || !item->list[field][index].ptr : index || !item->text[field].ptr)
        return WN_ABSENT;
    *value = g ? item->list[field][index] : item->text[field];
    return WN_OK;
}

static int api_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{
    if (field == WN_TOPIC_SCORE) {
        if (index >= item->n[WN_TOPIC_ID])
            return WN_ABSENT;
        *value = item->number[field][index];
        return WN_OK;
    }
    switch (field) {
    case WN_ID:
    case WN_REVISION:
        *value = field == WN_ID ? item->id : 0;
        return WN_OK;
    case WN_DOCUMENT:
        *value = item->document;
        return WN_OK;
    case WN_ARRIVED:
        *value = item->arrived;
        return WN_OK;
    case WN_SANITISED:
        *value = item->sanitised;
        return WN_OK;
    case WN_TOPIC_BEST_SCORE:
        *value = item->number[field][0];
        return item->text[WN_TOPIC_BEST_ID].ptr ? WN_OK : WN_ABSENT;
    default:
        return WN_ABSENT;
    }
}

static uint32_t api_count(const wn_item *item, uint32_t field)
{
    wn_str s;
    int64_t n;
    if (field < 64 && group(field))
        return item->n[group(field)];
    return api_str(item, field, 0, &s) == WN_OK || api_num(item, field, 0, &n) == WN_OK;
}

static int open_entry(wn_item *item, uint32_t g, uint32_t index)
{
    if (index > item->n[g])
        return WN_ABSENT;
    if (index == item->n[g]) {
        if (item->n[g] == MAX_LIST)
            return WN_LIMIT;
        item->n[g]++;
    }
    return WN_OK;
}

static int api_put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    uint32_t g = field < 64 ? group(field) : 0;
    if (field >= 64 || (!g && index))
        return WN_INVALID;
    if (g && !value.ptr) {
        if (index >= item->n[g])
            return WN_ABSENT;
        for (uint32_t f = 0; f < 64; f++)
            if (group(f) == g) {
                memmove(&item->list[f][index], &item->list[f][index + 1],
                        (item->n[g] - index - 1) * sizeof(wn_str));
                memmove(&item->number[f][index], &item->number[f][index + 1],
                        (item->n[g] - index - 1) * sizeof(int64_t));
                item->list[f][item->n[g] - 1] = (wn_str){NULL, 0};
            }
        item->n[g]--;
        return WN_OK;
    }
    int status = g ? open_entry(item, g, index) : WN_OK;
    if (status)
        return status;
    if (g)
        item->list[field][index] = copy(value);
    else
        item->text[field] = value.ptr ? copy(value) : value;
    if (field == WN_CONTENT) {
        static const uint32_t derived[] = {WN_TEXT, WN_DETECTED_LANG, WN_VECTOR};
        for (size_t i = 0; i < 3; i++)
            item->text[derived[i]] = (wn_str){NULL, 0};
        item->sanitised = 0;
    }
    return WN_OK;
}

static int api_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{
    if (field == WN_SANITISED) {
        item->sanitised = value;
        return WN_OK;
    }
    if (field == WN_TOPIC_BEST_SCORE && !index) {
        item->number[field][0] = value;
        return WN_OK;
    }
    if (field != WN_TOPIC_SCORE)
        return WN_UNSUPPORTED;
    int status = open_entry(item, WN_TOPIC_ID, index);
    if (!status)
        item->number[field][index] = value;
    return status;
}

static void *api_note(wn_host *host, wn_item *item, size_t size)
{
    void **note = &item->note[host->index];
    if (!*note && size)
        *note = calloc(1, size);
    return *note;
}

static int api_kv_get(wn_host *host, wn_str key, wn_str *value)
{
    for (struct pair *p = host->kv; p; p = p->next)
        if (same(p->key, key)) {
            if (p->value.ptr)
                *value = p->value;
            return p->value.ptr ? WN_OK : WN_ABSENT;
        }
    return WN_ABSENT;
}

static int api_kv_put(wn_host *host, wn_str key, wn_str value, int64_t expires)
{
    (void)expires;
    struct pair *p = (struct pair *)(void *)copy((wn_str){(char[sizeof *p]){0}, sizeof *p}).ptr;
    *p = (struct pair){host->kv, copy(key), value.ptr ? copy(value) : value};
    host->kv = p;
    return WN_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct pair *x = *(struct pair *const *)a, *y = *(struct pair *const *)b;
    size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = memcmp(x->key.ptr, y->key.ptr, n);
    return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

static int api_kv_scan(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user)
{
    size_t n = 0, m = 0;
    wn_str value;
    for (struct pair *p = host->kv; p; p = p->next)
        n++;
    struct pair **list = calloc(n + 1, sizeof(struct pair *));
    for (struct pair *p = host->kv; p && list; p = p->next)
        if (p->key.len >= prefix.len && memcmp(p->key.ptr, prefix.ptr, prefix.len) == 0 &&
            api_kv_get(host, p->key, &value) == WN_OK && value.ptr == p->value.ptr)
            list[m++] = p;
    if (m)
        qsort(list, m, sizeof *list, by_key);
    for (size_t i = 0; i < m && !fn(user, list[i]->key, list[i]->value); i++)
        continue;
    free(list);
    return WN_OK;
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
    it->text[WN_TITLE] = copy(z(title));
    it->text[WN_LINK] = copy(z(link));
    it->text[WN_GUID] = copy(z(link));
    it->text[WN_CONTENT] = copy(z(content));
    it->text[WN_DECLARED_LANG] = copy(z(lang));
    it->text[WN_SOURCE_URL] = copy(z(url));
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
    .str = api_str,
    .num = api_num,
    .count = api_count,
    .put = api_put,
    .put_num = api_put_num,
    .note = api_note,
    .kv_get = api_kv_get,
    .kv_put = api_kv_put,
    .kv_scan = api_kv_scan,
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
    for (struct blob *next; blobs; blobs = next) {
        next = blobs->next;
        free(blobs);
    }
    return 0;
}
