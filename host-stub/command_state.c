/* SPDX-License-Identifier: Apache-2.0 */
#include "command_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "status.h"

static int wrong(const struct state_args *args, const char *what, const char *which, int *exit_code)
{
    fprintf(stderr, "%s: %s\n\n%s", what, which, args->usage);
    *exit_code = EXIT_USAGE;
    return 0;
}

static int load(struct state_args *args, const char *path, const char *state, int *exit_code)
{
    struct buf errors;
    buf_init(&errors, 1 << 20);
    /* With a state given, no configuration is needed. */
    int status = path || !state ? config_load(path ? path : "winnow.yaml", &args->config, &errors)
                                : config_default(&args->config);
    if (errors.n)
        fputs(errors.p, stderr);
    if (status != OK && !errors.n)
        fprintf(stderr, "%s: %s\n", path ? path : "winnow.yaml", status_text(status));
    buf_finish(&errors);
    if (status != OK) {
        *exit_code = EXIT_USAGE;
        return 0;
    }
    args->state = state ? state : args->config->state;
    return 1;
}

int state_args_read(struct state_args *args, int argc, char **argv, int *exit_code)
{
    const char *config = NULL, *state = NULL;
    args->rest = calloc((size_t)argc + 1, sizeof *args->rest);
    if (!args->rest)
        return 0;
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (strcmp(a, "--") == 0) {
            while (++i < argc)
                args->rest[args->n_rest++] = argv[i];
        } else if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
            fputs(args->usage, stdout);
            *exit_code = EXIT_DONE;
            return 0;
        } else if (strcmp(a, "--json") == 0) {
            args->json = 1;
        } else if (strcmp(a, "--text") == 0) {
            args->text = 1;
        } else if (strcmp(a, "-c") == 0 || strcmp(a, "--config") == 0 ||
                   strcmp(a, "--state") == 0) {
            if (i + 1 == argc)
                return wrong(args, "needs a value", a, exit_code);
            *(strcmp(a, "--state") == 0 ? &state : &config) = argv[++i];
        } else if (strncmp(a, "--config=", 9) == 0) {
            config = a + 9;
        } else if (strncmp(a, "--state=", 8) == 0) {
            state = a + 8;
        } else if (a[0] == '-' && a[1]) {
            return wrong(args, "unknown option", a, exit_code);
        } else {
            args->rest[args->n_rest++] = argv[i];
        }
    }
    return load(args, config, state, exit_code);
}

void state_args_finish(struct state_args *args)
{
    free(args->rest);
    config_destroy(args->config);
}

int state_print(const struct state_args *args, const char *command, json_t *answer)
{
    int ok = json_is_true(json_object_get(answer, "ok"));
    const char *error = json_string_value(json_object_get(answer, "error"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    if (args->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (!ok) {
        /* Some refusals open with the command's name, for those who read the daemon's answer. */
        size_t n = strlen(command);
        if (error && strncmp(error, command, n) == 0 && error[n] == ':')
            error += n + 1 + strspn(error + n + 1, " ");
        fprintf(stderr, "winnow %s: %s\n", command, error ? error : "failed");
    } else if (message) {
        printf("%s\n", message);
    }
    return ok ? EXIT_DONE : EXIT_FAILED;
}
