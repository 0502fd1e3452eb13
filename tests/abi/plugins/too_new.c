/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the host too old. */
#include "../../../plugin/winnow_plugin.h"

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    (void)host_abi;
    return NULL;
}
