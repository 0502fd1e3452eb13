/* SPDX-License-Identifier: Apache-2.0 */
/* winnow split STORY ITEM: a person's word that an item does not belong to a story. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_state.h"

static const char usage[] =
    "Usage: winnow split [-c FILE] [--json] STORY ITEM\n"
    "\n"
    "Takes an item out of its story, for good: it returns to the clean feed as an entry of its "
    "own, dated\n"
    "now, and no filter joins it with the others again. `winnow explain` tells the numbers.\n"
    "\n"
    "  -c, --config FILE  the configuration (winnow.yaml)\n"
    "  --state DIR        the state, instead of the configuration's\n"
    "  --json             the answer as one JSON object\n"
    "  --help             this text\n";

static int is_number(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

int cmd_split(int argc, char **argv)
{
    struct state_args args = {.usage = usage};
    int code = EXIT_FAILED;
    if (state_args_read(&args, argc, argv, &code)) {
        if (args.n_rest == 2 && is_number(args.rest[0]) && is_number(args.rest[1])) {
            code = state_rule(&args, "split",
                              json_pack("{s:s, s:I, s:I}", "command", "split", "story",
                                        (json_int_t)strtoll(args.rest[0], NULL, 10), "item",
                                        (json_int_t)strtoll(args.rest[1], NULL, 10)));
        } else {
            fputs(usage, stderr);
            code = EXIT_USAGE;
        }
    }
    state_args_finish(&args);
    return code;
}
