/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: what the commands share in reading their command lines. Main thread.
 */
#ifndef WINNOW_OPTIONS_H
#define WINNOW_OPTIONS_H

#include <getopt.h>

#include "buf.h"
#include "config.h"

/* getopt_long for all commands: a wrong option is told once, with the one that was meant and where
 * help is, in the program's own words. `shorts` without the leading colon. Returns the option's
 * value, -1 after the last, '?' after a wrong one: return EXIT_USAGE then. */
int options_next(const char *command, int argc, char **argv, const char *shorts,
                 const struct option *longs);
/* "winnow COMMAND: what is wrong", and where help is. EXIT_USAGE. */
int options_wrong(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An argument too many. EXIT_USAGE. */
int options_unexpected(const char *command, const char *argument);
/* Loads a configuration and prints its errors and warnings. E_USAGE. */
int options_config(const char *path, struct config **config);
/* -c's file where given, else winnow.yaml where there is one, else the defaults without any file. */
int options_config_or_default(const char *path, struct config **config);
/* Standard output failed with this errno: told, but for a reader that went away, as `head` does. */
void options_unwritten(int error);
/* The state is another process's: who that is, and what to do instead. */
void options_held(const char *command, const char *state, const char *holder);
/* Whether state, events, log and outputs could be written, without writing: each that couldn't is
 * told with line and fix. OK or E_USAGE. */
int options_places(const struct config *config);
/* Prints lines as errors, each once, and empties the buffer. */
void options_print(struct buf *lines);

#endif
