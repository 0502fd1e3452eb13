/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter that goes wrong in the way that its option `how` says, in the callback that `where`
 * says, at items whose title contains `at` (empty: at each).
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../plugin/winnow_plugin.h"

struct misbehave {
    const wn_api *api;
    wn_host *host;
    char how[32], where[32], at[64];
};

static void option(const struct misbehave *f, const char *key, char *out, size_t n)
{
    wn_str v;
    snprintf(out, n, "%s", "");
    if (f->api->config(f->host, NULL, key, &v) == WN_OK)
        snprintf(out, n, "%.*s", (int)v.len, v.ptr);
}

static int go_wrong(const struct misbehave *f)
{
    if (strcmp(f->how, "error") == 0)
        return WN_ERROR;
    if (strcmp(f->how, "noise") == 0)
        for (int i = 0; i < 100; i++)
            f->api->log(f->host, WN_LOG_WARNING, "a filter with much to say");
    if (strcmp(f->how, "crash-beside") == 0)
        usleep(100000); /* the others are at it by then */
    if (strncmp(f->how, "crash", 5) == 0)
        *(volatile int *)8 = 1;
    if (strcmp(f->how, "abort") == 0)
        abort();
    if (strcmp(f->how, "exit") == 0)
        exit(0);
    if (strcmp(f->how, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(f->how, "hang") == 0) {
        const char *tell = getenv("MISBEHAVE_TELLS"); /* a file to make, as a sign */
        if (tell)
            close(open(tell, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        for (;;)
            pause();
    }
    return WN_OK;
}

static int concerns(const struct misbehave *f, const char *where, wn_item *item)
{
    wn_str title;
    if (strcmp(f->where, where) != 0)
        return 0;
    if (!f->at[0])
        return 1;
    if (!item || f->api->str(item, WN_TITLE, 0, &title))
        return 0;
    return memmem(title.ptr, title.len, f->at, strlen(f->at)) != NULL;
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct misbehave *f = calloc(1, sizeof *f);
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    option(f, "how", f->how, sizeof f->how);
    option(f, "where", f->where, sizeof f->where);
    option(f, "at", f->at, sizeof f->at);
    if (concerns(f, "create", NULL) && go_wrong(f)) {
        api->log(host, WN_LOG_ERROR, "cannot start: the test says so");
        free(f);
        return WN_ERROR;
    }
    *self = f;
    return WN_OK;
}

static int analyse(void *self, void *thread, wn_item *const *items, size_t n)
{
    (void)thread;
    for (size_t i = 0; i < n; i++)
        if (concerns(self, "analyse", items[i])) {
            int status = go_wrong(self);
            if (status)
                return status;
        }
    if (strcmp(((struct misbehave *)self)->how, "crash-beside") == 0)
        usleep(2000000); /* is at work when another thread crashes */
    return WN_OK;
}

static int observe(void *self, wn_item *const *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (concerns(self, "observe", items[i]))
            return go_wrong(self);
    return WN_OK;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    struct misbehave *f = self;
    int64_t id = 0;
    if (strcmp(f->where, "analyse") == 0 && f->at[0] && concerns(f, "analyse", item)) {
        verdict->kind = WN_DROP; /* a host must not ask after a failed analyse */
        return WN_OK;
    }
    if (!concerns(f, "judge", item))
        return WN_OK;
    f->api->num(item, WN_ID, 0, &id);
    verdict->kind = WN_DUPLICATE;
    if (strcmp(f->how, "unknown-of") == 0)
        verdict->of = 4711000;
    else if (strcmp(f->how, "self-of") == 0)
        verdict->of = id;
    else if (strcmp(f->how, "no-of") == 0)
        verdict->of = 0;
    else if (strcmp(f->how, "kind") == 0)
        verdict->kind = 77;
    else if (strcmp(f->how, "nan") == 0)
        verdict->kind = WN_DROP, verdict->score = 0.0 / (double)(id - id);
    else
        verdict->kind = WN_KEEP;
    return go_wrong(f);
}

static int constrain(void *self, int64_t a, int64_t b, uint32_t constraint)
{
    (void)a, (void)b, (void)constraint;
    return concerns(self, "constrain", NULL) ? go_wrong(self) : WN_OK;
}

static const wn_option options[] = {
    {"how", WN_OPT_STRING, 0, "error", NULL, "what goes wrong"},
    {"where", WN_OPT_CHOICE, 0, "judge", "create|analyse|observe|judge|constrain",
     "in which callback"},
    {"at", WN_OPT_STRING, 0, "", NULL, "a word of the titles that it goes wrong at"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static int init(const wn_api *api, wn_host *host)
{
    static const wn_filter filter = {
        .size = sizeof(wn_filter),
        .name = "misbehave",
        .options = options,
        .create = create,
        .destroy = free,
        .analyse = analyse,
        .observe = observe,
        .judge = judge,
        .constrain = constrain,
    };
    return api->add_filter(host, &filter);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof plugin, "misbehave", "1",
                                     "Apache-2.0", "tests",       init};
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : NULL;
}
