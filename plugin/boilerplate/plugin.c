/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin around the boilerplate filter alone. */
#include "boilerplate.h"

static int init(const wn_api *api, wn_host *host)
{
    return api->add_filter(host, &boilerplate_filter);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {
        .abi = WN_ABI,
        .size = sizeof(wn_plugin),
        .name = "boilerplate",
        .version = WINNOW_VERSION,
        .license = "Apache-2.0",
        .author = "The Winnow developers",
        .Init = init,
    };
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin : NULL;
}
