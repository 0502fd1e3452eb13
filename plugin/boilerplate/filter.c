/* SPDX-License-Identifier: Apache-2.0 */
/* The boilerplate filter as the ABI sees it. */
#include "filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text/limits.h"

static const wn_option options[] = {
    {"shadow", WN_OPT_BOOL, 1, "false", NULL,
     "tell what would be removed and remove nothing; sanitising stays"},
    {"data", WN_OPT_PATH, 0, NULL, NULL, "another file of rules instead of boilerplate.data"},
#define X(symbol, name, on, help) {#name, WN_OPT_BOOL, 1, (on) ? "true" : "false", NULL, help},
    RULE_GROUPS(X)
#undef X
        {NULL, 0, 0, NULL, NULL, NULL},
};

static void destroy(void *self)
{
    struct boilerplate *f = self;
    if (!f)
        return;
    rules_destroy(f->rules);
    learn_destroy(f->learn);
    tbuf_finish(&f->judged);
    tbuf_finish(&f->plain);
    free(f);
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct boilerplate *f = calloc(1, sizeof *f);
    int status = WN_NOMEM;
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    tbuf_init(&f->judged, TEXT_LIMIT_HTML_OUT * 2);
    tbuf_init(&f->plain, TEXT_LIMIT_PLAIN * 2);
    f->learn = learn_create(api, host);
    if (!f->learn || (status = data_load(api, host, &f->rules))) {
        destroy(f);
        return status;
    }
    *self = f;
    return WN_OK;
}

static void *thread_enter(void *self)
{
    (void)self;
    struct workspace *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    page_init(&w->page);
    tbuf_init(&w->line, TEXT_LIMIT_PLAIN * 2);
    tbuf_init(&w->base, TEXT_LIMIT_URL * 4);
    tbuf_init(&w->url, TEXT_LIMIT_ATTRIBUTE);
    return w;
}

static void thread_leave(void *self, void *thread)
{
    struct workspace *w = thread;
    (void)self;
    if (!w)
        return;
    page_finish(&w->page);
    tbuf_finish(&w->line);
    tbuf_finish(&w->base);
    tbuf_finish(&w->url);
    free(w->lines);
    free(w);
}

static int analyse(void *self, void *thread, wn_item *const *items, size_t n)
{
    struct workspace *w = thread ? thread : thread_enter(self);
    int status = w ? WN_OK : WN_NOMEM;
    for (size_t i = 0; i < n && w; i++) {
        int one = item_analyse(self, w, items[i]);
        status = status ? status : one;
    }
    if (!thread)
        thread_leave(self, w);
    return status;
}

static int count_item(struct boilerplate *f, wn_item *item)
{
    struct note *note = f->api->note(f->host, item, 0);
    int64_t id = 0, revision = 0, now = 0;
    if (!note || !(note->flags & NOTE_LEARN))
        return WN_OK;
    f->api->num(item, WN_ID, 0, &id);
    f->api->num(item, WN_ARRIVED, 0, &now);
    /* An item that its feed changed was counted when it was new. */
    if (f->api->num(item, WN_REVISION, 0, &revision) == WN_OK && revision > 0)
        return WN_OK;
    return learn_count(f->learn, item_source(f, item), id, now, note->lines, note->n_lines);
}

/* All items of a document at once, so that a first poll already knows what repeats. */
static int observe(void *self, wn_item *const *items, size_t n)
{
    struct boilerplate *f = self;
    int status = WN_OK;
    for (size_t i = 0; i < n; i++) {
        int one = count_item(f, items[i]);
        status = status ? status : one;
    }
    f->observes = 1;
    int flushed = learn_flush(f->learn);
    return status ? status : flushed;
}

/* One line for people: "removed: appeared 1, learned 2". */
static void say(struct boilerplate *f, const struct note *note, wn_verdict *verdict)
{
    int n = 0;
    if (note->flags & NOTE_RESTORED) {
        n = snprintf(f->reason, sizeof f->reason,
                     "boilerplate kept: little else would have been left");
    } else {
        for (unsigned g = 1; g < GROUP_COUNT; g++)
            if (note->counts[g] && n >= 0 && (size_t)n + 40 < sizeof f->reason)
                n += snprintf(f->reason + n, sizeof f->reason - (size_t)n, "%s%s %u",
                              n                           ? ", "
                              : note->flags & NOTE_SHADOW ? "would be removed: "
                                                          : "removed: ",
                              rule_group_names[g], note->counts[g]);
    }
    if (n > 0)
        verdict->reason = (wn_str){f->reason, (size_t)n};
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    struct boilerplate *f = self;
    struct note *note = f->api->note(f->host, item, 0);
    if (!note)
        return WN_OK;
    /* A host that has no observe: the item is counted here. */
    int status = WN_OK;
    if (!f->observes) {
        status = count_item(f, item);
        if (status == WN_OK)
            status = learn_flush(f->learn);
    }
    if (status == WN_OK)
        status = item_judge(f, item, note);
    if (status == WN_OK)
        say(f, note, verdict);
    return status;
}

const wn_filter boilerplate_filter = {
    .size = sizeof(wn_filter),
    .name = "boilerplate",
    .options = options,
    .create = create,
    .destroy = destroy,
    .thread_enter = thread_enter,
    .thread_leave = thread_leave,
    .analyse = analyse,
    .observe = observe,
    .judge = judge,
};
