/* SPDX-License-Identifier: Apache-2.0 */
/* winnow opml: subscription lists into the configuration, and the configuration's sources as one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config.h"
#include "init.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "source_text.h"
#include "status.h"
#include "suggest.h"

static const char usage[] =
    "Usage: winnow opml import [-c FILE] LIST.opml...\n"
    "       winnow opml export [-c FILE]\n"
    "\n"
    "import adds the feeds of subscription lists (\"-\": standard input) to the configuration's\n"
    "sources. Folders become tags; what is there already, comments included, stays as it is.\n"
    "export prints the configuration's sources as a list, tags as folders.\n"
    "\n"
    "  -c, --config FILE  the configuration [winnow.yaml]\n"
    "      --help         this text\n"
    "\n"
    "Exits 0 when done, 65 if a list is none, 2 for a wrong option or a broken configuration, 1 if "
    "a file\n"
    "cannot be read or written.\n";

/* ---- export ---- */

static int by_folder(const void *a, const void *b)
{
    const struct source *x = *(const struct source *const *)a,
                        *y = *(const struct source *const *)b;
    const char *tx = x->n_tags ? x->tags[0] : "", *ty = y->n_tags ? y->tags[0] : "";
    int r = strcmp(tx, ty);
    return r ? r : x->line < y->line ? -1 : x->line > y->line;
}

static int export_list(const char *path)
{
    struct config *config = NULL;
    struct buf out;
    if (options_config(path, &config))
        return EXIT_USAGE;
    int exit_code = EXIT_FAILED;
    buf_init(&out, 4 * LIMIT_CONFIG);
    const struct source **sorted = calloc(config->n_sources + 1, sizeof *sorted);
    if (!sorted)
        goto out;
    for (size_t i = 0; i < config->n_sources; i++)
        sorted[i] = &config->sources[i];
    qsort(sorted, config->n_sources, sizeof *sorted, by_folder);
    struct opml_writer w;
    opml_begin(&w, &out, config->title);
    for (size_t i = 0; i < config->n_sources; i++)
        opml_add(&w, &(struct opml_feed){.url = sorted[i]->url,
                                         .title = sorted[i]->title,
                                         .lang = sorted[i]->lang,
                                         .tags = sorted[i]->tags,
                                         .n_tags = sorted[i]->n_tags});
    if (opml_end(&w))
        log_msg(LOG_ERROR, path, "its list cannot be made: %s", status_text(out.err));
    else if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout))
        options_unwritten(errno);
    else
        exit_code = EXIT_DONE;
out:
    free(sorted);
    buf_finish(&out);
    config_destroy(config);
    return exit_code;
}

/* ---- import ---- */

/* What is new in the list; what could not be a source is told and left out. */
static size_t choose(const struct init_list *list, struct init_list *known,
                     struct new_source *sources)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct init_entry *e = &list->entries[i];
        size_t before = known->n;
        if (strncasecmp(e->url, "http://", 7) && strncasecmp(e->url, "https://", 8)) {
            log_msg(LOG_WARNING, e->url,
                    "left out: only http and https feeds are taken from a list");
        } else if (!init_add_url(known, e->url, 0) && known->n > before) {
            sources[n++] = (struct new_source){
                .url = e->url, .title = e->title, .tags = e->tags, .n_tags = e->n_tags};
        }
    }
    return n;
}

/* Makes sure that the new text says what it should before it replaces what a person wrote. */
static int add_to_file(const char *path, const struct config *config,
                       const struct new_source *sources, size_t n)
{
    struct buf text, out, errors;
    struct config *check = NULL;
    int exit_code = EXIT_FAILED;
    buf_init(&out, LIMIT_CONFIG);
    buf_init(&errors, MIB(1));
    int r = init_read_file(path, &text);
    if (r) {
        log_msg(LOG_ERROR, path, "cannot be read: %s", strerror(errno));
        goto out;
    }
    r = source_text_insert(text.p ? text.p : "", text.n, sources, n, &out);
    if (!r)
        r = config_parse(out.p, out.n, path, config->folder, &check, &errors);
    if (!r && check->n_sources != config->n_sources + n)
        r = E_INVALID;
    if (r) {
        log_msg(LOG_ERROR, path,
                "its sources stand in a form that cannot be added to; write them as a list, "
                "one a line. Nothing is changed");
        exit_code = EXIT_USAGE;
        goto out;
    }
    r = source_file_write(path, out.p, out.n, 1);
    if (r)
        log_msg(LOG_ERROR, path, "cannot be written: %s", strerror(errno));
    else
        exit_code = EXIT_DONE;
out:
    config_destroy(check);
    buf_finish(&errors);
    buf_finish(&out);
    buf_finish(&text);
    return exit_code;
}

static int import_lists(const char *path, char **files, int n_files)
{
    struct config *config = NULL;
    struct init_list list, known;
    struct new_source *sources = NULL;
    if (options_config(path, &config))
        return EXIT_USAGE;
    int exit_code = EXIT_DONE;
    init_list_init(&list, 0);
    init_list_init(&known, 0);
    for (int i = 0; i < n_files && exit_code == EXIT_DONE; i++) {
        int r = init_add_list(&list, files[i], NULL);
        exit_code = r == E_NOTFEED ? EXIT_NOT_A_FEED : r ? EXIT_FAILED : EXIT_DONE;
    }
    if (exit_code != EXIT_DONE)
        goto out;
    exit_code = EXIT_FAILED;
    for (size_t i = 0; i < config->n_sources; i++)
        if (init_add_url(&known, config->sources[i].url, 0))
            goto out;
    if (!(sources = calloc(list.n + 1, sizeof *sources)))
        goto out;
    size_t n = choose(&list, &known, sources);
    exit_code = n ? add_to_file(path, config, sources, n) : EXIT_DONE;
    if (exit_code == EXIT_DONE)
        printf("%s: %zu source%s added, %zu there already or left out\n", path, n,
               n == 1 ? "" : "s", list.n - n);
out:
    free(sources);
    init_list_finish(&list);
    init_list_finish(&known);
    config_destroy(config);
    return exit_code;
}

int cmd_opml(int argc, char **argv)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    const char *path = "winnow.yaml";
    int c;
    while ((c = options_next("opml", argc, argv, "c:h", longs)) != -1) {
        if (c == 'c') {
            path = optarg;
        } else {
            if (c == 'h')
                fputs(usage, stdout);
            return c == 'h' ? EXIT_DONE : EXIT_USAGE;
        }
    }
    int rest = argc - optind;
    if (!rest)
        return options_wrong("opml", "say 'import LIST.opml' or 'export'");
    const char *what = argv[optind++];
    if (strcmp(what, "import") == 0) {
        if (optind == argc)
            return options_wrong("opml", "import needs a list: winnow opml import LIST.opml");
        return import_lists(path, argv + optind, argc - optind);
    }
    if (strcmp(what, "export") == 0)
        return optind == argc ? export_list(path) : options_unexpected("opml", argv[optind]);
    static const char *const known[] = {"import", "export", NULL};
    const char *near = suggest(what, known);
    if (near)
        return options_wrong("opml", "no '%s'; did you mean '%s'?", what, near);
    return options_wrong("opml", "no '%s'; known are import and export", what);
}
