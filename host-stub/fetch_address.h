/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch_address.h: which network addresses a feed may be fetched from. Pure; any thread.
 *
 * Whoever runs a feed, or a server that a feed redirects to, chooses the addresses that its name
 * resolves to. Without a check a feed could make Winnow read a router's page, a cloud machine's
 * metadata service or a database on the loopback, and publish the answer. So the check is made on
 * the resolved address of each connection and not on the name.
 *
 * Sources: the IANA special-purpose address registries (RFC 6890), RFC 4291 (IPv6), RFC 6052 and
 * RFC 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6598 (carrier-grade NAT).
 */
#ifndef WINNOW_FETCH_ADDRESS_H
#define WINNOW_FETCH_ADDRESS_H

#include <sys/socket.h>

/* 1: a public unicast address. 0: anything else, also a family other than IPv4 and IPv6. IPv6 forms
 * that carry an IPv4 address (mapped, translated, NAT64, 6to4) are judged by that address. */
int address_is_public(const struct sockaddr *address);
/* The same for an address in text, as curl reports it ("192.0.2.1", "2001:db8::1", brackets
 * allowed). What isn't an address gives `otherwise`. */
int address_text_is_public(const char *text, int otherwise);
/* The address in numbers, "192.0.2.1" or "2001:db8::1"; to: 64 bytes. */
void address_text(const struct sockaddr *address, char to[64]);

#endif
