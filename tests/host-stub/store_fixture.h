/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the store share: folders that go away, items made of a few words. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host-stub/status.h"
#include "host-stub/store.h"
#include "host-stub/store_db.h"

static char test_dir[64];

static inline int make_dir(void **state)
{
    (void)state;
    strcpy(test_dir, "/tmp/winnow-store-XXXXXX");
    return mkdtemp(test_dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", test_dir);
    return system(command);
}

static inline struct store *open_store(void)
{
    struct store *store = NULL;
    char holder[256] = "";
    assert_int_equal(store_open(test_dir, "test", &store, holder), OK);
    return store;
}

static inline struct item *make_item(const char *source, int64_t document, const char *guid,
                                     const char *title)
{
    struct item *item = item_create();
    assert_non_null(item);
    char link[256];
    snprintf(link, sizeof link, "https://example.org/%s", title);
    item->source_key = item_str(item, str_z(source));
    item->source_name = item_str(item, str_z("Example"));
    item->guid = item_str(item, str_z(guid));
    item->title = item_str(item, str_z(title));
    item->link = item_str(item, str_z(link));
    item->content = item_str(item, str_z("<p>Some text.</p>"));
    item->document = document;
    return item;
}

/* Identifies an item and stores it if it is new or updated; returns its identity. */
static inline int arrive(struct store *store, struct item *item)
{
    int identity = store_identify(store, item);
    assert_true(identity >= 0);
    if (identity != ITEM_SAME)
        assert_int_equal(store_put_item(store, item, 0), OK);
    return identity;
}

static inline void commit(struct store *store)
{
    int64_t generation = -1;
    assert_int_equal(store_commit(store, &generation), OK);
    assert_true(generation >= 0);
}

static inline int64_t count_rows(struct store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db.handle, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

#endif
