/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_state.h: what explain, split, join, stats, reload and refresh share: the configuration,
 * the state's folder, and asking the daemon that holds it. Main thread.
 */
#ifndef WINNOW_COMMAND_STATE_H
#define WINNOW_COMMAND_STATE_H

#include <jansson.h>

#include "config.h"

struct state_args {
    /* Set before: the text of --help, how many arguments there must be, and what they are. */
    const char *usage, *wants;
    int least, most;
    struct config *config;
    const char *state; /* the folder */
    int json, text;    /* --json, --text */
    char **rest;       /* arguments that are no options; argv's */
    int n_rest;
};
/* What their --help has in common. */
#define STATE_OPTIONS                                                                              \
    "  -c, --config FILE  the configuration [winnow.yaml]\n"                                       \
    "      --state DIR    the state, instead of the configuration's\n"
#define STATE_OPTIONS_JSON                                                                         \
    STATE_OPTIONS "      --json         the answer as one JSON object\n"                           \
                  "      --help         this text\n"                                               \
                  "\n"
#define STATE_EXITS "Exits 0 when done, 1 if it failed, 2 for a wrong option or configuration.\n"

/* 1: go on; 0: end with *exit_code (help, a wrong option, a broken configuration; all told). */
int state_args_read(struct state_args *args, const char *command, int argc, char **argv,
                    int *exit_code);
void state_args_finish(struct state_args *args);

/* Asks the daemon; takes the request over. 1: it answered (*answer is the caller's), 0: none holds
 * the state, or -1: told on standard error. */
int state_ask(const struct state_args *args, json_t *request, json_t **answer);
/* split and join: by the daemon, or here if none runs. Takes the request over; prints; returns the
 * exit code. */
int state_rule(const struct state_args *args, const char *command, json_t *request);
/* reload and refresh: by the daemon alone; at most `most` arguments, an address. Returns the exit
 * code. */
int state_tell(const char *command, const char *usage, int most, int argc, char **argv);
/* Prints a daemon's answer, or its error; returns the exit code. */
int state_print(const struct state_args *args, const char *command, json_t *answer);

#endif
