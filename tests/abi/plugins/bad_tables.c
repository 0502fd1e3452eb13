/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to register filters that a host must refuse; goes on with one that is well. */
#include <stddef.h>

#include "../../../plugin/winnow_plugin.h"

static int create(const wn_api *api, wn_host *host, void **self)
{
    (void)api, (void)host;
    *self = NULL;
    return WN_OK;
}

static void destroy(void *self)
{
    (void)self;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    (void)self, (void)item, (void)verdict;
    return WN_OK;
}

static int init(const wn_api *api, wn_host *host)
{
    static const wn_filter small = {.size = 24, .name = "small"};
    static const wn_filter named = {sizeof named, "No Such Name", NULL, create, destroy,
                                    NULL,         NULL,           NULL, NULL,   judge,
                                    NULL,         NULL,           NULL};
    static const wn_filter mute = {
        .size = sizeof mute, .name = "mute", .create = create, .destroy = destroy};
    static const wn_filter well = {sizeof well, "well", NULL,  create, destroy, NULL, NULL,
                                   NULL,        NULL,   judge, NULL,   NULL,    NULL};
    if (api->add_filter(host, &small) == WN_OK || api->add_filter(host, &named) == WN_OK ||
        api->add_filter(host, &mute) == WN_OK || api->add_filter(host, NULL) == WN_OK)
        return WN_ERROR;
    int status = api->add_filter(host, &well);
    return status ? status : api->add_filter(host, &well) == WN_OK ? WN_ERROR : WN_OK;
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI, sizeof plugin, "bad-tables", "1", "x", "tests", init};
    (void)host_abi;
    return &plugin;
}
