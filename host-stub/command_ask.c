/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the daemon that holds the state. */
#include <stdio.h>

#include "command_state.h"
#include "control.h"
#include "status.h"

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
