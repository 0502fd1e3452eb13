/* SPDX-License-Identifier: Apache-2.0 */
#include "editions.h"

#include <stdlib.h>

struct editions {
    const wn_api *api;
    wn_host *host;
};

static int create(const wn_api *api, wn_host *host, void **self)
{
    struct editions *f = calloc(1, sizeof *f);
    if (!f)
        return WN_NOMEM;
    f->api = api;
    f->host = host;
    *self = f;
    return WN_OK;
}

static int judge(void *self, wn_item *item, wn_verdict *verdict)
{
    (void)self;
    (void)item;
    (void)verdict;
    return WN_OK;
}

const wn_filter editions_filter = {
    .size = sizeof(wn_filter),
    .name = "editions",
    .create = create,
    .destroy = free,
    .judge = judge,
};
