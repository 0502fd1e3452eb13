/* SPDX-License-Identifier: Apache-2.0 */
#include "publish.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "publish_file.h"
#include "status.h"
#include "write_text.h"
#include "writer.h"

enum {
    PAUSE_MS = 1000,      /* between the beginnings of two rounds */
    SHARE = 10,           /* a round may take one part in so many of the publisher's time */
    RETRY_MAX_MS = 60000, /* between two attempts at an output that fails */
};

struct target { /* an output and what is known of it */
    const struct output *output;
    char uuid[37];
    char *title;
    struct topic_choice topics;
    struct publication known;
    int failing; /* status that the alarm was told; OK: none */
    int told;    /* `published` was called for what stands there */
};

struct publisher {
    struct publish_options options;
    struct target *targets;
    const char **paths;
    struct publication *memory;
    size_t n;
    char mark[40];
    struct reader *reader; /* the thread's own */

    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t cue;   /* CLOCK_MONOTONIC */
    int64_t wanted;
    int stopping;
    int status; /* the worst of the last round */
};

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static const char *state_of(const struct publisher *p)
{
    return p->options.config->state;
}

/* ---- one output ---- */

/* All that shapes the document beside its entries: another value means another document. */
static uint64_t hash_settings(const struct target *t, const struct config *config)
{
    const struct output *o = t->output;
    struct buf b;
    buf_init(&b, 65536);
    buf_addf(&b, "%s\n%d %lld %lld %d\n%s\n%s\n", WINNOW_VERSION, o->format, (long long)o->keep,
             (long long)o->within, config->also_in, t->title, o->lang ? o->lang : "");
    output_topics_text(o, &b);
    buf_addf(&b, "\n%s\n%s\n", o->link ? o->link : "", t->uuid);
    for (size_t i = 0; i < t->topics.only.n; i++)
        buf_addf(&b, "%s\n", t->topics.only.ids[i]);
    for (size_t i = 0; i < t->topics.except.n; i++)
        buf_addf(&b, "!%s\n", t->topics.except.ids[i]);
    for (size_t i = 0; i < config->n_prefer; i++)
        buf_addf(&b, "%s\n", config->prefer[i]);
    uint64_t hash = b.err ? 0 : XXH3_64bits(b.p, b.n);
    buf_finish(&b);
    return hash;
}

static int write_entry(void *writer, const struct entry *entry)
{
    return writer_entry(writer, entry);
}

static int render(struct publisher *p, const struct target *t, struct whole_file *file, time_t now)
{
    const struct config *config = p->options.config;
    const struct output *o = t->output;
    char date[40];
    struct writer_options options = {
        .format = o->format,
        .title = t->title,
        .self = o->link,
        .uuid = t->uuid,
        .language = o->lang            ? o->lang
                    : config->n_prefer ? config->prefer[0]
                                       : NULL,
        .updated = now,
        .also_in = config->also_in,
        .prefer = config->prefer,
        .n_prefer = config->n_prefer,
        .topic_label = p->options.topic_label,
        .user = p->options.user,
    };
    struct writer *writer = NULL;
    file->date = o->format == OUTPUT_ATOM  ? date_3339(now, date).ptr
                 : o->format == OUTPUT_RSS ? date_822(now, date).ptr
                                           : NULL;
    int err = writer_create(&options, whole_file_write, file, &writer);
    if (!err)
        err = reader_each_entry(p->reader, now - o->within, o->keep, o->lang,
                                t->topics.only.n || t->topics.except.n ? &t->topics : NULL,
                                write_entry, writer);
    if (writer) {
        int end = writer_finish(writer);
        err = err ? err : end;
    }
    writer_destroy(writer);
    return err;
}

static int publish_one(struct publisher *p, struct target *t, int64_t generation, char message[256])
{
    struct whole_file file;
    struct publication next = {.generation = generation,
                               .settings = hash_settings(t, p->options.config)};
    int err = whole_file_open(&file, t->output->file, p->mark);
    if (!err)
        err = render(p, t, &file, time(NULL));
    if (!err) {
        next.content = XXH3_64bits_digest(file.hash);
        /* The same entries as before: the file stays, and so do its date and the readers' ETags. */
        if (next.content != t->known.content || next.settings != t->known.settings ||
            !publication_holds(&t->known, t->output->file)) {
            err = whole_file_commit(&file);
            t->told = 0;
            publication_stat(&next, t->output->file);
        } else {
            next.size = t->known.size;
            next.mtime = t->known.mtime;
        }
    }
    if (!err)
        t->known = next;
    snprintf(message, 256, "%s", file.message[0] ? file.message : status_text(err));
    whole_file_finish(&file);
    return err;
}

static void tell(struct publisher *p, struct target *t, int err, const char *message)
{
    if (err != t->failing && p->options.alarm)
        p->options.alarm(p->options.user, t->output, err, err ? message : "published again");
    t->failing = err;
    if (!err && !t->told && p->options.published)
        p->options.published(p->options.user, t->output, t->known.generation);
    t->told |= !err;
}

/* ---- a round ---- */

static int is_current(const struct publisher *p, const struct target *t, int64_t generation)
{
    return t->known.generation == generation &&
           t->known.settings == hash_settings(t, p->options.config) &&
           publication_holds(&t->known, t->output->file);
}

/* Brings all outputs up to the committed generation, which it sets. Returns the worst status. */
static int publish_all(struct publisher *p, int64_t *generation)
{
    int worst = OK, changed = 0, err = OK, viewing = 0;
    int64_t at = 0;
    if (!p->reader)
        err = reader_open(p->options.store, &p->reader);
    if (!err) {
        err = reader_begin(p->reader);
        viewing = !err;
    }
    if (!err) {
        at = reader_generation(p->reader);
        err = at < 0 ? (int)at : OK;
    }
    /* Generation 0: nothing was ever committed, and what stands in the files may be better. */
    for (size_t i = 0; i < p->n && (err || at > 0); i++) {
        struct target *t = &p->targets[i];
        char message[256] = "can't read the state";
        int status = err;
        if (!err && !is_current(p, t, at)) {
            status = publish_one(p, t, at, message);
            changed |= !status;
        }
        tell(p, t, status, message);
        worst = worst ? worst : status;
    }
    if (viewing)
        reader_end(p->reader);
    if (changed) {
        for (size_t i = 0; i < p->n; i++)
            p->memory[i] = p->targets[i].known;
        publications_save(state_of(p), p->paths, p->memory, p->n);
    }
    if (!err)
        *generation = at;
    return worst;
}

/* Waits until something is wanted and the time has come; 0: stop. */
static int wait_for_work(struct publisher *p, int64_t done, int64_t earliest, int retry)
{
    int go;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        int work = p->wanted > done || retry;
        int64_t left = earliest - now_ms();
        if (p->stopping || (work && left <= 0))
            break;
        if (!work) {
            pthread_cond_wait(&p->cue, &p->lock);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += left / 1000;
        until.tv_nsec += left % 1000 * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&p->cue, &p->lock, &until);
    }
    go = !p->stopping;
    pthread_mutex_unlock(&p->lock);
    return go;
}

static void *run(void *arg)
{
    struct publisher *p = arg;
    int64_t done = -1, pause = PAUSE_MS;
    int go = 1, retry = 1; /* at start whatever is older than the state */
    int64_t earliest = now_ms();
    do {
        go = wait_for_work(p, done, earliest, retry);
        int64_t begun = now_ms();
        int status = publish_all(p, &done); /* also when told to stop: what is committed goes out */
        int64_t took = now_ms() - begun;
        retry = status != OK;
        pause = !retry ? PAUSE_MS : pause * 2 < RETRY_MAX_MS ? pause * 2 : RETRY_MAX_MS;
        earliest = begun + (pause > took * SHARE ? pause : took * SHARE);
        pthread_mutex_lock(&p->lock);
        p->status = status;
        pthread_mutex_unlock(&p->lock);
    } while (go);
    reader_close(p->reader);
    p->reader = NULL;
    return NULL;
}

/* ---- life ---- */

/* "Politik, Wirtschaft", "− Sport": the topics as people call them. */
static void add_topics(const struct publish_options *options, const struct output *o, wn_str lang,
                       struct buf *title)
{
    for (size_t i = 0; i < o->n_topics + o->n_except; i++) {
        int except = i >= o->n_topics;
        struct output one = {.topics = except ? &o->except[i - o->n_topics] : &o->topics[i],
                             .n_topics = 1};
        struct topic_choice c = {0};
        wn_str id = str_z(one.topics[0]), label = {NULL, 0};
        /* The first of a choice is the topic itself; those below it follow. */
        if (options->topic_choice && !options->topic_choice(options->user, &one, &c) && c.only.n)
            id = str_z(c.only.ids[0]);
        if (options->topic_label)
            label = options->topic_label(options->user, id, lang);
        label = label.ptr ? label : id;
        buf_adds(title, i ? ", " : " – ");
        buf_adds(title, except ? "− " : "");
        buf_add(title, label.ptr, label.len);
        topic_choice_finish(&c);
    }
}

static char *title_of(const struct publish_options *options, const struct output *o)
{
    struct buf title;
    char buf[96];
    wn_str lang = str_z(options->config->n_prefer ? options->config->prefer[0] : "en");
    const char *base = o->title ? o->title : options->config->title;
    buf_init(&title, KIB(64));
    buf_adds(&title, base ? base : "Winnow");
    if (!o->title)
        add_topics(options, o, lang, &title);
    if (!o->title && o->lang) {
        wn_str autonym = tag_autonym(str_z(o->lang), buf);
        buf_adds(&title, autonym.ptr ? " – " : "");
        buf_add(&title, autonym.ptr, autonym.len);
    }
    char *made = title.err ? NULL : strndup(title.p, title.n);
    buf_finish(&title);
    return made;
}

/* Without a callback the keys are ids. */
static int same_topics(const struct output *o, struct topic_choice *choice)
{
    int status = OK;
    for (size_t i = 0; i < o->n_topics && !status; i++)
        status = topic_list_add(&choice->only, str_z(o->topics[i]));
    for (size_t i = 0; i < o->n_except && !status; i++)
        status = topic_list_add(&choice->except, str_z(o->except[i]));
    return status;
}

static int init_target(struct publisher *p, struct target *t, const struct output *o)
{
    const char *uuid = store_uuid(p->options.store);
    char urn[46];
    struct buf topics;
    buf_init(&topics, KIB(64));
    t->output = o;
    snprintf(t->uuid, sizeof t->uuid, "%.36s", uuid ? uuid : "");
    output_topics_text(o, &topics);
    if (o->lang || topics.n) { /* another feed than the whole one; its formats share an id */
        urn_of(str_z(uuid), str_z(o->lang), str_of(topics.n ? topics.p : NULL, topics.n), urn);
        snprintf(t->uuid, sizeof t->uuid, "%s", urn + strlen("urn:uuid:"));
    }
    int status = topics.err ? E_NOMEM : OK;
    buf_finish(&topics);
    if (!status)
        status = p->options.topic_choice ? p->options.topic_choice(p->options.user, o, &t->topics)
                                         : same_topics(o, &t->topics);
    t->title = title_of(&p->options, o);
    return status ? status : t->title ? OK : E_NOMEM;
}

static void publisher_destroy(struct publisher *p)
{
    for (size_t i = 0; p->targets && i < p->n; i++) {
        topic_choice_finish(&p->targets[i].topics);
        free(p->targets[i].title);
    }
    free(p->targets);
    free(p->paths);
    free(p->memory);
    free(p);
}

static int start_thread(struct publisher *p)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->cue, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&p->thread, NULL, run, p) == 0)
        return OK;
    pthread_cond_destroy(&p->cue);
    pthread_mutex_destroy(&p->lock);
    return E_NOMEM;
}

int publisher_start(const struct publish_options *options, struct publisher **publisher)
{
    const struct config *config = options->config;
    int err = E_NOMEM;
    struct publisher *p = calloc(1, sizeof *p);
    if (!p)
        return E_NOMEM;
    p->options = *options;
    p->n = config->n_outputs;
    p->targets = calloc(p->n + 1, sizeof *p->targets);
    p->paths = calloc(p->n + 1, sizeof *p->paths);
    p->memory = calloc(p->n + 1, sizeof *p->memory);
    if (!p->targets || !p->paths || !p->memory)
        goto out;
    const char *uuid = store_uuid(options->store);
    snprintf(p->mark, sizeof p->mark, "winnow-%.8s", uuid ? uuid : "new");
    for (size_t i = 0; i < p->n; i++) {
        p->paths[i] = config->outputs[i].file;
        if ((err = init_target(p, &p->targets[i], &config->outputs[i])) != OK)
            goto out;
    }
    publications_load(state_of(p), p->paths, p->memory, p->n);
    for (size_t i = 0; i < p->n; i++)
        p->targets[i].known = p->memory[i];
    err = start_thread(p);
    if (err)
        goto out;
    *publisher = p;
    return OK;
out:
    publisher_destroy(p);
    return err;
}

void publisher_cue(struct publisher *p, int64_t generation)
{
    pthread_mutex_lock(&p->lock);
    if (generation > p->wanted) {
        p->wanted = generation;
        pthread_cond_signal(&p->cue);
    }
    pthread_mutex_unlock(&p->lock);
}

int publisher_stop(struct publisher *p)
{
    if (!p)
        return OK;
    pthread_mutex_lock(&p->lock);
    p->stopping = 1;
    pthread_cond_signal(&p->cue);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    int status = p->status;
    pthread_cond_destroy(&p->cue);
    pthread_mutex_destroy(&p->lock);
    publisher_destroy(p);
    return status;
}
