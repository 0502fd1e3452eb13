/* SPDX-License-Identifier: Apache-2.0 */
/* How a source fares, and what to do about it. */
#include <string.h>

#include "explain.h"
#include "status.h"
#include "store_db.h"

struct told {
    const struct explain *explain;
    json_t *answer;
    int polled, status, http, failures;
    int64_t last_success;
};

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? OK : E_NOMEM;
}

static int take_state(void *user, const struct source_state *s)
{
    struct told *t = user;
    json_t *a = t->answer;
    t->polled = s->last_fetch != TIME_ABSENT;
    t->status = s->status;
    t->http = s->http;
    t->failures = s->failures;
    t->last_success = s->last_success;
    set(a, "title", explain_text(s->title));
    set(a, "polled", explain_time(s->last_fetch));
    set(a, "last_success", explain_time(s->last_success));
    set(a, "next", explain_time(s->next));
    set(a, "failures", json_integer(s->failures));
    set(a, "http", json_integer(s->http));
    set(a, "status", json_string(status_text(s->status)));
    set(a, "error", explain_text(s->error));
    set(a, "warnings", explain_text(s->note));
    set(a, "final_url", explain_text(s->final_url));
    set(a, "document", explain_time(s->document_at));
    set(a, "listed", json_integer(s->listed));
    return 0;
}

static const char *advice_for_failure(const struct told *t)
{
    switch (t->status) {
    case E_NOTFEED:
        return "what comes is not a feed, perhaps a page: `winnow init URL` finds a page's feed; "
               "put that "
               "address into the configuration";
    case E_SYNTAX:
    case E_INVALID:
        return "the feed is too broken to read: tell its publisher, or try `winnow parse FILE` on "
               "a saved copy "
               "to see where it breaks";
    case E_LIMIT:
        return "the document is larger than Winnow takes: ask for a shorter feed";
    case E_REFUSED:
        return "the address is private or not allowed: if it is yours, set `allow-private: true` "
               "for this source";
    case E_TIMEOUT:
        return "the server is too slow: see whether it answers a browser, or set `timeout` higher";
    case E_NET:
        return "the server cannot be reached: check the address and the network; it is tried again "
               "by itself";
    case E_HTTP:
        if (t->http == 404 || t->http == 410)
            return "the feed is gone: look for its new address and put it into the configuration";
        if (t->http == 401 || t->http == 403)
            return "the server wants a login or refuses Winnow: set `headers` for this source, or "
                   "ask its owner";
        if (t->http == 429)
            return "the server asks to be polled less often: set `every` higher for this source";
        return "the server has trouble: it is tried again by itself";
    default:
        return "it is tried again by itself; if it stays so, look at the error above";
    }
}

static const char *state_of(const struct told *t, const struct source *source)
{
    if (!source)
        return "not configured";
    if (!source->enabled)
        return "disabled";
    if (!t->polled)
        return "never polled";
    if (t->status == E_NOTFEED || t->status == E_SYNTAX || t->status == E_INVALID)
        return "unparsable";
    return t->status != OK || t->failures > 0 ? "failing" : "ok";
}

static json_t *advice_of(const struct told *t, const struct source *source, const char *state)
{
    const struct config *config = t->explain->config;
    const char *file = config && config->path ? config->path : "winnow.yaml";
    if (strcmp(state, "not configured") == 0)
        return json_sprintf("it is not among the sources: add it under `sources` in %s", file);
    if (strcmp(state, "disabled") == 0)
        return json_sprintf("it is switched off in %s, line %d", file, source->line);
    if (strcmp(state, "never polled") == 0)
        return json_sprintf("it has not been polled yet: `winnow run` does so when its turn comes, "
                            "`winnow run --once -c %s` now",
                            file);
    if (strcmp(state, "ok") == 0)
        return json_null();
    return json_string(advice_for_failure(t));
}

static int add_items(const struct explain *x, const char *url, json_t *answer)
{
    json_t *list = json_array();
    int status = OK;
    sqlite3_stmt *stmt = db_query(x->reader->db, SQL_SOURCE_ITEMS, &status, "s", str_z(url));
    while (stmt && (status = db_step(stmt)) == 1) {
        json_t *o = json_object();
        set(o, "item", json_integer(sqlite3_column_int64(stmt, 0)));
        set(o, "title", explain_text(db_text(stmt, 1)));
        json_array_append_new(list, o);
    }
    set(answer, "items", list);
    return status;
}

int explain_source(const struct explain *x, const char *url, json_t **answer)
{
    struct told t = {.explain = x, .answer = json_object(), .last_success = TIME_ABSENT};
    if (!t.answer)
        return E_NOMEM;
    set(t.answer, "found", json_string("source"));
    set(t.answer, "source", json_string(url));
    const struct source *source = x->config ? config_source(x->config, url) : NULL;
    int status = x->reader ? reader_source(x->reader, url, take_state, &t) : E_ABSENT;
    if (status == OK)
        status = add_items(x, url, t.answer);
    if (status != OK && status != E_ABSENT) {
        json_decref(t.answer);
        return status;
    }
    const char *state = state_of(&t, source);
    set(t.answer, "state", json_string(state));
    set(t.answer, "advice", advice_of(&t, source, state));
    *answer = t.answer;
    return OK;
}
