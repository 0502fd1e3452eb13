/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what a person asks about, and saying why something isn't there. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/uchar.h>
#include <xxhash.h>

#include "../plugin/text/utf8.h"
#include "status.h"
#include "story_parts.h"

enum { MOST_CHOICES = 20, MOST_WORDS = 32, MOST_SOURCES = 20 };

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? OK : E_NOMEM;
}

const char *explain_ago(int64_t seconds, char buf[64])
{
    const char *tail = seconds < 0 ? "from now" : "ago";
    int64_t s = seconds < 0 ? -seconds : seconds;
    if (s < 60)
        snprintf(buf, 64, "%lld s %s", (long long)s, tail);
    else if (s < 3600)
        snprintf(buf, 64, "%lld min %s", (long long)(s / 60), tail);
    else if (s < 2 * 86400)
        snprintf(buf, 64, "%lld h %lld min %s", (long long)(s / 3600), (long long)(s / 60 % 60),
                 tail);
    else
        snprintf(buf, 64, "%lld days %s", (long long)(s / 86400), tail);
    return buf;
}

/* ---- by guid or address ---- */

static int add_found(const struct explain *x, enum sql query, const char *what, struct ids *found)
{
    int status = OK;
    sqlite3_stmt *stmt = db_query(x->reader->db, query, &status, "s", str_z(what));
    while (stmt && (status = db_step(stmt)) == 1)
        if ((status = ids_add(found, sqlite3_column_int64(stmt, 0))) != OK) {
            sqlite3_reset(stmt);
            break;
        }
    return status;
}

/* An address as it stands, then as people change it: with or without the last slash, under the
 * other scheme. */
static int find_address(const struct explain *x, const char *what, struct ids *found)
{
    int status = add_found(x, SQL_FIND_LINK, what, found);
    if (status == OK)
        status = add_found(x, SQL_FIND_GUID, what, found);
    if (found->n || status != OK || strlen(what) > LIMIT_URL)
        return status;
    const char *rest = strstr(what, "://");
    if (!rest)
        return OK;
    for (int i = 1; i < 4 && !found->n && status == OK; i++) {
        struct buf b;
        buf_init(&b, 2 * LIMIT_URL);
        if (i & 1)
            buf_adds(&b, strncmp(what, "https", 5) == 0 ? "http" : "https");
        else
            buf_add(&b, what, (size_t)(rest - what));
        buf_adds(&b, rest);
        if (i & 2) {
            if (b.p[b.n - 1] == '/')
                b.p[--b.n] = '\0';
            else
                buf_addc(&b, '/');
        }
        status = b.err ? b.err : add_found(x, SQL_FIND_LINK, b.p, found);
        buf_finish(&b);
    }
    return status;
}

/* ---- by words of a title ---- */

/* Case folded, code point by code point. */
static void fold(struct buf *to, wn_str s)
{
    for (size_t i = 0, used; i < s.len; i += used) {
        char out[4];
        uint32_t cp = utf8_decode(s.ptr + i, s.len - i, &used);
        buf_add(to, out, utf8_encode((uint32_t)u_foldCase((UChar32)cp, U_FOLD_CASE_DEFAULT), out));
    }
    buf_add(to, "", 0);
}

static int has_words(const char *title, char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strstr(title, words[i]))
            return 0;
    return 1;
}

static int find_title(const struct explain *x, const char *what, struct ids *found)
{
    struct buf wanted, title;
    char *words[MOST_WORDS], *save = NULL;
    size_t n = 0;
    int status = OK;
    buf_init(&wanted, KIB(64));
    buf_init(&title, 4 * LIMIT_TITLE);
    fold(&wanted, str_z(what));
    for (char *w = wanted.p ? strtok_r(wanted.p, " \t\n", &save) : NULL; w && n < MOST_WORDS;
         w = strtok_r(NULL, " \t\n", &save))
        words[n++] = w;
    sqlite3_stmt *stmt = n ? db_stmt(x->reader->db, SQL_FIND_TITLE, &status) : NULL;
    while (stmt && found->n < MOST_CHOICES + 1 && (status = db_step(stmt)) == 1) {
        buf_reset(&title);
        fold(&title, db_text(stmt, 1));
        if (!title.err && has_words(title.p, words, n) &&
            (status = ids_add(found, sqlite3_column_int64(stmt, 0))) != OK)
            break;
    }
    if (stmt)
        sqlite3_reset(stmt);
    buf_finish(&wanted);
    buf_finish(&title);
    return status > 0 ? OK : status;
}

/* ---- what isn't there (any more) ---- */

static json_t *removed_row(const struct explain *x, sqlite3_stmt *stmt)
{
    json_t *answer = json_object();
    int64_t window = x->config ? x->config->window : 0;
    set(answer, "found", json_string("removed"));
    set(answer, "source", explain_text(db_text(stmt, 0)));
    set(answer, "item", json_integer(sqlite3_column_int64(stmt, 1)));
    set(answer, "listed", explain_time(sqlite3_column_int64(stmt, 2)));
    set(answer, "advice",
        json_sprintf("it was here and has gone with age: items are kept for `window` (%lld days) "
                     "and while an output shows them; its guid is remembered, so it doesn't come "
                     "back as news. For a longer memory set `window` higher",
                     (long long)(window / 86400)));
    return answer;
}

static int find_removed(const struct explain *x, const char *what, int64_t number, json_t **answer)
{
    int status = OK, got = 0;
    XXH128_hash_t h = XXH3_128bits(what, strlen(what));
    uint64_t key[2] = {h.low64, h.high64}; /* as store_identify.c makes it */
    sqlite3_stmt *stmt = number ? db_query(x->reader->db, SQL_FIND_NUMBER, &status, "i", number)
                                : db_query(x->reader->db, SQL_FIND_KEY, &status, "b",
                                           str_of((const char *)key, sizeof key));
    if (stmt && (got = db_step(stmt)) == 1) {
        *answer = removed_row(x, stmt);
        sqlite3_reset(stmt);
    }
    return stmt ? (got < 0 ? got : OK) : status;
}

static wn_str host_of(const char *url)
{
    const char *p = url ? strstr(url, "://") : NULL;
    if (!p)
        return str_of(NULL, 0);
    p += 3;
    if (strncasecmp(p, "www.", 4) == 0)
        p += 4;
    return str_of(p, strcspn(p, "/:?#"));
}

/* One host, or one below the other: feeds.example.org and example.org. */
static int related_hosts(wn_str a, wn_str b)
{
    if (a.len < b.len) {
        wn_str t = a;
        a = b;
        b = t;
    }
    return b.len && strncasecmp(a.ptr + (a.len - b.len), b.ptr, b.len) == 0 &&
           (a.len == b.len || a.ptr[a.len - b.len - 1] == '.');
}

/* Sources that could be why: those of the same host; without any, all that are in trouble. At most
 * MOST_SOURCES are told of, the others counted. */
static int add_suspects(const struct explain *x, const char *what, json_t *answer)
{
    json_t *list = json_array();
    wn_str host = host_of(what);
    size_t more = 0;
    set(answer, "sources", list);
    for (int pass = host.len ? 0 : 1; pass < 2 && !json_array_size(list); pass++)
        for (size_t i = 0; x->config && i < x->config->n_sources; i++) {
            json_t *source = NULL;
            if (pass == 0 && !related_hosts(host, host_of(x->config->sources[i].url)))
                continue;
            int status = explain_source(x, x->config->sources[i].url, &source);
            if (status != OK)
                return status;
            const char *state = json_string_value(json_object_get(source, "state"));
            int suspect = pass == 0 || strcmp(state, "ok") != 0;
            if (suspect && json_array_size(list) < MOST_SOURCES)
                json_array_append(list, source);
            else
                more += suspect;
            json_decref(source);
        }
    set(answer, "more_sources", json_integer((json_int_t)more));
    return OK;
}

/* What is asked for by number: 7, item:7, story:7, or what was meant to be. */
static int is_number(const char *what)
{
    return strncmp(what, "story:", 6) == 0 || strncmp(what, "item:", 5) == 0 ||
           strspn(what, "0123456789") == strlen(what);
}

static int explain_nothing(const struct explain *x, const char *what, json_t **answer_out)
{
    json_t *answer = json_object();
    set(answer, "found", json_string("nothing"));
    set(answer, "what", json_string(what));
    /* Before the first poll every source is as good as the other. */
    int status = x->reader && !is_number(what) ? add_suspects(x, what, answer)
                                               : set(answer, "sources", json_array());
    size_t n = json_array_size(json_object_get(answer, "sources"));
    json_t *advice;
    if (!x->reader)
        advice = json_sprintf(
            "nothing has been polled yet: there is no state in %s; run `winnow run --once -c %s`",
            x->config ? x->config->state : "?",
            x->config && x->config->path ? x->config->path : "winnow.yaml");
    else if (is_number(what))
        advice = json_string("there is no such number; `winnow explain` finds items by words of "
                             "their titles, and tells their numbers");
    else if (n)
        advice = json_string("it was never seen; these sources may be why");
    else if (strstr(what, "://"))
        advice = json_string(
            "it was never seen, and no source is of that site: add its feed with `winnow init URL` "
            "or "
            "under `sources`. A feed lists only its newest items, so an old one may never come");
    else
        advice = json_string(
            "it was never seen, though all sources are polled well: a feed lists only its newest "
            "items, so an old one may never come. Fewer words find more");
    set(answer, "advice", advice);
    if (status != OK) {
        json_decref(answer);
        return status;
    }
    *answer_out = answer;
    return OK;
}

/* ---- all together ---- */

static int choices(const struct explain *x, const struct ids *found, json_t **answer)
{
    if (found->n == 1)
        return explain_item(x, found->list[0], answer);
    json_t *list = json_array(), *a = json_object();
    int status = OK;
    set(a, "found", json_string("items"));
    set(a, "more", json_boolean(found->n > MOST_CHOICES));
    for (size_t i = 0; i < found->n && i < MOST_CHOICES; i++) {
        json_t *o = json_object();
        set(o, "item", json_integer(found->list[i]));
        sqlite3_stmt *stmt = db_query(x->reader->db, SQL_MEMBER, &status, "i", found->list[i]);
        if (stmt && db_step(stmt) == 1) {
            set(o, "title", explain_text(db_text(stmt, 5)));
            set(o, "lang", explain_text(db_text(stmt, 3)));
            set(o, "source_name", explain_text(db_text(stmt, 6)));
            set(o, "story", json_integer(sqlite3_column_int64(stmt, 9)));
            sqlite3_reset(stmt);
        }
        json_array_append_new(list, o);
    }
    set(a, "choices", list);
    set(a, "advice", json_string("several fit: ask again with the number of one"));
    *answer = a;
    return status;
}

static int find_number(const struct explain *x, const char *what, int64_t number, struct ids *found,
                       json_t **answer)
{
    int64_t revision;
    int status = db_number(x->reader->db, SQL_ITEM_GET, &revision, "i", number);
    if (status == OK)
        return ids_add(found, number);
    return status == E_ABSENT ? find_removed(x, what, number, answer) : status;
}

static int find_story(const struct explain *x, int64_t number, struct ids *found)
{
    int64_t story, first;
    int status = story_find(x->reader, number, &story, &first);
    if (status != OK)
        return status == E_ABSENT ? OK : status;
    sqlite3_stmt *stmt = db_query(x->reader->db, SQL_STORY_IDS, &status, "i", story);
    while (stmt && found->n <= MOST_CHOICES && (status = db_step(stmt)) == 1)
        if ((status = ids_add(found, sqlite3_column_int64(stmt, 0))) != OK)
            break;
    if (stmt)
        sqlite3_reset(stmt);
    return status > 0 ? OK : status;
}

static int find(const struct explain *x, const char *what, struct ids *found, json_t **answer)
{
    /* item:NUMBER is how `winnow join` names an item. */
    const char *plain = strncmp(what, "item:", 5) == 0 ? what + 5 : what;
    char *end;
    int64_t number = strtoll(plain, &end, 10);
    int digits = plain[0] >= '1' && plain[0] <= '9' && !*end;
    int status = OK;
    if (strncmp(what, "story:", 6) == 0)
        return find_story(x, strtoll(what + 6, NULL, 10), found);
    if (digits)
        status = find_number(x, what, number, found, answer);
    if (status == OK && !found->n && !*answer)
        status = find_address(x, what, found);
    if (status == OK && !found->n && !*answer && strstr(what, "://")) {
        json_t *source = NULL;
        status = explain_source(x, what, &source);
        const char *state = source ? json_string_value(json_object_get(source, "state")) : "";
        if (status == OK &&
            (strcmp(state, "not configured") != 0 || json_object_get(source, "polled")))
            *answer = source;
        else
            json_decref(source);
    }
    if (status == OK && !found->n && !*answer)
        status = find_removed(x, what, 0, answer);
    if (status == OK && !found->n && !*answer && !strstr(what, "://"))
        status = find_title(x, what, found);
    return status;
}

int explain_find(const struct explain *x, const char *what, json_t **answer)
{
    struct ids found = {0};
    json_t *a = NULL;
    int status = OK;
    if (!x->reader) {
        if (x->config && config_source(x->config, what))
            return explain_source(x, what, answer);
        return explain_nothing(x, what, answer);
    }
    status = reader_begin(x->reader);
    if (status != OK)
        return status;
    status = find(x, what, &found, &a);
    if (status == OK && !a)
        status = found.n ? choices(x, &found, &a) : explain_nothing(x, what, &a);
    reader_end(x->reader);
    ids_finish(&found);
    if (status != OK) {
        json_decref(a);
        return status;
    }
    *answer = a;
    return OK;
}
