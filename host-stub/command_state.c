/* SPDX-License-Identifier: Apache-2.0 */
#include "command_state.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "options.h"
#include "status.h"

/* With a state given, no configuration is needed. */
static int load(struct state_args *args, const char *path, const char *state, int *exit_code)
{
    int status = path || !state ? options_config(path ? path : "winnow.yaml", &args->config)
                                : config_default(&args->config);
    if (status != OK) {
        *exit_code = EXIT_USAGE;
        return 0;
    }
    args->state = state ? state : args->config->state;
    return 1;
}

int state_args_read(struct state_args *args, const char *command, int argc, char **argv,
                    int *exit_code)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'}, {"state", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},         {"text", no_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    const char *config = NULL, *state = NULL;
    int c;
    while ((c = options_next(command, argc, argv, "c:h", longs)) != -1) {
        switch (c) {
        case 'c':
            config = optarg;
            break;
        case 's':
            if (!*(state = optarg)) {
                *exit_code = options_wrong(command, "--state needs a folder");
                return 0;
            }
            break;
        case 'j':
            args->json = 1;
            break;
        case 't':
            args->text = 1;
            break;
        case 'h':
            fputs(args->usage, stdout);
            *exit_code = EXIT_DONE;
            return 0;
        default:
            *exit_code = EXIT_USAGE;
            return 0;
        }
    }
    args->rest = argv + optind;
    args->n_rest = argc - optind;
    if (args->n_rest >= args->least && args->n_rest <= args->most)
        return load(args, config, state, exit_code);
    *exit_code =
        args->n_rest < args->least
            ? options_wrong(command, "too few arguments; winnow %s %s", command, args->wants)
            : options_unexpected(command, args->rest[args->most]);
    return 0;
}

void state_args_finish(struct state_args *args)
{
    config_destroy(args->config);
}

/* Each line with the command before it; a daemon's configuration errors are several. */
static void print_lines(const char *command, const char *lines)
{
    size_t name = strlen(command);
    for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
        /* Some refusals open with the command's name, for those who read the daemon's answer. */
        if (strncmp(lines, command, name) == 0 && lines[name] == ':')
            lines += name + 1 + strspn(lines + name + 1, " ");
        n = strcspn(lines, "\n");
        if (n)
            fprintf(stderr, "winnow %s: %.*s\n", command, (int)n, lines);
    }
}

int state_print(const struct state_args *args, const char *command, json_t *answer)
{
    int ok = json_is_true(json_object_get(answer, "ok"));
    const char *error = json_string_value(json_object_get(answer, "error"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    const char *notes = json_string_value(json_object_get(answer, "notes"));
    if (args->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (!ok) {
        print_lines(command, error ? error : "failed");
    } else {
        if (message)
            printf("%s\n", message);
        if (notes)
            print_lines(command, notes);
    }
    return ok ? EXIT_DONE : EXIT_FAILED;
}
