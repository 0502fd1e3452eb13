/* SPDX-License-Identifier: Apache-2.0 */
/* winnow join A B: a person's word that two stories are one. */
#include <stdio.h>

#include "command.h"
#include "command_state.h"

static const char usage[] =
    "Usage: winnow join [-c FILE] [--json] A B\n"
    "\n"
    "Makes two stories one, for good; the older keeps its number. A and B are stories, or items "
    "as\n"
    "item:NUMBER. Entries that are on show already both stay, linked to each other.\n"
    "\n" STATE_OPTIONS_JSON STATE_EXITS;

int cmd_join(int argc, char **argv)
{
    struct state_args args = {.usage = usage, .wants = "A B", .least = 2, .most = 2};
    int code = EXIT_FAILED;
    if (state_args_read(&args, "join", argc, argv, &code))
        code = state_rule(
            &args, "join",
            json_pack("{s:s, s:s, s:s}", "command", "join", "a", args.rest[0], "b", args.rest[1]));
    state_args_finish(&args);
    return code;
}
