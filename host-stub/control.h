/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h: STATE/control.sock, mode 0600: one JSON object a line each way. Loop thread, but for
 * control_request.
 *
 * {"command": "explain", "what": "…"} → {"ok": true, …} or {"ok": false, "error": "…"}. Commands:
 * explain, split, join, refresh, reload, stats. What isn't a JSON object is answered here. A client
 * may send several requests at once; they are answered one after the other, in order. A line over
 * LIMIT_CONTROL_LINE ends the connection, as does a minute without a request; of more than
 * LIMIT_CONTROL_CLIENTS clients the last is told so and turned away.
 *
 * The socket's mode is set before it has a name, so that no umask ever leaves a gap. A stale socket
 * of a dead process is replaced, anything else of that name is not touched. The path may be longer
 * than what a socket's address holds.
 */
#ifndef WINNOW_CONTROL_H
#define WINNOW_CONTROL_H

#include <jansson.h>
#include <uv.h>

struct control;

/* Answers a request with a new reference, possibly later: call control_answer once. The request
 * dies when the function returns (json_incref keeps it). */
struct control_call;
typedef void (*control_fn)(void *user, const json_t *request, struct control_call *call);

/* Ignores SIGPIPE in the process (sigpipe.h). E_BUSY: another process answers there; E_INVALID:
 * something that is no socket has the name; E_IO, E_NOMEM. */
int control_create(uv_loop_t *loop, const char *state_dir, control_fn fn, void *user,
                   struct control **control);
/* Removes the socket. Calls not answered yet must still be, which then only frees them. Frees once
 * libuv closed the handles. */
void control_destroy(struct control *control);
/* [loop] Takes the reference over. NULL, or what isn't an object: tells the client that it failed.
 * Does no harm when the client is gone. May be called from within the control_fn. */
void control_answer(struct control_call *call, json_t *answer);

/* Whether a daemon answers there; blocking, any thread. */
int control_held(const char *state_dir);
/* The client's side, blocking, any thread: E_ABSENT: no daemon holds the state; E_LIMIT: request
 * too long; E_TIMEOUT: no answer within two minutes; E_SYNTAX, E_IO, E_NOMEM. The caller owns
 * *answer, which is an object. */
int control_request(const char *state_dir, const json_t *request, json_t **answer);

#endif
