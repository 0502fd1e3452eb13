/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As built with a later minor version: every table has members at its end that this host doesn't
 * know, and the newer members of the host's table are looked for before they are called.
 */
#include <stdlib.h>

#include "../../../plugin/winnow_plugin.h"

struct newer_filter {
    wn_filter known;
    int (*unknown)(void *self);
    void *more[8];
};

struct newer_plugin {
    wn_plugin known;
    const char *homepage;
};

struct newer_api {
    wn_api known;
    int (*unknown)(wn_host *host);
};

static int saw_unknown;

static int unknown(void *self)
{
    (void)self;
    return WN_ERROR;
}

static int create(const wn_api *api, wn_host *host, void **self)
{
    const struct newer_api *newer = (const void *)api;
    (void)host;
    saw_unknown = api->size >= sizeof *newer && newer->unknown;
    return (*self = malloc(1)) ? WN_OK : WN_NOMEM;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    static const char reason[] = "newer filter on an older host";
    (void)self, (void)item;
    if (saw_unknown)
        return WN_ERROR;
    verdict->reason.ptr = reason;
    verdict->reason.len = sizeof reason - 1;
    return WN_OK;
}

static int init(const wn_api *api, wn_host *host)
{
    static const struct newer_filter filter = {
        {.size = sizeof(struct newer_filter),
         .name = "newer",
         .create = create,
         .destroy = free,
         .judge = judge},
        unknown,
        {NULL},
    };
    return api->add_filter(host, &filter.known);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const struct newer_plugin plugin = {
        {WN_ABI + 9, sizeof plugin, "newer", "2", "Apache-2.0", "tests", init},
        "https://example.org/",
    };
    return host_abi >> 16 == WN_ABI_MAJOR ? &plugin.known : NULL;
}
