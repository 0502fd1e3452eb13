/* SPDX-License-Identifier: Apache-2.0 */
/*
 * small_host.h: a host of one filter in a few hundred lines, in memory, for tests and measuring of
 * filters: items from plain strings, notes, kv, verdicts and revisions kept, stories as the host
 * would make them. One thread. Everything belongs to the small_host until small_host_finish.
 */
#ifndef WINNOW_TEST_SMALL_HOST_H
#define WINNOW_TEST_SMALL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin/winnow_plugin.h"

#define SMALL_LINKS 4

struct small_item {
    int64_t id, arrived, published; /* published 0: absent */
    const char *title, *text;       /* NULL: absent; kept by the caller */
    const char *content;            /* HTML */
    const char *lang, *link, *guid, *source;
    const char *href[SMALL_LINKS], *hreflang[SMALL_LINKS]; /* up to the first NULL */
    const char *picture;
    /* What the filter put and said. */
    char *put_text, *put_lang;
    size_t put_text_len;
    unsigned char *put_vector;
    size_t put_vector_len;
    void *note;
    uint32_t kind;
    int64_t of;
    double score;
    char reason[200], evidence[300];
    unsigned revisions;
};

struct small_kv {
    char *key, *value;
    size_t key_len, value_len;
};

struct small_host {
    wn_api api;
    const wn_filter *filter;
    void *self, *thread;
    struct small_item *items; /* sorted by nothing: items[i].id is i + 1 unless set */
    size_t n, cap;
    struct small_kv *kv;
    size_t n_kv, cap_kv;
    bool without_kv;            /* set before small_host_start: a foreign host */
    const char *options[16][2]; /* key and value as handed over; up to the first NULL */
    char log[2000];             /* the last message */
    unsigned revisions;
};

void small_host_init(struct small_host *h);
/* Creates the filter; what create returned. */
int small_host_start(struct small_host *h, const wn_filter *filter);
/* Destroys and creates it anew over the same kv and items, as a restart does. */
int small_host_restart(struct small_host *h);
void small_host_finish(struct small_host *h);

/* Adds an item (copied; its strings are not) with the next id; returns its index. */
size_t small_host_add(struct small_host *h, const struct small_item *item);
/* Passes items[from..to-1] through analyse, together, and judge, one by one. First error or WN_OK.
 */
int small_host_run(struct small_host *h, size_t from, size_t to);
/* Stories as connected items: story[i] is the smallest index of i's. */
void small_host_stories(const struct small_host *h, uint32_t *story);

#endif
