/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judge_host.h"
#include "limits.h"
#include "log.h"
#include "status.h"
#include "thread_signals.h"

int64_t judge_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the thread; the lock is held but where work is done ---- */

static void answer_one(struct judge *j)
{
    struct judge_ask *ask = j->asks;
    j->asks = ask->next;
    if (!j->asks)
        j->asks_last = &j->asks;
    pthread_mutex_unlock(&j->lock);
    int status = ask->fn(ask->arg, j);
    if (chain_pending(
            j->chain)) { /* what filters made of a ruling shouldn't wait for the next poll */
        struct gather *none = calloc(1, sizeof *none);
        if (none)
            judge_run_epoch(j, none);
        free(none);
    }
    pthread_mutex_lock(&j->lock);
    ask->status = status;
    ask->done = 1;
    pthread_cond_broadcast(&j->done);
}

static int is_open(const struct gather *g)
{
    return g->n_arrivals || g->n_parts;
}

/* Whether all that somebody waits for has been gathered. */
static int wanted(const struct judge *j)
{
    return j->flush_to > j->committed && j->flush_to < j->next;
}

static int is_ready(const struct judge *j)
{
    const struct gather *g = &j->gather;
    if (!is_open(g))
        return 0;
    if (g->full || j->stopping == 1 || wanted(j))
        return 1;
    return !j->options.once && judge_clock_ms() >= g->deadline_ms;
}

static void wait_for_work(struct judge *j)
{
    int64_t now_ms = judge_clock_ms(), until = INT64_MAX;
    int64_t duty = judge_next_duty(j), now = (int64_t)time(NULL);
    if (duty != INT64_MAX)
        until = now_ms + (duty > now ? duty - now < 3600 ? (duty - now) * 1000 : 3600000 : 0);
    if (is_open(&j->gather) && !j->options.once && j->gather.deadline_ms < until)
        until = j->gather.deadline_ms;
    if (until == INT64_MAX) {
        pthread_cond_wait(&j->wake, &j->lock);
    } else if (until > now_ms) {
        struct timespec at = {until / 1000, until % 1000 * 1000000};
        pthread_cond_timedwait(&j->wake, &j->lock, &at);
    }
}

/* Runs what is ready; 1: something was done. */
static int work(struct judge *j)
{
    judge_gather(j);
    if (j->asks) {
        answer_one(j);
        return 1;
    }
    if (is_ready(j)) {
        pthread_mutex_unlock(&j->lock);
        judge_run_epoch(j, &j->gather);
        pthread_mutex_lock(&j->lock);
        return 1;
    }
    if (j->options.once && !j->stuck && j->flush_to > j->flushed && j->committed >= j->flush_to) {
        int64_t flushed = j->flush_to;
        pthread_mutex_unlock(&j->lock);
        judge_last_duties(j);
        pthread_mutex_lock(&j->lock);
        j->flushed = flushed;
        pthread_cond_broadcast(&j->done);
        return 1;
    }
    int64_t now = (int64_t)time(NULL);
    if (!j->stopping && now >= judge_next_duty(j)) {
        pthread_mutex_unlock(&j->lock);
        judge_do_duties(j, now);
        pthread_mutex_lock(&j->lock);
        return 1;
    }
    return 0;
}

static void *judge_main(void *arg)
{
    struct judge *j = arg;
    judge_drain_events(j); /* what a crash left in the outbox */
    pthread_mutex_lock(&j->lock);
    while (j->stopping != 2) {
        if (work(j))
            continue;
        if (j->stopping)
            break;
        wait_for_work(j);
    }
    int drained = j->stopping == 1 && j->flushed < j->committed && !j->stuck;
    pthread_mutex_unlock(&j->lock);
    if (drained)
        judge_last_duties(j);
    pthread_mutex_lock(&j->lock);
    j->ended = 1;
    for (struct judge_ask *ask = j->asks; ask; ask = ask->next) {
        ask->status = E_CANCELLED;
        ask->done = 1;
    }
    pthread_cond_broadcast(&j->done);
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

/* ---- start and stop ---- */

static void init(struct judge *j, const struct judge_options *options)
{
    pthread_condattr_t attr;
    j->options = *options;
    j->config = options->config;
    j->store = options->store;
    j->next = 1;
    j->flush_to = j->flushed = -1;
    j->gather.last = &j->gather.first;
    j->asks_last = &j->asks;
    j->generation = j->told_generation = reader_generation(store_reader(j->store));
    j->stats.started = (int64_t)time(NULL);
    j->due_settle = j->stats.started; /* what was waiting when the last process ended */
    j->due_retain = j->stats.started + 10;
    j->due_stats = j->stats.started + (j->config->stats_every > 0 ? j->config->stats_every : 60);
    j->due_events = INT64_MAX;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->wake, &attr);
    pthread_cond_init(&j->done, NULL);
    pthread_rwlock_init(&j->chain_lock, NULL);
    pthread_condattr_destroy(&attr);
}

static int start_thread(struct judge *j)
{
    sigset_t old;
    thread_signals_block(&old);
    j->started = pthread_create(&j->thread, NULL, judge_main, j) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return j->started ? OK : E_NOMEM;
}

static void finish(struct judge *j)
{
    chain_destroy(j->chain);
    events_close(j->events);
    crumbs_close(j->crumbs);
    judge_free_arrivals(j->inbox);
    judge_free_arrivals(j->gather.first);
    pthread_rwlock_destroy(&j->chain_lock);
    pthread_cond_destroy(&j->done);
    pthread_cond_destroy(&j->wake);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

int judge_start(const struct judge_options *options, struct judge **judge, struct buf *errors)
{
    struct judge *j = calloc(1, sizeof *j);
    if (!j)
        return E_NOMEM;
    init(j, options);
    int status = OK;
    if (!store_in_memory(j->store))
        status = crumbs_open(j->config->state, j->config->filter_timeout, &j->crumbs);
    if (status)
        buf_addf(errors, "%s/crumbs: cannot be opened: %s\n", j->config->state,
                 status_text(status));
    if (!status && (status = events_open(j->config->events_file, &j->events)))
        buf_addf(errors, "%s: cannot be opened: %s\n",
                 j->config->events_file ? j->config->events_file : "events", status_text(status));
    if (!status)
        status = judge_make_chain(j, errors);
    if (!status)
        status = start_thread(j);
    if (status) {
        finish(j);
        return status;
    }
    *judge = j;
    return OK;
}

void judge_halt(struct judge *j, int drain)
{
    if (!j || j->halted)
        return;
    pthread_mutex_lock(&j->lock);
    j->stopping = drain ? 1 : 2;
    pthread_cond_broadcast(&j->wake);
    pthread_mutex_unlock(&j->lock);
    pthread_join(j->thread, NULL);
    j->halted = 1;
}

void judge_stop(struct judge *j, int drain)
{
    if (!j)
        return;
    judge_halt(j, drain);
    finish(j);
}

int judge_wait(struct judge *j, int64_t sequence)
{
    int status = OK;
    pthread_mutex_lock(&j->lock);
    if (sequence > j->flush_to)
        j->flush_to = sequence;
    pthread_cond_broadcast(&j->wake);
    while (!status) {
        if (j->committed >= sequence && (!j->options.once || j->flushed >= sequence))
            break;
        if (j->ended)
            status = E_CANCELLED;
        else if (j->stuck && j->attempts >= 3)
            status = j->stuck;
        else
            pthread_cond_wait(&j->done, &j->lock);
    }
    status = status ? status : j->broken;
    pthread_mutex_unlock(&j->lock);
    return status;
}

/* ---- questions ---- */

int judge_call(struct judge *j, judge_fn fn, void *arg)
{
    if (pthread_equal(pthread_self(), j->thread))
        return fn(arg, j);
    struct judge_ask ask = {.fn = fn, .arg = arg};
    pthread_mutex_lock(&j->lock);
    if (j->ended || j->stuck) {
        int status = j->ended ? E_CANCELLED : j->stuck;
        pthread_mutex_unlock(&j->lock);
        return status;
    }
    *j->asks_last = &ask;
    j->asks_last = &ask.next;
    pthread_cond_broadcast(&j->wake);
    while (!ask.done)
        pthread_cond_wait(&j->done, &j->lock);
    pthread_mutex_unlock(&j->lock);
    return ask.status;
}

void judge_reopen(struct judge *j)
{
    events_reopen(j->events);
}

void judge_numbers(struct judge *j, struct judge_numbers *numbers)
{
    pthread_mutex_lock(&j->lock);
    numbers->generation = j->generation;
    numbers->sequence = j->committed;
    numbers->stuck = j->stuck ? j->stuck : j->broken;
    numbers->stats = j->stats;
    numbers->stats.waiting = j->waiting;
    pthread_mutex_unlock(&j->lock);
}

struct chain *judge_chain(struct judge *j)
{
    return j->chain;
}

struct store *judge_store(struct judge *j)
{
    return j->store;
}

const struct config *judge_config(struct judge *j)
{
    return j->config;
}
