/* SPDX-License-Identifier: Apache-2.0 */
/* winnow run: polls, filters, publishes and serves, until told to stop; --once: one round. */
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

static const char help[] = "Usage: winnow run [-c FILE] [--once] [--quiet | --verbose]\n"
                           "\n"
                           "Polls the sources, cleans their items, publishes the clean feed and "
                           "serves it, until SIGTERM or\n"
                           "SIGINT ends it cleanly. SIGHUP opens the event and log files anew; "
                           "SIGUSR2 reads the configuration\n"
                           "again (`winnow reload` does the same and says how it went).\n"
                           "\n"
                           "  -c, --config FILE  the configuration [winnow.yaml]\n"
                           "      --once         poll every source once, publish, end\n"
                           "  -q, --quiet        errors only, no progress\n"
                           "  -v, --verbose      what goes on, too\n"
                           "      --help         this text\n"
                           "\n"
                           "Exits 0 when done, 1 if it failed, 2 for a wrong option or "
                           "configuration; with --once 3 if some\n"
                           "source failed: each is named, the rest is done.\n";

int cmd_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"once", no_argument, NULL, '1'},
        {"quiet", no_argument, NULL, 'q'},        {"verbose", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    const char *path = "winnow.yaml";
    int once = 0, quiet = 0, c;
    while ((c = options_next("run", argc, argv, "c:qvh", options)) != -1) {
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
            return EXIT_USAGE;
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
    if (options_places(config)) {
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
