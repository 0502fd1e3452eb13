/* SPDX-License-Identifier: Apache-2.0 */
/* Built with the header of ABI 1.0 as it was on its day, whatever the present one says. */
#include <stdlib.h>

#include "../winnow_plugin_1_0.h"

static int create(const wn_api *api, wn_host *host, void **self)
{
    (void)host;
    *self = (void *)(uintptr_t)api;
    return WN_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    const wn_api *api = self;
    wn_str title;
    static const char word[] = "made for 1.0";
    if (api->str(item, WN_TITLE, 0, &title) != WN_OK)
        return WN_OK;
    verdict->reason.ptr = word;
    verdict->reason.len = sizeof word - 1;
    return api->put(item, WN_CATEGORY_TERM, api->count(item, WN_CATEGORY_TERM), title);
}

static int init(const wn_api *api, wn_host *host)
{
    static const wn_filter filter = {.size = sizeof filter,
                                     .name = "frozen",
                                     .create = create,
                                     .destroy = destroy,
                                     .judge = judge};
    return api->add_filter(host, &filter);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof plugin, "frozen", "1",
                                     "Apache-2.0", "tests",       init};
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : NULL;
}
