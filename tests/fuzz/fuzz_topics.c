/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The topics filter on anything: the first byte chooses a language, then title, text and categories
 * are parted by newlines. Whatever stands there, scores stay in their range and topics known.
 */
#include "../eval/topics_item.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *make(void)
{
    static struct wn_host host = {{{"data", WINNOW_FILTERS_DIR}}};
    void *self = NULL;
    if (topics_filter.create(&item_api, &host, &self))
        abort();
    return self;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const langs[] = {"",   "en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi",
                                        "th", "id", "ms", "de", "ru", "fr",      "es",      "pt"};
    static void *self, *thread;
    static wn_item item;
    wn_item *items[] = {&item};
    wn_verdict verdict = {.size = sizeof verdict};
    if (!self) {
        self = make();
        thread = topics_filter.thread_enter(self);
    }
    if (!size)
        return 0;
    memset(&item, 0, sizeof item);
    const char *lang = langs[data[0] % 16];
    if (*lang)
        item.lang = (wn_str){lang, strlen(lang)};
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    for (size_t i = 0; at < end && i < 2 + ITEM_CATEGORIES; i++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            stop = end;
        wn_str s = {at, (size_t)(stop - at)};
        if (i == 0)
            item.title = s;
        else if (i == 1)
            item.text = s;
        else
            item.categories[item.n_categories++] = s;
        at = stop < end ? stop + 1 : end;
    }
    if (topics_filter.analyse(self, thread, items, 1) || topics_filter.judge(self, &item, &verdict))
        abort();
    for (uint32_t i = 0; i < item.n_topics; i++)
        if (item.scores[i] < 0 || item.scores[i] > 1000000 || strlen(item.topics[i]) != 8)
            abort();
    if (strlen(item.best) != 8 || item.best_score < 0 || item.best_score > 1000000)
        abort();
    return 0;
}
