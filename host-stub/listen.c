/* SPDX-License-Identifier: Apache-2.0 */
/* The address to serve at, taken apart. */
#include "listen.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

/* A host that can only be meant as an address must be one: 300.1.1.1 would be found out by the
 * server's start alone. Names are for the resolver to judge. */
static int bad_address(const char *host, size_t n, int brackets)
{
    char text[256];
    struct in6_addr address;
    if (!n || n >= sizeof text)
        return 0;
    memcpy(text, host, n);
    text[n] = '\0';
    text[strcspn(text, "%")] = '\0'; /* fe80::1%eth0 */
    if (brackets)
        return inet_pton(AF_INET6, text, &address) != 1;
    return text[strspn(text, "0123456789.")] == '\0' && inet_pton(AF_INET, text, &address) != 1;
}

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
    if (bad_address(from, (size_t)(to - from), *listen == '['))
        return E_INVALID;
    if ((size_t)(to - from) >= n || !colon[1] ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5 ||
        atoi(colon + 1) > 65535)
        return E_INVALID;
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    *port = colon + 1;
    return OK;
}
