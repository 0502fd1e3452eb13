/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The topics filter: options, data files, and the way of an item. All costly work is in analyse,
 * which only reads what create built; judge applies the user's drop rules.
 */
#include "instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "topics.h"

#define FILE_BYTES ((size_t)32 << 20) /* of a data file */

static const wn_option options[] = {
    {"threshold", WN_OPT_NUMBER, 1, "0.7", "0..1",
     "Score from which an item is tagged with a topic; below it: no topic, rather than a wrong "
     "one"},
    {"most", WN_OPT_INT, 1, "4", "0..16", "Topics an item at most, the likeliest first"},
    {"detail", WN_OPT_BOOL, 1, "true", NULL,
     "Also the second level (Football, Elections …) where the evidence is strong"},
    {"map", WN_OPT_MAP, 1, NULL, NULL,
     "What a publisher's category means: {Wirtschaft: 04000000, Kolumne: \"-\"}"},
    {"topics", WN_OPT_JSON, 0, NULL, NULL,
     "Topics of your own: [{name: Iran, words: [Iran, Teheran*], like: [a headline]}]"},
    {"drop", WN_OPT_JSON, 0, NULL, NULL,
     "What you don't want to read: {topic: 15000000}, or only want: {unless: [Politics]}"},
    {"data", WN_OPT_PATH, 0, NULL, NULL,
     "Folder whose topics-*.tsv and topics.wnm take the place of those beside the filter"},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static void say(struct topics *f, int level, const char *what, const char *why)
{
    char line[DATA_PATH_MAX + 512];
    snprintf(line, sizeof line, "%s: %s", what, why);
    f->api->log(f->host, level, line);
}

/* A data file's text; missing is an error only for those that nothing works without. */
static int load(struct topics *f, const char *dir, const char *name, int needed, char **text,
                size_t *len)
{
    char path[DATA_PATH_MAX];
    int status = data_find(dir, name, path);
    if (!status)
        status = data_read(path, FILE_BYTES, text, len);
    if (!status)
        return WN_OK;
    if (needed)
        say(f, WN_LOG_ERROR, path,
            "can't be read; install it beside the filter, or name its "
            "folder in the option data");
    return status == WN_ABSENT && !needed ? WN_ABSENT : WN_ERROR;
}

/* An example text of an own topic, from the option `topics`. */
static int add_like(void *user, uint16_t topic, wn_str text)
{
    struct topics *f = user;
    if (f->scorer.n_likes == LIKE_MAX)
        return WN_LIMIT;
    struct like *like = &f->likes[f->scorer.n_likes];
    int status = score_vector(&f->scorer, text, like->vector);
    if (status)
        return status;
    like->topic = topic;
    f->scorer.n_likes++;
    return WN_OK;
}

/* The model: a missing file is said and lived without, a damaged one is an error. */
static int load_model(struct topics *f, const char *dir, char *error, size_t size)
{
    char path[DATA_PATH_MAX];
    if (data_find(dir, MODEL_FILE, path)) {
        say(f, WN_LOG_WARNING, path,
            "not found: topics come from publishers' categories and term "
            "lists alone; install it beside the filter");
        return WN_OK;
    }
    int status = model_open(path, &f->model, error, size);
    if (status) {
        f->api->log(f->host, WN_LOG_ERROR, status == WN_NOMEM ? "out of memory" : error);
        return status;
    }
    score_model(&f->scorer, f->model);
    return WN_OK;
}

static int load_words(struct topics *f, const char *dir, char *error, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    int status = load(f, dir, "topics-map.tsv", 1, &text, &len);
    if (status)
        return status;
    f->mapping = mapping_create(f->fold, f->vocabulary);
    status = f->mapping ? mapping_read(f->mapping, text, len, error, size) : WN_NOMEM;
    free(text);
    text = NULL;
    if (status) {
        say(f, WN_LOG_ERROR, "topics-map.tsv", status == WN_NOMEM ? "out of memory" : error);
        return status;
    }
    f->terms = terms_create(f->fold, f->vocabulary);
    if (!f->terms)
        return WN_NOMEM;
    status = load(f, dir, "topics-terms.tsv", 0, &text, &len);
    if (status)
        return status == WN_ABSENT ? WN_OK : status;
    status = terms_read(f->terms, text, len, error, size);
    free(text);
    if (status)
        say(f, WN_LOG_ERROR, "topics-terms.tsv", status == WN_NOMEM ? "out of memory" : error);
    return status;
}

static int load_vocabulary(struct topics *f, const char *dir, char *error, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    int status = load(f, dir, "topics-han.tsv", 0, &text, &len);
    if (status && status != WN_ABSENT)
        return status;
    f->fold = fold_create(text, len);
    free(text);
    if (!f->fold)
        return WN_NOMEM;
    status = load(f, dir, "topics-labels.tsv", 1, &text, &len);
    if (status)
        return status;
    status = vocabulary_create(text, len, &f->vocabulary, error, size);
    free(text);
    if (status)
        say(f, WN_LOG_ERROR, "topics-labels.tsv", status == WN_NOMEM ? "out of memory" : error);
    return status;
}

static int keep_map(struct topics *f)
{
    wn_str map = instance_config(f, NULL, "map");
    if (!map.ptr)
        return WN_OK;
    f->map_copy = malloc(map.len + 1);
    if (!f->map_copy)
        return WN_NOMEM;
    memcpy(f->map_copy, map.ptr, map.len);
    f->map_copy[map.len] = '\0';
    f->map = (wn_str){f->map_copy, map.len};
    return WN_OK;
}

static int read_options(struct topics *f, char *error, size_t size)
{
    error[0] = '\0';
    int status = own_read(instance_config(f, NULL, "topics"), f->vocabulary, f->terms, add_like, f,
                          error, size);
    if (!status)
        status = keep_map(f);
    if (!status)
        status = mapping_user(f->mapping, f->map, error, size);
    if (!status)
        status = rules_read(&f->rules, instance_config(f, NULL, "drop"), f->mapping, error, size);
    if (status)
        say(f, WN_LOG_ERROR, "options", error[0] ? error : "out of memory");
    return status;
}

static void destroy(void *self)
{
    struct topics *f = self;
    if (!f)
        return;
    model_close(f->model);
    terms_destroy(f->terms);
    mapping_destroy(f->mapping);
    vocabulary_destroy(f->vocabulary);
    fold_destroy(f->fold);
    free(f->map_copy);
    free(f);
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct topics *f = calloc(1, sizeof *f);
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    char error[512] = "";
    wn_str data = instance_config(f, NULL, "data");
    char dir[DATA_PATH_MAX];
    int status = WN_OK;
    if (data.ptr && data.len >= sizeof dir)
        status = WN_INVALID;
    else if (data.ptr)
        snprintf(dir, sizeof dir, "%.*s", (int)data.len, data.ptr);
    const char *folder = data.ptr && data.len ? dir : NULL;
    if (!status)
        status = load_vocabulary(f, folder, error, sizeof error);
    if (!status)
        status = load_words(f, folder, error, sizeof error);
    if (!status) {
        f->scorer = (struct scorer){.fold = f->fold,
                                    .vocabulary = f->vocabulary,
                                    .mapping = f->mapping,
                                    .terms = f->terms,
                                    .likes = f->likes};
        status = load_model(f, folder, error, sizeof error);
    }
    if (!status)
        status = read_options(f, error, sizeof error);
    if (!status)
        terms_ready(f->terms);
    if (status) {
        destroy(f);
        return status == WN_NOMEM ? WN_NOMEM : WN_ERROR;
    }
    *self = f;
    return WN_OK;
}

const wn_filter topics_filter = {
    .size = sizeof(wn_filter),
    .name = "topics",
    .options = options,
    .create = create,
    .destroy = destroy,
    .thread_enter = instance_thread_enter,
    .thread_leave = instance_thread_leave,
    .analyse = instance_analyse,
    .judge = instance_judge,
    .extension = instance_extension,
};
