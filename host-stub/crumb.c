/* SPDX-License-Identifier: Apache-2.0 */
#include "crumb.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "limits.h"
#include "log.h"
#include "status.h"

#define MAGIC "wncrumb1"
#define LONG_TICKS 2 /* a call of so many seconds was stuck, whoever ended the process */
#define HALF 1       /* points of a death that may be another's fault */
#define WHOLE 2
#define ENOUGH (2 * WHOLE)
#define DAY 86400
#define ALTSTACK (64 << 10) /* a crash by stack overflow has no stack left to report from */

enum mark { MARK_NONE = 0, MARK_HUNG = 1000, MARK_EXIT = 1001 }; /* else the signal's number */

/* What a thread is doing. Everything here is in the mapped file. */
struct slot {
    _Atomic uint32_t active;
    _Atomic uint32_t mark; /* enum mark, or a signal */
    _Atomic uint64_t tick; /* when the call began */
    uint64_t content, source_hash;
    char filter[64];
    char phase[16];
    char source[512]; /* for people; cut if longer, the hash is of the whole */
};

struct death {
    uint64_t source_hash, content;
    int64_t when;
    uint32_t points; /* 0: the record is free */
    char filter[64];
    char source[512];
};

struct file {
    char magic[8];
    uint64_t size;
    _Atomic uint64_t tick; /* seconds that the watchdog has seen in this process */
    struct slot slots[CRUMB_SLOTS];
    struct death deaths[LIMIT_DEATHS];
};

struct crumbs {
    struct file *file;
    uint64_t limit;
    pthread_t watchdog;
    pthread_mutex_t lock; /* guards stopping */
    pthread_cond_t wake;
    int stopping, watching;
    unsigned n_deaths; /* records in use: most of the time none */
};

static uint64_t hash(wn_str s)
{
    return XXH3_64bits(s.ptr ? s.ptr : "", s.ptr ? s.len : 0);
}

/* ---- crashes ---- */

/* The slot that this thread is in; the handlers find it here. */
static _Thread_local struct slot *volatile mine;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
#define N_CRASHES (sizeof crashes / sizeof *crashes)
static struct sigaction before[N_CRASHES];

static void cry(const char *text)
{
    ssize_t n = write(STDERR_FILENO, text, strlen(text));
    (void)n;
}

/* For whoever sits before it; the log can't be used here. */
static void last_words(const struct slot *slot, const char *what)
{
    cry("winnow: ERROR filter ");
    cry(slot->filter);
    cry(", ");
    cry(slot->source);
    cry(what);
    cry(slot->phase);
    cry("; nothing is lost: start it again\n");
}

/* Async-signal-safe: stores, and hands on to whoever handled this signal before. */
static void on_crash(int sig, siginfo_t *info, void *context)
{
    (void)context;
    struct slot *slot = mine;
    if (slot) {
        atomic_store(&slot->mark, (uint32_t)sig);
        last_words(slot, ": crashed in ");
    }
    for (size_t i = 0; i < N_CRASHES; i++)
        if (crashes[i] == sig)
            sigaction(sig, &before[i], NULL);
    /* A fault comes again when the instruction is repeated; a signal that was sent doesn't. */
    if (info->si_code <= 0)
        raise(sig);
}

static void on_exit_in_filter(void)
{
    struct slot *slot = mine;
    if (slot) {
        atomic_store(&slot->mark, MARK_EXIT);
        last_words(slot, ": ended the process in ");
    }
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < N_CRASHES; i++) {
        struct sigaction now;
        if (sigaction(crashes[i], NULL, &now) || now.sa_sigaction == on_crash)
            continue; /* ours already */
        before[i] = now;
        sigaction(crashes[i], &action, NULL);
    }
    static int registered;
    if (!registered)
        registered = atexit(on_exit_in_filter) == 0;
}

/* Given to each thread for good when it first leaves a crumb: a thread may outlive the crumbs. */
static void use_altstack(void)
{
    static _Thread_local int done;
    if (done)
        return;
    done = 1;
    stack_t old;
    if (sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE))
        return; /* a sanitizer's */
    void *p = mmap(NULL, ALTSTACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack_t fresh = {.ss_sp = p, .ss_size = ALTSTACK};
    if (p != MAP_FAILED)
        sigaltstack(&fresh, NULL);
}

/* ---- the file ---- */

static struct death *find(struct crumbs *c, const char *filter, uint64_t source)
{
    for (size_t i = 0; c->n_deaths && i < LIMIT_DEATHS; i++) {
        struct death *d = &c->file->deaths[i];
        if (d->points && d->source_hash == source && strcmp(d->filter, filter) == 0)
            return d;
    }
    return NULL;
}

static struct death *make_room(struct crumbs *c)
{
    struct death *oldest = &c->file->deaths[0];
    for (size_t i = 0; i < LIMIT_DEATHS; i++) {
        struct death *d = &c->file->deaths[i];
        if (!d->points) {
            c->n_deaths++;
            return d;
        }
        if (d->when < oldest->when)
            oldest = d;
    }
    return oldest;
}

static void describe(const struct slot *s, char *out, size_t n)
{
    uint32_t mark = s->mark;
    if (mark == MARK_HUNG)
        snprintf(out, n, "did not return from %.15s", s->phase);
    else if (mark == MARK_EXIT)
        snprintf(out, n, "ended the process in %.15s", s->phase);
    else if (mark)
        snprintf(out, n, "crashed in %.15s (%s)", s->phase, strsignal((int)mark));
    else
        snprintf(out, n, "was in %.15s when the process was killed", s->phase);
}

static void bury(struct crumbs *c, struct slot *s, uint32_t points)
{
    s->filter[sizeof s->filter - 1] = s->source[sizeof s->source - 1] = '\0';
    s->phase[sizeof s->phase - 1] = '\0';
    struct death *d = find(c, s->filter, s->source_hash);
    if (!d) {
        d = make_room(c);
        memset(d, 0, sizeof *d);
        d->source_hash = s->source_hash;
        memcpy(d->filter, s->filter, sizeof d->filter);
        memcpy(d->source, s->source, sizeof d->source);
    }
    d->content = s->content;
    d->when = (int64_t)time(NULL);
    d->points = d->points + points > ENOUGH ? ENOUGH : d->points + points;
    char what[128], subject[640];
    describe(s, what, sizeof what);
    snprintf(subject, sizeof subject, "filter %s, %s", s->filter, s->source);
    if (s->mark || points == WHOLE)
        log_msg(LOG_WARNING, subject, "%s%s", what,
                d->points >= ENOUGH ? "; it is passed over there from now on"
                                    : "; at the next death there it will be passed over");
}

/* Blames whoever has a mark; only where nobody has, whoever was at work at all. */
static void read_last_words(struct crumbs *c)
{
    struct file *f = c->file;
    for (size_t i = 0; i < LIMIT_DEATHS; i++)
        c->n_deaths += f->deaths[i].points != 0;
    int marked = 0;
    for (size_t i = 0; i < CRUMB_SLOTS; i++)
        marked |= f->slots[i].active && f->slots[i].mark;
    for (size_t i = 0; i < CRUMB_SLOTS; i++) {
        struct slot *s = &f->slots[i];
        int stuck = f->tick >= s->tick + LONG_TICKS;
        if (s->active && (!marked || s->mark))
            bury(c, s, s->mark || stuck ? WHOLE : HALF);
    }
    memset(f->slots, 0, sizeof f->slots);
    f->tick = 0;
}

static int map_file(const char *dir, struct file **file)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/crumbs", dir) >= (int)sizeof path)
        return E_LIMIT;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == ENOSPC ? E_FULL : E_IO;
    /* Allocated and not only sized: a store into a hole on a full disk would be a SIGBUS. */
    int failed = ftruncate(fd, sizeof **file) ? errno : posix_fallocate(fd, 0, sizeof **file);
    void *p =
        failed ? MAP_FAILED : mmap(NULL, sizeof **file, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return failed == ENOSPC ? E_FULL : E_IO;
    *file = p;
    if (memcmp((*file)->magic, MAGIC, 8) != 0 || (*file)->size != sizeof **file) {
        memset(*file, 0, sizeof **file);
        (*file)->size = sizeof **file;
        memcpy((*file)->magic, MAGIC, 8);
    }
    return OK;
}

/* ---- the watchdog ---- */

static void look(struct crumbs *c)
{
    uint64_t now = atomic_fetch_add(&c->file->tick, 1) + 1;
    for (size_t i = 0; i < CRUMB_SLOTS; i++) {
        struct slot *s = &c->file->slots[i];
        uint64_t began = atomic_load(&s->tick);
        if (!atomic_load(&s->active) || now <= began + c->limit)
            continue;
        atomic_store(&s->mark, MARK_HUNG);
        char subject[640];
        snprintf(subject, sizeof subject, "filter %s, %s", s->filter, s->source);
        log_msg(LOG_ERROR, subject,
                "has not returned from %s for %llu seconds; the process ends here, nothing is "
                "lost: start it again",
                s->phase, (unsigned long long)c->limit);
        abort();
    }
}

/* Counts its own seconds, so that a process that was stopped or a machine that slept blames
 * nobody. */
static void *watch(void *arg)
{
    struct crumbs *c = arg;
    struct timespec at;
    pthread_mutex_lock(&c->lock);
    clock_gettime(CLOCK_MONOTONIC, &at);
    while (!c->stopping) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        at = now;
        at.tv_sec++;
        int status = 0;
        while (!c->stopping && status != ETIMEDOUT)
            status = pthread_cond_timedwait(&c->wake, &c->lock, &at);
        if (!c->stopping)
            look(c);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static int start_watchdog(struct crumbs *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, &attr);
    pthread_condattr_destroy(&attr);
    sigset_t most, old;
    sigfillset(&most);
    sigdelset(&most, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &most, &old);
    c->watching = pthread_create(&c->watchdog, NULL, watch, c) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return c->watching ? OK : E_NOMEM;
}

/* ---- public ---- */

int crumbs_open(const char *dir, int limit_s, struct crumbs **crumbs)
{
    struct crumbs *c = calloc(1, sizeof *c);
    if (!c)
        return E_NOMEM;
    c->limit = limit_s > 0 ? (uint64_t)limit_s : LIMIT_FILTER_CALL_S;
    int status = map_file(dir, &c->file);
    if (!status)
        read_last_words(c);
    if (!status)
        status = start_watchdog(c);
    if (status) {
        crumbs_close(c);
        return status;
    }
    install();
    *crumbs = c;
    return OK;
}

void crumbs_close(struct crumbs *c)
{
    if (!c)
        return;
    if (c->watching) {
        pthread_mutex_lock(&c->lock);
        c->stopping = 1;
        pthread_cond_signal(&c->wake);
        pthread_mutex_unlock(&c->lock);
        pthread_join(c->watchdog, NULL);
        pthread_cond_destroy(&c->wake);
        pthread_mutex_destroy(&c->lock);
    }
    if (c->file)
        munmap(c->file, sizeof *c->file);
    free(c);
}

void crumb_document(struct crumbs *c, int slot, wn_str source, uint64_t content)
{
    struct slot *s = &c->file->slots[slot];
    size_t n = source.ptr ? source.len : 0;
    if (n > sizeof s->source - 1)
        n = sizeof s->source - 1;
    if (n)
        memcpy(s->source, source.ptr, n);
    s->source[n] = '\0';
    s->source_hash = hash(source);
    s->content = content;
}

void crumb_enter(struct crumbs *c, int slot, const char *filter, const char *phase)
{
    struct slot *s = &c->file->slots[slot];
    use_altstack();
    snprintf(s->phase, sizeof s->phase, "%s", phase);
    snprintf(s->filter, sizeof s->filter, "%s", filter);
    atomic_store(&s->mark, MARK_NONE);
    atomic_store(&s->tick, atomic_load(&c->file->tick));
    atomic_store(&s->active, 1);
    mine = s;
}

void crumb_leave(struct crumbs *c, int slot)
{
    mine = NULL;
    atomic_store(&c->file->slots[slot].active, 0);
}

int crumb_passed_over(struct crumbs *c, const char *filter, wn_str source, uint64_t content,
                      int64_t now)
{
    if (!c->n_deaths)
        return 0;
    const struct death *d = find(c, filter, hash(source));
    if (!d || d->points < ENOUGH)
        return 0;
    return d->content == content || now < d->when + DAY;
}

void crumb_survived(struct crumbs *c, const char *filter, wn_str source)
{
    if (!c->n_deaths)
        return;
    struct death *d = find(c, filter, hash(source));
    if (d) {
        d->points = 0;
        c->n_deaths--;
    }
}

int crumb_deaths(struct crumbs *c, const char *filter, wn_str source)
{
    const struct death *d = c->n_deaths ? find(c, filter, hash(source)) : NULL;
    return d ? (int)d->points / WHOLE : 0;
}
