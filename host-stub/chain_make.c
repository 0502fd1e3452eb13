/* SPDX-License-Identifier: Apache-2.0 */
/* Making a chain from the configuration, and taking it apart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain_host.h"
#include "log.h"
#include "status.h"
#include "suggest.h"
#include "workers.h"

static const char *where(const struct config *config)
{
    return config->path ? config->path : "configuration";
}

/* ---- which filters ---- */

/* Messages, each with its place in the configuration before it, and none twice: one file that is
 * missing is missed by every filter that is looked for in it. */
static void take_messages(const struct config *config, int line, struct buf *from,
                          struct buf *errors)
{
    struct buf one;
    buf_init(&one, KIB(64));
    for (const char *p = from->p; p && *p;) {
        size_t n = strcspn(p, "\n");
        buf_reset(&one);
        if (line > 0)
            buf_addf(&one, "%s:%d: ", where(config), line);
        buf_add(&one, p, n);
        buf_addc(&one, '\n');
        if (!one.err && (!errors->n || !strstr(errors->p, one.p)))
            buf_add(errors, one.p, one.n);
        p += n + (p[n] == '\n');
    }
    buf_finish(&one);
    buf_reset(from);
}

static int load(const struct config *config, const char *name, int line, struct plugin **plugin,
                struct buf *errors)
{
    struct buf lines;
    buf_init(&lines, KIB(64));
    int status = plugin_load(name, plugin, &lines);
    if (status)
        take_messages(config, line, &lines, errors);
    buf_finish(&lines);
    return status;
}

static const wn_filter *by_name(const struct plugin *plugin, const char *name)
{
    for (size_t i = 0; i < plugin_count(plugin); i++)
        if (strcmp(plugin_filter(plugin, i)->name, name) == 0)
            return plugin_filter(plugin, i);
    return NULL;
}

/* The plugin of an entry: the file it names, else one under `plugins` that has the filter, else the
 * file of that name beside the binary. */
static int plugin_of(const struct config *config, const struct filter_config *f,
                     struct plugin **plugin, struct buf *errors)
{
    if (f->plugin)
        return load(config, f->plugin, f->line, plugin, errors);
    for (size_t i = 0; i < config->n_plugins; i++) {
        struct plugin *p;
        if (load(config, config->plugins[i], config->plugin_lines[i], &p, errors) == OK &&
            by_name(p, f->name)) {
            *plugin = p;
            return OK;
        }
    }
    return load(config, f->name, f->line, plugin, errors);
}

/* Settings of an entry that stands for several filters: each must be known to one of them. */
static int check_bundle(const struct config *config, const struct plugin *plugin,
                        const struct filter_config *f, struct buf *errors)
{
    int status = OK;
    for (size_t i = 0; i < f->n_settings; i++) {
        struct filter_config one = {.settings = &f->settings[i], .n_settings = 1};
        const wn_filter *owner = plugin_filter(plugin, 0);
        for (size_t j = 0; j < plugin_count(plugin); j++)
            if (filter_option(plugin_filter(plugin, j), f->settings[i].key))
                owner = plugin_filter(plugin, j);
        if (filter_check(owner, &one, 0, where(config), errors))
            status = E_USAGE;
    }
    return status;
}

static int add_link(struct chain *c, const struct filter_config *f, struct plugin *plugin,
                    const wn_filter *calls, struct buf *errors)
{
    for (size_t i = 0; i < c->n_links; i++)
        if (c->links[i].filter && strcmp(c->links[i].name, calls->name) == 0) {
            buf_addf(errors, "%s:%d: filter '%s' is in the chain twice; remove one\n",
                     where(c->config), f->line, calls->name);
            return E_USAGE;
        }
    if (c->n_links == LIMIT_FILTERS) {
        buf_addf(errors, "%s:%d: more than %d filters; remove some\n", where(c->config), f->line,
                 LIMIT_FILTERS);
        return E_USAGE;
    }
    struct link_entry *l = &c->links[c->n_links];
    int status = filter_create(plugin, calls, c->config, f, c, &l->filter, errors);
    if (status)
        return status;
    l->name = calls->name;
    l->line = f->line;
    c->n_links++;
    return OK;
}

static int add_entry(struct chain *c, const struct filter_config *f, struct buf *errors)
{
    struct plugin *plugin;
    int status = plugin_of(c->config, f, &plugin, errors);
    if (status)
        return status;
    const wn_filter *calls = f->name ? by_name(plugin, f->name) : NULL;
    if (calls) {
        status = filter_check(calls, f, 0, where(c->config), errors);
        return status ? status : add_link(c, f, plugin, calls, errors);
    }
    if (f->name && strcmp(plugin_descriptor(plugin)->name, f->name) != 0) {
        buf_addf(errors, "%s:%d: %s has no filter '%s'; it has", where(c->config), f->line,
                 plugin_path(plugin), f->name);
        for (size_t i = 0; i < plugin_count(plugin); i++)
            buf_addf(errors, "%s %s", i ? "," : "", plugin_filter(plugin, i)->name);
        buf_addc(errors, '\n');
        return E_USAGE;
    }
    if ((status = check_bundle(c->config, plugin, f, errors)))
        return status;
    for (size_t i = 0; i < plugin_count(plugin) && !status; i++)
        status = add_link(c, f, plugin, plugin_filter(plugin, i), errors);
    return status;
}

/* A source that configures a filter which isn't there has a slip in its name. */
static int check_overrides(const struct chain *c, struct buf *errors)
{
    const char *names[LIMIT_FILTERS + 1];
    int status = OK;
    for (size_t i = 0; i < c->n_links; i++)
        names[i] = c->links[i].name;
    names[c->n_links] = NULL;
    for (size_t i = 0; i < c->config->n_sources; i++) {
        const struct source *s = &c->config->sources[i];
        for (size_t j = 0; j < s->n_overrides; j++) {
            const char *name = s->overrides[j].name, *near;
            size_t k = 0;
            while (name && k < c->n_links && strcmp(names[k], name) != 0)
                k++;
            if (!name || k < c->n_links)
                continue;
            buf_addf(errors,
                     "%s:%d: source %s configures the filter '%s', which is not in the chain",
                     where(c->config), s->overrides[j].line, s->url, name);
            if ((near = suggest(name, names)))
                buf_addf(errors, "; did you mean '%s'?\n", near);
            else
                buf_adds(errors, "; add it under 'filters'\n");
            status = E_USAGE;
        }
    }
    return status;
}

/* All entries, so that all that is wrong is told at once. */
static int add_entries(struct chain *c, struct buf *errors)
{
    int worst = OK;
    for (size_t i = 0; i < c->config->n_plugins; i++) {
        struct plugin *p;
        int status = load(c->config, c->config->plugins[i], c->config->plugin_lines[i], &p, errors);
        if (status)
            worst = status;
    }
    for (size_t i = 0; i < c->config->n_filters; i++) {
        const struct filter_config *f = &c->config->filters[i];
        if (!f->enabled) {
            if (c->n_links < LIMIT_FILTERS)
                c->links[c->n_links++].name = f->name ? f->name : f->plugin;
            continue;
        }
        int status = add_entry(c, f, errors);
        if (status)
            worst = status;
    }
    return worst ? worst : check_overrides(c, errors);
}

/* ---- instances ---- */

static int create_one(struct chain *c, struct link_entry *l, struct buf *errors)
{
    struct call call;
    wn_str start = str_z("start");
    if (c->crumbs && crumb_passed_over(c->crumbs, l->name, start, 0, INT64_MAX)) {
        l->disabled = 1;
        log_msg(LOG_ERROR, l->name,
                "filter is left out: it ended the process twice while starting;"
                " replace it, or remove the file 'crumbs' in the state's folder to try again");
        return OK;
    }
    l->rules_off =
        c->crumbs && crumb_passed_over(c->crumbs, l->name, str_z("rulings"), 0, INT64_MAX);
    if (c->crumbs)
        crumb_document(c->crumbs, CRUMB_JUDGE, start, 0);
    struct buf lines;
    buf_init(&lines, KIB(64));
    chain_enter(c, l, &call, PHASE_CREATE, "create");
    call.errors = &lines;
    int status = filter_calls(l->filter)->create(filter_api(), filter_host(l->filter), &l->self);
    chain_leave(c, &call);
    if (status)
        buf_addf(&lines,
                 "filter '%s' could not start (status %d); mend it, or switch it off with "
                 "'%s: {enabled: false}'\n",
                 l->name, status, l->name);
    else
        l->created = 1;
    take_messages(c->config, l->line, &lines, errors);
    buf_finish(&lines);
    return status ? E_FILTER : OK;
}

/* Around a filter's thread_enter and thread_leave, on the worker's own thread. */
static void thread_begin(struct chain *c, const struct link_entry *l, int thread, struct call *call,
                         const char *document, const char *callback)
{
    struct chain_thread *t = &c->threads[thread];
    *call = (struct call){.phase = PHASE_THREAD,
                          .filter = l->filter,
                          .chain = c,
                          .scratch = &t->scratch,
                          .reader = t->reader};
    filter_call_begin(call);
    if (!c->crumbs)
        return;
    crumb_document(c->crumbs, thread, str_z(document), 0);
    crumb_enter(c->crumbs, thread, l->name, callback);
}

static void thread_end(struct chain *c, int thread)
{
    if (c->crumbs)
        crumb_leave(c->crumbs, thread);
    filter_call_end();
}

static void enter_thread(void *arg, int thread)
{
    struct chain *c = arg;
    struct chain_thread *t = &c->threads[thread];
    struct call call;
    arena_init(&t->scratch, 4 * LIMIT_ITEM);
    if (c->store && reader_open(c->store, &t->reader))
        t->reader = NULL;
    for (size_t i = 0; i < c->n_links; i++) {
        struct link_entry *l = &c->links[i];
        if (!l->created || !filter_calls(l->filter)->thread_enter)
            continue;
        thread_begin(c, l, thread, &call, "start", "thread_enter");
        l->threads[thread] = filter_calls(l->filter)->thread_enter(l->self);
        thread_end(c, thread);
    }
}

static void leave_thread(void *arg, int thread)
{
    struct chain *c = arg;
    struct chain_thread *t = &c->threads[thread];
    struct call call;
    for (size_t i = c->n_links; i-- > 0;) {
        struct link_entry *l = &c->links[i];
        if (!l->created || !filter_calls(l->filter)->thread_leave)
            continue;
        thread_begin(c, l, thread, &call, "end", "thread_leave");
        filter_calls(l->filter)->thread_leave(l->self, l->threads[thread]);
        thread_end(c, thread);
    }
    reader_close(t->reader);
    t->reader = NULL;
    arena_finish(&t->scratch);
}

static void on_each_thread(struct chain *c, void (*fn)(void *arg, int thread))
{
    if (c->workers)
        workers_each(c->workers, fn, c);
    else
        fn(c, 0);
}

int chain_start(struct chain *c, enum chain_part part, struct buf *errors)
{
    for (size_t i = 0; i < c->n_links; i++) {
        struct link_entry *l = &c->links[i];
        if (!l->filter || l->created || l->disabled ||
            (part == CHAIN_NAMES && !filter_calls(l->filter)->extension))
            continue;
        int status = create_one(c, l, errors);
        if (status)
            return status;
    }
    if (part == CHAIN_NAMES)
        return OK;
    c->n_threads = c->workers ? workers_count(c->workers) : 1;
    on_each_thread(c, enter_thread);
    for (size_t i = 0; c->crumbs && i < c->n_links; i++)
        if (c->links[i].created)
            crumb_survived(c->crumbs, c->links[i].name, str_z("start"));
    return OK;
}

static int outputs_have_topics(const struct config *config)
{
    for (size_t i = 0; i < config->n_outputs; i++)
        if (config->outputs[i].n_topics || config->outputs[i].n_except)
            return 1;
    return 0;
}

int chain_create(const struct config *config, struct store *store, struct workers *workers,
                 struct crumbs *crumbs, enum chain_part part, struct chain **chain,
                 struct buf *errors)
{
    struct chain *c = calloc(1, sizeof *c);
    if (!c)
        return E_NOMEM;
    c->config = config;
    c->store = store;
    c->workers = workers;
    c->crumbs = crumbs;
    c->in_memory = store && store_in_memory(store);
    pthread_mutex_init(&c->shared, NULL);
    arena_init(&c->judge.scratch, 4 * LIMIT_ITEM);
    arena_init(&c->waiting_strings, 4 * LIMIT_ITEM);
    if (part == CHAIN_LOADED && outputs_have_topics(config))
        part = CHAIN_NAMES;
    int status = E_NOMEM;
    if (!(c->links = calloc(LIMIT_FILTERS, sizeof *c->links)))
        goto fail;
    if ((status = add_entries(c, errors)) ||
        (part != CHAIN_LOADED && (status = chain_start(c, part, errors))) ||
        (status = chain_check_outputs(c, errors)))
        goto fail;
    *chain = c;
    return OK;
fail:
    chain_destroy(c);
    return status;
}

void chain_destroy(struct chain *c)
{
    if (!c)
        return;
    if (c->n_threads)
        on_each_thread(c, leave_thread);
    for (size_t i = c->n_links; i-- > 0;) {
        struct link_entry *l = &c->links[i];
        if (l->created) {
            struct call call;
            if (c->crumbs)
                crumb_document(c->crumbs, CRUMB_JUDGE, str_z("end"), 0);
            chain_enter(c, l, &call, PHASE_CREATE, "destroy");
            filter_calls(l->filter)->destroy(l->self);
            chain_leave(c, &call);
        }
        filter_destroy(l->filter);
        free(l->told_source);
    }
    free(c->links);
    arena_finish(&c->judge.scratch);
    arena_finish(&c->waiting_strings);
    pthread_mutex_destroy(&c->shared);
    free(c);
}
