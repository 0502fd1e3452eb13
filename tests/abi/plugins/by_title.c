/* SPDX-License-Identifier: Apache-2.0 */
/* A filter for tests of what the host makes of verdicts: an item with the title of an earlier one
 * is its duplicate. It knows nothing of rulings: those must hold all the same. */
#include <string.h>

#include "../../../plugin/winnow_plugin.h"

static const wn_api *api;

static int create(const wn_api *host_api, wn_host *host, void **self)
{
    api = host_api;
    *self = host;
    return WN_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    wn_str title, before;
    int64_t id = 0, of = 0;
    if (api->str(item, WN_TITLE, 0, &title) || api->num(item, WN_ID, 0, &id))
        return WN_OK;
    if (api->kv_get(self, title, &before) == WN_OK && before.len == sizeof of)
        memcpy(&of, before.ptr, sizeof of);
    if (of && of != id) {
        verdict->kind = WN_DUPLICATE;
        verdict->of = of;
        verdict->score = 0.75;
        verdict->reason = (wn_str){"the same title", 14};
        verdict->evidence = (wn_str){"title=1", 7};
        return WN_OK;
    }
    return api->kv_put(self, title, (wn_str){(const char *)&id, sizeof id}, 0);
}

static int init(const wn_api *host_api, wn_host *host)
{
    static const wn_filter filter = {.size = sizeof filter,
                                     .name = "by-title",
                                     .create = create,
                                     .destroy = destroy,
                                     .judge = judge};
    return host_api->add_filter(host, &filter);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof plugin, "by-title", "1",
                                     "Apache-2.0", "tests",       init};
    (void)host_abi;
    return &plugin;
}
