/* SPDX-License-Identifier: Apache-2.0 */
/* Live reload, as Suricata's: a new configuration, a new chain and a new publisher at an epoch boundary. The
 * file is read on the loop, the chain made on the judge thread while the loop goes on; a failure keeps
 * all that was. */
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "log.h"
#include "options.h"
#include "pipeline_internal.h"
#include "status.h"

struct reload {
    uv_work_t work;
    struct pipeline *pipeline;
    struct control_call *call; /* NULL: a signal asked */
    struct config *fresh;
    struct buf errors;
    int err;
};

static int differ(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

/* What only a restart can change is said, and stays as it is. */
static void tell_what_stays(const struct config *old, const struct config *fresh,
                            struct buf *errors)
{
    const struct {
        const char *key;
        int changed;
    } keys[] = {
        {"state", differ(old->state, fresh->state)},
        {"serve",
         differ(old->listen, fresh->listen) || differ(old->allow_origin, fresh->allow_origin)},
        {"events.file", differ(old->events_file, fresh->events_file)},
        {"log", differ(old->log_file, fresh->log_file)},
        {"workers", old->workers != fresh->workers},
        {"filter-timeout", old->filter_timeout != fresh->filter_timeout},
        {"timeout", old->timeout != fresh->timeout},
        {"concurrency", old->concurrency != fresh->concurrency},
        {"per-host", old->per_host != fresh->per_host},
        {"contact", differ(old->contact, fresh->contact)},
        {"proxy", differ(old->proxy, fresh->proxy)},
        {"ca-file", differ(old->ca_file, fresh->ca_file)},
        {"user-agent", differ(old->user_agent, fresh->user_agent)},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].changed)
            buf_addf(errors, "%s: '%s' changed; that needs a restart\n",
                     fresh->path ? fresh->path : "winnow.yaml", keys[i].key);
}

/* [judge] Between two epochs: nobody else uses the publisher now. */
static int swap(void *arg, struct judge *judge)
{
    struct reload *r = arg;
    struct pipeline *p = r->pipeline;
    int err = judge_reload(judge, r->fresh, &r->errors);
    if (err)
        return err;
    publisher_stop(p->publisher);
    p->publisher = NULL;
    return pipeline_start_publisher(p, r->fresh);
}

/* [libuv's pool] */
static void work(uv_work_t *w)
{
    struct reload *r = w->data;
    r->err = judge_call(r->pipeline->judge, swap, r);
}

static void answer(struct reload *r)
{
    const char *said = r->errors.p && r->errors.n ? r->errors.p : r->err ? status_text(r->err) : "";
    size_t n = r->pipeline->config->n_sources;
    if (r->call && r->err)
        control_answer(r->call, json_pack("{s:b, s:s}", "ok", 0, "error", said));
    else if (r->call)
        control_answer(r->call,
                       json_pack("{s:b, s:o, s:s}", "ok", 1, "message",
                                 json_sprintf("the configuration is in force: %zu source%s", n,
                                              n == 1 ? "" : "s"),
                                 "notes", said));
    if (r->err)
        log_msg(LOG_ERROR, NULL, "reload failed, the old configuration stays in force");
    options_print(&r->errors);
    if (!r->err)
        log_msg(LOG_NOTICE, NULL, "reload: ok");
}

static void finish(struct reload *r)
{
    answer(r);
    r->pipeline->reloading = 0;
    pipeline_reloads(r->pipeline, 1);
    config_destroy(r->fresh);
    buf_finish(&r->errors);
    free(r);
}

static void after(uv_work_t *w, int status)
{
    struct reload *r = w->data;
    struct pipeline *p = r->pipeline;
    (void)status;
    p->asks--;
    if (!r->err) {
        struct config *old = p->config;
        tell_what_stays(old, r->fresh, &r->errors);
        r->err = p->schedule ? schedule_reload(p->schedule, r->fresh) : OK;
        p->config = r->fresh;
        r->fresh = old;
    }
    finish(r);
}

void pipeline_reload(struct pipeline *p, struct control_call *call)
{
    struct reload *r = calloc(1, sizeof *r);
    if (!r || p->reloading || !p->config->path) {
        const char *why = !r ? status_text(E_NOMEM) : "a reload is under way";
        if (call)
            control_answer(call, json_pack("{s:b, s:s}", "ok", 0, "error", why));
        free(r);
        return;
    }
    r->pipeline = p;
    r->call = call;
    r->work.data = r;
    buf_init(&r->errors, MIB(1));
    p->reloading = 1;
    pipeline_reloads(p, 0);
    r->err = config_load(p->config->path, &r->fresh, &r->errors);
    if (r->err) {
        finish(r);
        return;
    }
    /* What the state and the server are made of stays in force, so the new one must speak of the same. */
    p->asks++;
    if (uv_queue_work(&p->loop, &r->work, work, after)) {
        p->asks--;
        r->err = E_NOMEM;
        finish(r);
    }
}
