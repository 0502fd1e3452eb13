/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host-stub/filter.h"
#include "host-stub/limits.h"

static const wn_api *api;
static struct wn_item handle;
static struct call call;

static wn_str z(const char *s)
{
    return str_z(s);
}

static int setup(void **state)
{
    (void)state;
    api = filter_api();
    memset(&handle, 0, sizeof handle);
    memset(&call, 0, sizeof call);
    handle.item = item_create();
    handle.writer = &call;
    call.phase = PHASE_JUDGE;
    filter_call_begin(&call);
    return handle.item ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    filter_call_end();
    item_destroy(handle.item);
    return 0;
}

static void assert_text(uint32_t field, uint32_t index, const char *expected)
{
    wn_str s;
    int status = api->str(&handle, field, index, &s);
    if (!expected) {
        assert_int_equal(status, WN_ABSENT);
        return;
    }
    assert_int_equal(status, WN_OK);
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
}

static void test_what_the_feed_said(void **state)
{
    (void)state;
    struct item *it = handle.item;
    int64_t n;
    it->title = z("Title");
    it->id = 7;
    it->source_lang = z("fr");
    it->source_key = z("https://example.org/feed");
    assert_text(WN_TITLE, 0, "Title");
    assert_text(WN_TITLE, 1, NULL);
    assert_text(WN_CONTENT, 0, NULL);
    assert_text(WN_SOURCE_URL, 0, "https://example.org/feed");
    assert_text(WN_DECLARED_LANG, 0, "fr"); /* the feed's, where the item has none */
    it->lang = z("de");
    assert_text(WN_DECLARED_LANG, 0, "de");
    assert_int_equal(api->num(&handle, WN_ID, 0, &n), WN_OK);
    assert_int_equal(n, 7);
    assert_int_equal(api->num(&handle, WN_REVISION, 0, &n), WN_OK);
    assert_int_equal(api->num(&handle, WN_PUBLISHED, 0, &n), WN_ABSENT);
    assert_int_equal(api->num(&handle, WN_STORY, 0, &n), WN_ABSENT);
    assert_int_equal(api->num(&handle, WN_TITLE, 0, &n), WN_ABSENT);
    assert_int_equal(api->count(&handle, WN_TITLE), 1);
    assert_int_equal(api->count(&handle, WN_CONTENT), 0);
    assert_int_equal(api->count(&handle, WN_AUTHOR), 0);
    for (uint32_t field = 0; field < 100; field++) {
        wn_str s;
        api->str(&handle, field, 0, &s);
        api->str(&handle, field, UINT32_MAX, &s);
        api->num(&handle, field, UINT32_MAX, &n);
        api->count(&handle, field);
    }
}

static void test_put_content_clears_what_came_of_it(void **state)
{
    (void)state;
    struct item *it = handle.item;
    int64_t n;
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, z("<p>a</p>")), WN_OK);
    assert_int_equal(api->put(&handle, WN_TEXT, 0, z("a")), WN_OK);
    assert_int_equal(api->put(&handle, WN_DETECTED_LANG, 0, z("en")), WN_OK);
    assert_int_equal(api->put(&handle, WN_VECTOR, 0, str_of("\0\1\377", 3)), WN_OK);
    assert_int_equal(api->put_num(&handle, WN_SANITISED, 0, 1), WN_OK);
    assert_int_equal(it->vector.len, 3);
    assert_int_equal(api->put(&handle, WN_SUMMARY, 0, z("<p>b</p>")), WN_OK);
    assert_text(WN_TEXT, 0, "a");
    assert_int_equal(it->sanitised, 0); /* the new summary is not safe yet */
    assert_int_equal(api->put_num(&handle, WN_SANITISED, 0, 1), WN_OK);
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, z("<p>c</p>")), WN_OK);
    assert_text(WN_TEXT, 0, NULL);
    assert_text(WN_DETECTED_LANG, 0, NULL);
    assert_text(WN_VECTOR, 0, NULL);
    assert_int_equal(api->num(&handle, WN_SANITISED, 0, &n), WN_OK);
    assert_int_equal(n, 0);
    assert_text(WN_CONTENT, 0, "<p>c</p>");
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, str_of(NULL, 0)), WN_OK);
    assert_text(WN_CONTENT, 0, NULL);
}

static void test_what_was_handed_out_stays(void **state)
{
    (void)state;
    wn_str before;
    api->put(&handle, WN_CONTENT, 0, z("before and after"));
    api->str(&handle, WN_CONTENT, 0, &before);
    /* A part of the field itself, as a filter that cuts would hand it in. */
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, str_of(before.ptr + 7, 3)), WN_OK);
    assert_text(WN_CONTENT, 0, "and");
    assert_memory_equal(before.ptr, "before and after", 16);
}

static void test_lists(void **state)
{
    (void)state;
    assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, 1, z("x")), WN_ABSENT); /* no gap */
    for (int i = 0; i < 5; i++) {
        char term[] = "t0", label[] = "l0";
        term[1] += (char)i, label[1] += (char)i;
        uint32_t at = api->count(&handle, WN_CATEGORY_TERM);
        assert_int_equal(at, i);
        assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, at, z(term)), WN_OK);
        assert_int_equal(api->put(&handle, WN_CATEGORY_LABEL, at, z(label)), WN_OK);
    }
    assert_text(WN_CATEGORY_SCHEME, 3, NULL);
    assert_int_equal(api->count(&handle, WN_CATEGORY_SCHEME), 5);
    assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, 1, str_of(NULL, 0)), WN_OK);
    assert_int_equal(api->count(&handle, WN_CATEGORY_TERM), 4);
    assert_text(WN_CATEGORY_TERM, 1, "t2");
    assert_text(WN_CATEGORY_LABEL, 1, "l2"); /* the sibling went too */
    assert_text(WN_CATEGORY_LABEL, 3, "l4");
    assert_text(WN_CATEGORY_LABEL, 4, NULL);
    assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, 4, str_of(NULL, 0)), WN_ABSENT);
    assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, 2, z("changed")), WN_OK);
    assert_text(WN_CATEGORY_TERM, 2, "changed");
    assert_text(WN_CATEGORY_LABEL, 2, "l3");
    while (api->count(&handle, WN_CATEGORY_TERM))
        assert_int_equal(api->put(&handle, WN_CATEGORY_TERM, 0, str_of(NULL, 0)), WN_OK);
    for (int i = 0; i < 300; i++) {
        int status =
            api->put(&handle, WN_CATEGORY_TERM, api->count(&handle, WN_CATEGORY_TERM), z("t"));
        assert_int_equal(status, i < LIMIT_CATEGORIES ? WN_OK : WN_LIMIT);
    }
}

static void test_authors_leave_contributors_alone(void **state)
{
    (void)state;
    struct person *p = item_add_person(handle.item);
    p->name = z("Editor");
    p->contributor = 1;
    assert_int_equal(api->put(&handle, WN_AUTHOR, 0, z("Ann")), WN_OK);
    assert_int_equal(api->put(&handle, WN_AUTHOR, 1, z("Ben")), WN_OK);
    assert_text(WN_AUTHOR, 0, "Ann");
    assert_int_equal(api->count(&handle, WN_AUTHOR), 2);
    assert_int_equal(api->put(&handle, WN_AUTHOR, 0, str_of(NULL, 0)), WN_OK);
    assert_text(WN_AUTHOR, 0, "Ben");
    assert_int_equal(handle.item->n_people, 2);
    assert_true(str_eqz(handle.item->people[0].name, "Editor"));
}

static void test_topics_and_enclosures(void **state)
{
    (void)state;
    int64_t n;
    assert_int_equal(api->put(&handle, WN_TOPIC_ID, 0, z("04000000")), WN_OK);
    assert_int_equal(api->put_num(&handle, WN_TOPIC_SCORE, 0, 800000), WN_OK);
    assert_int_equal(api->put_num(&handle, WN_TOPIC_SCORE, 1, 1), WN_OK); /* appends as well */
    assert_int_equal(api->put(&handle, WN_TOPIC_ID, 1, z("11000000")), WN_OK);
    assert_int_equal(api->num(&handle, WN_TOPIC_SCORE, 0, &n), WN_OK);
    assert_int_equal(n, 800000);
    assert_int_equal(api->put_num(&handle, WN_TOPIC_SCORE, 0, 1000001), WN_INVALID);
    assert_int_equal(api->put_num(&handle, WN_TOPIC_SCORE, 0, -1), WN_INVALID);
    assert_int_equal(api->num(&handle, WN_TOPIC_BEST_SCORE, 0, &n), WN_ABSENT);
    api->put(&handle, WN_TOPIC_BEST_ID, 0, z("11000000"));
    api->put_num(&handle, WN_TOPIC_BEST_SCORE, 0, 5);
    assert_int_equal(api->num(&handle, WN_TOPIC_BEST_SCORE, 0, &n), WN_OK);
    assert_int_equal(api->put(&handle, WN_ENCLOSURE_URL, 0, z("https://e.org/a.mp3")), WN_OK);
    assert_int_equal(handle.item->enclosures[0].length, -1);
    assert_int_equal(handle.item->enclosures[0].duration, -1);
}

static void test_bad_text_is_refused_or_cleaned(void **state)
{
    (void)state;
    api->put(&handle, WN_TITLE, 0, z("good"));
    assert_int_equal(api->put(&handle, WN_TITLE, 0, z("bad \xff")), WN_INVALID);
    assert_int_equal(api->put(&handle, WN_TITLE, 0, z("\xed\xa0\x80")), WN_INVALID);
    assert_text(WN_TITLE, 0, "good");
    assert_int_equal(api->put(&handle, WN_TITLE, 0, str_of("a\0b\1c\td", 7)), WN_OK);
    assert_text(WN_TITLE, 0, "abc\td");
}

static void test_limits(void **state)
{
    (void)state;
    size_t n = LIMIT_ITEM;
    char *big = malloc(n);
    assert_non_null(big);
    memset(big, 'x', n);
    assert_int_equal(api->put(&handle, WN_TITLE, 0, str_of(big, LIMIT_TITLE)), WN_OK);
    assert_int_equal(api->put(&handle, WN_TITLE, 0, str_of(big, LIMIT_TITLE + 1)), WN_LIMIT);
    assert_int_equal(api->put(&handle, WN_LINK, 0, str_of(big, LIMIT_URL + 1)), WN_LIMIT);
    handle.item->arena.max = 2 * LIMIT_ITEM;
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, str_of(big, n - 100)), WN_OK);
    assert_int_equal(api->put(&handle, WN_CONTENT, 0, str_of(big, n)),
                     WN_LIMIT); /* all copies together */
    wn_str content;
    assert_int_equal(api->str(&handle, WN_CONTENT, 0, &content), WN_OK);
    assert_int_equal(content.len, n - 100);
    assert_int_equal(api->put(&handle, WN_REMOVED_TEXT, 0, str_of(big, 10000)), WN_OK); /* cut */
    assert_int_equal(handle.item->removed[0].text.len, LIMIT_REMOVED_TEXT);
    free(big);
}

static void test_the_hosts_own_fields(void **state)
{
    (void)state;
    static const uint32_t strings[] = {WN_GUID, WN_SOURCE_URL, WN_SOURCE_TITLE, WN_SOURCE_LINK,
                                       WN_SOURCE_LANG};
    static const uint32_t numbers[] = {WN_ID, WN_REVISION, WN_ARRIVED, WN_DOCUMENT, WN_STORY};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(api->put(&handle, strings[i], 0, z("x")), WN_INVALID);
        assert_int_equal(api->put(&handle, strings[i], 0, str_of(NULL, 0)), WN_INVALID);
        assert_int_equal(api->put_num(&handle, numbers[i], 0, 1), WN_INVALID);
    }
    assert_int_equal(api->put(&handle, 63, 0, z("x")), WN_UNSUPPORTED);
    assert_int_equal(api->put(&handle, UINT32_MAX, 0, z("x")), WN_UNSUPPORTED);
    assert_int_equal(api->put_num(&handle, WN_PUBLISHED, 0, 253402300800), WN_INVALID);
    assert_int_equal(api->put_num(&handle, WN_PUBLISHED, 0, 253402300799), WN_OK);
    assert_int_equal(api->put(&handle, WN_PUBLISHED, 0, str_of(NULL, 0)), WN_OK);
    assert_true(handle.item->published == TIME_ABSENT);
    assert_int_equal(api->put_num(&handle, WN_SANITISED, 0, 2), WN_INVALID);
}

static void test_phases(void **state)
{
    (void)state;
    wn_str s;
    int64_t n;
    struct call other = {.phase = PHASE_ANALYSE};
    handle.writer = &other; /* another thread's item */
    assert_int_equal(api->put(&handle, WN_TITLE, 0, z("x")), WN_INVALID);
    assert_int_equal(api->put_num(&handle, WN_SANITISED, 0, 1), WN_INVALID);
    assert_int_equal(api->str(&handle, WN_TITLE, 0, &s), WN_ABSENT);
    call.phase = PHASE_CREATE;
    assert_int_equal(api->str(&handle, WN_TITLE, 0, &s), WN_INVALID);
    assert_int_equal(api->num(&handle, WN_ID, 0, &n), WN_INVALID);
    assert_int_equal(api->count(&handle, WN_TITLE), 0);
    filter_call_end();
    assert_int_equal(api->str(&handle, WN_TITLE, 0, &s), WN_INVALID);
    assert_int_equal(api->put(&handle, WN_TITLE, 0, z("x")), WN_INVALID);
    assert_int_equal(api->str(NULL, WN_TITLE, 0, &s), WN_INVALID);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_what_the_feed_said),
        T(test_put_content_clears_what_came_of_it),
        T(test_what_was_handed_out_stays),
        T(test_lists),
        T(test_authors_leave_contributors_alone),
        T(test_topics_and_enclosures),
        T(test_bad_text_is_refused_or_cleaned),
        T(test_limits),
        T(test_the_hosts_own_fields),
        T(test_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
