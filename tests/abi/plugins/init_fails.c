/* SPDX-License-Identifier: Apache-2.0 */
/* Its Init says no, with a reason. */
#include "../../../plugin/winnow_plugin.h"

static int init(const wn_api *api, wn_host *host)
{
    api->log(host, WN_LOG_ERROR, "the licence file is missing");
    return WN_ERROR;
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI, sizeof plugin, "init-fails", "1", "x", "tests", init};
    (void)host_abi;
    return &plugin;
}
