/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h: STATE/control.sock, mode 0600: one JSON object a line each way. Loop thread.
 *
 * {"command": "explain", "what": "…"} → {"ok": true, …} or {"ok": false, "error": "…"}. Commands: explain,
 * split, join, refresh, reload, stats. A stale socket of a dead process is replaced.
 */
#ifndef WINNOW_CONTROL_H
#define WINNOW_CONTROL_H

#include <jansson.h>
#include <uv.h>

struct control;

/* Answers a request with a new reference, possibly later: call control_answer once. */
struct control_call;
typedef void (*control_fn)(void *user, const json_t *request, struct control_call *call);

int control_create(uv_loop_t *loop, const char *state_dir, control_fn fn, void *user, struct control **control);
void control_destroy(struct control *control);
/* [loop] Takes the reference over. */
void control_answer(struct control_call *call, json_t *answer);

/* The client's side, blocking, any thread: E_ABSENT: no daemon holds the state. The caller owns *answer. */
int control_request(const char *state_dir, const json_t *request, json_t **answer);

#endif
