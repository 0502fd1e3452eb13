/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve_internal.h"

int etag_listed(const char *list, const char *tag)
{
    size_t n = strlen(tag);
    for (;;) {
        list += strspn(list, " \t,");
        if (*list == '*')
            return 1;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (*list != '"') { /* not a list of tags from here on */
            return 0;
        }
        const char *start = ++list;
        list = strchr(start, '"');
        if (!list)
            return 0;
        if ((size_t)(list - start) == n && memcmp(start, tag, n) == 0)
            return 1;
        list++;
    }
}

/* The weight of an element such as "gzip;q=0.5": 0 or not is all that matters. */
static int wanted(const char *p, const char *end)
{
    for (; p < end; p++)
        if (*p == ';') {
            do
                p++;
            while (p < end && (*p == ' ' || *p == '\t'));
            if (end - p > 2 && (*p == 'q' || *p == 'Q') && p[1] == '=') {
                for (p += 2; p < end; p++)
                    if (*p >= '1' && *p <= '9')
                        return 1;
                return 0;
            }
        }
    return 1;
}

int gzip_accepted(const char *accept)
{
    int any = 0;
    while (*accept) {
        accept += strspn(accept, " \t,");
        const char *end = accept + strcspn(accept, ",");
        size_t n = strcspn(accept, ",; \t");
        if ((n == 4 && !strncasecmp(accept, "gzip", 4)) ||
            (n == 6 && !strncasecmp(accept, "x-gzip", 6)))
            return wanted(accept, end);
        if (n == 1 && *accept == '*')
            any = wanted(accept, end);
        accept = end;
    }
    return any;
}
