/* SPDX-License-Identifier: Apache-2.0 */
/* winnow filter: one feed document from stdin, cleaned, to stdout; no network. What newsboat's `filter:`,
 * sfeed and Liferea's conversion filters call. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "cmd_filter.h"
#include "command.h"
#include "control.h"
#include "folder.h"
#include "judge.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "parse.h"
#include "status.h"
#include "store.h"
#include "workers.h"

static const char help[] =
    "Usage: winnow filter [-c FILE] [--state DIR] [--source URL] [--format FORMAT] < DOCUMENT\n"
    "\n"
    "Reads one feed document from standard input and writes it cleaned to standard output, in the\n"
    "format in which it came unless --format says otherwise. Never touches the network.\n"
    "\n"
    "  -c, --config FILE    filters and their options, preferred languages; without it the three "
    "shipped\n"
    "                       filters run with their defaults\n"
    "      --state DIR      remember items between calls: an item seen before gets the same "
    "answer, and\n"
    "                       copies of other feeds' items go. Many processes may share it. A folder "
    "for\n"
    "                       filters alone: not the state of a daemon (winnow run), which no other\n"
    "                       process may write\n"
    "      --source URL     where the document came from: base of its links, name of the source\n"
    "      --format FORMAT  atom, rss or json\n"
    "      --help           this text\n"
    "\n"
    "Without --state the document is the whole world: repeated guids and links go; near-copies "
    "and\n"
    "language editions are only tagged. In newsboat's urls file, and in a shell:\n"
    "\n"
    "  \"filter:winnow filter:https://example.org/feed.xml\"\n"
    "  curl -s https://example.org/feed.xml | winnow filter --source https://example.org/feed.xml\n"
    "\n"
    "Exits 0 when done, 65 if the input is not a feed, 2 for a wrong option or configuration, 1 if "
    "it\n"
    "failed.\n";

enum { WAIT_FOR_STATE_MS = 30000 };

static int read_stdin(struct buf *in)
{
    for (;;) {
        char *to = buf_room(in, 1 << 16);
        if (!to)
            return in->err;
        ssize_t n = read(STDIN_FILENO, to, 1 << 16);
        if (n < 0)
            return E_IO;
        if (n == 0)
            return OK;
        in->n += (size_t)n;
    }
}

/* [judge] The document went through the chain and is committed. */
static void on_released(void *user, const struct document *doc)
{
    struct filter_run *run = user;
    run->status = filter_write(run, doc);
}

/* ---- the way through ---- */

static int open_all(struct filter_run *run)
{
    char holder[256] = "";
    struct buf errors;
    /* Other filters let go soon, a daemon never. */
    int wait = run->state && control_held(run->state) ? 0 : WAIT_FOR_STATE_MS;
    int err = store_open_wait(run->state, "winnow filter", wait, &run->store, holder);
    if (err == E_BUSY) {
        options_held("filter", run->state, holder);
        return err;
    }
    if (err) {
        log_msg(LOG_ERROR, run->state, "the state cannot be opened: %s", status_text(err));
        return err;
    }
    err = workers_create(run->config->workers, &run->workers);
    if (err)
        return err;
    struct judge_options options = {
        .config = run->config,
        .store = run->store,
        .workers = run->workers,
        .once = 1,
        .refilter = 1,
        .released = on_released,
        .user = run,
    };
    buf_init(&errors, MIB(1));
    err = judge_start(&options, &run->judge, &errors);
    options_print(&errors);
    buf_finish(&errors);
    return err;
}

static void close_all(struct filter_run *run)
{
    if (run->judge)
        judge_stop(run->judge, 1);
    workers_destroy(run->workers);
    store_close(run->store);
    config_destroy(run->config);
}

static const char *subject(const struct filter_run *run)
{
    return run->source ? run->source : "standard input";
}

static int parse_stdin(const struct filter_run *run, struct document **doc)
{
    struct buf in;
    char why[PARSE_WHY] = "";
    buf_init(&in, LIMIT_FILE_BODY);
    if (isatty(STDIN_FILENO))
        log_msg(LOG_NOTICE, subject(run), "reading a feed from the terminal, up to Ctrl-D");
    errno = 0;
    int err = read_stdin(&in);
    if (!err) {
        struct parse_input input = {.bytes = in.p ? in.p : "", .n = in.n, .url = run->source};
        err = parse_document(&input, doc, why);
    }
    if (err == E_IO && errno)
        log_msg(LOG_ERROR, subject(run), "cannot be read: %s", strerror(errno));
    else if (err && !in.n)
        log_msg(LOG_ERROR, subject(run),
                "empty; one feed document is wanted: winnow filter < FILE, or from a pipe");
    else if (err)
        log_msg(LOG_ERROR, subject(run), "%s%s", *why ? why : status_text(err),
                err == E_NOTFEED ? "; one RSS, Atom or JSON feed document is wanted" : "");
    buf_finish(&in);
    return err;
}

static void dress(const struct filter_run *run, struct document *doc)
{
    wn_str key = run->source          ? str_z(run->source)
                 : doc->feed.self.len ? doc->feed.self
                 : doc->feed.link.len ? doc->feed.link
                                      : str_z("stdin:");
    doc->source_key = arena_str(&doc->arena, key.ptr, key.len);
    doc->sequence = 1;
    doc->arrived = time(NULL);
    for (size_t i = 0; i < doc->n_items; i++) {
        struct item *item = doc->items[i];
        item->arrived = doc->arrived;
        item->document = 1;
        item->source_key = item_str(item, doc->source_key);
        item->source_name = item_str(item, doc->feed.title);
        item->source_site = item_str(item, doc->feed.link);
        item->source_lang = item_str(item, doc->feed.language);
    }
}

static int filter(struct filter_run *run)
{
    struct document *doc = NULL;
    int err = parse_stdin(run, &doc);
    if (err)
        return err == E_NOTFEED || err == E_SYNTAX ? EXIT_NOT_A_FEED : EXIT_FAILED;
    dress(run, doc);
    err = open_all(run);
    if (err) {
        document_destroy(doc);
        return err == E_NOMEM || err == E_IO || err == E_FULL || err == E_BUSY ? EXIT_FAILED
                                                                               : EXIT_USAGE;
    }
    struct fetch_report report = {.source = doc->source_key.ptr,
                                  .time = doc->arrived,
                                  .items = (int)doc->n_items,
                                  .next = doc->arrived};
    err = judge_document(run->judge, 1, doc, &report);
    if (!err)
        err = judge_wait(run->judge, 1);
    if (!err)
        err = run->status;
    if (!err && fflush(stdout)) {
        err = E_IO;
        run->write_errno = errno;
    }
    if (run->write_errno)
        options_unwritten(run->write_errno);
    else if (err)
        log_msg(LOG_ERROR, subject(run), "cannot be cleaned: %s", status_text(err));
    return err ? EXIT_FAILED : EXIT_DONE;
}

static int read_format(const char *text)
{
    static const char *const names[] = {"atom", "rss", "json"};
    for (int i = 0; i < 3; i++)
        if (!strcasecmp(text, names[i]))
            return i;
    options_wrong("filter", "--format is '%s'; it must be atom, rss or json", text);
    return -1;
}

/* The state on the command line stands in for the configuration's. */
static int use_state(struct filter_run *run)
{
    char folder[PATH_MAX];
    char *state = getcwd(folder, sizeof folder) ? path_absolute(folder, run->state) : NULL;
    if (!state || folder_make(state, 0700)) {
        log_msg(LOG_ERROR, run->state, "the state's folder cannot be made: %s", strerror(errno));
        free(state);
        config_destroy(run->config);
        return E_IO;
    }
    free(run->config->state);
    run->config->state = state;
    run->state = state;
    return OK;
}

int cmd_filter(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"state", required_argument, NULL, 's'},
        {"source", required_argument, NULL, 'u'}, {"format", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct filter_run run = {.format = -1};
    const char *path = NULL;
    int c;
    while ((c = options_next("filter", argc, argv, "c:h", options)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 's':
            run.state = optarg;
            break;
        case 'u':
            run.source = *optarg ? optarg : NULL;
            break;
        case 'f':
            run.format = read_format(optarg);
            if (run.format < 0)
                return EXIT_USAGE;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (optind < argc)
        return options_unexpected("filter", argv[optind]);
    if (path ? options_config(path, &run.config) : config_default(&run.config))
        return EXIT_USAGE;
    if (run.state && !*run.state) {
        config_destroy(run.config);
        return options_wrong("filter", "--state needs a folder");
    }
    if (run.state && use_state(&run))
        return EXIT_FAILED;
    xmlInitParser();
    int code = filter(&run);
    close_all(&run);
    return code;
}
