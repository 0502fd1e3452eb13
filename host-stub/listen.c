/* SPDX-License-Identifier: Apache-2.0 */
/* The address to serve at, taken apart. */
#include "listen.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

int listen_split(const char *listen, char *host, size_t n, const char **port)
{
    const char *colon = strrchr(listen, ':');
    if (!colon)
        return E_INVALID;
    const char *from = listen, *to = colon;
    if (*from == '[') {
        from++;
        if (to == listen || *--to != ']')
            return E_INVALID;
    } else if (memchr(from, ':', (size_t)(to - from))) {
        return E_INVALID; /* IPv6 wants its brackets */
    }
    if ((size_t)(to - from) >= n || !colon[1] ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5 ||
        atoi(colon + 1) > 65535)
        return E_INVALID;
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    *port = colon + 1;
    return OK;
}
