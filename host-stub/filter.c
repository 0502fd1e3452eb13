/* SPDX-License-Identifier: Apache-2.0 */
/* An instance of a filter, and the host's table that it calls into. */
#include "filter.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_host.h"
#include "limits.h"
#include "log.h"
#include "status.h"

/* What one source configures otherwise: values parallel to the filter's options, NULL: as usual. */
struct override {
    char *source;
    char **values;
};

struct filter {
    struct wn_host host;
    struct plugin *plugin;
    const wn_filter *calls;
    struct chain *chain;
    size_t n_options;
    char **values;              /* handed over; NULL: not configured and without default */
    struct override *overrides; /* sorted by source */
    size_t n_overrides;
    atomic_uint logged; /* lines in this round */
};

/* The call that this thread is in. */
static _Thread_local struct call *current;

void filter_call_begin(struct call *call)
{
    current = call;
}

void filter_call_end(void)
{
    current = NULL;
}

struct call *filter_call(void)
{
    return current;
}

/* The call, if it is one of this host handle in one of these phases (a set of bits). */
static struct call *call_of(const wn_host *host, unsigned phases)
{
    if (!current || !host || host != &current->filter->host || !(phases >> current->phase & 1))
        return NULL;
    return current;
}

#define ON(phase) (1u << (phase))
#define ON_ITEMS (ON(PHASE_ANALYSE) | ON(PHASE_OBSERVE) | ON(PHASE_JUDGE))
#define ON_WRITE (ON(PHASE_OBSERVE) | ON(PHASE_JUDGE) | ON(PHASE_RULE))

/* ---- members of wn_api ---- */

static void api_log(wn_host *host, int level, const char *message)
{
    if (!host || !message)
        return;
    if (host->plugin) {
        plugin_log(host->plugin, level, message);
        return;
    }
    struct filter *f = host->filter;
    level = level < WN_LOG_ERROR ? LOG_ERROR : level > WN_LOG_DEBUG ? LOG_DEBUG : level;
    if (level == LOG_ERROR && current && current->filter == f && current->errors) {
        buf_addf(current->errors, "filter '%s': %s\n", f->calls->name, message);
        return;
    }
    /* A filter that complains of every item would bury what others have to say. */
    if (level <= LOG_WARNING && atomic_fetch_add(&f->logged, 1) >= LIMIT_FILTER_LOG)
        return;
    char subject[600];
    const struct item *about = current && current->filter == f ? current->about : NULL;
    wn_str source = about ? about->source_key : str_of(NULL, 0);
    snprintf(subject, sizeof subject, "filter %s%s%.*s", f->calls->name, source.ptr ? ", " : "",
             (int)(source.len < 500 ? source.len : 500), source.ptr ? source.ptr : "");
    log_msg(level, subject, "%s", message);
}

static int api_add_filter(wn_host *host, const wn_filter *filter)
{
    if (!host || !host->plugin)
        return WN_INVALID;
    return plugin_add_filter(host->plugin, filter);
}

static int by_source(const void *a, const void *b)
{
    return strcmp(((const struct override *)a)->source, ((const struct override *)b)->source);
}

static const char *overridden(const struct filter *f, const wn_item *item, size_t option)
{
    if (!item || !f->n_overrides || !item->item->source_key.ptr)
        return NULL;
    /* Strings of items are NUL-terminated, see arena_str. */
    struct override key = {(char *)item->item->source_key.ptr, NULL};
    struct override *o = bsearch(&key, f->overrides, f->n_overrides, sizeof key, by_source);
    return o ? o->values[option] : NULL;
}

static int api_config(wn_host *host, const wn_item *item, const char *key, wn_str *value)
{
    if (!host || !host->filter || !key || !value)
        return WN_INVALID;
    const struct filter *f = host->filter;
    const wn_option *o = filter_option(f->calls, key);
    if (!o)
        return WN_ABSENT;
    size_t i = (size_t)(o - f->calls->options);
    const char *text = overridden(f, item, i);
    if (!text)
        text = f->values[i];
    if (!text)
        return WN_ABSENT;
    *value = str_z(text);
    return WN_OK;
}

static void *api_note(wn_host *host, wn_item *item, size_t size)
{
    struct call *call = call_of(host, ON_ITEMS);
    if (!call || !item || size > LIMIT_NOTE)
        return NULL;
    /* While analyse runs, another thread may be at work on an item that isn't this call's. */
    if (call->phase == PHASE_ANALYSE && item->writer != call)
        return NULL;
    if (!item->note && size) {
        item->note = calloc(1, size);
        item->note_size = size;
    }
    return item->note;
}

static int valid_key(wn_str key)
{
    return key.ptr && key.len <= LIMIT_KV_KEY;
}

static int api_kv_get(wn_host *host, wn_str key, wn_str *value)
{
    struct call *call = call_of(host, ~0u);
    if (!call || !value || !key.ptr)
        return WN_INVALID;
    return valid_key(key) ? chain_kv_get(call, key, value) : WN_ABSENT;
}

static int api_kv_put(wn_host *host, wn_str key, wn_str value, int64_t expires)
{
    struct call *call = call_of(host, ON_WRITE);
    if (!call || !key.ptr || !key.len || expires < 0)
        return WN_INVALID;
    if (!valid_key(key) || (value.ptr && value.len > LIMIT_KV_VALUE))
        return WN_LIMIT;
    return chain_kv_put(call, key, value, expires);
}

static int api_kv_scan(wn_host *host, wn_str prefix, wn_kv_fn fn, void *user)
{
    struct call *call = call_of(host, ON_WRITE | ON(PHASE_CREATE));
    if (!call || !fn)
        return WN_INVALID;
    if (!prefix.ptr)
        prefix = str_of("", 0);
    return valid_key(prefix) ? chain_kv_scan(call, prefix, fn, user) : WN_OK;
}

static int api_revise(wn_host *host, int64_t item, const wn_verdict *verdict)
{
    struct call *call = call_of(host, ON_WRITE);
    if (!call || !verdict || item <= 0)
        return WN_INVALID;
    return chain_revise(call, item, verdict);
}

static const void *api_extension(wn_host *host, const char *id)
{
    (void)host;
    (void)id;
    return NULL; /* none yet */
}

const wn_api *filter_api(void)
{
    static const wn_api api = {
        .size = sizeof(wn_api),
        .abi = WN_ABI,
        .host_name = "winnow",
        .host_version = WINNOW_VERSION,
        .log = api_log,
        .add_filter = api_add_filter,
        .config = api_config,
        .str = fields_str,
        .num = fields_num,
        .count = fields_count,
        .put = fields_put,
        .put_num = fields_put_num,
        .note = api_note,
        .kv_get = api_kv_get,
        .kv_put = api_kv_put,
        .kv_scan = api_kv_scan,
        .revise = api_revise,
        .extension = api_extension,
    };
    return &api;
}

/* ---- making an instance ---- */

/* Values of the settings, parallel to the options; the settings were checked. */
static int take_settings(struct filter *f, const struct filter_config *settings, const char *folder,
                         char **values)
{
    char why[200];
    for (size_t i = 0; i < settings->n_settings; i++) {
        const wn_option *o = filter_option(f->calls, settings->settings[i].key);
        if (!o)
            continue; /* another filter's, where one entry configures a bundle */
        char *value = filter_option_value(o, &settings->settings[i], folder, why);
        if (!value)
            return E_NOMEM;
        size_t at = (size_t)(o - f->calls->options);
        free(values[at]);
        values[at] = value;
    }
    return OK;
}

static int take_override(struct filter *f, const struct config *config, const struct source *source,
                         const struct filter_config *settings, struct buf *errors)
{
    int status =
        filter_check(f->calls, settings, 1, config->path ? config->path : "configuration", errors);
    if (status)
        return status;
    struct override *fresh = realloc(f->overrides, (f->n_overrides + 1) * sizeof *fresh);
    if (!fresh)
        return E_NOMEM;
    f->overrides = fresh;
    struct override *o = &fresh[f->n_overrides];
    o->source = strdup(source->url);
    o->values = calloc(f->n_options + 1, sizeof *o->values);
    f->n_overrides++;
    if (!o->source || !o->values)
        return E_NOMEM;
    return take_settings(f, settings, config->folder, o->values);
}

static int take_overrides(struct filter *f, const struct config *config, struct buf *errors)
{
    int worst = OK;
    for (size_t i = 0; i < config->n_sources; i++) {
        const struct source *s = &config->sources[i];
        for (size_t j = 0; j < s->n_overrides; j++) {
            if (!s->overrides[j].name || strcmp(s->overrides[j].name, f->calls->name) != 0)
                continue;
            int status = take_override(f, config, s, &s->overrides[j], errors);
            if (status)
                worst = status;
        }
    }
    if (!worst && f->n_overrides)
        qsort(f->overrides, f->n_overrides, sizeof *f->overrides, by_source);
    return worst;
}

int filter_create(struct plugin *plugin, const wn_filter *calls, const struct config *config,
                  const struct filter_config *settings, struct chain *chain, struct filter **filter,
                  struct buf *errors)
{
    struct filter *f = calloc(1, sizeof *f);
    int status = E_NOMEM;
    if (!f)
        return E_NOMEM;
    f->host.filter = f;
    f->plugin = plugin;
    f->calls = calls;
    f->chain = chain;
    while (calls->options && calls->options[f->n_options].key)
        f->n_options++;
    if (!(f->values = calloc(f->n_options + 1, sizeof *f->values)))
        goto fail;
    if ((status = take_settings(f, settings, config->folder, f->values)))
        goto fail;
    for (size_t i = 0; i < f->n_options; i++)
        if (!f->values[i] && calls->options[i].def &&
            !(f->values[i] = strdup(calls->options[i].def))) {
            status = E_NOMEM;
            goto fail;
        }
    if ((status = take_overrides(f, config, errors)))
        goto fail;
    *filter = f;
    return OK;
fail:
    filter_destroy(f);
    return status;
}

static void free_values(char **values, size_t n)
{
    for (size_t i = 0; values && i < n; i++)
        free(values[i]);
    free(values);
}

void filter_destroy(struct filter *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n_overrides; i++) {
        free(f->overrides[i].source);
        free_values(f->overrides[i].values, f->n_options);
    }
    free(f->overrides);
    free_values(f->values, f->n_options);
    free(f);
}

wn_host *filter_host(struct filter *filter)
{
    return &filter->host;
}

const wn_filter *filter_calls(const struct filter *filter)
{
    return filter->calls;
}

const char *filter_name(const struct filter *filter)
{
    return filter->calls->name;
}

struct plugin *filter_plugin(const struct filter *filter)
{
    return filter->plugin;
}

unsigned filter_log_round(struct filter *filter)
{
    unsigned n = atomic_exchange(&filter->logged, 0);
    return n > LIMIT_FILTER_LOG ? n - LIMIT_FILTER_LOG : 0;
}
