/* SPDX-License-Identifier: Apache-2.0 */
/* Any response head, line by line, and any conditional header of a client. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host-stub/fetch_address.h"
#include "host-stub/fetch_header.h"
#include "host-stub/limits.h"
#include "host-stub/serve_internal.h"
#include "host-stub/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct response r;
    response_init(&r);
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t n = end ? (size_t)(end - text) + 1 - at : size - at;
        /* A copy of its own, so that a step behind the line is seen. */
        char *line = malloc(n);
        memcpy(line, text + at, n);
        int status = response_line(&r, line, n);
        free(line);
        if (status)
            break;
        if (response_freshness(&r, 1700000000) < -1 || response_retry(&r, 1700000000) < -1)
            abort();
        if (r.etag && (strlen(r.etag) > LIMIT_VALIDATOR || strpbrk(r.etag, "\r\n")))
            abort();
        at += n;
    }
    response_finish(&r);
    char *z = strndup(text, size);
    etag_listed(z, "0123456789abcdef");
    gzip_accepted(z);
    address_text_is_public(z, 1);
    free(z);
    return 0;
}
