/* SPDX-License-Identifier: Apache-2.0 */
/* Built for a major version that the host does not have; what follows the first member is not read.
 */
#include "../../../plugin/winnow_plugin.h"

static int init(const wn_api *api, wn_host *host)
{
    (void)api, (void)host;
    return WN_OK;
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {
        (WN_ABI_MAJOR + 1) << 16, 0, "wrong-major", "1", "x", "tests", init};
    (void)host_abi;
    return &plugin;
}
