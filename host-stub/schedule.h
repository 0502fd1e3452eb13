/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h: when each source is polled. Loop thread only.
 *
 * Due times come of the interval, the feed's ttl, sy:update…, skipHours and skipDays,
 * Cache-Control, Retry-After, and after failures of exponential back-off with jitter (poll_next).
 * A 429 holds all sources of its host back. Polls are spread at start, so that thousands of feeds
 * don't start in one second; states from the store go on where they were: no unconditional refetch.
 *
 * Due times are wall-clock seconds, since they outlive the process; the clock is looked at anew at
 * least once a minute, so that a sleeping machine or a corrected clock is noticed. One heap of due
 * times, one uv_timer, and at most LIMIT_POLLS requests with the fetcher at a time: the cost of a
 * poll is the same for ten sources and for a hundred thousand.
 */
#ifndef WINNOW_SCHEDULE_H
#define WINNOW_SCHEDULE_H

#include <uv.h>

#include "config.h"
#include "fetch.h"
#include "store.h"

struct schedule;

/* A poll ended. `source` lives as long as the configuration. next (epoch seconds) and failures (in
 * a row, 0 after a success) are decided. It may call any function here, schedule_destroy too. A
 * source that a reload dropped meanwhile has no call. result->moved_to is there the first time
 * only. */
typedef void (*polled_fn)(void *user, const struct source *source, struct fetch_result *result,
                          int64_t next, int failures);

/* Sources with enabled 0 are left out, and a second one of the same URL. The configuration must
 * live until schedule_destroy or the next schedule_reload. E_NOMEM. */
int schedule_create(uv_loop_t *loop, const struct config *config, struct fetcher *fetcher,
                    polled_fn fn, void *user, struct schedule **schedule);
/* Polls under way have no call any more. May come before fetcher_destroy, or after it without the
 * loop running in between. Frees once libuv closed the timer. */
void schedule_destroy(struct schedule *schedule);
/* What the store knew; before schedule_start. A URL that is no source is ignored. E_NOMEM. */
int schedule_restore(struct schedule *schedule, const struct source_state *state);
/* once: each source is polled exactly once, now, and `done` is called after the last (from the
 * loop, also where there is none). */
int schedule_start(struct schedule *schedule, int once, void (*done)(void *user), void *user);
/* After parsing: the feed's own wishes. skip_hours and skip_days as in struct feed_info; ttl in
 * seconds, -1: none. The due time moves accordingly. Returns it (for the store); -1: no such
 * source. */
int64_t schedule_wishes(struct schedule *schedule, const char *url, int64_t ttl,
                        uint32_t skip_hours, uint32_t skip_days);
/* The validators to send next time: only once their document is committed. NULL: none. */
void schedule_validators(struct schedule *schedule, const char *url, const char *etag,
                         const char *last_modified);
/* Polls now: one source, whatever its host said, or with NULL all that their hosts don't hold back.
 * A source whose poll is under way is not polled again. E_ABSENT. */
int schedule_refresh(struct schedule *schedule, const char *url);
/* Takes over a new configuration: new sources are added, gone ones dropped, others keep their state
 * and move forward if their interval became shorter. E_NOMEM: the old one stays in force. */
int schedule_reload(struct schedule *schedule, const struct config *config);
/* Sources, and those of them whose last poll failed. */
void schedule_count(const struct schedule *schedule, size_t *sources, size_t *failing);

/* What decides when a source is polled next. Seconds throughout; -1 where something was not given.
 */
struct poll_facts {
    int64_t now;                    /* epoch */
    int64_t every;                  /* the interval that the user wants */
    int64_t ttl;                    /* the feed's wish */
    uint32_t skip_hours, skip_days; /* as in struct feed_info */
    int status, http;               /* of the last poll */
    int failures;                   /* in a row, this one included; 0: it went well */
    int64_t retry_after, max_age;
    uint32_t random; /* all 32 bits */
};

/* Pure; any thread. After a success: the longest of every, ttl and max_age (these two count up to a
 * day: nobody means a year) and Retry-After (up to a week), and up to 5 % more. After failures:
 * back-off that doubles from 5 minutes (from `every` where the server itself refused) up to a day,
 * 25 % more or less, never before Retry-After. 410: a week, since some come back. Then past skipped
 * hours and days. Sources: RSS 2.0 (ttl, skipHours, skipDays), RFC 9110 10.2.3, RFC 6585 4 (429).
 */
int64_t poll_next(const struct poll_facts *facts);

#endif
