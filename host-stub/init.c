/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "limits.h"
#include "log.h"
#include "parse.h"
#include "source_text.h"
#include "status.h"

void init_list_init(struct init_list *list, int allow_private)
{
    memset(list, 0, sizeof *list);
    list->allow_private = allow_private;
}

static void entry_finish(struct init_entry *e)
{
    free(e->url);
    free(e->title);
    free(e->note);
    for (size_t i = 0; i < e->n_tags; i++)
        free(e->tags[i]);
    free(e->tags);
}

void init_list_finish(struct init_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        entry_finish(&list->entries[i]);
    free(list->entries);
    free(list->slots);
    memset(list, 0, sizeof *list);
}

/* Where the URL's index stands or belongs. There is room. */
static size_t *slot_of(const struct init_list *list, const char *url)
{
    size_t i = XXH3_64bits(url, strlen(url)) & (list->n_slots - 1);
    while (list->slots[i] && strcmp(list->entries[list->slots[i] - 1].url, url))
        i = (i + 1) & (list->n_slots - 1);
    return &list->slots[i];
}

static int known(const struct init_list *list, const char *url)
{
    return list->n_slots && *slot_of(list, url);
}

static int grow(struct init_list *list)
{
    size_t cap = list->cap ? 2 * list->cap : 16;
    struct init_entry *more = realloc(list->entries, cap * sizeof *more);
    if (!more)
        return E_NOMEM;
    list->entries = more;
    /* At most half of it is used, also when each URL was replaced by that of its feed. */
    size_t *slots = calloc(4 * cap, sizeof *slots);
    if (!slots)
        return E_NOMEM;
    free(list->slots);
    list->slots = slots;
    list->n_slots = 4 * cap;
    list->cap = cap;
    for (size_t i = 0; i < list->n; i++)
        *slot_of(list, list->entries[i].url) = i + 1;
    return OK;
}

/* The new entry, zeroed but for its URL. */
static int add(struct init_list *list, const char *url, struct init_entry **entry)
{
    if (list->n >= LIMIT_SOURCES)
        return E_LIMIT;
    if (list->n == list->cap && grow(list))
        return E_NOMEM;
    struct init_entry *e = &list->entries[list->n];
    memset(e, 0, sizeof *e);
    size_t *slot = slot_of(list, url);
    if (!(e->url = strdup(url)))
        return E_NOMEM;
    *slot = ++list->n;
    *entry = e;
    return OK;
}

int init_add_url(struct init_list *list, const char *url, int unresolved)
{
    struct init_entry *e;
    if (known(list, url))
        return OK;
    int r = add(list, url, &e);
    if (!r)
        e->unresolved = unresolved;
    return r;
}

int init_add_feed(struct init_list *list, const struct opml_feed *feed)
{
    struct init_entry *e;
    if (known(list, feed->url))
        return OK;
    int r = add(list, feed->url, &e);
    if (r)
        return r;
    if ((feed->title && !(e->title = strdup(feed->title))) ||
        (feed->n_tags && !(e->tags = calloc(feed->n_tags, sizeof *e->tags))))
        return E_NOMEM;
    for (; e->n_tags < feed->n_tags; e->n_tags++)
        if (!(e->tags[e->n_tags] = strdup(feed->tags[e->n_tags])))
            return E_NOMEM;
    return OK;
}

int init_resolved(struct init_list *list, size_t at, const struct discovered *found)
{
    struct init_entry *e = &list->entries[at];
    const char *note = found->status ? found->error : found->title;
    e->unresolved = 0;
    e->failed = found->status != OK;
    if (note && !(e->note = strdup(note)))
        return E_NOMEM;
    if (!found->url)
        return OK;
    if (strcmp(e->url, found->url) == 0)
        return OK;
    if (known(list, found->url)) {
        /* Two pages of one feed: the second stands as a comment. */
        free(e->note);
        e->note = strdup("the same feed as one above");
        e->failed = 1;
        return e->note ? OK : E_NOMEM;
    }
    char *url = strdup(found->url);
    if (!url)
        return E_NOMEM;
    /* The old slot stays taken, under the new name: nobody asks for the old one any more than once.
     */
    size_t *slot = slot_of(list, url);
    free(e->url);
    e->url = url;
    *slot = at + 1;
    return OK;
}

int init_read_file(const char *path, struct buf *text)
{
    enum { BLOCK = 65536 };
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO), r = OK;
    buf_init(text, LIMIT_CONFIG + BLOCK);
    if (fd < 0)
        return E_IO;
    for (ssize_t n = 1; n > 0 && !r;) {
        char *to = buf_room(text, BLOCK);
        n = to ? read(fd, to, BLOCK) : 0;
        if (n > 0) {
            text->n += (size_t)n;
            to[n] = '\0';
        }
        r = n < 0 ? E_IO : text->err ? text->err : text->n > LIMIT_CONFIG ? E_LIMIT : OK;
    }
    int saved = errno;
    close(fd);
    if (r)
        buf_finish(text);
    errno = saved;
    return r;
}

static int is_feed_document(const struct buf *text)
{
    char why[PARSE_WHY];
    struct document *doc = NULL;
    struct parse_input in = {.bytes = text->p ? text->p : "", .n = text->n};
    if (parse_document(&in, &doc, why))
        return 0;
    document_destroy(doc);
    return 1;
}

static int add_outline(void *user, const struct opml_feed *feed)
{
    return init_add_feed(user, feed);
}

int init_add_list(struct init_list *list, const char *path, int *is_feed)
{
    char why[OPML_WHY] = "";
    struct buf text;
    int warned = 0;
    const char *subject = strcmp(path, "-") ? path : "standard input";
    int r = init_read_file(path, &text);
    if (r) {
        log_msg(LOG_ERROR, subject, "cannot be read: %s",
                r == E_LIMIT ? "it is too large" : strerror(errno));
        return r;
    }
    r = opml_parse(text.p ? text.p : "", text.n, add_outline, list, &warned, why);
    if (r == E_NOTFEED && is_feed && is_feed_document(&text)) {
        *is_feed = 1;
        r = OK;
    } else if (r) {
        log_msg(LOG_ERROR, subject, "is no subscription list%s (%s)", is_feed ? ", nor a feed" : "",
                why[0] ? why : status_text(r));
    } else if (warned) {
        log_msg(LOG_WARNING, subject, "is damaged; what could be read is taken");
    }
    buf_finish(&text);
    return r;
}

/* "de_DE.UTF-8" → "de", or zh-Hant and zh-Hans where the territory says so; "en" for C and the
 * like. */
static const char *reader_language(char to[8])
{
    const char *l = getenv("LC_ALL");
    if (!l || !*l)
        l = getenv("LC_MESSAGES");
    if (!l || !*l)
        l = getenv("LANG");
    size_t n = l ? strspn(l, "abcdefghijklmnopqrstuvwxyz") : 0;
    if (n < 2 || n > 3 || (l[n] && l[n] != '_' && l[n] != '.' && l[n] != '@'))
        return "en";
    memcpy(to, l, n);
    to[n] = '\0';
    if (strcmp(to, "zh") == 0)
        return strstr(l, "TW") || strstr(l, "HK") || strstr(l, "MO") ? "zh-Hant" : "zh-Hans";
    return to;
}

static const char top[] =
    "# winnow.yaml: what Winnow reads, how it cleans, where the clean feed goes.\n"
    "# Check it with `winnow check`, start with `winnow run --once`. All keys: man 5 winnow.yaml.\n"
    "# Relative paths are relative to this file's folder. Durations: 90s, 5m, 48h, 7d.\n"
    "\n"
    "# Everything that Winnow remembers. One running winnow a state.\n"
    "state: state\n"
    "\n"
    "# The languages that you read, most liked first: a story that came in several is shown in the "
    "first\n"
    "# of these, with the others as links.\n";

static const char middle[] =
    "\n"
    "# How feed owners reach you, in the User-Agent: a URL or a mail address.\n"
    "# contact: https://example.org/about-my-reader\n"
    "\n"
    "# How often a source is polled, unless it asks for less or says otherwise below.\n"
    "every: 30m\n"
    "\n"
    "# How long a story waits for its other editions before it appears.\n"
    "settle: 5m\n"
    "\n"
    "# The filters, in the order in which they run. `winnow check --filters` prints every option.\n"
    "filters:\n"
    "  - boilerplate\n"
    "  - editions\n"
    "  - topics\n"
    "\n"
    "# A URL, or a mapping: {url: …, every: 2h, language: de, priority: 10, tags: [local]}.\n"
    "sources:\n";

static const char bottom[] =
    "\n"
    "# The clean feed: all entries younger than `for`, and at least `keep`.\n"
    "output:\n"
    "  - {file: feed.atom, keep: 200, for: 48h}\n"
    "  # - {file: politics.json, topic: Politics}\n"
    "  # - {file: no-sport.atom, except: Sport}\n"
    "\n"
    "# Serve it too: /feed.atom, /feed.rss, /feed.json.\n"
    "# serve: {listen: 127.0.0.1:8080}    # behind a proxy also url: "
    "https://news.example.org/winnow\n"
    "\n"
    "# One JSON object a line for every fetch, every item and every `stats` interval.\n"
    "# events: {file: events.jsonl, stats: 60s}\n";

int init_write(const struct init_list *list, struct buf *out)
{
    char lang[8];
    const char *own = reader_language(lang);
    buf_adds(out, top);
    buf_addf(out, strcmp(own, "en") ? "prefer: [%s, en]\n" : "prefer: [%s]\n", own);
    buf_adds(out, middle);
    if (!list->n)
        buf_adds(out, "  # - https://example.org/feed.xml\n");
    for (size_t i = 0; i < list->n; i++) {
        const struct init_entry *e = &list->entries[i];
        struct new_source s = {.url = e->url,
                               .title = e->title,
                               .note = e->note,
                               .tags = e->tags,
                               .n_tags = e->n_tags,
                               .allow_private = list->allow_private};
        if (e->failed)
            yaml_add_comment(out, 2, e->url, e->note);
        else
            yaml_add_source(out, 2, &s);
    }
    buf_adds(out, bottom);
    return out->err;
}
