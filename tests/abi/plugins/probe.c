/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two filters that use all that the ABI offers and leave traces of it, for tests of the chain.
 *
 * "probe": analyse notes the length of the content and puts TEXT; observe counts documents in kv;
 * judge calls an item with a title seen before a duplicate of the first (kv), drops titles with
 * "drop", and with "joins N" revises the N-th item that it judged.
 * "echo": sees what probe did: it puts "text:" and the text as a category, and its option `word`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../plugin/winnow_plugin.h"

struct probe {
    const wn_api *api;
    wn_host *host;
    int64_t ids[100000];
    size_t n;
    int wrong; /* calls that a host must refuse and did not */
};

struct note {
    size_t content;
    int judged;
};

static const char letters[] =
    "a value that is longer than the number of documents and comes after it";

static wn_str of(const char *z)
{
    wn_str s = {z, strlen(z)};
    return s;
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct probe *f = calloc(1, sizeof *f);
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    f->wrong += api->kv_put(host, of("never"), of("x"), 0) == WN_OK;
    wn_verdict v = {sizeof v, WN_KEEP, 0, 1, {NULL, 0}, {NULL, 0}};
    f->wrong += api->revise(host, 1, &v) == WN_OK;
    *self = f;
    return WN_OK;
}

static void *thread_enter(void *self)
{
    (void)self;
    return malloc(1); /* a leak, should thread_leave not come */
}

static void thread_leave(void *self, void *thread)
{
    (void)self;
    free(thread);
}

static int analyse(void *self, void *thread, wn_item *const *items, size_t n)
{
    struct probe *f = self;
    if (!thread)
        return WN_ERROR;
    for (size_t i = 0; i < n; i++) {
        wn_str content = {NULL, 0}, seen;
        struct note *note = f->api->note(f->host, items[i], sizeof *note);
        if (!note || note->content || note->judged)
            return WN_ERROR;
        f->api->str(items[i], WN_CONTENT, 0, &content);
        note->content = content.len;
        if (f->api->put(items[i], WN_TEXT, 0, content.ptr ? content : of("")))
            return WN_ERROR;
        /* Nobody writes while analyse runs; reading is fine, twice too, and both stay. */
        if (f->api->kv_get(f->host, of("documents"), &seen) == WN_OK) {
            wn_str again;
            char digits[32];
            snprintf(digits, sizeof digits, "%.*s", (int)seen.len, seen.ptr);
            if (f->api->kv_get(f->host, of("long"), &again) != WN_OK ||
                again.len != sizeof letters - 1)
                return WN_ERROR;
            if (strlen(digits) != seen.len || memcmp(digits, seen.ptr, seen.len) != 0)
                return WN_ERROR;
        }
        if (f->api->kv_put(f->host, of("never"), of("x"), 0) == WN_OK)
            return WN_ERROR;
    }
    return WN_OK;
}

static int observe(void *self, wn_item *const *items, size_t n)
{
    struct probe *f = self;
    char text[32];
    wn_str value;
    long count = 0;
    if (f->api->put(items[0], WN_TEXT, 0, of("x")) == WN_OK)
        return WN_ERROR; /* observe only looks */
    if (f->api->kv_put(f->host, of("long"), of(letters), 0))
        return WN_ERROR;
    if (f->api->kv_get(f->host, of("documents"), &value) == WN_OK)
        count = strtol(value.ptr, NULL, 10);
    snprintf(text, sizeof text, "%ld", count + 1);
    int64_t first = 0, second = 0;
    f->api->num(items[0], WN_DOCUMENT, 0, &first);
    f->api->num(items[n - 1], WN_DOCUMENT, 0, &second);
    return first == second ? f->api->kv_put(f->host, of("documents"), of(text), 0) : WN_ERROR;
}

static void join(struct probe *f, wn_str title, int64_t id)
{
    const char *word = memmem(title.ptr, title.len, "joins ", 6);
    size_t which = word ? strtoul(word + 6, NULL, 10) : 0;
    wn_verdict v = {sizeof v, WN_EDITION, id, 0.75, of("joined by a newcomer"), {NULL, 0}};
    if (word && which < f->n)
        f->api->revise(f->host, f->ids[which], &v);
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    struct probe *f = self;
    wn_str title = {NULL, 0}, first;
    int64_t id = 0;
    char text[32];
    struct note *note = f->api->note(f->host, item, 0);
    wn_str content = {NULL, 0};
    f->api->str(item, WN_CONTENT, 0, &content);
    if (!note || note->judged++ || note->content != content.len || f->wrong)
        return WN_ERROR;
    f->api->str(item, WN_TITLE, 0, &title);
    f->api->num(item, WN_ID, 0, &id);
    join(f, title, id);
    if (f->n < sizeof f->ids / sizeof *f->ids)
        f->ids[f->n++] = id;
    if (title.ptr && memmem(title.ptr, title.len, "drop", 4)) {
        verdict->kind = WN_DROP;
        verdict->reason = of("the title says drop");
        return WN_OK;
    }
    if (!title.len)
        return WN_OK;
    if (f->api->kv_get(f->host, title, &first) == WN_OK && strtoll(first.ptr, NULL, 10) != id) {
        verdict->kind = WN_DUPLICATE;
        verdict->of = strtoll(first.ptr, NULL, 10);
        verdict->score = 0.5;
        verdict->reason = of("a title seen before");
        verdict->evidence = of("title=same");
        return WN_OK;
    }
    snprintf(text, sizeof text, "%lld", (long long)id);
    return f->api->kv_put(f->host, title, of(text), 0);
}

static int constrain(void *self, int64_t a, int64_t b, uint32_t constraint)
{
    struct probe *f = self;
    char text[64];
    snprintf(text, sizeof text, "%lld %lld %u", (long long)a, (long long)b, (unsigned)constraint);
    int status = f->api->kv_put(f->host, of("ruling"), of(text), 0);
    wn_verdict v = {sizeof v, WN_KEEP, 0, 1, of("a person parted them"), {NULL, 0}};
    if (constraint == WN_APART)
        f->api->revise(f->host, b, &v);
    return status;
}

static void forget(void *self, int64_t item)
{
    struct probe *f = self;
    char text[32];
    snprintf(text, sizeof text, "forgot %lld", (long long)item);
    f->api->kv_put(f->host, of(text), of("yes"), 0);
}

static int label(void *self, wn_str topic, wn_str lang, wn_str *out)
{
    (void)self;
    if (topic.len != 8 || memcmp(topic.ptr, "04000000", 8) != 0)
        return WN_ABSENT;
    *out = lang.len >= 2 && memcmp(lang.ptr, "de", 2) == 0 ? of("Wirtschaft") : of("economy");
    return WN_OK;
}

static const void *extension(void *self, const char *id)
{
    static const wn_topic_labels labels = {sizeof labels, label};
    (void)self;
    return strcmp(id, WN_TOPIC_LABELS) == 0 ? &labels : NULL;
}

/* ---- echo ---- */

static int echo_create(const wn_api *api, wn_host *host, void **self)
{
    struct probe *f = calloc(1, sizeof *f);
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    *self = f;
    return WN_OK;
}

static int echo_judge(void *self, wn_item *item, wn_verdict *verdict)
{
    struct probe *f = self;
    wn_str text = {NULL, 0}, word = {NULL, 0};
    char line[256];
    (void)verdict;
    if (f->api->note(f->host, item, 0))
        return WN_ERROR; /* another filter's */
    f->api->str(item, WN_TEXT, 0, &text);
    f->api->config(f->host, item, "word", &word);
    snprintf(line, sizeof line, "%.*s:%.*s", (int)word.len, word.ptr,
             (int)(text.len < 100 ? text.len : 100), text.ptr ? text.ptr : "");
    return f->api->put(item, WN_CATEGORY_TERM, f->api->count(item, WN_CATEGORY_TERM), of(line));
}

static const wn_option options[] = {
    {"word", WN_OPT_STRING, 1, "text", NULL, "what stands before the text"},
    {"level", WN_OPT_NUMBER, 1, "0.5", "0..1", "a number"},
    {"count", WN_OPT_INT, 0, "3", "1..10", "a whole number"},
    {"window", WN_OPT_DURATION, 0, "172800", NULL, "a duration"},
    {"strict", WN_OPT_BOOL, 0, "false", NULL, "yes or no"},
    {"mode", WN_OPT_CHOICE, 0, "fast", "fast|good", "one of two"},
    {"names", WN_OPT_LIST, 0, NULL, NULL, "words"},
    {"labels", WN_OPT_MAP, 0, NULL, NULL, "words by words"},
    {"file", WN_OPT_PATH, 0, NULL, NULL, "a file"},
    {"rules", WN_OPT_JSON, 0, NULL, NULL, "anything"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static int init(const wn_api *api, wn_host *host)
{
    static const wn_filter probe = {
        sizeof(wn_filter), "probe", NULL,  create,    free,   thread_enter, thread_leave,
        analyse,           observe, judge, constrain, forget, extension,
    };
    static const wn_filter echo = {
        .size = sizeof(wn_filter),
        .name = "echo",
        .options = options,
        .create = echo_create,
        .destroy = free,
        .judge = echo_judge,
    };
    int status = api->add_filter(host, &probe);
    return status ? status : api->add_filter(host, &echo);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof plugin, "probe", "1.2",
                                     "Apache-2.0", "tests",       init};
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : NULL;
}
