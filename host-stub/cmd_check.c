/* SPDX-License-Identifier: Apache-2.0 */
/* winnow check: as `suricata -T`: the configuration and the filters' options, without polling. */
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "command.h"
#include "filter.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "status.h"
#include "store.h"
#include "workers.h"

static const char help[] =
    "Usage: winnow check [-c FILE] [--filters]\n"
    "\n"
    "Checks the configuration and each filter's options, lists what would run, and says how long "
    "the\n"
    "clean feed's window lasts; tests whether state, outputs, event and log file can be written.\n"
    "Nothing is polled, written or left behind. Every error names file, line and the fix.\n"
    "\n"
    "  -c, --config FILE  the configuration [winnow.yaml]\n"
    "  -f, --filters      also print each filter's options with their defaults\n"
    "      --help         this text\n"
    "\n"
    "Exits 0 if it would run, 2 if it would not.\n";

static const char *duration(int64_t s, char text[32])
{
    if (s && s % 86400 == 0)
        snprintf(text, 32, "%lld d", (long long)(s / 86400));
    else if (s && s % 3600 == 0)
        snprintf(text, 32, "%lld h", (long long)(s / 3600));
    else if (s && s % 60 == 0)
        snprintf(text, 32, "%lld min", (long long)(s / 60));
    else
        snprintf(text, 32, "%lld s", (long long)s);
    return text;
}

static void print_options(const wn_option *o)
{
    static const char *const types[] = {"true or false", "whole number", "number", "text",
                                        "one of",        "duration",     "list",   "map",
                                        "path",          "nested"};
    for (; o && o->key; o++) {
        const char *type = o->type < sizeof types / sizeof *types ? types[o->type] : "?";
        printf("        %-16s %s%s%s%s%s%s\n                         %s%s\n", o->key, type,
               o->choices ? " " : "", o->choices ? o->choices : "", o->def ? ", default " : "",
               o->def ? o->def : "", o->type == WN_OPT_DURATION && o->def ? " s" : "",
               o->help ? o->help : "", o->per_source ? " (a source may override it)" : "");
    }
}

static void print_filters(const struct chain *chain, int with_options)
{
    puts("filters, in this order:");
    for (size_t i = 0; i < chain_count(chain); i++) {
        struct chain_filter_info f;
        if (chain_info(chain, i, &f))
            continue;
        printf("    %-12s %s%s%s%s\n", f.name, f.version ? f.version : "", f.version ? "  " : "",
               f.plugin_path ? f.plugin_path : "", f.enabled ? "" : "  (switched off)");
        if (with_options)
            print_options(f.options);
    }
}

static void print_list(const char *before, char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%s%s", i ? ", " : before, texts[i]);
}

static void print_outputs(const struct config *c)
{
    static const char *const formats[] = {"Atom 1.0", "RSS 2.0", "JSON Feed 1.1"};
    char text[32];
    puts("clean feed:");
    for (size_t i = 0; i < c->n_outputs; i++) {
        const struct output *o = &c->outputs[i];
        if (o->served)
            printf("    http://%s%s  %s", c->listen, o->served, formats[o->format]);
        else
            printf("    %s  %s", o->file, formats[o->format]);
        printf(": all entries of the last %s, and at least %lld%s%s", duration(o->within, text),
               (long long)o->keep, o->lang ? "; only in " : "", o->lang ? o->lang : "");
        print_list("; only topic ", o->topics, o->n_topics);
        print_list("; no ", o->except, o->n_except);
        putchar('\n');
    }
    printf("    a reader that comes by at least every %s misses nothing\n",
           duration(c->n_outputs ? c->outputs[0].within : 48 * 3600, text));
}

static void print_rest(const struct config *c)
{
    char text[32];
    size_t off = 0, overrides = 0;
    for (size_t i = 0; i < c->n_sources; i++) {
        off += !c->sources[i].enabled;
        overrides += c->sources[i].n_overrides > 0;
    }
    printf("sources: %zu", c->n_sources);
    if (off)
        printf(", %zu of them switched off", off);
    if (overrides)
        printf(", %zu with filter options of their own", overrides);
    printf(", each polled every %s unless it says otherwise\n", duration(c->every, text));
    printf("languages: ");
    for (size_t i = 0; i < c->n_prefer; i++)
        printf("%s%s", i ? ", then " : "", c->prefer[i]);
    puts(c->n_prefer
             ? ""
             : "no preference; the most complete edition is shown (set `prefer: [en, de]`)");
    printf("a story appears %s after its first item, items are matched for %s",
           duration(c->settle, text), "");
    printf("%s\n", duration(c->window, text));
    printf("state: %s\n", c->state);
    if (c->events_file)
        printf("events: %s\n", c->events_file);
    if (c->log_file)
        printf("log: %s\n", c->log_file);
}

/* A state without a file: the filters are made as they would be, and see no items. */
static int check_chain(const struct config *config, int with_options)
{
    struct store *store = NULL;
    struct workers *workers = NULL;
    struct chain *chain = NULL;
    struct buf errors;
    buf_init(&errors, MIB(1));
    int err = store_open(NULL, "winnow check", &store, NULL);
    if (!err)
        err = workers_create(1, &workers);
    if (!err)
        err = chain_create(config, store, workers, NULL, CHAIN_ALL, &chain, &errors);
    if (!err)
        print_filters(chain, with_options);
    else if (!errors.n)
        buf_addf(&errors, "the filters cannot be made: %s\n", status_text(err));
    options_print(&errors);
    buf_finish(&errors);
    chain_destroy(chain);
    workers_destroy(workers);
    store_close(store);
    return err;
}

int cmd_check(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"filters", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *path = "winnow.yaml";
    int c, with_options = 0;
    while ((c = options_next("check", argc, argv, "c:fh", options)) != -1) {
        switch (c) {
        case 'c':
            path = optarg;
            break;
        case 'f':
            with_options = 1;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        default:
            return EXIT_USAGE;
        }
    }
    if (optind < argc)
        return options_unexpected("check", argv[optind]);
    struct config *config = NULL;
    if (options_config(path, &config))
        return EXIT_USAGE;
    int err = check_chain(config, with_options);
    int folders = options_places(config);
    if (!err && !folders) {
        print_outputs(config);
        print_rest(config);
        printf("%s is in order\n", path);
    }
    config_destroy(config);
    return err || folders ? EXIT_USAGE : EXIT_DONE;
}
