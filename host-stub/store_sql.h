/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_sql.h: every statement of the store, by name. Columns are bound by position; the callers
 * stand beside their statements' names.
 */
#ifndef WINNOW_STORE_SQL_H
#define WINNOW_STORE_SQL_H

#define SQL_LIST(X)                                                                                \
    X(META_GET, "SELECT value FROM meta WHERE key = ?")                                            \
    X(META_PUT, "INSERT INTO meta (key, value) VALUES (?, ?) "                                     \
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value")                          \
    /* sources */                                                                                  \
    X(SOURCE_ID, "SELECT id FROM source WHERE url = ?")                                            \
    X(SOURCE_NEW, "INSERT INTO source (id, url) VALUES (?, ?)")                                    \
    X(SOURCE_LAST, "SELECT max(id) FROM source")                                                   \
    X(SOURCE_DOCUMENT, "UPDATE source SET title = ?2, etag = ?3, last_modified = ?4, "             \
                       "document_at = ?5, note = ?6, final_url = ?7, listed = ?8, ttl = ?9, "      \
                       "skip_hours = ?10, skip_days = ?11 WHERE id = ?1")                          \
    X(SOURCE_REPORT,                                                                               \
      "UPDATE source SET last_fetch = ?2, next = ?3, failures = ?4, http = ?5, "                   \
      "status = ?6, error = ?7, "                                                                  \
      "last_success = CASE WHEN ?6 = 0 THEN ?2 ELSE last_success END WHERE id = ?1")               \
    X(SOURCE_EACH, "SELECT url, etag, last_modified, title, error, last_fetch, last_success, "     \
                   "next, failures, http, status, note, document_at, final_url, listed, "          \
                   "ttl, skip_hours, skip_days "                                                   \
                   "FROM source ORDER BY id")                                                      \
    X(SOURCE_ONE, "SELECT url, etag, last_modified, title, error, last_fetch, last_success, "      \
                  "next, failures, http, status, note, document_at, final_url, listed, "           \
                  "ttl, skip_hours, skip_days "                                                    \
                  "FROM source WHERE url = ?")                                                     \
    X(SOURCE_SWEPT, "SELECT swept_at FROM source WHERE id = ?")                                    \
    X(SOURCE_SWEEP, "UPDATE source SET swept_at = ?2 WHERE id = ?1")                               \
    /* guids: what a source listed */                                                              \
    X(GUID_GET, "SELECT item, hash, revision, listed, dropped, ambiguous FROM guid "               \
                "WHERE source = ? AND key = ?")                                                    \
    X(GUID_PUT, "INSERT INTO guid (source, key, item, hash, revision, listed) "                    \
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, key) DO UPDATE SET "               \
                "item = excluded.item, hash = excluded.hash, revision = excluded.revision, "       \
                "listed = excluded.listed, dropped = NULL")                                        \
    X(GUID_AMBIGUOUS, "UPDATE guid SET ambiguous = 1 WHERE source = ? AND key = ?")                \
    X(GUID_DROPPED, "UPDATE guid SET dropped = ?2 WHERE source = ?1 AND dropped IS NULL "          \
                    "AND listed < ?3")                                                             \
    X(GUID_ORPHANS, "UPDATE guid SET dropped = ?1 WHERE (source, key) IN (SELECT g.source, g.key " \
                    "FROM source s JOIN guid g ON g.source = s.id AND g.dropped IS NULL "          \
                    "WHERE s.last_fetch < ?2 LIMIT 4096)")                                         \
    X(GUID_PURGE, "DELETE FROM guid WHERE (source, key) IN (SELECT source, key FROM guid "         \
                  "WHERE dropped < ? LIMIT 256)")                                                  \
    /* items */                                                                                    \
    X(ITEM_NEW, "INSERT INTO item (id, source, revision, arrived, published, story, lang, "        \
                "length, dropped, guid, link, title, source_name, look, changed) "                 \
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "        \
                "UPDATE SET revision = excluded.revision, published = excluded.published, "        \
                "lang = excluded.lang, length = excluded.length, dropped = excluded.dropped, "     \
                "guid = excluded.guid, link = excluded.link, title = excluded.title, "             \
                "source_name = excluded.source_name, changed = CASE WHEN look = excluded.look "    \
                "THEN changed ELSE excluded.changed END, look = excluded.look")                    \
    X(ITEM_GET, "SELECT revision, arrived, story, entry, dropped FROM item WHERE id = ?")          \
    X(ITEM_STORY, "UPDATE item SET story = ?2 WHERE id = ?1")                                      \
    X(ITEM_ENTRY, "UPDATE item SET entry = ?2 WHERE id = ?1")                                      \
    X(ITEM_DROPPED, "UPDATE item SET dropped = ?2 WHERE id = ?1")                                  \
    X(ITEM_DELETE, "DELETE FROM item WHERE id = ?")                                                \
    X(ITEM_OLD, "SELECT id, story FROM item WHERE arrived < ?1 AND NOT EXISTS "                    \
                "(SELECT 1 FROM entry WHERE entry.story = item.story AND entry.id >= ?2) "         \
                "AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.story = item.story AND "          \
                "entry.shown >= ?3) ORDER BY arrived, id LIMIT ?4")                                \
    X(BODY_PUT, "INSERT INTO body (item, after, before) VALUES (?, ?, ?) ON CONFLICT (item) "      \
                "DO UPDATE SET after = excluded.after, before = excluded.before")                  \
    X(BODY_GET, "SELECT b.after, i.arrived, i.story FROM item i JOIN body b ON b.item = i.id "     \
                "WHERE i.id = ?")                                                                  \
    X(BODY_BEFORE, "SELECT coalesce(b.before, b.after), i.arrived, i.story FROM item i "           \
                   "JOIN body b ON b.item = i.id WHERE i.id = ?")                                  \
    X(BODY_DELETE, "DELETE FROM body WHERE item = ?")                                              \
    /* verdicts: also the edges of the stories' graph */                                           \
    X(VERDICT_PUT, "INSERT INTO verdict (item, filter, kind, other, score, reason, evidence, "     \
                   "time) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item, filter) DO UPDATE "   \
                   "SET kind = excluded.kind, other = excluded.other, score = excluded.score, "    \
                   "reason = excluded.reason, evidence = excluded.evidence, "                      \
                   "time = excluded.time")                                                         \
    X(VERDICT_CLEAR, "DELETE FROM verdict WHERE item = ?")                                         \
    X(VERDICT_OF, "SELECT filter, kind, other, score, reason, evidence FROM verdict "              \
                  "WHERE item = ? ORDER BY filter")                                                \
    X(VERDICT_ONE, "SELECT kind, other, score FROM verdict WHERE item = ? AND filter = ?")         \
    X(VERDICT_TO, "SELECT item, filter, kind, score FROM verdict WHERE other = ? AND other != 0 "  \
                  "ORDER BY item, filter")                                                         \
    /* Retention: an item leaves its story to an heir, ?2. */                                      \
    X(HEIR_OUT, "SELECT min(v.other) FROM verdict v JOIN item i ON i.id = v.other "                \
                "WHERE v.item = ?1 AND v.kind IN (2, 3) AND i.story = ?2")                         \
    X(HEIR_IN, "SELECT max(v.item) FROM verdict v JOIN item i ON i.id = v.item "                   \
               "WHERE v.other = ?1 AND v.other != 0 AND v.kind IN (2, 3) AND i.story = ?2")        \
    X(HEIR_RULED, "SELECT max(i.id) FROM ruling r JOIN item i "                                    \
                  "ON i.id = CASE WHEN r.a = ?1 THEN r.b ELSE r.a END "                            \
                  "WHERE (r.a = ?1 OR r.b = ?1) AND r.kind IN (1, 3) AND i.story = ?2")            \
    X(HEIR_MOVE, "UPDATE verdict SET other = ?2 WHERE other = ?1 AND other != 0 AND item != ?2 "   \
                 "AND (kind = 1 OR EXISTS (SELECT 1 FROM item i WHERE i.id = verdict.item "        \
                 "AND i.story = ?3))")                                                             \
    X(HEIR_FREE, "UPDATE verdict SET other = 0, kind = 0 WHERE other = ? AND other != 0")          \
    X(HEIR_HOLD, "INSERT INTO ruling (a, b, kind, time) SELECT min(?2, v.other), "                 \
                 "max(?2, v.other), 3, ?4 FROM verdict v JOIN item i ON i.id = v.other "           \
                 "WHERE v.item = ?1 AND v.kind IN (2, 3) AND i.story = ?3 AND v.other != ?2 "      \
                 "ON CONFLICT (a, b) DO NOTHING")                                                  \
    X(HEIR_RULE, "INSERT INTO ruling (a, b, kind, time) SELECT min(?2, i.id), max(?2, i.id), "     \
                 "r.kind, r.time FROM ruling r JOIN item i "                                       \
                 "ON i.id = CASE WHEN r.a = ?1 THEN r.b ELSE r.a END "                             \
                 "WHERE (r.a = ?1 OR r.b = ?1) AND r.kind IN (1, 3) AND i.story = ?3 "             \
                 "AND i.id != ?2 ON CONFLICT (a, b) DO NOTHING")                                   \
    X(VERDICT_DROP, "SELECT max(kind) FROM verdict WHERE item = ?")                                \
    /* persons' words */                                                                           \
    X(RULING_PUT, "INSERT INTO ruling (a, b, kind, time) VALUES (?, ?, ?, ?) ON CONFLICT (a, b) "  \
                  "DO UPDATE SET kind = excluded.kind, time = excluded.time")                      \
    X(RULING_FREE, "DELETE FROM ruling WHERE a = ? AND b = ?")                                     \
    X(RULING_DELETE, "DELETE FROM ruling WHERE a = ?1 OR b = ?1")                                  \
    X(RULING_EACH, "SELECT a, b, kind FROM ruling WHERE kind < 3 ORDER BY time, a, b")             \
    X(RULING_OF, "SELECT a, b, kind, time FROM ruling WHERE a = ?1 "                               \
                 "UNION ALL SELECT a, b, kind, time FROM ruling WHERE b = ?1 ORDER BY 1, 2")       \
    /* From the rulings' side: they are few, but a story may have thousands of items. */           \
    X(RULING_APART, "SELECT 1 FROM ruling r WHERE r.kind = 2 AND (EXISTS (SELECT 1 FROM item i "   \
                    "WHERE i.id = r.a AND i.story = ?1) OR EXISTS (SELECT 1 FROM item i "          \
                    "WHERE i.id = r.b AND i.story = ?1)) LIMIT 1")                                 \
    /* stories and entries */                                                                      \
    X(STORY_ITEMS, "SELECT i.id, i.entry, i.dropped, i.lang, i.length, s.url, i.arrived, "         \
                   "i.changed, i.story FROM item i JOIN source s ON s.id = i.source "              \
                   "WHERE i.story = ? ORDER BY i.id LIMIT 4096")                                   \
    X(STORY_ITEM, "SELECT i.id, i.entry, i.dropped, i.lang, i.length, s.url, i.arrived, "          \
                  "i.changed, i.story FROM item i JOIN source s ON s.id = i.source "               \
                  "WHERE i.id = ?")                                                                \
    X(STORY_IDS, "SELECT id FROM item WHERE story = ? ORDER BY id")                                \
    X(STORY_FIRST, "SELECT min(id) FROM item WHERE story = ?")                                     \
    X(STORY_MOVE, "UPDATE item SET story = ?2 WHERE story = ?1")                                   \
    X(STORY_COUNT, "SELECT count(*) FROM item WHERE story = ?")                                    \
    X(STORY_WAS, "INSERT INTO story_was (id, became) VALUES (?, ?) ON CONFLICT (id) DO UPDATE "    \
                 "SET became = excluded.became")                                                   \
    X(STORY_WAS_MOVE, "UPDATE story_was SET became = ?2 WHERE became = ?1")                        \
    X(STORY_WAS_DELETE, "DELETE FROM story_was WHERE became = ?")                                  \
    X(STORY_BECAME, "SELECT became FROM story_was WHERE id = ?")                                   \
    X(WAITING_PUT, "INSERT INTO waiting (story, since) VALUES (?, ?) ON CONFLICT (story) DO "      \
                   "UPDATE SET since = min(since, excluded.since)")                                \
    X(WAITING_GET, "SELECT since FROM waiting WHERE story = ?")                                    \
    X(WAITING_DELETE, "DELETE FROM waiting WHERE story = ?")                                       \
    X(WAITING_DUE, "SELECT w.story FROM waiting w WHERE w.since <= ? ORDER BY (SELECT "            \
                   "max(i.published) FROM item i WHERE i.story = w.story), w.story")               \
    X(WAITING_NEXT, "SELECT min(since) FROM waiting")                                              \
    X(ENTRY_NEW, "INSERT INTO entry (id, story, face, shown, updated) VALUES (?, ?, ?, ?, ?)")     \
    X(ENTRY_OF_STORY, "SELECT id, face, shown, updated FROM entry WHERE story = ? ORDER BY id")    \
    X(ENTRY_GET, "SELECT story, face, shown, updated FROM entry WHERE id = ?")                     \
    X(ENTRY_FACE, "UPDATE entry SET face = ?2, updated = max(updated, ?3) WHERE id = ?1")          \
    X(ENTRY_UPDATED, "UPDATE entry SET updated = max(updated, ?2) WHERE id = ?1")                  \
    X(ENTRY_MOVE, "UPDATE entry SET story = ?2 WHERE story = ?1")                                  \
    X(ENTRY_TO, "UPDATE entry SET story = ?2 WHERE id = ?1")                                       \
    X(ENTRY_FACE_GONE, "UPDATE entry SET face = coalesce((SELECT min(id) FROM item WHERE "         \
                       "item.story = entry.story AND item.entry = entry.id AND item.dropped = 0 "  \
                       "AND item.id != ?2), 0) WHERE story = ?1 AND face = ?2")                    \
    X(ENTRY_DELETE, "DELETE FROM entry WHERE story = ?")                                           \
    X(ENTRY_NEWEST, "SELECT id, story, face, shown, updated FROM entry WHERE face != 0 "           \
                    "ORDER BY shown DESC, id DESC")                                                \
    X(ENTRY_NTH, "SELECT id FROM entry WHERE face != 0 ORDER BY shown DESC, id DESC "              \
                 "LIMIT 1 OFFSET ?")                                                               \
    X(MEMBERS, "SELECT i.id, i.arrived, i.published, i.lang, i.link, i.title, i.source_name, "     \
               "s.url, i.entry FROM item i JOIN source s ON s.id = i.source "                      \
               "WHERE i.story = ? AND i.dropped = 0 ORDER BY i.length DESC, i.id LIMIT ?")         \
    X(MEMBER, "SELECT i.id, i.arrived, i.published, i.lang, i.link, i.title, i.source_name, "      \
              "s.url, i.entry, i.story, i.dropped FROM item i JOIN source s "                      \
              "ON s.id = i.source WHERE i.id = ?")                                                 \
    X(RELATED, "SELECT v.other FROM item i JOIN verdict v ON v.item = i.id WHERE i.story = ?1 "    \
               "AND v.kind = 1 AND v.other != 0 UNION SELECT v.item FROM item i JOIN verdict v "   \
               "ON v.other = i.id WHERE i.story = ?1 AND v.kind = 1 AND v.other != 0 "             \
               "ORDER BY 1 LIMIT ?2")                                                              \
    X(IN_LANG, "SELECT id FROM item WHERE story = ?1 AND dropped = 0 AND (lang = ?2 OR "           \
               "lang LIKE ?2 || '-%') ORDER BY id = ?3 DESC, length DESC, id LIMIT 1")             \
    X(TOPICS_PUT, "INSERT INTO topic (item, id, score) VALUES (?, ?, ?) ON CONFLICT (item, id) "   \
                  "DO UPDATE SET score = max(score, excluded.score)")                              \
    X(TOPICS_CLEAR, "DELETE FROM topic WHERE item = ?")                                            \
    X(TOPICS, "SELECT t.id, max(t.score) FROM item i JOIN topic t ON t.item = i.id "               \
              "WHERE i.story = ? AND i.dropped = 0 GROUP BY t.id ORDER BY 2 DESC, 1")              \
    /* filters' keys */                                                                            \
    X(FILTER_EACH, "SELECT id, name FROM filter ORDER BY id")                                      \
    X(FILTER_NEW, "INSERT INTO filter (id, name) VALUES (?, ?)")                                   \
    X(KV_GET, "SELECT value FROM kv WHERE filter = ? AND key = ?")                                 \
    X(KV_GET_NAMED, "SELECT value FROM kv WHERE filter = (SELECT id FROM filter WHERE name = ?) "  \
                    "AND key = ?")                                                                 \
    X(KV_PUT, "INSERT INTO kv (filter, key, value, expires) VALUES (?, ?, ?, ?) ON CONFLICT "      \
              "(filter, key) DO UPDATE SET value = excluded.value, expires = excluded.expires")    \
    X(KV_DELETE, "DELETE FROM kv WHERE filter = ? AND key = ?")                                    \
    X(KV_SCAN, "SELECT key, value FROM kv WHERE filter = ? AND key >= ? ORDER BY key")             \
    X(KV_PURGE, "DELETE FROM kv WHERE (filter, key) IN (SELECT filter, key FROM kv "               \
                "WHERE expires > 0 AND expires < ? ORDER BY expires LIMIT 256)")                   \
    /* the outbox */                                                                               \
    X(EVENT_PUT, "INSERT INTO outbox (seq, json) VALUES (?, ?)")                                   \
    X(EVENT_SENT, "DELETE FROM outbox WHERE seq <= ?")                                             \
    X(EVENT_EACH, "SELECT seq, json FROM outbox WHERE seq > ? ORDER BY seq")                       \
    X(EVENT_FIRST, "SELECT min(seq) FROM outbox")                                                  \
    /* questions of people */                                                                      \
    X(FIND_GUID, "SELECT id FROM item WHERE guid = ? ORDER BY id DESC LIMIT 64")                   \
    X(FIND_LINK, "SELECT id FROM item WHERE link = ? ORDER BY id DESC LIMIT 64")                   \
    X(FIND_TITLE, "SELECT id, title FROM item WHERE title IS NOT NULL ORDER BY id DESC")           \
    X(FIND_KEY, "SELECT s.url, g.item, g.listed, g.dropped FROM guid g JOIN source s "             \
                "ON s.id = g.source WHERE g.key = ? ORDER BY g.listed DESC LIMIT 16")              \
    X(FIND_NUMBER, "SELECT s.url, g.item, g.listed, g.dropped FROM guid g JOIN source s "          \
                   "ON s.id = g.source WHERE g.item = ? LIMIT 1")                                  \
    X(ENTRIES_NEWER, "SELECT count(*) FROM entry WHERE face != 0 AND (shown > ?1 OR "              \
                     "(shown = ?1 AND id > ?2))")                                                  \
    X(SOURCE_ITEMS, "SELECT id, title FROM item WHERE source = (SELECT id FROM source "            \
                    "WHERE url = ?) ORDER BY id DESC LIMIT 10")                                    \
    X(COUNTS, "SELECT (SELECT count(*) FROM item), (SELECT count(DISTINCT story) FROM item), "     \
              "(SELECT count(*) FROM entry), (SELECT count(*) FROM waiting), "                     \
              "(SELECT count(*) FROM source), (SELECT count(*) FROM guid), "                       \
              "(SELECT count(*) FROM kv), (SELECT count(*) FROM outbox), "                         \
              "(SELECT count(*) FROM source WHERE failures > 0)")

enum sql {
#define X(name, text) SQL_##name,
    SQL_LIST(X)
#undef X
        SQL_COUNT
};

#endif
