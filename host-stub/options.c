/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "limits.h"
#include "log.h"
#include "status.h"

int options_usage(const char *command)
{
    fprintf(stderr, "try: winnow %s --help\n", command);
    return EXIT_USAGE;
}

int options_unexpected(const char *command, const char *argument)
{
    log_msg(LOG_ERROR, NULL, "unexpected argument '%s'", argument);
    return options_usage(command);
}

void options_held(const char *command, const char *state, const char *holder)
{
    int filter = !strcmp(command, "filter");
    log_msg(LOG_ERROR, state, "the state is held by %s; %s", *holder ? holder : "another process",
            filter ? "give `winnow filter` a folder of its own: --state DIR"
                   : "`winnow refresh` has it poll now, `winnow reload` has it read its "
                     "configuration; a second winnow needs another `state:`");
}

void options_print(struct buf *lines)
{
    for (char *line = lines->p, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        else
            end = line + strlen(line);
        if (*line)
            log_msg(LOG_ERROR, NULL, "%s", line);
    }
    buf_reset(lines);
}

int options_config(const char *path, struct config **config)
{
    struct buf errors;
    buf_init(&errors, MIB(1));
    int err = config_load(path, config, &errors);
    options_print(&errors);
    buf_finish(&errors);
    return err;
}

int options_config_or_default(const char *path, struct config **config)
{
    if (!path && access("winnow.yaml", R_OK))
        return config_default(config);
    return options_config(path ? path : "winnow.yaml", config);
}
