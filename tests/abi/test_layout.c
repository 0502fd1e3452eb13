/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of plugin ABI 1.0, frozen: a filter that was built on the day of 1.0 finds every member
 * where it was. Tables may grow behind their last member; a number here never changes.
 *
 * winnow_plugin_1_0.h beside this file is the header of that day. What is built with it (the plugin
 * frozen.c) must go on working, and its lines of code must still be in the present header.
 */
#include "tests/support/test.h"

#include "plugin/winnow_plugin.h"
#include "plugin/winnow_topic_names.h"

#define AT(table, member, offset)                                                                  \
    _Static_assert(offsetof(table, member) == (offset), #table "." #member " moved")
/* What a host or filter allocates for the other side may only grow. */
#define SIZE(table, size) _Static_assert(sizeof(table) >= (size), #table " shrank")
#define IS(name, value) _Static_assert((name) == (value), #name " changed")

#if UINTPTR_MAX == 0xffffffffffffffff
AT(wn_str, ptr, 0);
AT(wn_str, len, 8);
SIZE(wn_str, 16);
AT(wn_verdict, size, 0);
AT(wn_verdict, kind, 8);
AT(wn_verdict, of, 16);
AT(wn_verdict, score, 24);
AT(wn_verdict, reason, 32);
AT(wn_verdict, evidence, 48);
SIZE(wn_verdict, 64);
AT(wn_option, key, 0);
AT(wn_option, type, 8);
AT(wn_option, per_source, 12);
AT(wn_option, def, 16);
AT(wn_option, choices, 24);
AT(wn_option, help, 32);
SIZE(wn_option, 40);
AT(wn_api, size, 0);
AT(wn_api, abi, 8);
AT(wn_api, host_name, 16);
AT(wn_api, host_version, 24);
AT(wn_api, log, 32);
AT(wn_api, add_filter, 40);
AT(wn_api, config, 48);
AT(wn_api, str, 56);
AT(wn_api, num, 64);
AT(wn_api, count, 72);
AT(wn_api, put, 80);
AT(wn_api, put_num, 88);
AT(wn_api, note, 96);
AT(wn_api, kv_get, 104);
AT(wn_api, kv_put, 112);
AT(wn_api, kv_scan, 120);
AT(wn_api, revise, 128);
AT(wn_api, extension, 136);
SIZE(wn_api, 144);
AT(wn_filter, size, 0);
AT(wn_filter, name, 8);
AT(wn_filter, options, 16);
AT(wn_filter, create, 24);
AT(wn_filter, destroy, 32);
AT(wn_filter, thread_enter, 40);
AT(wn_filter, thread_leave, 48);
AT(wn_filter, analyse, 56);
AT(wn_filter, observe, 64);
AT(wn_filter, judge, 72);
AT(wn_filter, constrain, 80);
AT(wn_filter, forget, 88);
AT(wn_filter, extension, 96);
SIZE(wn_filter, 104);
AT(wn_topic_labels, size, 0);
AT(wn_topic_labels, label, 8);
SIZE(wn_topic_labels, 16);
AT(wn_topic_names, size, 0);
AT(wn_topic_names, scheme, 8);
AT(wn_topic_names, term, 16);
AT(wn_topic_names, find, 24);
AT(wn_topic_names, top, 32);
AT(wn_topic_names, at, 40);
SIZE(wn_topic_names, 48);
AT(wn_plugin, abi, 0);
AT(wn_plugin, size, 8);
AT(wn_plugin, name, 16);
AT(wn_plugin, version, 24);
AT(wn_plugin, license, 32);
AT(wn_plugin, author, 40);
AT(wn_plugin, Init, 48);
SIZE(wn_plugin, 56);
/* These are handed over by value or in arrays: they can't grow at all. */
_Static_assert(sizeof(wn_str) == 16, "wn_str grew");
_Static_assert(sizeof(wn_option) == 40, "wn_option grew");
#endif

IS(WN_OK, 0);
IS(WN_ERROR, -1);
IS(WN_NOMEM, -2);
IS(WN_INVALID, -3);
IS(WN_ABSENT, -4);
IS(WN_LIMIT, -5);
IS(WN_UNSUPPORTED, -6);
IS(WN_LOG_ERROR, 0);
IS(WN_LOG_WARNING, 1);
IS(WN_LOG_INFO, 2);
IS(WN_LOG_DEBUG, 3);
IS(WN_ID, 1);
IS(WN_REVISION, 2);
IS(WN_GUID, 3);
IS(WN_LINK, 4);
IS(WN_TITLE, 5);
IS(WN_SUMMARY, 6);
IS(WN_CONTENT, 7);
IS(WN_DECLARED_LANG, 8);
IS(WN_PUBLISHED, 9);
IS(WN_UPDATED, 10);
IS(WN_ARRIVED, 11);
IS(WN_AUTHOR, 12);
IS(WN_SOURCE_URL, 13);
IS(WN_SOURCE_TITLE, 14);
IS(WN_SOURCE_LINK, 15);
IS(WN_SOURCE_LANG, 16);
IS(WN_CATEGORY_TERM, 20);
IS(WN_CATEGORY_SCHEME, 21);
IS(WN_CATEGORY_LABEL, 22);
IS(WN_ENCLOSURE_URL, 24);
IS(WN_ENCLOSURE_TYPE, 25);
IS(WN_LINK_HREF, 28);
IS(WN_LINK_REL, 29);
IS(WN_LINK_HREFLANG, 30);
IS(WN_DOCUMENT, 31);
IS(WN_TEXT, 40);
IS(WN_DETECTED_LANG, 41);
IS(WN_VECTOR, 42);
IS(WN_SANITISED, 43);
IS(WN_TOPIC_ID, 44);
IS(WN_TOPIC_SCORE, 45);
IS(WN_TOPIC_BEST_ID, 46);
IS(WN_TOPIC_BEST_SCORE, 47);
IS(WN_REMOVED_RULE, 50);
IS(WN_REMOVED_TEXT, 51);
IS(WN_REMOVED_PLACE, 52);
IS(WN_STORY, 53);
IS(WN_KEEP, 0);
IS(WN_RELATED, 1);
IS(WN_EDITION, 2);
IS(WN_DUPLICATE, 3);
IS(WN_DROP, 4);
IS(WN_FREE, 0);
IS(WN_TOGETHER, 1);
IS(WN_APART, 2);
IS(WN_OPT_BOOL, 0);
IS(WN_OPT_INT, 1);
IS(WN_OPT_NUMBER, 2);
IS(WN_OPT_STRING, 3);
IS(WN_OPT_CHOICE, 4);
IS(WN_OPT_DURATION, 5);
IS(WN_OPT_LIST, 6);
IS(WN_OPT_MAP, 7);
IS(WN_OPT_PATH, 8);
IS(WN_OPT_JSON, 9);
IS(WN_ABI_MAJOR, 1u);

/* Every line of code of the old header, in its order, is in the new one. */
static void the_header_only_grew(void **state)
{
    (void)state;
    char then[512], now[512];
    FILE *old = fopen(WINNOW_SOURCE_DIR "/tests/abi/winnow_plugin_1_0.h", "re");
    FILE *fresh = fopen(WINNOW_SOURCE_DIR "/plugin/winnow_plugin.h", "re");
    assert_non_null(old);
    assert_non_null(fresh);
    int comment = 0;
    while (fgets(then, sizeof then, old)) {
        /* Comments may be said better; what stands before one on a line counts. */
        char *begin = strstr(then, "/*"), *end = strstr(then, "*/");
        int was_comment = comment;
        comment = (comment || begin) && !(end && end > (begin ? begin : then));
        if (was_comment)
            continue;
        if (begin)
            *begin = '\0';
        size_t n = strcspn(then, "\n");
        while (n && then[n - 1] == ' ')
            n--;
        if (!n || strstr(then, "WN_ABI_MINOR "))
            continue;
        do {
            if (!fgets(now, sizeof now, fresh))
                fail_msg("gone from the header, or out of its place: %.*s", (int)n, then);
        } while (strncmp(now, then, n) != 0);
    }
    fclose(old);
    fclose(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_only_grew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
