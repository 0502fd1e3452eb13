/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h: the one list of what functions of the host return: 0, or one of these negatives.
 * Pure; any thread.
 */
#ifndef WINNOW_STATUS_H
#define WINNOW_STATUS_H

#define STATUS_LIST(X)                                                                             \
    X(NOMEM, -1, "out of memory")                                                                  \
    X(LIMIT, -2, "larger than the limit")                                                          \
    X(IO, -3, "input/output error")                                                                \
    X(FULL, -4, "no space left on device")                                                         \
    X(ABSENT, -5, "not there")                                                                     \
    X(INVALID, -6, "not valid")                                                                    \
    X(SYNTAX, -7, "malformed")                                                                     \
    X(NOTFEED, -8, "not a feed")                                                                   \
    X(BUSY, -9, "in use by another process")                                                       \
    X(CORRUPT, -10, "damaged")                                                                     \
    X(TIMEOUT, -11, "timed out")                                                                   \
    X(NET, -12, "network error")                                                                   \
    X(HTTP, -13, "refused by the server")                                                          \
    X(REFUSED, -14, "not allowed")                                                                 \
    X(CANCELLED, -15, "cancelled")                                                                 \
    X(FILTER, -16, "a filter failed")                                                              \
    X(VERSION, -17, "made by another version")                                                     \
    X(USAGE, -18, "usage or configuration error")

enum status {
    OK = 0,
#define X(name, value, text) E_##name = value,
    STATUS_LIST(X)
#undef X
};

/* The text of a status, static; "unknown error" for what isn't in the list. */
const char *status_text(int status);

#endif
