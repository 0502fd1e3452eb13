/* SPDX-License-Identifier: Apache-2.0 */
/* Entries as the clean feed shows them: the face, the other members of its story, related reports.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "status.h"
#include "store_db.h"
#include "story_lang.h"
#include "topic_choice.h"

struct walk {
    struct reader *reader;
    struct entry entry;
    char uuid[40];                     /* of the state */
    char lang[LANG_SIZE];              /* wanted, canonical; "": any */
    const struct topic_choice *topics; /* NULL: all */
};

/* A UUID of version 8 (RFC 9562): a hash of the state's own and the entry's number. */
static void make_uuid(const char *state, int64_t entry, char to[46])
{
    char name[80];
    int n = snprintf(name, sizeof name, "%s/entry/%lld", state, (long long)entry);
    XXH128_hash_t h = XXH3_128bits(name, (size_t)n);
    uint64_t high = (h.high64 & ~0xf000ull) | 0x8000ull;
    uint64_t low = (h.low64 & ~(3ull << 62)) | (2ull << 62);
    snprintf(to, 46, "urn:uuid:%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xffff), (unsigned)(low >> 48),
             (unsigned long long)(low & 0xffffffffffffull));
}

static wn_str keep(struct entry *entry, sqlite3_stmt *stmt, int column)
{
    wn_str s = db_text(stmt, column);
    return s.ptr ? arena_str(&entry->arena, s.ptr, s.len) : s;
}

static void member_of_row(struct entry *entry, sqlite3_stmt *stmt, struct member *m)
{
    m->item = sqlite3_column_int64(stmt, 0);
    m->arrived = sqlite3_column_int64(stmt, 1);
    m->published = sqlite3_column_int64(stmt, 2);
    m->lang = keep(entry, stmt, 3);
    m->link = keep(entry, stmt, 4);
    m->title = keep(entry, stmt, 5);
    m->source_name = keep(entry, stmt, 6);
    m->source_key = keep(entry, stmt, 7);
}

static const char *text_of(wn_str s)
{
    return s.ptr ? s.ptr : "";
}

static int add_members(struct walk *w, const char *face_lang)
{
    struct entry *e = &w->entry;
    int status = OK;
    sqlite3_stmt *stmt =
        db_query(w->reader->db, SQL_MEMBERS, &status, "ii", e->story, (int64_t)LIMIT_STORY);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        if (sqlite3_column_int64(stmt, 0) == e->face->id || e->n_members >= LIMIT_STORY)
            continue;
        struct member *m = &e->members[e->n_members++];
        member_of_row(e, stmt, m);
        /* As the reader of this face sees it, whoever came first. */
        m->kind = lang_same(text_of(m->lang), face_lang) ? WN_DUPLICATE : WN_EDITION;
    }
    return status;
}

/* The item that stands for another report: the face of its story's entry; 0 while that isn't shown.
 */
static int report_of(struct walk *w, int64_t item, int64_t *face, int64_t *story)
{
    int64_t dropped = 0;
    int status = OK;
    *face = 0;
    sqlite3_stmt *stmt = db_query(w->reader->db, SQL_ITEM_GET, &status, "i", item);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got != 1)
        return got;
    *story = sqlite3_column_int64(stmt, 2);
    dropped = sqlite3_column_int64(stmt, 4);
    sqlite3_reset(stmt);
    if (dropped || *story == w->entry.story)
        return OK;
    stmt = db_query(w->reader->db, SQL_ENTRY_OF_STORY, &status, "i", *story);
    while (stmt && (status = db_step(stmt)) == 1)
        if (!*face)
            *face = sqlite3_column_int64(stmt, 1);
    return status;
}

static int add_related(struct walk *w)
{
    struct entry *e = &w->entry;
    int64_t items[LIMIT_STORY], stories[LIMIT_STORY];
    size_t n = 0, n_stories = 0;
    int status = OK;
    sqlite3_stmt *stmt =
        db_query(w->reader->db, SQL_RELATED, &status, "ii", e->story, (int64_t)LIMIT_STORY);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1)
        if (n < LIMIT_STORY)
            items[n++] = sqlite3_column_int64(stmt, 0);
    for (size_t i = 0; i < n && status == OK && e->n_members < LIMIT_STORY; i++) {
        int64_t face = 0, story = 0;
        status = report_of(w, items[i], &face, &story);
        size_t known = 0;
        while (known < n_stories && stories[known] != story)
            known++;
        if (status != OK || !face || known < n_stories)
            continue;
        stories[n_stories++] = story;
        stmt = db_query(w->reader->db, SQL_MEMBER, &status, "i", face);
        if (!stmt)
            break;
        if ((status = db_step(stmt)) == 1) {
            struct member *m = &e->members[e->n_members++];
            member_of_row(e, stmt, m);
            m->kind = WN_RELATED;
            status = db_done(stmt);
        }
    }
    return status;
}

/* Topics of all members, the best score of each: the face carries them. */
static int join_topics(struct walk *w)
{
    int status = OK;
    struct item *face = w->entry.face;
    sqlite3_stmt *stmt = db_query(w->reader->db, SQL_TOPICS, &status, "i", w->entry.story);
    if (!stmt)
        return status;
    face->topics = NULL;
    face->n_topics = 0;
    while ((status = db_step(stmt)) == 1) {
        struct topic *t = item_add_topic(face);
        if (!t)
            continue;
        t->id = item_str(face, db_text(stmt, 0));
        t->score = sqlite3_column_int64(stmt, 1);
    }
    return status;
}

/* Whether the topics of the story's members let it be shown; or a failure. */
static int wanted(struct walk *w)
{
    const struct topic_choice *c = w->topics;
    int status = OK, found = 0, barred = 0;
    sqlite3_stmt *stmt = db_query(w->reader->db, SQL_TOPICS, &status, "i", w->entry.story);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        wn_str id = db_text(stmt, 0);
        found |= topic_list_has(&c->only, id);
        barred |= topic_list_has(&c->except, id);
    }
    return status != OK ? status : (found || !c->only.n) && !barred;
}

/* 1: the entry is to be shown, 0: not under this language or these topics, or a failure. May choose
 * another face: who asks for one language reads that edition. */
static int chosen(struct walk *w, int64_t *face)
{
    int status = w->topics ? wanted(w) : 1;
    if (status != 1)
        return status;
    if (!w->lang[0])
        return 1;
    sqlite3_stmt *stmt =
        db_query(w->reader->db, SQL_IN_LANG, &status, "isi", w->entry.story, str_z(w->lang), *face);
    if (!stmt)
        return status;
    int got = db_step(stmt);
    if (got == 1) {
        *face = sqlite3_column_int64(stmt, 0);
        sqlite3_reset(stmt);
    }
    return got;
}

static int fill(struct walk *w, int64_t face)
{
    struct entry *e = &w->entry;
    char lang[LANG_SIZE];
    int status = reader_item(w->reader, face, &e->face);
    if (status != OK)
        return status;
    e->members = arena_alloc(&e->arena, LIMIT_STORY * sizeof *e->members);
    if (!e->members)
        return E_NOMEM;
    wn_str tag = e->face->detected_lang.len ? e->face->detected_lang
                 : e->face->lang.len        ? e->face->lang
                                            : e->face->source_lang;
    lang_canonical(tag, lang);
    if ((status = add_members(w, lang)) == OK && (status = add_related(w)) == OK)
        status = join_topics(w);
    return status;
}

static void next_entry(struct entry *e)
{
    item_destroy(e->face);
    e->face = NULL;
    e->n_members = 0;
    e->members = NULL;
    arena_reset(&e->arena);
}

int reader_each_entry(struct reader *reader, int64_t since, int64_t keep_n, const char *lang,
                      const struct topic_choice *topics,
                      int (*fn)(void *user, const struct entry *entry), void *user)
{
    struct walk w = {.reader = reader, .topics = topics};
    int status = OK;
    int64_t given = 0;
    arena_init(&w.entry.arena, 4 * LIMIT_ITEM);
    lang_canonical(str_z(lang), w.lang);
    sqlite3_stmt *stmt = db_query(reader->db, SQL_META_GET, &status, "s", str_z("uuid"));
    if (!stmt)
        return status;
    if ((status = db_step(stmt)) == 1) {
        wn_str s = db_text(stmt, 0);
        snprintf(w.uuid, sizeof w.uuid, "%.*s", (int)s.len, text_of(s));
        status = db_done(stmt);
    }
    if (status != OK)
        return status;
    stmt = db_stmt(reader->db, SQL_ENTRY_NEWEST, &status);
    if (!stmt)
        return status;
    while ((status = db_step(stmt)) == 1) {
        struct entry *e = &w.entry;
        next_entry(e);
        e->id = sqlite3_column_int64(stmt, 0);
        e->story = sqlite3_column_int64(stmt, 1);
        int64_t face = sqlite3_column_int64(stmt, 2);
        e->shown = sqlite3_column_int64(stmt, 3);
        e->updated = sqlite3_column_int64(stmt, 4);
        if (e->shown < since && given >= keep_n) {
            status = OK;
            break;
        }
        int show = chosen(&w, &face);
        if (show == 0)
            continue;
        status = show < 0 ? show : fill(&w, face);
        if (status == E_ABSENT || status == E_CORRUPT)
            continue; /* one damaged entry must not take the others with it */
        if (status != OK)
            break;
        make_uuid(w.uuid, e->id, e->uuid);
        given++;
        if (fn(user, e) != 0)
            break;
    }
    sqlite3_reset(stmt);
    next_entry(&w.entry);
    arena_finish(&w.entry.arena);
    return status > 0 ? OK : status;
}
