/* SPDX-License-Identifier: Apache-2.0 */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

#include "limits.h"
#include "schedule_internal.h"
#include "status.h"

enum {
    LOOK_AGAIN_MS = 60000, /* the wall clock may jump */
    SPREAD_PER_SECOND = 10,
    HOLD_UNSAID = 15 * 60, /* a 429 that says no time */
    HOLD_MOST = 24 * 3600,
    HOLD_SPREAD = 120,
    JUMP = 3600, /* seconds that a clock is set back by, and no mere correction */
    HORIZON = 9 * 24 *
              3600, /* poll_next never waits longer, so what lies further off is a wrong clock's */
};

int64_t wall_clock(const struct schedule *s)
{
    return (int64_t)time(NULL) + s->clock_offset;
}

/* xorshift64*: the seed is the system's, the quality enough to keep pollers apart. */
static uint32_t chance(struct schedule *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (uint32_t)(s->random * 0x2545f4914f6cdd1dull >> 32);
}

int64_t poll_interval(const struct schedule *s, const struct source *source)
{
    return source->every > 0 ? source->every : s->config->every;
}

static void on_due(uv_timer_t *timer);

void schedule_arm(struct schedule *s, int now)
{
    if (!s->started)
        return;
    if (!now && (!s->heap.n || s->under_way >= LIMIT_POLLS)) {
        uv_timer_stop(&s->timer); /* the end of a poll comes back here */
        return;
    }
    int64_t wait = now ? 0 : s->heap.polls[0]->due - wall_clock(s);
    uint64_t ms = wait <= 0 ? 0 : wait > 60 ? LOOK_AGAIN_MS : (uint64_t)wait * 1000;
    uv_timer_start(&s->timer, on_due, ms, 0);
}

static void orphan_ended(struct poll *e)
{
    struct schedule *s = e->schedule;
    if (s) {
        struct poll **at = &s->orphans;
        while (*at != e)
            at = &(*at)->next_orphan;
        *at = e->next_orphan;
        s->under_way--;
        schedule_arm(s, 1);
    }
    poll_destroy(e);
}

/* 429 is said to the client and not to one feed (RFC 6585): its neighbours wait too. */
static void hold_host(struct schedule *s, const struct poll *e, int64_t retry_after)
{
    int64_t wait = retry_after < 0           ? HOLD_UNSAID
                   : retry_after > HOLD_MOST ? HOLD_MOST
                                             : retry_after;
    struct hold *hold = NULL;
    for (size_t i = 0; i < HOLDS && !hold; i++)
        if (s->holds[i].host == e->host)
            hold = &s->holds[i];
    if (!hold)
        hold = &s->holds[s->n_holds++ % HOLDS];
    *hold = (struct hold){e->host, e->polled + wait};
}

/* When the source's host may be asked again; 0: now. */
static int64_t held_until(const struct schedule *s, const struct poll *e, int64_t now)
{
    for (size_t i = 0; s->n_holds && i < HOLDS; i++)
        if (s->holds[i].host == e->host && s->holds[i].until > now)
            return s->holds[i].until;
    return 0;
}

/* A feed that has moved is told once, and not at each poll until somebody changes the
 * configuration. */
static void tell_move_once(struct poll *e, struct fetch_result *result)
{
    if (!result->moved_to)
        return;
    uint64_t hash = XXH3_64bits(result->moved_to, strlen(result->moved_to));
    if (hash == e->moved)
        result->moved_to = NULL;
    e->moved = hash;
}

static void decide(struct schedule *s, struct poll *e, struct fetch_result *result)
{
    e->polled = wall_clock(s);
    e->failures = result->status ? e->failures + (e->failures < 1000) : 0;
    e->asked = result->retry_after > result->max_age ? result->retry_after : result->max_age;
    struct poll_facts facts = {
        .now = e->polled,
        .every = poll_interval(s, e->source),
        .ttl = e->ttl,
        .skip_hours = e->skip_hours,
        .skip_days = e->skip_days,
        .status = result->status,
        .http = result->http,
        .failures = e->failures,
        .retry_after = result->retry_after,
        .max_age = result->max_age,
        .random = chance(s),
    };
    e->due = poll_next(&facts);
    e->forced = 0;
    tell_move_once(e, result);
    if (result->http == 429)
        hold_host(s, e, result->retry_after);
}

/* Returns 1 when the callback destroyed the schedule. */
static int ended(struct poll *e, struct fetch_result *result)
{
    struct schedule *s = e->schedule;
    const struct source *source = e->source;
    if (!s || !source) {
        orphan_ended(e);
        return 0;
    }
    e->under_way = 0;
    s->under_way--;
    if (result->status != E_CANCELLED)
        decide(s, e, result);
    if (e->to_do) {
        e->to_do = 0;
        s->to_do--;
    }
    if (!s->once)
        heap_put(&s->heap, e);
    int64_t due = e->due;
    int failures = e->failures, destroyed = 0;
    int *outer = s->destroyed;
    s->destroyed = &destroyed;
    s->fn(s->user, source, result, due, failures); /* may free e, by a reload, and s */
    if (destroyed) {
        if (outer)
            *outer = 1;
        return 1;
    }
    s->destroyed = outer;
    schedule_arm(s, s->once && !s->to_do);
    return 0;
}

static void on_fetched(void *user, struct fetch_result *result)
{
    ended(user, result);
}

static int poll_source(struct schedule *s, struct poll *e)
{
    const struct source *source = e->source;
    struct fetch_request request = {
        .url = source->url,
        .etag = e->etag,
        .last_modified = e->last_modified,
        .headers = source->headers,
        .n_headers = source->n_headers,
        .allow_private = source->allow_private || s->config->allow_private,
        .allow_file = 1, /* the configuration is where file: URLs are allowed */
    };
    e->under_way = 1;
    s->under_way++;
    int r = fetcher_start(s->fetcher, &request, on_fetched, e);
    if (!r)
        return 0;
    struct fetch_result result = {
        .status = r,
        .error = r == E_INVALID   ? "its address, or one of its headers, is not valid"
                 : r == E_REFUSED ? "only http, https and file addresses can be polled"
                                  : status_text(r),
        .final_url = source->url,
        .retry_after = -1,
        .max_age = -1,
    };
    return ended(e, &result);
}

static void spread(struct schedule *s);

/* A clock that was wrong and was set back leaves due times that would never come. */
static void notice_jump(struct schedule *s, int64_t now)
{
    int back = now < s->last_look - JUMP;
    s->last_look = now;
    if (!back || s->once)
        return;
    memset(s->holds, 0, sizeof s->holds);
    for (size_t i = 0; i < s->table.cap; i++) {
        struct poll *e = s->table.slots[i];
        if (e && e->at != NOT_IN_HEAP && e->due > now + HORIZON) {
            e->due = 0;
            heap_put(&s->heap, e);
        }
    }
    spread(s);
}

static void on_due(uv_timer_t *timer)
{
    struct schedule *s = timer->data;
    int64_t now = wall_clock(s);
    notice_jump(s, now);
    while (s->heap.n && s->heap.polls[0]->due <= now && s->under_way < LIMIT_POLLS) {
        struct poll *e = s->heap.polls[0];
        int64_t until = s->once || e->forced ? 0 : held_until(s, e, now);
        if (until) { /* not all at the same second then */
            e->due = until + 1 + chance(s) % HOLD_SPREAD;
            heap_put(&s->heap, e);
        } else if (poll_source(s, heap_take(&s->heap))) {
            return;
        }
    }
    if (s->once && !s->to_do && s->done) {
        void (*done)(void *) = s->done;
        s->done = NULL;
        done(s->done_user); /* may destroy the schedule */
        return;
    }
    schedule_arm(s, 0);
}

/* ---- what others say ---- */

int schedule_create(uv_loop_t *loop, const struct config *config, struct fetcher *fetcher,
                    polled_fn fn, void *user, struct schedule **schedule)
{
    struct schedule *s = calloc(1, sizeof *s);
    if (!s)
        return E_NOMEM;
    s->fetcher = fetcher;
    s->fn = fn;
    s->user = user;
    if (getrandom(&s->random, sizeof s->random, GRND_NONBLOCK) != sizeof s->random || !s->random)
        s->random = uv_hrtime() | 1;
    int r = schedule_reload(s, config);
    if (r) {
        free(s);
        return r;
    }
    uv_timer_init(loop, &s->timer);
    s->timer.data = s;
    *schedule = s;
    return OK;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void schedule_destroy(struct schedule *s)
{
    if (!s)
        return;
    if (s->destroyed)
        *s->destroyed = 1;
    for (size_t i = 0; i < s->table.cap; i++) {
        struct poll *e = s->table.slots[i];
        if (e && e->under_way)
            e->schedule = NULL; /* its end frees it */
        else
            poll_destroy(e);
    }
    for (struct poll *e = s->orphans; e; e = e->next_orphan)
        e->schedule = NULL;
    table_finish(&s->table);
    heap_finish(&s->heap);
    uv_close((uv_handle_t *)&s->timer, on_closed);
}

static int keep(char **to, const char *s, size_t n)
{
    char *copy = NULL;
    if (s && n && !(copy = strndup(s, n)))
        return E_NOMEM;
    free(*to);
    *to = copy;
    return OK;
}

int schedule_restore(struct schedule *s, const struct source_state *state)
{
    struct poll *e = table_find(&s->table, state->url.ptr, state->url.len);
    if (!e)
        return OK;
    if (keep(&e->etag, state->etag.ptr, state->etag.len) ||
        keep(&e->last_modified, state->last_modified.ptr, state->last_modified.len))
        return E_NOMEM;
    int64_t now = wall_clock(s);
    e->ttl = state->ttl;
    e->skip_hours = state->skip_hours;
    e->skip_days = state->skip_days;
    e->failures = state->failures < 0 ? 0 : state->failures;
    /* A time too far off was written by a clock that was wrong. */
    e->due = state->next <= 0 || state->next > now + HORIZON ? 0 : state->next;
    if (!s->once)
        heap_put(&s->heap, e);
    return OK;
}

/* New and overdue sources start one after the other in the order of the configuration, a few a
 * second, and each within its interval. */
static void spread(struct schedule *s)
{
    int64_t now = wall_clock(s), late = 0;
    for (size_t i = 0; i < s->config->n_sources; i++) {
        const char *url = s->config->sources[i].url;
        struct poll *e = table_find(&s->table, url, strlen(url));
        if (!e || e->order != i || e->due > now)
            continue;
        int64_t every = poll_interval(s, e->source);
        e->due = now + late++ / SPREAD_PER_SECOND % (every > 0 ? every : 1);
        heap_put(&s->heap, e);
    }
}

int schedule_start(struct schedule *s, int once, void (*done)(void *user), void *user)
{
    s->started = 1;
    s->once = once;
    s->done = done;
    s->done_user = user;
    if (once) {
        for (size_t i = 0; i < s->table.cap; i++) {
            struct poll *e = s->table.slots[i];
            if (!e)
                continue;
            e->due = 0;
            e->to_do = 1;
            s->to_do++;
            heap_put(&s->heap, e);
        }
    } else {
        spread(s);
    }
    schedule_arm(s, 1);
    return OK;
}

int64_t schedule_wishes(struct schedule *s, const char *url, int64_t ttl, uint32_t skip_hours,
                        uint32_t skip_days)
{
    struct poll *e = table_find(&s->table, url, strlen(url));
    if (!e)
        return -1;
    int same = e->ttl == ttl && e->skip_hours == skip_hours && e->skip_days == skip_days;
    e->ttl = ttl;
    e->skip_hours = skip_hours;
    e->skip_days = skip_days;
    if (same || e->failures || !e->polled || e->at == NOT_IN_HEAP)
        return e->due;
    struct poll_facts facts = {
        .now = e->polled,
        .every = poll_interval(s, e->source),
        .ttl = ttl,
        .skip_hours = skip_hours,
        .skip_days = skip_days,
        .retry_after = -1,
        .max_age = e->asked,
        .random = chance(s),
    };
    e->due = poll_next(&facts);
    heap_put(&s->heap, e);
    schedule_arm(s, 0);
    return e->due;
}

void schedule_validators(struct schedule *s, const char *url, const char *etag,
                         const char *last_modified)
{
    struct poll *e = table_find(&s->table, url, strlen(url));
    /* Without memory the old validators go: the next answer is then a whole document, no loss. */
    if (e && keep(&e->etag, etag, etag ? strlen(etag) : 0))
        keep(&e->etag, NULL, 0);
    if (e && keep(&e->last_modified, last_modified, last_modified ? strlen(last_modified) : 0))
        keep(&e->last_modified, NULL, 0);
}

int schedule_refresh(struct schedule *s, const char *url)
{
    if (url) {
        struct poll *e = table_find(&s->table, url, strlen(url));
        if (!e)
            return E_ABSENT;
        if (!e->under_way && (!s->once || e->to_do)) {
            e->due = wall_clock(s);
            e->forced = 1;
            heap_put(&s->heap, e);
        }
    } else if (!s->once) {
        for (size_t i = 0; i < s->table.cap; i++) {
            struct poll *e = s->table.slots[i];
            if (e && !e->under_way) {
                e->due = 0;
                heap_put(&s->heap, e);
            }
        }
    }
    schedule_arm(s, 1);
    return OK;
}

void schedule_count(const struct schedule *s, size_t *sources, size_t *failing)
{
    *sources = s->table.n;
    *failing = 0;
    for (size_t i = 0; i < s->table.cap; i++)
        *failing += s->table.slots[i] && s->table.slots[i]->failures > 0;
}
