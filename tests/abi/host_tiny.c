/* SPDX-License-Identifier: Apache-2.0 */
/* The least host: title, link and content, one item at a time, nothing remembered for the filters.
 * Usage: host_tiny PLUGIN.so < items, three lines an item. */
/* clang-format off */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugin/winnow_plugin.h"
struct wn_item {
    int64_t id;
    wn_str text[64]; /* by field number */
    void *note;
};
struct wn_host {
    const wn_filter *filters[8];
    int n;
};
static char memory[16 << 20]; /* what filters put into the item at hand */
static size_t used;
static void say(wn_host *host, int level, const char *message)
{
    (void)host;
    fprintf(level <= WN_LOG_WARNING ? stderr : stdout, "log\t%s\n", message);
}
static int add_filter(wn_host *host, const wn_filter *filter)
{ return host->n < 8 ? (host->filters[host->n++] = filter, WN_OK) : WN_LIMIT; }
static int str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    int there = !index && field < 64 && item->text[field].ptr;
    return there ? (*value = item->text[field], WN_OK) : WN_ABSENT;
}
static int num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{ return field == WN_ID && !index ? (*value = item->id, WN_OK) : WN_ABSENT; }
static uint32_t count(const wn_item *item, uint32_t field)
{ return field == WN_ID || (field < 64 && item->text[field].ptr); }
static int put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    if (index || (field != WN_TITLE && field != WN_LINK && field != WN_CONTENT))
        return WN_UNSUPPORTED;
    if (value.len > sizeof memory - used)
        return WN_LIMIT;
    item->text[field] =
        (wn_str){value.ptr ? memcpy(memory + used, value.ptr, value.len) : NULL, value.len};
    used += value.len;
    return WN_OK;
}
static int put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{ return (void)item, (void)field, (void)index, (void)value, WN_UNSUPPORTED; }
static void *note(wn_host *host, wn_item *item, size_t size)
{ return (void)host, item->note || !size ? item->note : (item->note = calloc(1, size)); }
int main(int argc, char **argv)
{
    static const wn_api api = {.size = sizeof api, .abi = WN_ABI, .host_name = "tiny", .host_version = "1",
        .log = say, .add_filter = add_filter, .str = str, .num = num, .count = count, .put = put,
        .put_num = put_num, .note = note};
    static const uint32_t fields[] = {WN_TITLE, WN_LINK, WN_CONTENT};
    static char line[3][1 << 20];
    const wn_plugin *(*reg)(uint32_t);
    void *so = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL, *self[8], *thread[8];
    *(void **)&reg = so ? dlsym(so, "winnow_plugin_register") : NULL;
    const wn_plugin *plugin = reg ? reg(WN_ABI) : NULL;
    wn_host host = {.n = 0};
    if (!plugin || plugin->Init(&api, &host))
        return fprintf(stderr, "%s\n", so ? "not for this host" : "cannot open it"), 1;
    for (int i = 0; i < host.n; i++) {
        if (host.filters[i]->create(&api, &host, &self[i]))
            return 1;
        thread[i] = host.filters[i]->thread_enter ? host.filters[i]->thread_enter(self[i]) : NULL;
    }
    wn_item item = {0}, *one = &item;
    while (fgets(line[0], 1 << 20, stdin) && fgets(line[1], 1 << 20, stdin) &&
           fgets(line[2], 1 << 20, stdin)) {
        item.id++, used = 0;
        for (int j = 0; j < 3; j++)
            item.text[fields[j]] = (wn_str){line[j], strcspn(line[j], "\n")};
        for (int i = 0; i < host.n; i++) {
            const wn_filter *f = host.filters[i];
            wn_verdict v = {.size = sizeof v, .score = 1};
            int status = f->analyse ? f->analyse(self[i], thread[i], &one, 1) : WN_OK;
            status = status ? status : f->judge(self[i], &item, &v);
            printf("%d\t%s\t%d\t%u\t%d\t%.*s\n", (int)item.id, f->name, status, v.kind, (int)v.of,
                   (int)v.reason.len, v.reason.ptr ? v.reason.ptr : "");
            free(item.note), item.note = NULL;
        }
        printf("%d\tcontent\t%.*s\n", (int)item.id, (int)item.text[WN_CONTENT].len,
               item.text[WN_CONTENT].ptr);
    }
    for (int i = host.n; i-- > 0; host.filters[i]->destroy(self[i]))
        if (host.filters[i]->thread_leave)
            host.filters[i]->thread_leave(self[i], thread[i]);
    return 0;
}
