/* SPDX-License-Identifier: Apache-2.0 */
/* What the judge does between epochs: stories that have waited, retention, statistics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "judge_host.h"
#include "limits.h"
#include "log.h"
#include "status.h"

#define RETAIN_EVERY 60 /* seconds */
#define RETAIN_STEP                                                                                \
    256 /* items a transaction: an epoch waits no longer for it than for another epoch */
#define EVENTS_RETRY 5 /* seconds until a full event file is tried again */

/* ---- stories that have waited ---- */

void judge_settle(struct judge *j, int64_t now)
{
    size_t changed = 0;
    int64_t next = INT64_MAX;
    int64_t settle = j->options.once ? 0 : j->config->settle;
    int status = stories_settle(j->store, j->config, now, settle, &changed, &next);
    /* A failure is the disk's, and the commit will tell; try again soon. Never at once. */
    j->due_settle = status || next <= now ? now + 1 : next;
}

static int settle_alone(struct judge *j, void *arg)
{
    judge_settle(j, *(const int64_t *)arg);
    return OK;
}

/* ---- events ---- */

void judge_drain_events(struct judge *j)
{
    int status = events_drain(j->events, j->store);
    if (status && !j->events_failing)
        log_msg(LOG_ERROR, j->config->events_file,
                "events cannot be written: %s; they are kept and written when that has passed",
                status_text(status));
    if (!status && j->events_failing)
        log_msg(LOG_NOTICE, j->config->events_file, "events are written again");
    j->events_failing = status != OK;
    j->due_events = status ? (int64_t)time(NULL) + EVENTS_RETRY : INT64_MAX;
}

/* ---- retention ---- */

struct removal {
    int64_t now, within, keep;
    int64_t items[RETAIN_STEP];
    size_t n, removed;
};

static void take_note(void *user, int64_t item)
{
    struct removal *r = user;
    if (r->n < RETAIN_STEP)
        r->items[r->n++] = item;
}

static int retain_step(struct judge *j, void *arg)
{
    struct removal *r = arg;
    int status = store_retain(j->store, r->now, j->config->window, r->within, r->keep, RETAIN_STEP,
                              take_note, r, &r->removed);
    if (status)
        return status;
    for (size_t i = 0; i < r->n; i++)
        chain_forget(j->chain, r->items[i]);
    r->n = 0;
    return OK;
}

static struct removal removal_of(const struct judge *j, int64_t now)
{
    struct removal r = {.now = now, .within = 0, .keep = 0};
    for (size_t i = 0; i < j->config->n_outputs; i++) {
        const struct output *o = &j->config->outputs[i];
        /* The newest of one language or topic reach further back than the newest of all. */
        int64_t keep = o->lang || o->n_topics || o->n_except ? 5 * o->keep : o->keep;
        r.within = o->within > r.within ? o->within : r.within;
        r.keep = keep > r.keep ? keep : r.keep;
    }
    return r;
}

/* One step; 1: there is more to remove. */
static int retain(struct judge *j, int64_t now)
{
    struct removal r = removal_of(j, now);
    int status = judge_transaction(j, retain_step, &r);
    return !status && r.removed >= RETAIN_STEP;
}

/* ---- statistics ---- */

static uint64_t resident(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%*u %lu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t store_bytes(const struct judge *j)
{
    static const char *const names[] = {"winnow.db", "winnow.db-wal"};
    uint64_t sum = 0;
    char path[4096];
    struct stat st;
    for (size_t i = 0; i < 2 && j->config->state && !store_in_memory(j->store); i++)
        if (snprintf(path, sizeof path, "%s/%s", j->config->state, names[i]) < (int)sizeof path &&
            stat(path, &st) == 0)
            sum += (uint64_t)st.st_size;
    return sum;
}

int judge_stats_line(struct judge *j, int64_t now, struct buf *line)
{
    struct chain_filter_info filters[LIMIT_FILTERS];
    struct stats stats;
    pthread_mutex_lock(&j->lock);
    j->stats.rss = resident();
    j->stats.store_bytes = store_bytes(j);
    j->stats.waiting = j->waiting;
    stats = j->stats;
    pthread_mutex_unlock(&j->lock);
    stats.filters = filters;
    for (size_t i = 0; i < chain_count(j->chain); i++)
        stats.n_filters += chain_info(j->chain, i, &filters[i]) == OK;
    return event_stats(line, &stats, now);
}

static int write_stats(struct judge *j, void *arg)
{
    struct buf line;
    buf_init(&line, KIB(256));
    int status = judge_stats_line(j, *(const int64_t *)arg, &line);
    if (!status)
        status = store_event(j->store, line.p, line.n);
    buf_finish(&line);
    return status;
}

/* ---- when ---- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t judge_next_duty(const struct judge *j)
{
    if (j->options.once)
        return INT64_MAX;
    return least(least(j->due_settle, j->due_retain), least(j->due_stats, j->due_events));
}

void judge_do_duties(struct judge *j, int64_t now)
{
    if (now >= j->due_settle) {
        j->due_settle = now + 1; /* should it not even begin */
        judge_transaction(j, settle_alone, &now);
    }
    if (now >= j->due_stats) {
        j->due_stats = now + (j->config->stats_every > 0 ? j->config->stats_every : 60);
        judge_transaction(j, write_stats, &now);
    }
    if (now >= j->due_events)
        judge_drain_events(j);
    if (now >= j->due_retain)
        j->due_retain = retain(j, now) ? now : now + RETAIN_EVERY;
}

/* All in one transaction: each costs the disk's patience, and a reader may be waiting. */
static int last_steps(struct judge *j, void *arg)
{
    struct removal *r = arg;
    judge_settle(j, r->now);
    /* Filters are told of what leaves. Where nothing came that needed them they are not there, and
     * the next run that brings something does it. */
    int status = atomic_load(&j->ready) == CHAIN_ALL ? retain_step(j, r) : OK;
    if (!status && !j->options.refilter)
        status = write_stats(j, &r->now);
    return status;
}

void judge_last_duties(struct judge *j)
{
    int64_t now = (int64_t)time(NULL);
    if (!j->options.once) {
        judge_transaction(j, write_stats, &now);
        return;
    }
    struct removal r = removal_of(j, now);
    int status = judge_transaction(j, last_steps, &r);
    /* What remains to be removed waits for another run where this one should be short. */
    for (int i = 0; !status && r.removed >= RETAIN_STEP && i < 4096 && !j->options.refilter; i++)
        if (!retain(j, now))
            break;
}
