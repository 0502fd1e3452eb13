/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cores.h: where the cores and evidence of the window's items are: packed, in the host's kv, or,
 * where a host has none, in memory. What was read lately is kept unpacked in a small table a reader.
 *
 * Threads: cores_put and cores_drop [judge]; a struct reader belongs to one thread at a time, and
 * reads while nobody writes.
 */
#ifndef WINNOW_CORES_H
#define WINNOW_CORES_H

#include "evidence.h"

struct cores;

int cores_create(struct cores **out, const wn_api *api, wn_host *host);
void cores_destroy(struct cores *c);

/* Whether they survive a restart. */
bool cores_durable(const struct cores *c);

/* Stores or replaces; vectors: whether more than e->core is there. expires as for kv_put. */
int cores_put(struct cores *c, const struct evidence *e, bool vectors, int64_t expires);
void cores_drop(struct cores *c, int64_t id);
/* A stored core is about to change: no reader goes on with what it holds. [judge] */
void cores_changed(struct cores *c);
/* WN_ABSENT: not there or not readable. [any phase in which kv_get may be called] */
int cores_get(const struct cores *c, int64_t id, struct core *out);
/* As cores_get, with all evidence; WN_ABSENT also: stored without vectors of this model. */
int cores_get_evidence(const struct cores *c, struct workshop *w, int64_t id, struct evidence *out);

/* Calls fn for each stored core (durable ones only); [create]. */
int cores_each(struct cores *c, int (*fn)(void *user, const struct core *core), void *user);

#define READER_SIZE 256 /* evidence kept unpacked, 4 MiB */
struct reader;

struct reader *reader_create(const struct cores *c, struct workshop *w);
void reader_destroy(struct reader *r);
/* The evidence of a stored item, valid until the reader's next call but READER_SIZE - 1; NULL: not
 * there, or without vectors of this model. */
const struct evidence *reader_get(struct reader *r, int64_t id);
/* The evidence of two at once, valid as above; false: of one of them there is none. */
bool reader_get_both(struct reader *r, int64_t a, int64_t b, const struct evidence **x,
                     const struct evidence **y);

#endif
