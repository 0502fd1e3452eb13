/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <stdio.h>
#include <string.h>

/* Grows with the commands; `winnow help` prints it. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"parse", cmd_parse, "print what stands in feeds as JSON"},
    {"explain", cmd_explain, "tell why the clean feed shows an item, or doesn't"},
    {NULL, NULL, NULL},
};

int command_main(int argc, char **argv)
{
    for (int i = 0; argc > 1 && commands[i].name; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "winnow " WINNOW_VERSION "\n");
    return EXIT_USAGE;
}
