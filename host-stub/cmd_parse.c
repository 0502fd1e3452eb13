/* SPDX-License-Identifier: Apache-2.0 */
/* winnow parse: what stands in a feed, as JSON, one line a document. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "feed_json.h"
#include "limits.h"
#include "log.h"
#include "options.h"
#include "parse.h"
#include "status.h"

static const char usage[] =
    "Usage: winnow parse [--base URL] [--header 'NAME: VALUE']... FILE...\n"
    "\n"
    "Prints what stands in each feed as JSON, one object a line; \"-\" is standard input.\n"
    "\n"
    "      --base URL       where the document came from: what relative links are relative to\n"
    "  -H, --header HEADER  an HTTP header that came with it; Content-Type (its charset),\n"
    "                       Content-Language and Content-Location say something about a document\n"
    "      --help           this text\n"
    "\n"
    "Exits 0 when done, 65 if some document is not a feed, 1 if some file could not be read, 2 for "
    "a\n"
    "wrong option. The other files are printed all the same.\n";

enum { FLUSH = 1 << 20 }; /* output is written in pieces of about this size */

/* The output of one document. Items wait in `items` until it is known that there is a feed around
 * them; a large document's are written before the feed's own fields. */
struct sink {
    struct buf items;
    struct document *doc;
    int started;   /* the line's beginning is out */
    int unwritten; /* standard output failed, which is told */
};

static int write_all(struct sink *s, const struct buf *b)
{
    for (size_t done = 0; done < b->n;) {
        ssize_t n = write(STDOUT_FILENO, b->p + done, b->n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->unwritten = 1;
            options_unwritten(errno);
            return E_IO;
        }
        done += (size_t)n;
    }
    return OK;
}

static int flush_items(struct sink *s)
{
    if (s->items.err)
        return s->items.err;
    if (!s->started) {
        struct buf head;
        buf_init(&head, KIB(1));
        buf_addf(&head, "{\"format\":\"%s\",\"items\":[", format_name(s->doc->feed.format));
        int status = head.err ? head.err : write_all(s, &head);
        buf_finish(&head);
        if (status)
            return status;
        s->started = 1;
    }
    int status = write_all(s, &s->items);
    buf_reset(&s->items);
    return status;
}

static int print_item(void *user, struct item **item)
{
    struct sink *s = user;
    if (s->items.n || s->started)
        buf_addc(&s->items, ',');
    feed_json_item(&s->items, *item);
    return s->items.n >= FLUSH || s->items.err ? flush_items(s) : OK;
}

static int finish(struct sink *s)
{
    struct buf b;
    buf_init(&b, LIMIT_FILE_BODY);
    if (s->started) {
        int status = flush_items(s);
        if (status)
            return status;
        buf_adds(&b, "],\"feed\":");
        feed_json_feed(&b, &s->doc->feed);
    } else {
        buf_addf(&b, "{\"format\":\"%s\",\"feed\":", format_name(s->doc->feed.format));
        feed_json_feed(&b, &s->doc->feed);
        buf_adds(&b, ",\"items\":[");
        buf_add(&b, s->items.p, s->items.n);
        buf_addc(&b, ']');
    }
    buf_adds(&b, ",\"warnings\":");
    feed_json_warnings(&b, s->doc);
    buf_adds(&b, "}\n");
    int status = b.err ? b.err : write_all(s, &b);
    buf_finish(&b);
    return status;
}

/* A document's bytes: a mapping of a regular file, which saves copying it, or what was read. */
struct input_file {
    const char *p;
    size_t n;
    void *map;
    struct buf read;
};

static void cut_short(int signal)
{
    static const char text[] = "winnow: ERROR the file was cut short while it was read\n";
    (void)signal;
    if (write(STDERR_FILENO, text, sizeof text - 1))
        _exit(EXIT_FAILED);
    _exit(EXIT_FAILED);
}

static int read_all(int fd, struct input_file *s)
{
    struct buf *b = &s->read;
    for (;;) {
        size_t left = b->cap > b->n + KIB(4) ? b->cap - b->n - 1 : KIB(64);
        if (left > b->max - b->n)
            left = b->max - b->n;
        char *room = left ? buf_room(b, left) : NULL;
        if (!room)
            return b->err ? b->err : E_LIMIT;
        ssize_t n = read(fd, room, left);
        if (n < 0 && errno != EINTR)
            return E_IO;
        if (n == 0)
            return OK;
        b->n += n > 0 ? (size_t)n : 0;
    }
}

/* E_LIMIT: there is more than may be read; what was read is there. */
static int source_open(const char *path, struct input_file *s)
{
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, status = OK;
    struct stat st;
    if (fd < 0)
        return E_IO;
    if (fd != STDIN_FILENO && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        s->n = (size_t)st.st_size;
        if (s->n > LIMIT_FILE_BODY) {
            s->n = LIMIT_FILE_BODY;
            status = E_LIMIT;
        }
        s->map = mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (s->map == MAP_FAILED)
            s->map = NULL;
        s->p = s->map;
    }
    if (!s->map) {
        status = read_all(fd, s);
        s->p = s->read.p ? s->read.p : "";
        s->n = s->read.n;
    }
    if (fd != STDIN_FILENO)
        close(fd);
    return status;
}

static void source_close(struct input_file *s)
{
    if (s->map)
        munmap(s->map, s->n);
    buf_finish(&s->read);
}

/* Prints one document; an exit code. */
static int parse_file(const char *path, struct parse_input *in)
{
    const char *subject = strcmp(path, "-") ? path : "standard input";
    char why[PARSE_WHY];
    struct sink s = {.doc = document_create()};
    struct input_file source = {NULL, 0, NULL, {0}};
    buf_init(&source.read, LIMIT_FILE_BODY);
    buf_init(&s.items, LIMIT_FILE_BODY);
    int status = s.doc ? source_open(path, &source) : E_NOMEM, code = EXIT_FAILED;
    if (status == E_IO) {
        log_msg(LOG_ERROR, subject, "cannot be read: %s", strerror(errno));
        goto out;
    }
    if (status == E_LIMIT) {
        document_warn(s.doc, "longer than %zu MiB, the rest left out", LIMIT_FILE_BODY >> 20);
        status = OK;
    }
    in->bytes = source.p;
    in->n = source.n;
    if (!status)
        status = parse_stream(in, print_item, &s, s.doc, why);
    if (!status)
        status = finish(&s);
    if (status == E_NOTFEED) {
        log_msg(LOG_ERROR, subject, "not a feed: %s", why);
        code = EXIT_NOT_A_FEED;
    } else if (status) {
        if (!s.unwritten)
            log_msg(LOG_ERROR, subject, "%s", status_text(status));
    } else {
        code = EXIT_DONE;
    }
out:
    source_close(&source);
    buf_finish(&s.items);
    document_destroy(s.doc);
    return code;
}

static int take_header(struct parse_input *in, const char *header)
{
    static const char *const names[] = {"content-type", "content-language", "content-location"};
    const char **values[] = {&in->content_type, &in->content_language, &in->content_location};
    const char *colon = strchr(header, ':');
    if (!colon)
        return E_USAGE;
    for (size_t i = 0; i < 3; i++)
        if (strlen(names[i]) == (size_t)(colon - header) &&
            strncasecmp(names[i], header, strlen(names[i])) == 0)
            *values[i] = colon + 1 + strspn(colon + 1, " \t");
    return OK;
}

int cmd_parse(int argc, char **argv)
{
    static const struct option longs[] = {{"base", required_argument, NULL, 'b'},
                                          {"header", required_argument, NULL, 'H'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct parse_input in = {NULL, 0, NULL, NULL, NULL, NULL};
    int c, code = EXIT_DONE;
    while ((c = options_next("parse", argc, argv, "H:h", longs)) != -1) {
        if (c == 'b') {
            in.url = optarg;
        } else if (c == 'H') {
            if (take_header(&in, optarg))
                return options_wrong("parse", "--header \"%s\" should be 'Name: value'", optarg);
        } else {
            if (c == 'h')
                fputs(usage, stdout);
            return c == 'h' ? EXIT_DONE : EXIT_USAGE;
        }
    }
    if (optind == argc)
        return options_wrong("parse", "which file? \"-\" is standard input");
    signal(SIGBUS, cut_short);
    for (int i = optind; i < argc; i++) {
        int result = parse_file(argv[i], &in);
        if (result > code)
            code = result;
    }
    return code;
}
