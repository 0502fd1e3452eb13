/* SPDX-License-Identifier: Apache-2.0 */
/* From a poll's result to the judge: bodies are parsed on the workers; each transfer gets its sequence
 * number here, on the loop, and each number reaches the judge exactly once. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "log.h"
#include "parse.h"
#include "pipeline_internal.h"
#include "status.h"

/* A body on its way through the workers. Owns all its strings. */
struct intake {
    struct pipeline *pipeline;
    int64_t sequence;
    int64_t arrived;            /* epoch; one time for all that `run --once` polls */
    struct fetch_report report; /* its strings are those below */
    char *source, *final_url, *error, *etag, *last_modified, *content_type;
    char *title, *lang;
    char **tags;
    size_t n_tags;
    char *body;
    size_t n_body;
};

static char *dup_string(const char *s)
{
    return s ? strdup(s) : NULL;
}

static void intake_destroy(struct intake *in)
{
    if (!in)
        return;
    char *strings[] = {in->source,       in->final_url, in->error, in->etag, in->last_modified,
                       in->content_type, in->title,     in->lang,  in->body};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        free(strings[i]);
    for (size_t i = 0; i < in->n_tags; i++)
        free(in->tags[i]);
    free(in->tags);
    free(in);
}

static struct intake *intake_create(struct pipeline *p, const struct source *source,
                                    const struct fetch_result *result)
{
    struct intake *in = calloc(1, sizeof *in);
    if (!in)
        return NULL;
    in->pipeline = p;
    in->source = dup_string(source->url);
    in->final_url = dup_string(result->final_url);
    in->error = dup_string(result->error);
    in->etag = dup_string(result->etag);
    in->last_modified = dup_string(result->last_modified);
    in->content_type = dup_string(result->content_type);
    in->title = dup_string(source->title);
    in->lang = dup_string(source->lang);
    in->tags = calloc(source->n_tags ? source->n_tags : 1, sizeof *in->tags);
    for (size_t i = 0; in->tags && i < source->n_tags; i++)
        in->tags[in->n_tags++] = dup_string(source->tags[i]);
    if (!in->source) {
        intake_destroy(in);
        return NULL;
    }
    return in;
}

/* What the host knows of an item, and the configuration says of its source. */
static void dress_item(struct item *item, const struct document *doc, const struct intake *in)
{
    item->arrived = doc->arrived;
    item->document = doc->sequence;
    item->source_key = item_str(item, doc->source_key);
    item->source_name = item_str(item, in->title ? str_z(in->title) : doc->feed.title);
    item->source_site = item_str(item, doc->feed.link);
    item->source_lang = item_str(item, in->lang ? str_z(in->lang) : doc->feed.language);
    if (in->lang)
        item->lang = item->source_lang; /* the user knows better than the feed */
    for (size_t i = 0; i < in->n_tags; i++) {
        struct category *c = in->tags[i] ? item_add_category(item) : NULL;
        if (c)
            c->term = item_str(item, str_z(in->tags[i]));
    }
}

static void dress_document(struct document *doc, const struct intake *in)
{
    doc->sequence = in->sequence;
    doc->arrived = in->arrived;
    doc->source_key = arena_str(&doc->arena, in->source, strlen(in->source));
    if (in->final_url)
        doc->final_url = arena_str(&doc->arena, in->final_url, strlen(in->final_url));
    if (in->etag)
        doc->etag = arena_str(&doc->arena, in->etag, strlen(in->etag));
    if (in->last_modified)
        doc->last_modified = arena_str(&doc->arena, in->last_modified, strlen(in->last_modified));
    for (size_t i = 0; i < doc->n_items; i++)
        dress_item(doc->items[i], doc, in);
}

static void parse_task(void *arg, int thread)
{
    struct intake *in = arg;
    struct pipeline *p = in->pipeline;
    struct document *doc = NULL;
    char why[PARSE_WHY] = "";
    (void)thread;
    struct parse_input input = {
        .bytes = in->body,
        .n = in->n_body,
        .content_type = in->content_type,
        .url = in->final_url ? in->final_url : in->source,
    };
    int err = parse_document(&input, &doc, why);
    size_t n_body = in->n_body;
    free(in->body);
    in->body = NULL;
    if (err) {
        in->report.status = err;
        in->report.error = *why ? why : status_text(err);
        log_msg(LOG_ERROR, in->source, "%s", in->report.error);
        atomic_fetch_add(&p->parse_failed, 1);
        atomic_fetch_sub(&p->bytes, n_body);
        judge_nothing(p->judge, in->sequence, &in->report);
    } else {
        for (size_t i = 0; i < doc->n_warnings && i < 1; i++)
            log_msg(LOG_WARNING, in->source, "%.*s%s", (int)doc->warnings[i].len,
                    doc->warnings[i].ptr,
                    doc->n_warnings > 1 ? " (and more; see winnow parse)" : "");
        dress_document(doc, in);
        in->report.items = (int)doc->n_items;
        in->report.warnings = (int)(doc->n_warnings + doc->n_more_warnings);
        atomic_fetch_add(&p->items, doc->n_items);
        atomic_fetch_add(&p->bytes, doc->bytes);
        atomic_fetch_sub(&p->bytes, n_body);
        judge_document(p->judge, in->sequence, doc, &in->report);
    }
    intake_destroy(in);
    uv_async_send(&p->wake);
}

static void show_progress(const struct pipeline *p)
{
    size_t sources = 0, failing;
    if (!p->progress || !p->schedule)
        return;
    schedule_count(p->schedule, &sources, &failing);
    log_progress("polled %zu of %zu sources, %zu failed, %zu items", p->polled, sources, p->failed,
                 (size_t)atomic_load(&p->items));
}

/* A source that fails is named when it begins to, not at each poll of a bad week. */
static void tell_outcome(const struct pipeline *p, const struct source *source,
                         const struct fetch_result *result, int failures)
{
    if (result->status && result->status != E_CANCELLED && (p->once || failures <= 1))
        log_msg(LOG_ERROR, source->url, "%s",
                result->error ? result->error : status_text(result->status));
    else if (result->moved_to)
        log_msg(LOG_WARNING, source->url, "moved for good to %s; change it in the configuration",
                result->moved_to);
}

/* Of bodies that are still being received the fetcher takes care: they only shrink by going on. */
static void check_budget(struct pipeline *p)
{
    size_t bytes = atomic_load(&p->bytes);
    int pause = p->paused ? bytes > LIMIT_IN_FLIGHT / 2 : bytes > LIMIT_IN_FLIGHT;
    if (pause != p->paused) {
        p->paused = pause;
        fetcher_pause(p->fetcher, pause);
    }
}

void intake_polled(void *user, const struct source *source, struct fetch_result *result,
                   int64_t next, int failures)
{
    struct pipeline *p = user;
    if (result->status == E_CANCELLED)
        return; /* ending: nothing came of it, and nothing was asked */
    int64_t now = time(NULL);
    /* Which server answers first is chance: what one round brings came at one time, so that the
     * order of the configuration decides between equals and not the network. */
    if (!p->once || !p->round)
        p->round = now;
    p->polled++;
    p->failed += result->status != OK;
    p->unchanged += result->http == 304;
    tell_outcome(p, source, result, failures);
    struct intake *in = intake_create(p, source, result);
    int64_t sequence = ++p->sequence;
    struct fetch_report report = {
        .source = source->url,
        .time = now,
        .status = in ? result->status : E_NOMEM,
        .http = result->http,
        .final_url = result->final_url,
        .error = result->error,
        .bytes = (int64_t)result->body.n,
        .duration_ms = result->duration_ms,
        .next = next,
        .failures = failures,
        .not_modified = result->http == 304,
        .items = -1,
    };
    if (!in || result->status || result->http == 304) {
        judge_nothing(p->judge, sequence, &report);
        intake_destroy(in);
    } else {
        in->sequence = sequence;
        in->arrived = p->round;
        in->report = report;
        in->report.source = in->source;
        in->report.final_url = in->final_url;
        in->report.error = in->error;
        in->body = buf_take(&result->body, &in->n_body);
        size_t n_body = in->n_body;
        atomic_fetch_add(&p->bytes, n_body);
        if (!in->body || workers_submit(p->workers, parse_task, in)) {
            in->report.status = E_NOMEM;
            judge_nothing(p->judge, sequence, &in->report);
            atomic_fetch_sub(&p->bytes, n_body);
            intake_destroy(in);
        }
    }
    check_budget(p);
    show_progress(p);
}

static char *dup_str(wn_str s)
{
    return s.ptr && s.len ? strndup(s.ptr, s.len) : NULL;
}

static void note_destroy(struct committed_note *note)
{
    free(note->url);
    free(note->etag);
    free(note->last_modified);
    free(note);
}

void intake_released(void *user, const struct document *doc)
{
    struct pipeline *p = user;
    atomic_fetch_sub(&p->bytes, doc->bytes);
    struct committed_note *note = calloc(1, sizeof *note);
    if (note) {
        note->url = dup_str(doc->source_key);
        note->etag = dup_str(doc->etag);
        note->last_modified = dup_str(doc->last_modified);
        note->ttl = doc->feed.ttl;
        note->skip_hours = doc->feed.skip_hours;
        note->skip_days = doc->feed.skip_days;
        pthread_mutex_lock(&p->lock);
        note->next = p->notes;
        p->notes = note;
        pthread_mutex_unlock(&p->lock);
    }
    uv_async_send(&p->wake);
}

void intake_wake(uv_async_t *wake)
{
    struct pipeline *p = wake->data;
    pthread_mutex_lock(&p->lock);
    struct committed_note *notes = p->notes;
    p->notes = NULL;
    pthread_mutex_unlock(&p->lock);
    /* The list is newest first; of two documents of one source the newer one's word must be the last. */
    struct committed_note *in_order = NULL;
    for (struct committed_note *n = notes, *next; n; n = next) {
        next = n->next;
        n->next = in_order;
        in_order = n;
    }
    for (struct committed_note *n = in_order, *next; n; n = next) {
        next = n->next;
        if (n->url && p->schedule) {
            schedule_validators(p->schedule, n->url, n->etag, n->last_modified);
            schedule_wishes(p->schedule, n->url, n->ttl, n->skip_hours, n->skip_days);
        }
        note_destroy(n);
    }
    if (p->fetcher)
        check_budget(p);
    show_progress(p);
}
