/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As built before constrain, forget and extension were there: its filter's table ends behind
 * judge, at the edge of readable memory, so that reading further is a crash.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../plugin/winnow_plugin.h"

#define OLD_SIZE (offsetof(wn_filter, judge) + sizeof(((wn_filter *)0)->judge))

static int create(const wn_api *api, wn_host *host, void **self)
{
    (void)api, (void)host;
    return (*self = malloc(1)) ? WN_OK : WN_NOMEM;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    static const char reason[] = "older filter on a newer host";
    (void)self, (void)item;
    verdict->reason.ptr = reason;
    verdict->reason.len = sizeof reason - 1;
    return WN_OK;
}

static int init(const wn_api *api, wn_host *host)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE))
        return WN_ERROR;
    wn_filter filter = {
        .size = OLD_SIZE, .name = "older", .create = create, .destroy = free, .judge = judge};
    void *at = p + page - OLD_SIZE;
    memcpy(at, &filter, OLD_SIZE);
    return api->add_filter(host, at);
}

const wn_plugin *winnow_plugin_register(uint32_t host_abi)
{
    static const wn_plugin plugin = {WN_ABI,       sizeof plugin, "older", "1",
                                     "Apache-2.0", "tests",       init};
    (void)host_abi;
    return &plugin;
}
