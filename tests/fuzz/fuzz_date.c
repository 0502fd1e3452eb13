/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a date: it ends, and what is a date prints as one that reads as the same. */
#include <stdlib.h>

#include "host-stub/date.h"
#include "host-stub/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t t, again;
    char text[32];
    if (date_parse(str_of((const char *)data, size), &t))
        return 0;
    date_format(t, text);
    int status = date_parse(str_z(text), &again);
    /* The edges of what is accepted may be crossed by the zone. */
    if (status ? status != E_INVALID : again != t)
        abort();
    return 0;
}
