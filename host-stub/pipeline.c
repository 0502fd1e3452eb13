/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "folder.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "pipeline_internal.h"
#include "status.h"

enum { HEALTH_MS = 2000 }; /* how old the answer of /healthz may be */

/* ---- the publisher's and the server's side ---- */

static const char *content_type(int format)
{
    static const char *const types[] = {"application/atom+xml; charset=utf-8",
                                        "application/rss+xml; charset=utf-8",
                                        "application/feed+json; charset=utf-8"};
    return types[format];
}

/* [publisher] */
static void on_published(void *user, const struct output *output, int64_t generation)
{
    struct pipeline *p = user;
    (void)generation;
    if (p->server && output->served)
        server_update(p->server, output->served, output->file, content_type(output->format));
}

/* [publisher] Told once when it begins and once when it is over. */
static void on_alarm(void *user, const struct output *output, int status, const char *message)
{
    struct pipeline *p = user;
    atomic_store(&p->alarm, status != OK);
    if (status)
        log_msg(LOG_ERROR, output->file, "cannot be published: %s; it goes on when that is mended",
                message);
    else
        log_msg(LOG_NOTICE, output->file, "is published again");
}

/* [judge] */
static void on_committed(void *user, int64_t generation)
{
    struct pipeline *p = user;
    if (p->publisher)
        publisher_cue(p->publisher, generation);
}

/* What an earlier run published is served at once; what isn't there yet is announced. */
void pipeline_show_served(struct pipeline *p)
{
    for (size_t i = 0; p->server && i < p->config->n_outputs; i++) {
        const struct output *o = &p->config->outputs[i];
        struct stat st;
        if (o->served)
            server_update(p->server, o->served, stat(o->file, &st) ? NULL : o->file,
                          content_type(o->format));
    }
}

/* [publisher] */
static wn_str topic_label(void *user, wn_str topic, wn_str lang)
{
    struct pipeline *p = user;
    return p->judge ? judge_topic_label(p->judge, topic, lang) : str_of(NULL, 0);
}

static int topic_choice(void *user, const struct output *output, struct topic_choice *choice)
{
    struct pipeline *p = user;
    return judge_topic_choice(p->judge, output, choice);
}

int pipeline_start_publisher(struct pipeline *p, const struct config *config)
{
    struct publish_options options = {
        .config = config,
        .store = p->store,
        .published = on_published,
        .alarm = on_alarm,
        .topic_label = topic_label,
        .topic_choice = topic_choice,
        .user = p,
    };
    return publisher_start(&options, &p->publisher);
}

/* ---- signals ---- */

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void on_signal(uv_signal_t *handle, int signum)
{
    struct pipeline *p = handle->data;
    switch (signum) {
    case SIGHUP:
        judge_reopen(p->judge);
        if (p->config->log_file && log_set_file(p->config->log_file))
            log_msg(LOG_ERROR, p->config->log_file, "cannot be opened anew: %s", strerror(errno));
        break;
    case SIGUSR2:
        if (!p->ending)
            pipeline_reload(p, NULL);
        break;
    default:
        uv_stop(&p->loop);
    }
}

static int start_signals(struct pipeline *p)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2};
    for (int i = 0; i < 4; i++) {
        if (uv_signal_init(&p->loop, &p->signals[i]))
            return E_NOMEM;
        p->signals[i].data = p;
        if (uv_signal_start(&p->signals[i], on_signal, numbers[i]))
            return E_IO;
    }
    return OK;
}

/* ---- start ---- */

/* The state's folder is nobody else's business: it tells what is read. */
static int make_folders(const struct config *c)
{
    const char *path = c->state;
    int err = folder_make(path, 0700);
    for (size_t i = 0; !err && i < c->n_outputs; i++)
        err = folder_make_for(path = c->outputs[i].file, 0777);
    if (!err && c->events_file)
        err = folder_make_for(path = c->events_file, 0777);
    if (err)
        log_msg(LOG_ERROR, path, "its folder cannot be made: %s; make it, or name another",
                strerror(errno));
    return err;
}

static int open_state(struct pipeline *p)
{
    char holder[256] = "";
    int err = make_folders(p->config);
    if (err)
        return err;
    err = store_open(p->config->state, "winnow run", &p->store, holder);
    if (err == E_BUSY)
        options_held("run", p->config->state, holder);
    else if (err == E_CORRUPT)
        log_msg(LOG_ERROR, p->config->state,
                "winnow.db is damaged; move it away and start again: what is listed in the feeds "
                "now is "
                "judged anew");
    else if (err)
        log_msg(LOG_ERROR, p->config->state, "the state cannot be opened: %s", status_text(err));
    return err;
}

static int start_judge(struct pipeline *p)
{
    struct buf errors;
    struct judge_options options = {
        .config = p->config,
        .store = p->store,
        .workers = p->workers,
        .once = p->once,
        .committed = on_committed,
        .released = intake_released,
        .user = p,
    };
    buf_init(&errors, KIB(64));
    int err = judge_start(&options, &p->judge, &errors);
    options_print(&errors);
    buf_finish(&errors);
    return err;
}

static int restore_source(void *user, const struct source_state *state)
{
    struct pipeline *p = user;
    schedule_restore(p->schedule, state);
    return 0;
}

static int start_polling(struct pipeline *p)
{
    const struct config *c = p->config;
    struct fetch_options options = {
        .user_agent = c->user_agent,
        .contact = c->contact,
        .proxy = c->proxy,
        .ca_file = c->ca_file,
        .timeout = c->timeout,
        .concurrency = c->concurrency,
        .per_host = c->per_host,
        .max_body = LIMIT_BODY,
    };
    int err = fetcher_create(&p->loop, &options, &p->fetcher);
    if (!err)
        err = schedule_create(&p->loop, c, p->fetcher, intake_polled, p, &p->schedule);
    struct reader *reader = NULL;
    if (!err)
        err = reader_open(p->store, &reader);
    if (!err)
        reader_each_source(reader, restore_source, p);
    reader_close(reader);
    return err;
}

/* What /healthz says: 503 while commits or publications fail, with the figures that tell why. */
static void on_health(uv_timer_t *timer)
{
    struct pipeline *p = timer->data;
    struct judge_numbers n;
    size_t sources = 0, failing = 0;
    char json[256];
    judge_numbers(p->judge, &n);
    if (p->schedule)
        schedule_count(p->schedule, &sources, &failing);
    int ok = !n.stuck && !atomic_load(&p->alarm);
    snprintf(json, sizeof json,
             "{\"ok\":%s,\"generation\":%lld,\"sources\":%zu,\"failing\":%zu,\"state\":\"%s\"}\n",
             ok ? "true" : "false", (long long)n.generation, sources, failing,
             status_text(n.stuck ? n.stuck : OK));
    server_health(p->server, ok, json);
}

static int start_serving(struct pipeline *p)
{
    if (p->once)
        return OK;
    if (p->config->listen) {
        int err = server_create(&p->loop, p->config->listen, &p->server);
        if (err) {
            log_msg(LOG_ERROR, p->config->listen,
                    "cannot be listened on: %s; set `serve: {listen: …}` to a "
                    "free address",
                    status_text(err));
            return err;
        }
        err = server_allow_origin(p->server, p->config->allow_origin);
        if (err)
            return err;
        pipeline_show_served(p);
        uv_timer_init(&p->loop, &p->health);
        p->health.data = p;
        uv_timer_start(&p->health, on_health, 0, HEALTH_MS);
    }
    int err = control_create(&p->loop, p->config->state, pipeline_request, p, &p->control);
    if (err)
        log_msg(LOG_ERROR, p->config->state, "control.sock cannot be made: %s", status_text(err));
    return err;
}

int pipeline_create(const struct pipeline_options *options, struct pipeline **pipeline)
{
    struct pipeline *p = calloc(1, sizeof *p);
    if (!p || uv_loop_init(&p->loop)) {
        config_destroy(options->config);
        free(p);
        return E_NOMEM;
    }
    p->config = options->config;
    p->once = options->once;
    p->progress = options->progress;
    pthread_mutex_init(&p->lock, NULL);
    int err = uv_async_init(&p->loop, &p->wake, intake_wake) ? E_NOMEM : OK;
    p->wake.data = p;
    if (!err && p->config->log_file && (err = log_set_file(p->config->log_file)))
        log_msg(LOG_ERROR, p->config->log_file,
                "the log cannot be opened: %s; make it writable, or name another with 'log:'",
                strerror(errno));
    if (!err)
        err = start_signals(p);
    if (!err)
        err = open_state(p);
    if (!err)
        err = workers_create(p->config->workers, &p->workers);
    if (!err)
        err = start_judge(p);
    if (!err)
        err = start_serving(p);
    if (!err)
        err = pipeline_start_publisher(p, p->config);
    if (!err)
        err = start_polling(p);
    if (err) {
        pipeline_destroy(p);
        return err;
    }
    if (!p->once)
        pipeline_announce(p);
    *pipeline = p;
    return OK;
}

/* ---- run and end ---- */

static void on_all_polled(void *user)
{
    struct pipeline *p = user;
    p->through = 1;
    uv_stop(&p->loop);
}

/* The last words of --once, for people. */
static void summarise(const struct pipeline *p, const struct judge_numbers *n)
{
    const struct stats *s = &n->stats;
    if (!p->progress)
        return;
    log_progress(NULL);
    fprintf(stderr,
            "%zu sources polled, %zu failed; %llu items seen before, %llu new or changed: "
            "%llu stories or reports of their own, %llu editions, %llu copies, %llu dropped\n",
            p->polled, p->failed + atomic_load(&p->parse_failed), (unsigned long long)s->items_same,
            (unsigned long long)(s->items_new + s->items_updated),
            (unsigned long long)(s->verdicts[WN_KEEP] + s->verdicts[WN_RELATED]),
            (unsigned long long)s->verdicts[WN_EDITION],
            (unsigned long long)s->verdicts[WN_DUPLICATE],
            (unsigned long long)s->verdicts[WN_DROP]);
}

struct stopping {
    struct pipeline *pipeline;
    int status; /* of the last publication */
};

/* The last documents are put in place while the chain still knows the topics' labels. [judge], so
 * that it cues no publisher that is gone; under --once, when it has nothing left to commit, [loop]. */
static int stop_publisher(void *arg, struct judge *judge)
{
    struct stopping *stopping = arg;
    (void)judge;
    stopping->status = publisher_stop(stopping->pipeline->publisher);
    stopping->pipeline->publisher = NULL;
    return OK;
}

int pipeline_run(struct pipeline *p)
{
    int err = schedule_start(p->schedule, p->once, p->once ? on_all_polled : NULL, p);
    if (err)
        return EXIT_FAILED;
    uv_run(&p->loop, UV_RUN_DEFAULT);
    p->ending = 1;
    pipeline_ends(p);
    while (p->asks)
        uv_run(&p->loop, UV_RUN_ONCE);
    /* Nothing new comes in; what was fetched goes through, is committed and published. */
    struct judge_numbers n;
    schedule_destroy(p->schedule);
    fetcher_destroy(p->fetcher);
    p->schedule = NULL;
    p->fetcher = NULL;
    judge_wait(p->judge, p->sequence);
    judge_numbers(p->judge, &n);
    summarise(p, &n);
    struct stopping stopping = {p, OK};
    if (p->once && !n.stuck)
        stop_publisher(&stopping, p->judge);
    else if (judge_call(p->judge, stop_publisher, &stopping))
        n.stuck = E_FULL; /* the commit is being repeated: what is published stays as it is */
    /* A publisher that is still there asks the judge's chain for labels up to its end. */
    judge_halt(p->judge, !n.stuck);
    publisher_stop(p->publisher);
    p->publisher = NULL;
    judge_stop(p->judge, 0);
    p->judge = NULL;
    if (n.stuck || stopping.status)
        return EXIT_FAILED;
    if (p->once && (p->failed || atomic_load(&p->parse_failed) || !p->through))
        return EXIT_SOME_FAILED;
    return EXIT_DONE;
}

void pipeline_destroy(struct pipeline *p)
{
    if (!p)
        return;
    schedule_destroy(p->schedule);
    fetcher_destroy(p->fetcher);
    p->schedule = NULL;
    p->fetcher = NULL;
    judge_halt(p->judge, 0);
    publisher_stop(p->publisher);
    judge_stop(p->judge, 0);
    p->judge = NULL;
    workers_destroy(p->workers);
    control_destroy(p->control);
    server_destroy(p->server);
    uv_walk(&p->loop, close_handle, NULL);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    intake_wake(&p->wake); /* frees the notes that came last */
    uv_loop_close(&p->loop);
    store_close(p->store);
    pthread_mutex_destroy(&p->lock);
    config_destroy(p->config);
    free(p);
}
