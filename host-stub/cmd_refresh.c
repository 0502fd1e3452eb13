/* SPDX-License-Identifier: Apache-2.0 */
/* winnow refresh: a running daemon polls now. */
#include "command.h"
#include "command_state.h"

static const char usage[] =
    "Usage: winnow refresh [-c FILE] [--json] [URL]\n"
    "\n"
    "Makes the running daemon poll one source, or all of them, now.\n"
    "\n" STATE_OPTIONS_JSON "Exits 0 when it polls, 1 if there is no such source or no daemon "
    "runs, 2 for a wrong option or\n"
    "configuration.\n";

int cmd_refresh(int argc, char **argv)
{
    return state_tell("refresh", usage, 1, argc, argv);
}
