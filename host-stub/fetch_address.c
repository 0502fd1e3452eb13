/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The special-purpose IPv4 blocks, none of which a public feed lives in. */
static const struct {
    uint32_t net;
    int bits;
} special4[] = {
    {0x00000000, 8},  /* "this network"; Linux connects 0.0.0.0 to the loopback */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* carrier-grade NAT */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local, cloud metadata among them */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* IETF protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays, retired */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static int public4(uint32_t a)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
        if ((a ^ special4[i].net) >> (32 - special4[i].bits) == 0)
            return 0;
    return 1;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Whether the first `bits` bits of a are those of net. */
static int within(const uint8_t a[16], const uint8_t *net, int bits)
{
    int whole = bits / 8, rest = bits % 8;
    if (memcmp(a, net, (size_t)whole))
        return 0;
    return !rest || (a[whole] ^ net[whole]) >> (8 - rest) == 0;
}

/* Refuses by default: IPv6 has given out 2000::/3 alone, so whatever lies outside is special. */
static int public6(const uint8_t a[16])
{
    static const uint8_t zero[16];
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t translated[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0};
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    static const uint8_t ietf[3] = {0x20, 0x01, 0x00}; /* 2001::/23: Teredo, ORCHID, benchmarks */
    static const uint8_t docs[4] = {0x20, 0x01, 0x0d, 0xb8};
    static const uint8_t docs2[3] = {0x3f, 0xff, 0x00}; /* 3fff::/20 */
    static const uint8_t sixto4[2] = {0x20, 0x02};
    if (within(a, mapped, 96) || within(a, translated, 96) || within(a, nat64, 96))
        return public4(be32(a + 12));
    if (within(a, sixto4, 16))
        return public4(be32(a + 2));
    if (within(a, zero, 96) || (a[0] & 0xe0) != 0x20)
        return 0;
    return !within(a, ietf, 23) && !within(a, docs, 32) && !within(a, docs2, 20);
}

int address_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return public6(in.sin6_addr.s6_addr);
    }
    return 0;
}

void address_text(const struct sockaddr *address, char to[64])
{
    snprintf(to, 64, "an unknown family");
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        inet_ntop(AF_INET, &in.sin_addr, to, 64);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        inet_ntop(AF_INET6, &in.sin6_addr, to, 64);
    }
}

int address_text_is_public(const char *text, int otherwise)
{
    char name[INET6_ADDRSTRLEN + 24];
    size_t n = strlen(text);
    if (n > 1 && text[0] == '[' && text[n - 1] == ']') {
        text++;
        n -= 2;
    }
    if (n >= sizeof name)
        return otherwise;
    memcpy(name, text, n);
    name[n] = '\0';
    char *zone = strchr(name, '%');
    if (zone)
        *zone = '\0';
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return public4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, name, &v6) == 1)
        return public6(v6.s6_addr);
    return otherwise;
}
