/* SPDX-License-Identifier: Apache-2.0 */
/* All about one item: what each filter said and took away, its story, its entry, and why it is the
 * face. */
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "explain.h"
#include "status.h"
#include "story_parts.h"

json_t *explain_text(wn_str s)
{
    json_t *text = s.ptr ? json_stringn(s.ptr, s.len) : NULL;
    return text ? text : json_null();
}

json_t *explain_time(int64_t seconds)
{
    char text[32] = "";
    if (seconds != TIME_ABSENT)
        date_format(seconds, text);
    json_t *time = *text ? json_string(text) : NULL;
    return time ? time : json_null();
}

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? OK : E_NOMEM;
}

/* ---- filters ---- */

struct words {
    const struct explain *explain;
    json_t *list;
};

static int same_name(const json_t *entry, const char *name)
{
    const char *has = json_string_value(json_object_get(entry, "filter"));
    return has && strcmp(has, name) == 0;
}

static json_t *short_item(const struct explain *x, int64_t id)
{
    json_t *o = json_object();
    int status = OK;
    set(o, "item", json_integer(id));
    sqlite3_stmt *stmt = db_query(x->reader->db, SQL_MEMBER, &status, "i", id);
    if (stmt && db_step(stmt) == 1) {
        set(o, "title", explain_text(db_text(stmt, 5)));
        set(o, "lang", explain_text(db_text(stmt, 3)));
        set(o, "link", explain_text(db_text(stmt, 4)));
        set(o, "source_name", explain_text(db_text(stmt, 6)));
        set(o, "source", explain_text(db_text(stmt, 7)));
        set(o, "story", json_integer(sqlite3_column_int64(stmt, 9)));
        set(o, "dropped", json_boolean(sqlite3_column_int(stmt, 10)));
        sqlite3_reset(stmt);
    } else {
        set(o, "removed", json_true());
    }
    return o;
}

static int add_word(void *user, const struct verdict *v)
{
    struct words *w = user;
    json_t *entry = NULL, *e;
    size_t i;
    json_array_foreach(w->list, i, e) if (same_name(e, v->filter_name)) entry = e;
    if (!entry) {
        entry = json_object();
        set(entry, "filter", json_string(v->filter_name));
        set(entry, "configured", json_false());
        json_array_append_new(w->list, entry);
    }
    set(entry, "verdict", json_string(kind_name(v->kind)));
    set(entry, "score", json_real(v->score));
    set(entry, "reason", explain_text(v->reason));
    set(entry, "evidence", explain_text(v->evidence));
    set(entry, "of", v->of ? json_integer(v->of) : json_null());
    return 0;
}

static json_t *configured_filters(const struct config *config)
{
    json_t *list = json_array();
    for (size_t i = 0; config && i < config->n_filters; i++) {
        const struct filter_config *f = &config->filters[i];
        const char *name = f->name ? f->name : f->plugin;
        json_t *entry = json_object();
        set(entry, "filter", json_string(name ? name : "?"));
        set(entry, "configured", json_true());
        set(entry, "enabled", json_boolean(f->enabled));
        set(entry, "line", json_integer(f->line));
        json_array_append_new(list, entry);
    }
    return list;
}

static int add_filters(const struct explain *x, int64_t id, json_t *answer)
{
    struct words w = {x, configured_filters(x->config)};
    int status = reader_each_verdict(x->reader, id, add_word, &w);
    json_t *entry;
    size_t i;
    /* The items that they point to, once the statement is free. */
    json_array_foreach(w.list, i, entry)
    {
        int64_t of = json_integer_value(json_object_get(entry, "of"));
        if (of)
            set(entry, "of", short_item(x, of));
    }
    set(answer, "filters", w.list);
    return status;
}

/* ---- the item itself ---- */

static json_t *texts_of(const struct item *item)
{
    json_t *o = json_object();
    set(o, "title", explain_text(item->title));
    set(o, "summary", explain_text(item->summary));
    set(o, "content", explain_text(item->content));
    set(o, "link", explain_text(item->link));
    set(o, "text_bytes", json_integer(item_visible_length(item)));
    return o;
}

static void add_topics(const struct explain *x, const struct item *item, json_t *answer)
{
    json_t *topics = json_array(), *best = json_null();
    wn_str lang = item->detected_lang.len ? item->detected_lang : item->lang;
    for (size_t i = 0; i < item->n_topics; i++) {
        json_t *t = json_object();
        set(t, "id", explain_text(item->topics[i].id));
        set(t, "label",
            x->label ? explain_text(x->label(x->user, item->topics[i].id, lang)) : json_null());
        set(t, "score", json_real((double)item->topics[i].score / 1e6));
        json_array_append_new(topics, t);
    }
    if (item->topic_best.id.len) {
        best = json_object();
        set(best, "id", explain_text(item->topic_best.id));
        set(best, "score", json_real((double)item->topic_best.score / 1e6));
    }
    set(answer, "topics", topics);
    set(answer, "topic_best", best);
}

static void add_item(const struct explain *x, const struct item *item, json_t *answer)
{
    set(answer, "item", json_integer(item->id));
    set(answer, "title", explain_text(item->title));
    set(answer, "guid", explain_text(item->guid));
    set(answer, "link", explain_text(item->link));
    set(answer, "source", explain_text(item->source_key));
    set(answer, "source_name", explain_text(item->source_name));
    set(answer, "declared_lang", explain_text(item->lang.len ? item->lang : item->source_lang));
    set(answer, "detected_lang", explain_text(item->detected_lang));
    set(answer, "published", explain_time(item->published));
    set(answer, "arrived", explain_time(item->arrived));
    set(answer, "revision", json_integer(item->revision));
    set(answer, "sanitised", json_boolean(item->sanitised));
    set(answer, "after", texts_of(item));
    json_t *removed = json_array();
    for (size_t i = 0; i < item->n_removed; i++) {
        json_t *r = json_object();
        set(r, "rule", explain_text(item->removed[i].rule));
        set(r, "place", explain_text(item->removed[i].place));
        set(r, "text", explain_text(item->removed[i].text));
        json_array_append_new(removed, r);
    }
    set(answer, "removed", removed);
    add_topics(x, item, answer);
}

/* ---- story and entry ---- */

struct shown_entry {
    int64_t id, face, shown, updated;
};

/* The entry that the item came under; 0: none. */
static int entry_of_item(const struct explain *x, const struct candidate *self,
                         struct shown_entry *e)
{
    int status = OK;
    memset(e, 0, sizeof *e);
    sqlite3_stmt *stmt =
        self->entry ? db_query(x->reader->db, SQL_ENTRY_GET, &status, "i", self->entry) : NULL;
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got == 1) {
        *e = (struct shown_entry){self->entry, sqlite3_column_int64(stmt, 1),
                                  sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3)};
        sqlite3_reset(stmt);
    }
    return got < 0 ? got : OK;
}

static json_t *because(const struct explain *x, const struct candidate *list, size_t n,
                       const struct shown_entry *e)
{
    size_t face = SIZE_MAX, rivals = 0, best = candidate_choose(x->config, list, n, e->id);
    for (size_t i = 0; i < n; i++) {
        if (list[i].item == e->face)
            face = i;
        else
            rivals += list[i].entry == e->id && !list[i].dropped;
    }
    if (face == SIZE_MAX)
        return json_null();
    if (!rivals)
        return json_string("it is the only one");
    if (best != face && best != SIZE_MAX)
        return json_sprintf(
            "readers have seen it already; item %lld is better, but not so clearly that what "
            "was read should change",
            (long long)list[best].item);
    size_t mine =
        x->config ? lang_rank(list[face].lang, x->config->prefer, x->config->n_prefer) : 0;
    const char *lang = list[face].lang[0] ? list[face].lang : "unknown";
    char which[LANG_SIZE + 80] = "in its language";
    int alone = 1, fullest = 1, preferred = 1, teasers = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == face || list[i].entry != e->id || list[i].dropped)
            continue;
        size_t rank =
            x->config ? lang_rank(list[i].lang, x->config->prefer, x->config->n_prefer) : 0;
        alone &= rank > mine;
        teasers |= rank < mine;
        if (rank > mine)
            snprintf(which, sizeof which, "in %s, the first language in `prefer` that there is",
                     lang);
        if (rank == mine) {
            fullest &= candidate_replaces(x->config, &list[face], &list[i]);
            preferred &= list[face].priority > list[i].priority;
        }
    }
    if (teasers)
        return json_sprintf(
            "it is whole, in %s; what there is in a language that stands before it in "
            "`prefer` is a teaser",
            lang);
    if (alone)
        return json_sprintf("its language, %s, is the first in `prefer` of those that there are",
                            lang);
    if (fullest)
        return json_sprintf("it is the most complete copy %s (%lld bytes of text)", which,
                            (long long)list[face].length);
    if (preferred)
        return json_sprintf("of the complete copies %s, its source has the highest priority (%d)",
                            which, list[face].priority);
    int listed = 0;
    for (size_t i = 0; i < n; i++)
        listed |= i != face && list[i].entry == e->id && !list[i].dropped &&
                  list[i].arrived == list[face].arrived && list[i].order > list[face].order;
    return json_sprintf("of equally complete copies %s %s", which,
                        listed ? "its source stands first in `sources`" : "it came first");
}

/* "11000000, own:Iran"; null for none. */
static json_t *topics_of(char *const *topics, size_t n)
{
    struct buf text;
    buf_init(&text, KIB(64));
    for (size_t i = 0; i < n; i++)
        buf_addf(&text, "%s%s", i ? ", " : "", topics[i]);
    json_t *list = text.n && !text.err ? json_stringn(text.p, text.n) : json_null();
    buf_finish(&text);
    return list;
}

/* In which of the outputs the entry stands, and if not, why. */
static int add_outputs(const struct explain *x, const struct shown_entry *e, json_t *entry)
{
    json_t *list = json_array();
    int64_t newer = 0;
    int status = db_number(x->reader->db, SQL_ENTRIES_NEWER, &newer, "ii", e->shown, e->id);
    for (size_t i = 0; x->config && i < x->config->n_outputs; i++) {
        const struct output *o = &x->config->outputs[i];
        int there = e->shown >= x->now - o->within || newer < o->keep;
        json_t *one = json_object();
        set(one, "file", json_string(o->file));
        set(one, "lang", o->lang ? json_string(o->lang) : json_null());
        set(one, "topic", topics_of(o->topics, o->n_topics));
        set(one, "except", topics_of(o->except, o->n_except));
        set(one, "within_window", json_boolean(there));
        if (!there)
            set(one, "why",
                json_sprintf(
                    "older than %lld h, and %lld newer entries stand before it: set `for` or "
                    "`keep` of the output higher (line %d)",
                    (long long)(o->within / 3600), (long long)newer, o->line));
        json_array_append_new(list, one);
    }
    set(entry, "outputs", list);
    return status;
}

static int add_entry(const struct explain *x, const struct candidate *list, size_t n,
                     const struct candidate *self, json_t *answer)
{
    struct shown_entry e;
    int64_t since;
    int status = entry_of_item(x, self, &e);
    json_t *entry = json_object();
    set(answer, "entry", entry);
    if (status != OK)
        return status;
    if (e.id && e.face) {
        set(entry, "shown", explain_time(e.shown));
        set(entry, "updated", explain_time(e.updated));
        set(entry, "face", short_item(x, e.face));
        set(entry, "is_face", json_boolean(e.face == self->item));
        set(entry, "because", because(x, list, n, &e));
        status = add_outputs(x, &e, entry);
    } else {
        set(entry, "shown", json_null());
        status = db_number(x->reader->db, SQL_WAITING_GET, &since, "i", self->story);
        if (status == OK)
            set(entry, "due", explain_time(since + (x->config ? x->config->settle : 0)));
        else if (status == E_ABSENT)
            status = OK;
    }
    return status;
}

static int add_rulings(const struct explain *x, int64_t id, json_t *answer)
{
    json_t *list = json_array();
    int status = OK;
    sqlite3_stmt *stmt = db_query(x->reader->db, SQL_RULING_OF, &status, "i", id);
    while (stmt && (status = db_step(stmt)) == 1) {
        if (sqlite3_column_int(stmt, 2) == RULING_HELD)
            continue;
        json_t *r = json_object();
        int64_t a = sqlite3_column_int64(stmt, 0), b = sqlite3_column_int64(stmt, 1);
        set(r, "item", json_integer(a == id ? b : a));
        set(r, "ruling",
            json_string(sqlite3_column_int(stmt, 2) == WN_APART ? "apart" : "together"));
        set(r, "time", explain_time(sqlite3_column_int64(stmt, 3)));
        json_array_append_new(list, r);
    }
    set(answer, "rulings", list);
    return status;
}

static int add_related(const struct explain *x, int64_t story, json_t *answer)
{
    struct ids ids = {0};
    json_t *list = json_array();
    int status = OK;
    sqlite3_stmt *stmt =
        db_query(x->reader->db, SQL_RELATED, &status, "ii", story, (int64_t)LIMIT_STORY);
    while (stmt && (status = db_step(stmt)) == 1)
        if ((status = ids_add(&ids, sqlite3_column_int64(stmt, 0))) != OK)
            break;
    for (size_t i = 0; i < ids.n; i++) {
        json_t *o = short_item(x, ids.list[i]);
        if (json_integer_value(json_object_get(o, "story")) != story &&
            !json_object_get(o, "removed"))
            json_array_append(list, o);
        json_decref(o);
    }
    ids_finish(&ids);
    set(answer, "related", list);
    return status;
}

int explain_item(const struct explain *x, int64_t id, json_t **answer_out)
{
    struct item *item = NULL, *original = NULL;
    struct candidate *list = NULL;
    const struct candidate *self = NULL;
    size_t n = 0;
    int status = reader_item(x->reader, id, &item);
    if (status != OK)
        return status;
    json_t *answer = json_object();
    set(answer, "found", json_string("item"));
    add_item(x, item, answer);
    status = reader_original(x->reader, id, &original);
    if (status == OK)
        set(answer, "before", texts_of(original));
    if (status == OK)
        status = add_filters(x, id, answer);
    if (status == OK)
        status = candidates_load(x->reader->db, x->config, item->story, &list, &n);
    json_t *members = json_array();
    set(answer, "story", json_integer(item->story));
    set(answer, "members", members);
    for (size_t i = 0; i < n; i++) {
        if (list[i].item == id)
            self = &list[i];
        else if (json_array_size(members) < LIMIT_STORY)
            json_array_append_new(members, short_item(x, list[i].item));
    }
    set(answer, "dropped", json_boolean(self && self->dropped));
    if (status == OK && self)
        status = add_entry(x, list, n, self, answer);
    if (status == OK)
        status = add_rulings(x, id, answer);
    if (status == OK)
        status = add_related(x, item->story, answer);
    free(list);
    item_destroy(item);
    item_destroy(original);
    if (status != OK) {
        json_decref(answer);
        return status;
    }
    *answer_out = answer;
    return OK;
}
