/* SPDX-License-Identifier: Apache-2.0 */
/* winnow reload: a running daemon reads its configuration anew. */
#include "command.h"
#include "command_state.h"

static const char usage[] = "Usage: winnow reload [-c FILE] [--json]\n"
                            "\n"
                            "Makes the running daemon read its configuration anew, as SIGUSR2 "
                            "does, and says whether it took it. If\n"
                            "something is wrong with it, it goes on with the old one.\n"
                            "\n"
                            "  -c, --config FILE  the configuration (winnow.yaml)\n"
                            "  --state DIR        the state, instead of the configuration's\n"
                            "  --json             the answer as one JSON object\n"
                            "  --help             this text\n";

int cmd_reload(int argc, char **argv)
{
    return state_tell("reload", usage, 0, argc, argv);
}
