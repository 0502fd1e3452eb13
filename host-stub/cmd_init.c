/* SPDX-License-Identifier: Apache-2.0 */
/* winnow init: a commented winnow.yaml with the sources of lists, pages and feeds. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "discover.h"
#include "init.h"
#include "limits.h"
#include "log.h"
#include "opml.h"
#include "options.h"
#include "source_text.h"
#include "status.h"

static const char usage[] =
    "Usage: winnow init [-o FILE] [--force] [FEEDS.opml | URL | PAGE]...\n"
    "\n"
    "Writes a commented configuration with these sources. A subscription list's folders become\n"
    "tags; \"-\" is a list on standard input. The feed of a page is looked for: its own links "
    "first,\n"
    "then the usual places. What has no feed is named, and stands in the file as a comment.\n"
    "\n"
    "  -o, --output FILE    where to; \"-\" is standard output [winnow.yaml]\n"
    "      --force          replace FILE if it is there\n"
    "      --allow-private  the addresses given may be on this machine or in a private network, "
    "and stay\n"
    "                       allowed in the configuration\n"
    "      --help           this text\n"
    "\n"
    "Exits 0 when done, 3 if some source has no feed (the file is written), 2 for a wrong option "
    "or if\n"
    "FILE is there already, 1 if a list cannot be read or FILE not be written.\n";

struct options {
    const char *output;
    int force, allow_private;
};

static int read_options(struct options *o, int argc, char **argv, int *exit_code)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'o'},
                                          {"force", no_argument, NULL, 'f'},
                                          {"allow-private", no_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int c;
    while ((c = options_next("init", argc, argv, "o:h", longs)) != -1) {
        if (c == 'o')
            o->output = optarg;
        else if (c == 'f')
            o->force = 1;
        else if (c == 'p')
            o->allow_private = 1;
        else {
            if (c == 'h')
                fputs(usage, stdout);
            *exit_code = c == 'h' ? EXIT_DONE : EXIT_USAGE;
            return 0;
        }
    }
    return 1;
}

/* ---- resolving ---- */

struct resolving {
    struct init_list *list;
    size_t at, left, failed;
};

struct one {
    struct resolving *all;
    size_t at; /* in the list */
};

static void on_found(void *user, const struct discovered *found)
{
    struct one *one = user;
    struct init_list *list = one->all->list;
    if (init_resolved(list, one->at, found))
        log_msg(LOG_ERROR, found->asked, "%s", status_text(E_NOMEM));
    if (found->status) {
        one->all->failed++;
        log_msg(LOG_WARNING, found->asked, "%s%s", found->error,
                found->status == E_REFUSED && strstr(found->error, "allow-private")
                    ? "; here: winnow init --allow-private"
                    : "");
    } else if (strcmp(found->url, found->asked)) {
        log_msg(LOG_INFO, found->asked, "its feed is %s", found->url);
    }
    one->all->left--;
    log_progress("looking for feeds: %zu left", one->all->left);
    free(one);
}

static void start_one(struct fetcher *fetcher, struct resolving *all, size_t at, int allow_private)
{
    const char *asked = all->list->entries[at].url;
    struct one *one = malloc(sizeof *one);
    int r = one ? OK : E_NOMEM;
    if (one) {
        *one = (struct one){all, at};
        r = discover_start(fetcher, asked, allow_private, on_found, one);
    }
    if (!r)
        return;
    const char *why = r == E_REFUSED   ? "only http, https and file addresses can be polled"
                      : r == E_INVALID ? "is neither a file nor a valid address"
                                       : status_text(r);
    struct discovered none = {.status = r, .asked = asked, .error = why};
    all->left--;
    all->failed++;
    init_resolved(all->list, at, &none);
    log_msg(LOG_WARNING, asked, "%s", why);
    free(one);
}

/* Returns how many have no feed; -1: nothing could be tried. */
static long resolve(struct init_list *list, int allow_private)
{
    struct resolving all = {.list = list};
    struct fetcher *fetcher = NULL;
    uv_loop_t loop;
    for (size_t i = 0; i < list->n; i++)
        all.left += list->entries[i].unresolved;
    if (!all.left)
        return 0;
    if (uv_loop_init(&loop) ||
        fetcher_create(&loop, &(struct fetch_options){.timeout = 30, .proxy = PROXY_ENVIRONMENT},
                       &fetcher)) {
        log_msg(LOG_ERROR, NULL, "cannot set up the network");
        return -1;
    }
    for (size_t i = 0; i < list->n; i++)
        if (list->entries[i].unresolved)
            start_one(fetcher, &all, i, allow_private);
    uv_run(&loop, UV_RUN_DEFAULT);
    fetcher_destroy(fetcher);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    log_progress(NULL);
    return (long)all.failed;
}

/* ---- what was named ---- */

/* A file is a subscription list, or a feed on this machine. */
static int add_file(struct init_list *list, const char *path)
{
    int is_feed = 0;
    int r = init_add_list(list, path, &is_feed);
    if (r || !is_feed)
        return r;
    char *real = realpath(path, NULL), *url = NULL;
    r = real && asprintf(&url, "file:%s", real) >= 0 ? init_add_url(list, url, 0) : E_NOMEM;
    free(real);
    free(url);
    return r;
}

static int add_argument(struct init_list *list, const char *argument)
{
    struct stat st;
    if (!strcmp(argument, "-"))
        return init_add_list(list, "-", NULL);
    if (!strstr(argument, "://") && strncasecmp(argument, "feed:", 5) && !stat(argument, &st))
        return add_file(list, argument);
    if (strncasecmp(argument, "file:", 5) == 0)
        return init_add_url(list, argument, 0);
    size_t n = strlen(argument);
    if (*argument == '/' || *argument == '.' ||
        (n > 5 && !strcasecmp(argument + n - 5, ".opml") && !strstr(argument, "://"))) {
        log_msg(LOG_ERROR, argument, "there is no such file; check the path");
        return E_ABSENT;
    }
    return init_add_url(list, argument, 1);
}

static int write_out(const struct options *o, const struct buf *text)
{
    if (strcmp(o->output, "-") == 0) {
        if (fwrite(text->p, 1, text->n, stdout) == text->n && !fflush(stdout))
            return EXIT_DONE;
        options_unwritten(errno);
        return EXIT_FAILED;
    }
    int r = source_file_write(o->output, text->p, text->n, o->force);
    if (r == E_BUSY) {
        log_msg(LOG_ERROR, o->output,
                "is there already; -o FILE writes elsewhere, --force replaces it");
        return EXIT_USAGE;
    }
    if (r) {
        log_msg(LOG_ERROR, o->output, "cannot be written: %s", strerror(errno));
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

int cmd_init(int argc, char **argv)
{
    struct options o = {.output = "winnow.yaml"};
    struct init_list list;
    struct buf text;
    int exit_code;
    if (!read_options(&o, argc, argv, &exit_code))
        return exit_code;
    if (strcmp(o.output, "-") && !o.force && !access(o.output, F_OK)) {
        log_msg(LOG_ERROR, o.output,
                "is there already; -o FILE writes elsewhere, --force replaces it");
        return EXIT_USAGE;
    }
    log_set_level(LOG_INFO);
    init_list_init(&list, o.allow_private);
    buf_init(&text, LIMIT_CONFIG);
    exit_code = EXIT_FAILED;
    for (int i = optind; i < argc; i++)
        if (add_argument(&list, argv[i]))
            goto out;
    long failed = resolve(&list, o.allow_private);
    if (failed < 0)
        goto out;
    if (init_write(&list, &text)) {
        log_msg(LOG_ERROR, o.output, "cannot be made: %s", status_text(text.err));
        goto out;
    }
    exit_code = write_out(&o, &text);
    if (exit_code == EXIT_DONE && strcmp(o.output, "-")) {
        size_t n = 0;
        for (size_t i = 0; i < list.n; i++)
            n += !list.entries[i].failed;
        printf("%s: %zu source%s. %s\n", o.output, n, n == 1 ? "" : "s",
               n ? "Next: winnow run --once"
                 : "Add yours under `sources`, then: winnow run --once");
    }
    if (exit_code == EXIT_DONE && failed)
        exit_code = EXIT_SOME_FAILED;
out:
    buf_finish(&text);
    init_list_finish(&list);
    return exit_code;
}
