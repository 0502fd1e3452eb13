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

/* "7", or "story:7" and "item:7" as explain and join write them; NULL: neither. */
static const char *number_of(const char *s, const char *prefix)
{
    if (strncmp(s, prefix, strlen(prefix)) == 0)
        s += strlen(prefix);
    return *s && strspn(s, "0123456789") == strlen(s) ? s : NULL;
}

int cmd_split(int argc, char **argv)
{
    struct state_args args = {.usage = usage};
    int code = EXIT_FAILED;
    if (state_args_read(&args, argc, argv, &code)) {
        const char *story = args.n_rest == 2 ? number_of(args.rest[0], "story:") : NULL;
        const char *item = args.n_rest == 2 ? number_of(args.rest[1], "item:") : NULL;
        if (story && item) {
            code = state_rule(&args, "split",
                              json_pack("{s:s, s:I, s:I}", "command", "split", "story",
                                        (json_int_t)strtoll(story, NULL, 10), "item",
                                        (json_int_t)strtoll(item, NULL, 10)));
        } else {
            fputs(usage, stderr);
            code = EXIT_USAGE;
        }
    }
    state_args_finish(&args);
    return code;
}
