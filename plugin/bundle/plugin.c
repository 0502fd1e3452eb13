/* SPDX-License-Identifier: Apache-2.0 */
/* winnow.so: all three filters in one plugin, in the order in which they belong. */
#include "../boilerplate/boilerplate.h"
#include "../editions/editions.h"
#include "../topics/topics.h"

static int init(const wn_api *api, wn_host *host)
{
    static const wn_filter *const filters[] = {&boilerplate_filter, &editions_filter,
                                               &topics_filter};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        int status = api->add_filter(host, filters[i]);
        if (status)
            return status;
    }
    return WN_OK;
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {
        .abi = WN_ABI,
        .size = sizeof(wn_plugin),
        .name = "winnow",
        .version = WINNOW_VERSION,
        .license = "Apache-2.0",
        .author = "The Winnow developers",
        .Init = init,
    };
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : NULL;
}
