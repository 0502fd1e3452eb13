/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "suggest.h"

static int cmd_help(int argc, char **argv);

/* In the order in which a newcomer meets them; `winnow help` prints it. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"init", cmd_init, "write a configuration for feeds, pages or a subscription list"},
    {"check", cmd_check, "check a configuration and list what would run"},
    {"run", cmd_run, "poll, clean, publish and serve (--once: one round)"},
    {"explain", cmd_explain, "tell why the clean feed shows an item, or doesn't"},
    {"split", cmd_split, "say that an item is another story"},
    {"join", cmd_join, "say that two items are one story"},
    {"filter", cmd_filter, "clean one feed document from stdin to stdout"},
    {"parse", cmd_parse, "print what stands in feeds as JSON, a line a document"},
    {"opml", cmd_opml, "import a subscription list, or export one"},
    {"stats", cmd_stats, "how much there is, and how the daemon fares"},
    {"refresh", cmd_refresh, "the daemon polls now"},
    {"reload", cmd_reload, "the daemon reads its configuration again"},
    {"help", cmd_help, "this text, or that of one command"},
    {NULL, NULL, NULL},
};

enum { COMMANDS = sizeof commands / sizeof *commands - 1 };

static int find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return i;
    const char *names[COMMANDS + 1];
    for (int i = 0; i <= COMMANDS; i++)
        names[i] = commands[i].name;
    const char *near = suggest(name, names);
    if (near)
        log_msg(LOG_ERROR, NULL, "no command '%s'; did you mean '%s'?", name, near);
    else
        log_msg(LOG_ERROR, NULL, "no command '%s'; see: winnow help", name);
    return -1;
}

static int cmd_help(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] != '-') {
        int i = find(argv[1]);
        char *ask[] = {argv[1], "--help", NULL};
        return i < 0 ? EXIT_USAGE : commands[i].run(2, ask);
    }
    puts("winnow: one clean feed out of many\n\n"
         "Polls RSS, Atom and JSON feeds, shows each story once in the language that you prefer,\n"
         "takes the boilerplate away, tags topics, and writes and serves the result as a feed.\n\n"
         "Start:  winnow init FEEDS.opml   (or URLs of feeds or sites)\n"
         "        winnow run --once\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  winnow %-8s %s\n", commands[i].name, commands[i].help);
    puts("\nEach explains itself with --help. Manual pages: winnow(1), winnow.yaml(5),\n"
         "winnow-events(5), winnow_plugin(3).");
    return EXIT_DONE;
}

/* What was printed must have arrived: a full disk or a closed standard output is a failure. */
static int finish(int code)
{
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout))
        return code;
    if (errno)
        options_unwritten(errno);
    return code == EXIT_DONE ? EXIT_FAILED : code;
}

/* A standard stream that was closed would be the number of the next file that is opened, and what
 * is printed would go into it. Opened the wrong way round, so that use is an error as before. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

int command_main(int argc, char **argv)
{
    hold_standard_streams();
    if (argc < 2) {
        fprintf(stderr, "winnow: what is to be done? See: winnow help\n");
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        puts("winnow " WINNOW_VERSION);
        return finish(EXIT_DONE);
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return finish(cmd_help(1, argv));
    if (argv[1][0] == '-') {
        log_msg(LOG_ERROR, NULL, "unknown option '%s'; a command comes first, see: winnow help",
                argv[1]);
        return EXIT_USAGE;
    }
    int i = find(argv[1]);
    if (i < 0)
        return EXIT_USAGE;
    optind = 0; /* getopt begins anew: glibc's word for it */
    return finish(commands[i].run(argc - 1, argv + 1));
}
