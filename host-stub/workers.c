/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mutex guards everything. Nothing is called while it is held. A worker that finds nothing to
 * do sleeps on `work`; whoever waits for a spread or an each sleeps on `done`.
 */
#include "workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "limits.h"
#include "status.h"
#include "thread_signals.h"

struct task {
    work_fn fn;
    void *arg;
    struct task *next;
};

struct workers;

struct worker {
    struct workers *w;
    pthread_t thread;
    int index;
    unsigned each_seen; /* the last each that this thread ran */
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    int stopping;

    struct task *head, **tail;

    /* The one spread or each under way; `busy` makes others wait for their turn. */
    int busy;
    spread_fn spread;
    void *spread_arg;
    size_t next, n, left; /* next index to hand out; indices not finished */
    work_fn each;
    void *each_arg;
    unsigned each_turn;
    int each_left;

    int count;
    struct worker threads[];
};

/* Called and left with the lock held; the index handed out was the caller's to take. */
static void run_spread(struct worker *me)
{
    struct workers *w = me->w;
    size_t index = w->next++;
    pthread_mutex_unlock(&w->lock);
    w->spread(w->spread_arg, index, me->index);
    pthread_mutex_lock(&w->lock);
    if (--w->left == 0)
        pthread_cond_broadcast(&w->done);
}

static void run_each(struct worker *me)
{
    struct workers *w = me->w;
    me->each_seen = w->each_turn;
    pthread_mutex_unlock(&w->lock);
    w->each(w->each_arg, me->index);
    pthread_mutex_lock(&w->lock);
    if (--w->each_left == 0)
        pthread_cond_broadcast(&w->done);
}

static void run_task(struct worker *me)
{
    struct workers *w = me->w;
    struct task *task = w->head;
    w->head = task->next;
    if (!w->head)
        w->tail = &w->head;
    pthread_mutex_unlock(&w->lock);
    task->fn(task->arg, me->index);
    free(task);
    pthread_mutex_lock(&w->lock);
}

static void *worker_main(void *arg)
{
    struct worker *me = arg;
    struct workers *w = me->w;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        if (me->each_seen != w->each_turn)
            run_each(me);
        else if (w->next < w->n)
            run_spread(me);
        else if (w->head)
            run_task(me);
        else if (w->stopping)
            break;
        else
            pthread_cond_wait(&w->work, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static int start_threads(struct workers *w, int n)
{
    sigset_t old;
    thread_signals_block(&old);
    int failed = 0;
    for (; w->count < n && !failed; w->count += !failed) {
        struct worker *t = &w->threads[w->count];
        t->w = w;
        t->index = w->count;
        failed = pthread_create(&t->thread, NULL, worker_main, t);
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed ? E_NOMEM : OK;
}

int workers_create(int n, struct workers **workers)
{
    if (n < 0)
        return E_INVALID;
    if (n == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        n = online > 0 ? (int)online : 1;
    }
    if (n > LIMIT_WORKERS)
        n = LIMIT_WORKERS;
    struct workers *w = calloc(1, sizeof *w + (size_t)n * sizeof *w->threads);
    if (!w)
        return E_NOMEM;
    w->tail = &w->head;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->done, NULL);
    int status = start_threads(w, n);
    if (status) {
        workers_destroy(w);
        return status;
    }
    *workers = w;
    return OK;
}

void workers_destroy(struct workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = 1;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->count; i++)
        pthread_join(w->threads[i].thread, NULL);
    pthread_cond_destroy(&w->done);
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

int workers_count(const struct workers *w)
{
    return w->count;
}

int workers_submit(struct workers *w, work_fn fn, void *arg)
{
    struct task *task = malloc(sizeof *task);
    if (!task)
        return E_NOMEM;
    *task = (struct task){fn, arg, NULL};
    pthread_mutex_lock(&w->lock);
    *w->tail = task;
    w->tail = &task->next;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    return OK;
}

/* Waits for its turn, and holds the lock when it has it. */
static void take_turn(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->busy)
        pthread_cond_wait(&w->done, &w->lock);
    w->busy = 1;
}

static void end_turn(struct workers *w)
{
    w->busy = 0;
    pthread_cond_broadcast(&w->done);
    pthread_mutex_unlock(&w->lock);
}

void workers_spread(struct workers *w, spread_fn fn, void *arg, size_t n)
{
    if (!n)
        return;
    take_turn(w);
    w->spread = fn;
    w->spread_arg = arg;
    w->next = 0;
    w->n = w->left = n;
    pthread_cond_broadcast(&w->work);
    while (w->left)
        pthread_cond_wait(&w->done, &w->lock);
    w->next = w->n = 0;
    end_turn(w);
}

void workers_each(struct workers *w, work_fn fn, void *arg)
{
    take_turn(w);
    w->each = fn;
    w->each_arg = arg;
    w->each_left = w->count;
    w->each_turn++;
    pthread_cond_broadcast(&w->work);
    while (w->each_left)
        pthread_cond_wait(&w->done, &w->lock);
    end_turn(w);
}
