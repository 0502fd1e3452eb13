/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: what the commands share in reading their command lines. Main thread.
 */
#ifndef WINNOW_OPTIONS_H
#define WINNOW_OPTIONS_H

#include "buf.h"
#include "config.h"

/* After getopt_long complained: says where help is. EXIT_USAGE. */
int options_usage(const char *command);
/* An argument too many. EXIT_USAGE. */
int options_unexpected(const char *command, const char *argument);
/* Loads a configuration and prints its errors and warnings. E_USAGE. */
int options_config(const char *path, struct config **config);
/* -c's file where given, else winnow.yaml where there is one, else the defaults without any file. */
int options_config_or_default(const char *path, struct config **config);
/* The state is another process's: who that is, and what to do instead. */
void options_held(const char *command, const char *state, const char *holder);
/* Prints lines as errors, each once, and empties the buffer. */
void options_print(struct buf *lines);

#endif
