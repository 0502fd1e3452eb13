/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule_internal.h: what the files of the schedule share: schedule.c (polling), schedule_table.c
 * (the sources by URL and by due time, reload). Loop thread only.
 *
 * A struct poll is a source's state. It stands in the table, and in the heap unless its poll is
 * under way (or, under `once`, done). A reload that drops a source under way makes it an orphan,
 * which the end of its poll frees.
 */
#ifndef WINNOW_SCHEDULE_INTERNAL_H
#define WINNOW_SCHEDULE_INTERNAL_H

#include "schedule.h"

#define NOT_IN_HEAP SIZE_MAX

struct poll {
    struct schedule *schedule;   /* NULL: it is no more */
    const struct source *source; /* NULL: an orphan */
    struct poll *next_orphan;
    uint64_t hash; /* of the URL */
    uint64_t host; /* hash of its host and port */
    char *etag, *last_modified;
    int64_t due;    /* epoch seconds; 0: not known, which start spreads */
    int64_t polled; /* when the last poll ended; 0: not in this process */
    int64_t ttl;    /* -1: none */
    int64_t asked;  /* the longest of Retry-After and freshness that the last answer gave; -1 */
    size_t at;      /* in the heap, or NOT_IN_HEAP */
    uint32_t skip_hours, skip_days;
    uint32_t order; /* in the configuration: of those due at once the first comes first */
    uint64_t moved; /* hash of the address that it moved to and that was told; 0 */
    int failures;
    int under_way;
    int forced; /* a person asked for it: nothing holds it back */
    int to_do;  /* under `once`: its poll has not ended yet */
    int seen;   /* by the reload that is going on */
};

struct heap {
    struct poll **polls;
    size_t n, cap;
};

struct table { /* open addressing */
    struct poll **slots;
    size_t n, cap;
};

/* A host that answered 429: none of its sources is polled until then. */
struct hold {
    uint64_t host;
    int64_t until; /* epoch seconds */
};
enum { HOLDS = 64 };

struct schedule {
    uv_timer_t timer;
    const struct config *config;
    struct fetcher *fetcher;
    polled_fn fn;
    void *user;
    void (*done)(void *user);
    void *done_user;
    struct table table;
    struct heap heap; /* has room for all of the table */
    struct poll *orphans;
    struct hold holds[HOLDS]; /* the oldest is overwritten: its sources then learn for themselves */
    size_t n_holds;           /* ever made */
    uint64_t random;
    int64_t last_look;    /* wall clock of the last look at the heap */
    int64_t clock_offset; /* added to the wall clock, for tests; 0 */
    size_t under_way, to_do;
    int started, once;
    int *destroyed; /* set by schedule_destroy while a callback runs */
};

/* Adds or moves to where its due time belongs. There is room: heap_reserve saw to it. */
void heap_put(struct heap *heap, struct poll *poll);
struct poll *heap_take(struct heap *heap); /* the earliest */
void heap_remove(struct heap *heap, struct poll *poll);
int heap_reserve(struct heap *heap, size_t n);
void heap_finish(struct heap *heap);

struct poll *table_find(const struct table *table, const char *url, size_t n);
void table_finish(struct table *table);

void poll_destroy(struct poll *poll);
/* Seconds between polls that the user wants. */
int64_t poll_interval(const struct schedule *schedule, const struct source *source);
int64_t wall_clock(const struct schedule *schedule);
/* Sees to it that the timer goes off when the next source is due; now: at once. */
void schedule_arm(struct schedule *schedule, int now);

#endif
