/* SPDX-License-Identifier: Apache-2.0 */
/* winnow split STORY ITEM: a person's word that an item does not belong to a story. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command_state.h"
#include "options.h"

static const char usage[] =
    "Usage: winnow split [-c FILE] [--json] STORY ITEM\n"
    "\n"
    "Takes an item out of its story, for good: it returns to the clean feed as an entry of its "
    "own,\n"
    "dated now, and no filter joins it with the others again. `winnow explain` tells the numbers.\n"
    "\n" STATE_OPTIONS_JSON STATE_EXITS;

/* "7", or "story:7" and "item:7" as explain and join write them; NULL: neither. */
static const char *number_of(const char *s, const char *prefix)
{
    if (strncmp(s, prefix, strlen(prefix)) == 0)
        s += strlen(prefix);
    size_t n = strlen(s);
    return n && n < 19 && strspn(s, "0123456789") == n ? s : NULL;
}

int cmd_split(int argc, char **argv)
{
    struct state_args args = {.usage = usage, .wants = "STORY ITEM", .least = 2, .most = 2};
    int code = EXIT_FAILED;
    if (state_args_read(&args, "split", argc, argv, &code)) {
        const char *story = number_of(args.rest[0], "story:");
        const char *item = number_of(args.rest[1], "item:");
        if (story && item) {
            code = state_rule(&args, "split",
                              json_pack("{s:s, s:I, s:I}", "command", "split", "story",
                                        (json_int_t)strtoll(story, NULL, 10), "item",
                                        (json_int_t)strtoll(item, NULL, 10)));
        } else {
            code = options_wrong("split", "'%s' is no number of %s; `winnow explain` tells it",
                                 args.rest[story ? 1 : 0], story ? "an item" : "a story");
        }
    }
    state_args_finish(&args);
    return code;
}
