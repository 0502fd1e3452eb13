/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.h: the address of `serve: {listen: HOST:PORT}`, taken apart. The configuration refuses with it
 * what the server could not use. Owns nothing; any thread.
 */
#ifndef WINNOW_LISTEN_H
#define WINNOW_LISTEN_H

#include <stddef.h>

/*
 * "127.0.0.1:8080", "[::1]:8080", "localhost:0", ":8080" (all addresses). The host goes into `host` (n bytes),
 * *port points at the digits within `listen`. E_INVALID: no port, one above 65535, IPv6 without
 * brackets, digits that are no address (300.1.1.1), or a host of n bytes or more; the outputs are untouched then.
 */
int listen_split(const char *listen, char *host, size_t n, const char **port);

#endif
