/* SPDX-License-Identifier: Apache-2.0 */
/* winnow reload: a running daemon reads its configuration anew. */
#include "command.h"
#include "command_state.h"

static const char usage[] =
    "Usage: winnow reload [-c FILE] [--json]\n"
    "\n"
    "Makes the running daemon read its configuration anew, as SIGUSR2 "
    "does, and says whether it took it.\n"
    "If something is wrong with it, the daemon goes on with the old one.\n"
    "\n" STATE_OPTIONS_JSON "Exits 0 if it was taken, 1 if not or if no daemon runs, 2 for a wrong "
    "option or configuration.\n";

int cmd_reload(int argc, char **argv)
{
    return state_tell("reload", usage, 0, argc, argv);
}
