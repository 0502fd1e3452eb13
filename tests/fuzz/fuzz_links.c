/* SPDX-License-Identifier: Apache-2.0 */
/* Any page: what it names as feeds is bounded, absolute and http. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host-stub/discover.h"
#include "host-stub/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed_links links;
    discover_links((const char *)data, size, "https://example.org/blog/page.html", &links);
    if (links.n > DISCOVER_LINKS)
        abort();
    for (size_t i = 0; i < links.n; i++)
        if (strlen(links.urls[i]) > LIMIT_URL || strchr(links.urls[i], '#') ||
            (strncasecmp(links.urls[i], "http://", 7) && strncasecmp(links.urls[i], "https://", 8)))
            abort();
    feed_links_finish(&links);
    return 0;
}
