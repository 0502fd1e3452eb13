/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"
#include "status.h"

enum {
    HOUR = 3600,
    DAY = 24 * HOUR,
    WEEK = 7 * DAY,
    RETRY_FIRST = 300,        /* a network failure is often over in minutes */
    RETRY_TOO_MANY = 15 * 60, /* 429 without a time */
};

static int64_t at_most(int64_t v, int64_t most)
{
    return v > most ? most : v;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A share of `wait`: random of 2^32 parts of it. */
static int64_t part(int64_t wait, uint32_t random)
{
    return (int64_t)((uint64_t)wait * random >> 32);
}

static int64_t after_success(const struct poll_facts *f)
{
    int64_t wait = larger(f->every, at_most(f->ttl, DAY));
    wait = larger(wait, at_most(f->max_age, DAY));
    wait = larger(wait, at_most(f->retry_after, WEEK));
    return wait + part(wait / 20, f->random);
}

static int64_t after_failure(const struct poll_facts *f)
{
    int64_t wait = f->http >= 400 ? f->every : at_most(f->every, RETRY_FIRST);
    for (int i = 1; i < f->failures && wait < DAY; i++)
        wait *= 2;
    wait = f->http == 410 ? WEEK : at_most(wait, DAY);
    wait = wait - wait / 4 + part(wait / 2, f->random);
    if (f->retry_after >= 0) /* on the second that was asked for all pollers would come at once */
        wait = larger(wait, at_most(f->retry_after, WEEK) + part(60, f->random));
    else if (f->http == 429)
        wait = larger(wait, RETRY_TOO_MANY + part(60, f->random));
    return wait;
}

static int skipped(const struct poll_facts *f, int64_t t)
{
    int64_t hour = t / HOUR % 24, day = (t / DAY + 4) % 7; /* the epoch began on a Thursday */
    return (f->skip_hours >> hour & 1) || (f->skip_days >> day & 1);
}

int64_t poll_next(const struct poll_facts *facts)
{
    struct poll_facts f = *facts;
    f.every = f.every < 1 ? 1 : at_most(f.every, 52 * WEEK);
    int64_t wait = f.failures ? after_failure(&f) : after_success(&f);
    int64_t next = f.now + larger(wait, 1), t = next;
    /* Feeds that skip the same night must not all wake at the full hour. */
    for (int hours = 0; skipped(&f, t); hours++) {
        if (hours == 8 * 24)
            return next; /* it skips all there is, which nobody can mean */
        t = (t / HOUR + 1) * HOUR + part(10 * 60, f.random);
    }
    return t;
}
