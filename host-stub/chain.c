/* SPDX-License-Identifier: Apache-2.0 */
/* Calls into filters outside an epoch, and what is told of them. Making a chain: chain_make.c. */
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chain_host.h"
#include "date.h"
#include "log.h"
#include "status.h"

#define IN_A_ROW 3 /* errors that disable a filter */

void chain_enter(struct chain *c, struct link_entry *l, struct call *call, enum phase phase,
                 const char *crumb_phase)
{
    arena_reset(&c->judge.scratch);
    *call = (struct call){
        .phase = phase, .filter = l->filter, .chain = c, .scratch = &c->judge.scratch};
    c->link = (int)(l - c->links);
    filter_call_begin(call);
    if (c->crumbs)
        crumb_enter(c->crumbs, CRUMB_JUDGE, l->name, crumb_phase);
}

void chain_leave(struct chain *c, struct call *call)
{
    (void)call;
    if (c->crumbs)
        crumb_leave(c->crumbs, CRUMB_JUDGE);
    filter_call_end();
}

/* ---- telling ---- */

void chain_tell(struct chain *c, const struct link_entry *l, const char *action, wn_str source,
                const char *reason)
{
    if (!c->store)
        return;
    char stamp[32];
    date_format(time(NULL), stamp);
    json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s}", "timestamp", stamp, "event_type",
                              "filter", "filter", l->name, "action", action, "reason", reason);
    if (event && source.ptr)
        json_object_set_new(event, "source", json_stringn(source.ptr, source.len));
    char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;
    if (line)
        store_event(c->store, line, strlen(line));
    free(line);
    json_decref(event);
}

void chain_count_result(struct chain *c, struct link_entry *l, enum callback kind, int status,
                        const struct item *about)
{
    static const char *const names[] = {"analyse", "observe", "judge", "constrain"};
    if (status == OK) {
        l->in_a_row[kind] = 0;
        return;
    }
    l->errors++;
    l->in_a_row[kind]++;
    wn_str source = about ? about->source_key : str_of(NULL, 0);
    char subject[640];
    snprintf(subject, sizeof subject, "filter %s%s%.500s", l->name, source.ptr ? ", " : "",
             source.ptr ? source.ptr : "");
    /* The first ones, and then a few: a filter that fails at every other item would fill a disk. */
    if (l->errors <= LIMIT_FILTER_LOG || l->errors % 1000 == 0)
        log_msg(LOG_WARNING, subject,
                "failed in %s (status %d, error %llu); the item stays as it is", names[kind],
                status, (unsigned long long)l->errors);
    if (l->in_a_row[kind] < IN_A_ROW || l->disabled)
        return;
    l->disabled = 1;
    log_msg(LOG_ERROR, subject,
            "switched off after %d errors in a row in %s; reload the configuration to try it again",
            IN_A_ROW, names[kind]);
    chain_tell(c, l, "disabled", source, "three errors in a row");
}

/* ---- rulings ---- */

/* Whether a filter can be asked for something that is about no document. */
static int willing(struct link_entry *l)
{
    return l->created && !l->disabled && !l->rules_off;
}

static void constrain_one(struct chain *c, struct link_entry *l, int64_t a, int64_t b,
                          uint32_t constraint)
{
    const wn_filter *calls = filter_calls(l->filter);
    struct call call;
    if (!willing(l) || !calls->constrain)
        return;
    if (c->crumbs)
        crumb_document(c->crumbs, CRUMB_JUDGE, str_z("rulings"), 0);
    chain_enter(c, l, &call, PHASE_RULE, "constrain");
    int status = calls->constrain(l->self, a, b, constraint);
    chain_leave(c, &call);
    chain_count_result(c, l, CALL_RULE, status == WN_UNSUPPORTED ? OK : status, NULL);
}

void chain_constrain(struct chain *c, int64_t a, int64_t b, uint32_t constraint)
{
    for (size_t i = 0; i < c->n_links; i++)
        constrain_one(c, &c->links[i], a, b, constraint);
}

void chain_forget(struct chain *c, int64_t item)
{
    for (size_t i = 0; i < c->n_links; i++) {
        struct link_entry *l = &c->links[i];
        struct call call;
        if (!willing(l) || !filter_calls(l->filter)->forget)
            continue;
        if (c->crumbs)
            crumb_document(c->crumbs, CRUMB_JUDGE, str_z("rulings"), 0);
        chain_enter(c, l, &call, PHASE_RULE, "forget");
        filter_calls(l->filter)->forget(l->self, item);
        chain_leave(c, &call);
    }
}

int chain_pending(const struct chain *c)
{
    return c->n_waiting > 0;
}

struct ruling {
    int64_t a, b;
    uint32_t constraint;
};

struct rulings {
    struct ruling *list;
    size_t n, cap;
};

static int collect(void *user, int64_t a, int64_t b, uint32_t constraint)
{
    struct rulings *r = user;
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct ruling *fresh = realloc(r->list, cap * sizeof *fresh);
        if (!fresh)
            return 1;
        r->list = fresh;
        r->cap = cap;
    }
    r->list[r->n++] = (struct ruling){a, b, constraint};
    return 0;
}

/* Collected first: a filter may write while it is told, and the store's cursor should be closed. */
void chain_replay(struct chain *c)
{
    struct rulings r = {0};
    if (c->replayed || !c->store)
        return;
    c->replayed = 1;
    store_each_constraint(c->store, collect, &r);
    for (size_t i = 0; i < r.n; i++)
        chain_constrain(c, r.list[i].a, r.list[i].b, r.list[i].constraint);
    if (c->crumbs)
        for (size_t i = 0; i < c->n_links; i++)
            crumb_survived(c->crumbs, c->links[i].name, str_z("rulings"));
    free(r.list);
}

void chain_set_patience(struct chain *c, int (*fn)(void *user, int status), void *user)
{
    c->patience = fn;
    c->patience_user = user;
}

/* ---- figures ---- */

void chain_took(struct link_entry *l, _Atomic uint64_t *sum, uint64_t ns)
{
    *sum += ns;
    uint64_t longest = l->longest_ns;
    while (ns > longest && !atomic_compare_exchange_weak(&l->longest_ns, &longest, ns))
        ;
}

void chain_look(const struct item *item, struct chain_look *look)
{
    *look = (struct chain_look){item->title,    item->summary,      item->content,
                                item->link,     item->n_categories, item->n_enclosures,
                                item->n_topics, item->n_removed};
}

/* Strings of items are never changed in place, and the old one lives as long as the item. */
static int differ(wn_str a, wn_str b)
{
    return a.ptr != b.ptr && (a.len != b.len || !a.ptr || !b.ptr || memcmp(a.ptr, b.ptr, a.len));
}

void chain_count_changes(struct link_entry *l, const struct item *item,
                         const struct chain_look *before)
{
    struct chain_look now;
    chain_look(item, &now);
    l->changed += differ(now.title, before->title) || differ(now.summary, before->summary) ||
                  differ(now.content, before->content) || differ(now.link, before->link) ||
                  now.n_categories != before->n_categories ||
                  now.n_enclosures != before->n_enclosures || now.n_topics != before->n_topics ||
                  now.n_removed != before->n_removed;
    if (now.n_removed > before->n_removed)
        l->removed += now.n_removed - before->n_removed;
}

/* ---- for check, explain and stats ---- */

size_t chain_count(const struct chain *c)
{
    return c->n_links;
}

int chain_info(const struct chain *c, size_t index, struct chain_filter_info *info)
{
    if (index >= c->n_links)
        return E_ABSENT;
    const struct link_entry *l = &c->links[index];
    memset(info, 0, sizeof *info);
    info->name = l->name;
    if (!l->filter)
        return OK;
    const struct plugin *plugin = filter_plugin(l->filter);
    info->version = plugin_descriptor(plugin)->version;
    info->plugin_path = plugin_path(plugin);
    info->enabled = 1;
    info->disabled = l->disabled;
    info->items = l->items;
    info->errors = l->errors;
    info->passed_over = l->passed_over;
    info->analyse_ns = l->analyse_ns;
    info->judge_ns = l->judge_ns;
    info->longest_ns = l->longest_ns;
    info->changed = l->changed;
    info->removed = l->removed;
    info->options = filter_calls(l->filter)->options;
    return OK;
}
