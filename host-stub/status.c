/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

const char *status_text(int status)
{
    switch (status) {
    case OK:
        return "ok";
#define X(name, value, text)                                                                       \
    case value:                                                                                    \
        return text;
        STATUS_LIST(X)
#undef X
    default:
        return "unknown error";
    }
}
