/* SPDX-License-Identifier: Apache-2.0 */
/* Requests on the control socket. What needs the judge thread is asked from a thread of libuv's pool, since
 * the answer may take an epoch and the loop must not wait. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "log.h"
#include "pipeline_internal.h"
#include "status.h"
#include "story_command.h"

struct ask {
    uv_work_t work;
    struct pipeline *pipeline;
    struct control_call *call;
    json_t *request; /* a copy, since the caller's dies when pipeline_request returns */
    json_t *answer;
    judge_fn fn;
};

static json_t *failure(const char *why)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

/* [judge] */
static int ask_stats(void *arg, struct judge *judge)
{
    struct ask *ask = arg;
    struct judge_numbers n;
    struct buf line;
    judge_numbers(judge, &n);
    buf_init(&line, MIB(1));
    json_t *stats = NULL;
    if (!judge_stats_line(judge, time(NULL), &line))
        stats = json_loadb(line.p, line.n, 0, NULL);
    buf_finish(&line);
    if (stats) /* bodies and documents between fetch and commit */
        json_object_set_new(stats, "in_flight",
                            json_integer((json_int_t)atomic_load(&ask->pipeline->bytes)));
    ask->answer = stats ? json_pack("{s:b, s:o, s:I, s:b}", "ok", 1, "stats", stats, "generation",
                                    (json_int_t)n.generation, "stuck", n.stuck != OK)
                        : failure(status_text(E_NOMEM));
    return OK;
}

/* [judge] explain, split, join. */
static int ask_state(void *arg, struct judge *judge)
{
    struct ask *ask = arg;
    int changed = 0;
    int64_t generation = 0;
    ask->answer = state_request(judge_store(judge), judge_chain(judge), judge_config(judge),
                                ask->request, time(NULL), &changed, &generation);
    if (changed && ask->pipeline->publisher)
        publisher_cue(ask->pipeline->publisher, generation);
    return OK;
}

/* [libuv's pool] */
static void work(uv_work_t *w)
{
    struct ask *ask = w->data;
    int err = judge_call(ask->pipeline->judge, ask->fn, ask);
    if (!ask->answer)
        ask->answer = failure(status_text(err ? err : E_INVALID));
}

static void after(uv_work_t *w, int status)
{
    struct ask *ask = w->data;
    (void)status;
    ask->pipeline->asks--;
    control_answer(ask->call, ask->answer);
    json_decref(ask->request);
    free(ask);
}

static void ask_judge(struct pipeline *p, const json_t *request, struct control_call *call,
                      judge_fn fn)
{
    struct ask *ask = calloc(1, sizeof *ask);
    if (ask) {
        ask->pipeline = p;
        ask->call = call;
        ask->request = json_deep_copy(request);
        ask->fn = fn;
        ask->work.data = ask;
        p->asks++;
        if (ask->request && !uv_queue_work(&p->loop, &ask->work, work, after))
            return;
        p->asks--;
        json_decref(ask->request);
        free(ask);
    }
    control_answer(call, failure(status_text(E_NOMEM)));
}

static void refresh(struct pipeline *p, const json_t *request, struct control_call *call)
{
    const char *url = json_string_value(json_object_get(request, "source"));
    if (!p->schedule || schedule_refresh(p->schedule, url))
        control_answer(call, failure("no such source; `winnow opml export` lists them"));
    else if (url)
        control_answer(call, json_pack("{s:b, s:o}", "ok", 1, "message",
                                       json_sprintf("%s is polled now", url)));
    else
        control_answer(call,
                       json_pack("{s:b, s:s}", "ok", 1, "message", "all sources are polled now"));
}

void pipeline_request(void *user, const json_t *request, struct control_call *call)
{
    struct pipeline *p = user;
    const char *command = json_string_value(json_object_get(request, "command"));
    if (!command || p->ending) {
        control_answer(call, failure(command ? "winnow is ending" : "no command"));
        return;
    }
    if (!strcmp(command, "refresh")) {
        refresh(p, request, call);
        return;
    }
    if (!strcmp(command, "reload")) {
        pipeline_reload(p, call);
        return;
    }
    if (!strcmp(command, "stats")) {
        ask_judge(p, request, call, ask_stats);
        return;
    }
    if (state_request_is_ours(request)) {
        ask_judge(p, request, call, ask_state);
        return;
    }
    control_answer(
        call, failure("unknown command; known are explain, split, join, refresh, reload, stats"));
}
