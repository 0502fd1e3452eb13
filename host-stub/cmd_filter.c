/* SPDX-License-Identifier: Apache-2.0 */
/* winnow filter: one feed document from stdin, cleaned, to stdout; no network. What newsboat's `filter:`,
 * sfeed and Liferea's conversion filters call. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "../plugin/text/url.h"
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
#include "writer.h"

static const char help[] =
    "winnow filter [-c FILE] [--state DIR] [--source URL] [--format atom|rss|json]\n"
    "\n"
    "Reads one feed document from stdin and writes it cleaned to stdout, in the format in which it "
    "came\n"
    "unless --format says otherwise. Never touches the network.\n"
    "\n"
    "  -c, --config FILE   filters and their options, preferred languages\n"
    "      --state DIR     remember items between calls: many processes may share it; an item "
    "seen\n"
    "                      before gets the same answer, and copies of other feeds' items go.\n"
    "                      A folder for filters alone: not the state of a daemon (winnow run),\n"
    "                      which no other process may write\n"
    "      --source URL    where the document came from: base of its links, name of the source\n"
    "      --format FMT    atom, rss or json\n"
    "\n"
    "Without --state the document is the whole world: repeated guids and links go; near-copies "
    "and\n"
    "language editions are only tagged. Examples:\n"
    "    newsboat:  \"filter:winnow filter:https://example.org/feed.xml\"\n"
    "    shell:     curl -s https://example.org/feed.xml | winnow filter --source "
    "https://example.org/feed.xml\n"
    "Exit codes: 0 done, 1 failed, 2 usage or configuration, 65 not a feed.\n";

enum { WAIT_FOR_STATE_MS = 30000 };

struct filter_run {
    const char *source, *state;
    int format; /* -1: as it came */
    struct config *config;
    struct store *store;
    struct workers *workers;
    struct judge *judge;
    int status; /* of the writing, set on the judge thread */
};

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

static int to_stdout(void *user, const char *p, size_t n)
{
    (void)user;
    return fwrite(p, 1, n, stdout) == n ? OK : E_IO;
}

/* ---- which items go out ---- */

/* An item as the store keeps it after the chain, and the last word on it. */
struct verdict_of {
    struct item *item;
    struct verdict final;
    int has_final, gone;
    uint64_t url;
};

static uint64_t link_key(const struct item *item)
{
    return item->link.ptr ? url_key(item->link.ptr, item->link.len) : 0;
}

/* Without a state: a guid or a link that came before in this document. */
static int repeats(const struct verdict_of *all, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (all[j].gone)
            continue;
        if (all[j].item->id == all[i].item->id || (all[i].url && all[i].url == all[j].url))
            return 1;
    }
    return 0;
}

static int load(const struct filter_run *run, const struct document *doc, struct arena *arena,
                struct verdict_of *all)
{
    struct reader *reader = store_reader(run->store);
    for (size_t i = 0; i < doc->n_items; i++) {
        struct verdict_of *v = &all[i];
        int err = reader_item(reader, doc->items[i]->id, &v->item);
        if (err == E_ABSENT)
            v->item = item_copy(doc->items[i]);
        else if (err)
            return err;
        if (!v->item)
            return E_NOMEM;
        v->has_final = reader_final(reader, v->item->id, arena, &v->final) == OK;
        v->url = link_key(v->item);
        uint32_t kind = v->has_final ? v->final.kind : WN_KEEP;
        v->gone = kind == WN_DROP || repeats(all, i) || (run->state && kind == WN_DUPLICATE);
    }
    return OK;
}

/* What is only tagged: the verdict as a category that rules of readers can match. */
static void tag(struct verdict_of *v)
{
    static const char *const names[] = {NULL, "related", "edition", "duplicate", NULL};
    if (!v->has_final || v->final.kind > WN_DUPLICATE || !names[v->final.kind])
        return;
    struct category *c = item_add_category(v->item);
    if (!c)
        return;
    c->term = item_str(v->item, str_z(names[v->final.kind]));
    c->scheme = item_str(v->item, str_z("urn:winnow:verdict"));
}

/* The others of the document that are the same story, or another report of it. */
static size_t find_members(const struct verdict_of *all, size_t n, size_t i, struct member *members)
{
    size_t used = 0;
    for (size_t j = 0; j < n && used < LIMIT_STORY; j++) {
        const struct verdict_of *a = &all[i], *b = &all[j];
        int of_b = a->has_final && a->final.of == b->item->id && a->final.kind != WN_KEEP;
        int of_a = b->has_final && b->final.of == a->item->id && b->final.kind != WN_KEEP;
        int together = a->item->story && a->item->story == b->item->story;
        if (j == i || b->gone || (!of_a && !of_b && !together))
            continue;
        members[used++] = (struct member){
            .item = b->item->id,
            .arrived = b->item->arrived,
            .published = b->item->published,
            .kind = of_a   ? b->final.kind
                    : of_b ? a->final.kind
                           : WN_EDITION,
            .lang = b->item->detected_lang.ptr ? b->item->detected_lang : b->item->lang,
            .link = b->item->link,
            .title = b->item->title,
            .source_name = b->item->source_name,
            .source_key = b->item->source_key,
        };
    }
    return used;
}

static int format_of(int feed_format)
{
    switch (feed_format) {
    case FORMAT_ATOM03:
    case FORMAT_ATOM1:
        return OUTPUT_ATOM;
    case FORMAT_JSON1:
        return OUTPUT_JSON;
    default:
        return OUTPUT_RSS;
    }
}

static const char *z(struct arena *a, wn_str s)
{
    return s.ptr && s.len ? arena_str(a, s.ptr, s.len).ptr : NULL;
}

/* When the document last changed: as it says, else the date of its newest item. */
static int64_t newest(const struct document *doc)
{
    int64_t t = doc->feed.updated;
    for (size_t i = 0; doc->feed.updated == TIME_ABSENT && i < doc->n_items; i++) {
        const struct item *item = doc->items[i];
        t = item->published > t ? item->published : t;
        t = item->updated > t ? item->updated : t;
    }
    return t;
}

static int write_document(struct filter_run *run, const struct document *doc)
{
    struct arena arena;
    arena_init(&arena, MIB(64));
    size_t n = doc->n_items;
    struct verdict_of *all = calloc(n ? n : 1, sizeof *all);
    struct member *members = calloc(LIMIT_STORY, sizeof *members);
    struct writer *writer = NULL;
    int err = all && members ? load(run, doc, &arena, all) : E_NOMEM;
    struct writer_options options = {
        .format = run->format >= 0 ? run->format : format_of(doc->feed.format),
        .title = z(&arena, doc->feed.title),
        .link = z(&arena, doc->feed.link),
        .self = run->source ? run->source : z(&arena, doc->feed.self),
        .description = z(&arena, doc->feed.description),
        .language = z(&arena, doc->feed.language),
        .updated = newest(doc),
        .feed = &doc->feed,
        .also_in = run->config->also_in,
        .prefer = run->config->prefer,
        .n_prefer = run->config->n_prefer,
        .topic_label = judge_topic_label,
        .user = run->judge,
    };
    if (!err)
        err = writer_create(&options, to_stdout, NULL, &writer);
    for (size_t i = 0; !err && i < n; i++) {
        if (all[i].gone)
            continue;
        tag(&all[i]);
        size_t n_members = find_members(all, n, i, members);
        err = writer_item(writer, all[i].item, members, n_members);
    }
    if (!err)
        err = writer_finish(writer);
    writer_destroy(writer);
    for (size_t i = 0; all && i < n; i++)
        item_destroy(all[i].item);
    free(all);
    free(members);
    arena_finish(&arena);
    return err;
}

/* [judge] The document went through the chain and is committed. */
static void on_released(void *user, const struct document *doc)
{
    struct filter_run *run = user;
    run->status = write_document(run, doc);
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

static int parse_stdin(const struct filter_run *run, struct document **doc)
{
    struct buf in;
    char why[PARSE_WHY] = "";
    buf_init(&in, LIMIT_FILE_BODY);
    int err = read_stdin(&in);
    if (!err) {
        struct parse_input input = {.bytes = in.p ? in.p : "", .n = in.n, .url = run->source};
        err = parse_document(&input, doc, why);
    }
    if (err)
        log_msg(LOG_ERROR, run->source ? run->source : "stdin", "%s",
                *why ? why : status_text(err));
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
    if (!err && fflush(stdout))
        err = E_IO;
    if (err)
        log_msg(LOG_ERROR, run->source ? run->source : "stdin", "cannot be cleaned: %s",
                status_text(err));
    return err ? EXIT_FAILED : EXIT_DONE;
}

static int read_format(const char *text)
{
    static const char *const names[] = {"atom", "rss", "json"};
    for (int i = 0; i < 3; i++)
        if (!strcasecmp(text, names[i]))
            return i;
    log_msg(LOG_ERROR, NULL, "--format is '%s'; it must be atom, rss or json", text);
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
    while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 's':
            run.state = optarg;
            break;
        case 'u':
            run.source = optarg;
            break;
        case 'f':
            run.format = read_format(optarg);
            if (run.format < 0)
                return options_usage("filter");
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return options_usage("filter");
        }
    }
    if (optind < argc)
        return options_unexpected("filter", argv[optind]);
    if (path ? options_config(path, &run.config) : config_default(&run.config))
        return EXIT_USAGE;
    if (run.state && use_state(&run))
        return EXIT_FAILED;
    xmlInitParser();
    int code = filter(&run);
    close_all(&run);
    return code;
}
