/* SPDX-License-Identifier: Apache-2.0 */
/* winnow run: polls, filters, publishes and serves, until told to stop; --once: one round. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <libxml/parser.h>

#include "command.h"
#include "config.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "pipeline.h"
#include "status.h"

static const char help[] =
    "winnow run -c winnow.yaml            poll, clean, publish and serve until SIGTERM\n"
    "winnow run -c winnow.yaml --once     poll every source once, publish, end\n"
    "\n"
    "  -c, --config FILE   the configuration; winnow.yaml unless said otherwise\n"
    "      --once          one round; exits 0, or 3 if some source failed (each is named)\n"
    "  -q, --quiet         errors only, no progress\n"
    "  -v, --verbose       what goes on, too\n"
    "\n"
    "SIGTERM and SIGINT end it cleanly, SIGHUP opens the event and log files anew, SIGUSR2 reads "
    "the\n"
    "configuration again (`winnow reload` does the same and says how it went).\n"
    "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 some source failed.\n";

int cmd_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"once", no_argument, NULL, '1'},
        {"quiet", no_argument, NULL, 'q'},        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *path = "winnow.yaml";
    int once = 0, quiet = 0, c;
    while ((c = getopt_long(argc, argv, "c:qvh", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case '1':
            once = 1;
            break;
        case 'q':
            quiet = 1;
            log_set_level(LOG_ERROR);
            break;
        case 'v':
            log_set_level(LOG_INFO);
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return options_usage("run");
        }
    }
    if (optind < argc)
        return options_unexpected("run", argv[optind]);
    struct config *config = NULL;
    if (options_config(path, &config))
        return EXIT_USAGE;
    if (!config->n_sources) {
        log_msg(
            LOG_ERROR, path,
            "no sources; add some under `sources:`, or write a new file with: winnow init URL…");
        config_destroy(config);
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    xmlInitParser();
    struct pipeline *pipeline = NULL;
    struct pipeline_options how = {
        .config = config,
        .once = once,
        .progress = once && !quiet && isatty(STDERR_FILENO),
    };
    int err = pipeline_create(&how, &pipeline);
    int code = err == E_USAGE || err == E_ABSENT || err == E_VERSION ? EXIT_USAGE : EXIT_FAILED;
    if (!err)
        code = pipeline_run(pipeline);
    pipeline_destroy(pipeline);
    curl_global_cleanup();
    return code;
}
