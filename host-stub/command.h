/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h: the command line. Each command is a file cmd_<name>.c with one function that takes
 * its own arguments (argv[0] is the command's name) and returns an exit code. Main thread.
 */
#ifndef WINNOW_COMMAND_H
#define WINNOW_COMMAND_H

/* Exit codes that scripts rely on. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,       /* usage or configuration */
    EXIT_SOME_FAILED = 3, /* some source failed, the rest is done */
    EXIT_NOT_A_FEED = 65, /* sysexits EX_DATAERR */
};

int command_main(int argc, char **argv);

int cmd_init(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_filter(int argc, char **argv);
int cmd_parse(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_split(int argc, char **argv);
int cmd_join(int argc, char **argv);
int cmd_opml(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_refresh(int argc, char **argv);
int cmd_stats(int argc, char **argv);

#endif
