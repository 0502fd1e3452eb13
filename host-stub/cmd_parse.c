/* SPDX-License-Identifier: Apache-2.0 */
/* winnow parse: what stands in a feed, as JSON, one line a document. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "feed_json.h"
#include "limits.h"
#include "log.h"
#include "parse.h"
#include "status.h"

static const char usage[] =
    "Usage: winnow parse [--base URL] [--header 'Name: value']... FILE...\n"
    "\n"
    "Prints what stands in each feed as JSON, one object a line; \"-\" is standard input.\n"
    "\n"
    "  --base URL       where the document came from: what relative links are relative to\n"
    "  --header HEADER  an HTTP header that came with it; Content-Type (its charset),\n"
    "                   Content-Language and Content-Location say something about a document\n"
    "  --help           this text\n"
    "\n"
    "Exits 0, 65 if some document is not a feed, 1 if some file could not be read, 2 for a wrong\n"
    "option. The other files are printed all the same.\n";

enum { FLUSH = 1 << 20 }; /* output is written in pieces of about this size */

/* The output of one document. Items wait in `items` until it is known that there is a feed around
 * them; a large document's are written before the feed's own fields. */
struct sink {
    struct buf items;
    struct document *doc;
    int started; /* the line's beginning is out */
};

static int write_all(const struct buf *b)
{
    for (size_t done = 0; done < b->n;) {
        ssize_t n = write(STDOUT_FILENO, b->p + done, b->n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == ENOSPC ? E_FULL : E_IO;
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
        int status = head.err ? head.err : write_all(&head);
        buf_finish(&head);
        if (status)
            return status;
        s->started = 1;
    }
    int status = write_all(&s->items);
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
    int status = b.err ? b.err : write_all(&b);
    buf_finish(&b);
    return status;
}

/* The whole file in memory: it may change under a mapping. */
static int read_file(const char *path, struct buf *bytes)
{
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, status = OK;
    if (fd < 0)
        return E_IO;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        buf_room(bytes, (size_t)st.st_size > LIMIT_FILE_BODY ? LIMIT_FILE_BODY
                                                             : (size_t)st.st_size + 1);
    while (!status) {
        size_t left = bytes->cap > bytes->n + KIB(4) ? bytes->cap - bytes->n - 1 : KIB(64);
        if (left > bytes->max - bytes->n)
            left = bytes->max - bytes->n;
        char *room = left ? buf_room(bytes, left) : NULL;
        ssize_t n = room ? read(fd, room, left) : 0;
        if (n > 0)
            bytes->n += (size_t)n;
        else if (n < 0 && errno != EINTR)
            status = E_IO;
        else if (!room)
            status = bytes->err ? bytes->err : E_LIMIT;
        else if (n == 0)
            break;
    }
    if (fd != STDIN_FILENO)
        close(fd);
    return status;
}

/* Prints one document; an exit code. */
static int parse_file(const char *path, struct parse_input *in)
{
    const char *subject = strcmp(path, "-") ? path : "standard input";
    char why[PARSE_WHY];
    struct sink s = {.doc = document_create()};
    struct buf bytes;
    buf_init(&bytes, LIMIT_FILE_BODY);
    buf_init(&s.items, LIMIT_FILE_BODY);
    int status = s.doc ? read_file(path, &bytes) : E_NOMEM, code = EXIT_FAILED;
    if (status == E_IO) {
        log_msg(LOG_ERROR, subject, "cannot be read: %s", strerror(errno));
        goto out;
    }
    if (status == E_LIMIT) {
        document_warn(s.doc, "longer than %zu MiB, the rest left out", LIMIT_FILE_BODY >> 20);
        status = OK;
    }
    in->bytes = bytes.p ? bytes.p : "";
    in->n = bytes.n;
    if (!status)
        status = parse_stream(in, print_item, &s, s.doc, why);
    if (!status)
        status = finish(&s);
    if (status == E_NOTFEED) {
        log_msg(LOG_ERROR, subject, "not a feed: %s", why);
        code = EXIT_NOT_A_FEED;
    } else if (status) {
        log_msg(LOG_ERROR, subject, "%s", status_text(status));
    } else {
        code = EXIT_DONE;
    }
out:
    buf_finish(&bytes);
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

/* The value of --name VALUE or --name=VALUE at argv[*i]; NULL: another option, or no value. */
static const char *option(int argc, char **argv, int *i, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n))
        return NULL;
    if (argv[*i][n] == '=')
        return argv[*i] + n + 1;
    return !argv[*i][n] && *i + 1 < argc ? argv[++*i] : NULL;
}

int cmd_parse(int argc, char **argv)
{
    struct parse_input in = {NULL, 0, NULL, NULL, NULL, NULL};
    const char *value;
    int i, code = EXIT_DONE;
    for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return EXIT_DONE;
        }
        if ((value = option(argc, argv, &i, "--base")) != NULL) {
            in.url = value;
        } else if ((value = option(argc, argv, &i, "--header")) != NULL) {
            if (take_header(&in, value)) {
                log_msg(LOG_ERROR, "--header", "\"%s\" should be 'Name: value'", value);
                return EXIT_USAGE;
            }
        } else {
            log_msg(LOG_ERROR, argv[i], "not an option of winnow parse, or its value is missing; "
                                        "see winnow parse --help");
            return EXIT_USAGE;
        }
    }
    if (i == argc) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    for (; i < argc; i++) {
        int result = parse_file(argv[i], &in);
        if (result > code)
            code = result;
    }
    return code;
}
