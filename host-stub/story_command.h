/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_command.h: requests of the control socket that concern the state: explain, split, join. The
 * same functions serve the commands of these names when no daemon runs.
 *
 * Requests: {"command": "explain", "what": "…"}; {"command": "split", "story": 3, "item": 7};
 * {"command": "join", "a": "3", "b": "item:7"} (a number alone is a story). Answers: {"ok": true,
 * "message": "…", …} or {"ok": false, "error": "…"}.
 */
#ifndef WINNOW_STORY_COMMAND_H
#define WINNOW_STORY_COMMAND_H

#include <jansson.h>

#include "config.h"

struct chain;
struct store;

/* Whether the request is one of these. Any thread. */
int state_request_is_ours(const json_t *request);
/* Answers it: a new reference, NULL without memory. On the judge thread with no transaction open
 * (judge_call), or on the main thread without a judge. chain NULL: filters hear of rulings when
 * they are next made. *changed (may be NULL) is 1 if readers should see something new: cue the
 * publisher with *generation. */
json_t *state_request(struct store *store, struct chain *chain, const struct config *config,
                      const json_t *request, int64_t now, int *changed, int64_t *generation);

#endif
