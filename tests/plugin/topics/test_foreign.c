/* SPDX-License-Identifier: Apache-2.0 */
/* A foreign host that gives the least loads topics.so and winnow.so, and topics come out: data
 * files are found beside the shared object, no option is needed. */
#include "host.h"

#include <dlfcn.h>
#include <stdio.h>

static const wn_filter *added[8];
static size_t n_added;

static int add_filter(wn_host *host, const wn_filter *filter)
{
    (void)host;
    added[n_added++] = filter;
    return WN_OK;
}

static void load(const char *file)
{
    char path[4096];
    wn_host host = {.log_level = 0};
    wn_api api = host_api;
    api.config = NULL;
    api.add_filter = add_filter;
    snprintf(path, sizeof path, "%s/%s", WINNOW_FILTERS_DIR, file);
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so)
        print_message("%s\n", dlerror());
    assert_non_null(so);
    const wn_plugin *(*reg)(uint32_t);
    *(void **)&reg = dlsym(so, "winnow_plugin_register");
    assert_non_null(reg);
    const wn_plugin *plugin = reg(WN_ABI);
    assert_non_null(plugin);
    n_added = 0;
    assert_int_equal(plugin->Init(&api, &host), WN_OK);
    const wn_filter *topics = NULL;
    for (size_t i = 0; i < n_added; i++)
        if (!strcmp(added[i]->name, "topics"))
            topics = added[i];
    assert_non_null(topics);
    void *self = NULL;
    assert_int_equal(topics->create(&api, &host, &self), WN_OK);
    wn_item *item = item_new("Ein Titel", "<p>Ein Text</p>");
    set(item, WN_CATEGORY_TERM, "Wetter");
    wn_verdict v = {.size = sizeof v, .kind = WN_KEEP, .score = 1};
    assert_int_equal(topics->analyse(self, NULL, &item, 1), WN_OK);
    assert_int_equal(topics->judge(self, item, &v), WN_OK);
    assert_true(tagged(item, "17000000") > 0);
    assert_int_equal(v.kind, WN_KEEP);
    const wn_topic_labels *labels = topics->extension(self, WN_TOPIC_LABELS);
    wn_str name;
    assert_int_equal(labels->label(self, wstr("17000000"), wstr("ru-RU"), &name), WN_OK);
    assert_int_equal(name.len, strlen("Погода"));
    assert_memory_equal(name.ptr, "Погода", name.len);
    assert_int_equal(labels->label(self, wstr("17000000"), wstr("sv"), &name), WN_OK);
    assert_memory_equal(name.ptr, "Weather", name.len);
    assert_int_equal(labels->label(self, wstr("nonsense"), wstr("en"), &name), WN_ABSENT);
    assert_null(topics->extension(self, "something/1"));
    item_free(item);
    topics->destroy(self);
}

static void test_topics_so(void **state)
{
    (void)state;
    load("topics.so");
}

static void test_bundle(void **state)
{
    (void)state;
    load("winnow.so");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topics_so),
        cmocka_unit_test(test_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
