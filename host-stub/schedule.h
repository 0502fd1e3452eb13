/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h: when each source is polled. Loop thread only.
 *
 * Due times come of the interval, the feed's ttl, sy:update…, skipHours and skipDays,
 * Cache-Control, Retry-After, and after failures of exponential back-off with jitter. Polls are
 * spread at start, so that thousands of feeds don't start in one second; states from the store go
 * on where they were: no unconditional refetch.
 */
#ifndef WINNOW_SCHEDULE_H
#define WINNOW_SCHEDULE_H

#include <uv.h>

#include "config.h"
#include "fetch.h"
#include "store.h"

struct schedule;

/* A poll ended. `source` lives as long as the configuration. next and failures are decided. */
typedef void (*polled_fn)(void *user, const struct source *source, struct fetch_result *result,
                          int64_t next, int failures);

int schedule_create(uv_loop_t *loop, const struct config *config, struct fetcher *fetcher,
                    polled_fn fn, void *user, struct schedule **schedule);
void schedule_destroy(struct schedule *schedule);
/* What the store knew; before schedule_start. */
int schedule_restore(struct schedule *schedule, const struct source_state *state);
/* once: each source is polled exactly once, now, and `done` is called after the last. */
int schedule_start(struct schedule *schedule, int once, void (*done)(void *user), void *user);
/* After parsing: the feed's own wishes. skip_hours and skip_days as in struct feed_info; ttl -1: none. */
void schedule_wishes(struct schedule *schedule, const char *url, int64_t ttl, uint32_t skip_hours, uint32_t skip_days);
/* The validators to send next time: only once their document is committed. NULL: none. */
void schedule_validators(struct schedule *schedule, const char *url, const char *etag, const char *last_modified);
/* Polls now: one source, or with NULL all. E_ABSENT. */
int schedule_refresh(struct schedule *schedule, const char *url);
/* Takes over a new configuration: new sources are added, gone ones dropped, others keep their state. */
int schedule_reload(struct schedule *schedule, const struct config *config);

#endif
