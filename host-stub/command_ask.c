/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the daemon that holds the state, or doing it ourselves where none does. */
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "command_state.h"
#include "control.h"
#include "status.h"
#include "store.h"
#include "story_command.h"

int state_ask(const struct state_args *args, json_t *request, json_t **answer)
{
    int status = request ? control_request(args->state, request, answer) : E_NOMEM;
    json_decref(request);
    if (status == OK)
        return 1;
    if (status == E_ABSENT)
        return 0;
    fprintf(stderr, "%s/control.sock: %s\n", args->state, status_text(status));
    return -1;
}

/* A daemon that starts or ends holds the state for a moment without answering. */
enum { WAIT_MS = 2000 };

/* Without a daemon: the state is opened here. */
static json_t *answer_ourselves(const struct state_args *args, const char *command,
                                const json_t *request)
{
    struct store *store = NULL;
    struct reader *reader = NULL;
    char who[64], holder[256] = "";
    /* Asking must not make a state where there is none. */
    int status = reader_open_dir(args->state, &reader);
    reader_close(reader);
    snprintf(who, sizeof who, "winnow %s", command);
    if (status == OK)
        status = store_open_wait(args->state, who, WAIT_MS, &store, holder);
    if (status == E_ABSENT)
        fprintf(stderr, "winnow %s: there is no state in %s yet; poll first: winnow run\n", command,
                args->state);
    else if (status == E_BUSY)
        fprintf(stderr, "winnow %s: %s is held by %s; try again when it is done\n", command,
                args->state, *holder ? holder : "another process");
    else if (status != OK)
        fprintf(stderr, "winnow %s: %s: %s\n", command, args->state, status_text(status));
    if (status != OK)
        return NULL;
    json_t *answer =
        state_request(store, NULL, args->config, request, (int64_t)time(NULL), NULL, NULL);
    store_close(store);
    return answer;
}

int state_rule(const struct state_args *args, const char *command, json_t *request)
{
    json_t *answer = NULL;
    if (!request)
        return EXIT_FAILED;
    int asked = state_ask(args, json_incref(request), &answer);
    if (asked == 0)
        answer = answer_ourselves(args, command, request);
    json_decref(request);
    int code = answer ? state_print(args, command, answer) : EXIT_FAILED;
    json_decref(answer);
    return code;
}

int state_tell(const char *command, const char *usage, int most, int argc, char **argv)
{
    struct state_args args = {.usage = usage, .most = most};
    json_t *answer = NULL, *request;
    int code = EXIT_FAILED;
    if (!state_args_read(&args, command, argc, argv, &code))
        goto out;
    request = json_pack("{s:s}", "command", command);
    if (args.n_rest)
        json_object_set_new(request, "source", json_string(args.rest[0]));
    int asked = state_ask(&args, request, &answer);
    if (asked == 0)
        fprintf(stderr, "winnow %s: no daemon holds %s; start one with: winnow run\n", command,
                args.state);
    if (asked > 0)
        code = state_print(&args, command, answer);
out:
    json_decref(answer);
    state_args_finish(&args);
    return code;
}
