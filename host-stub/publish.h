/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish.h: the publisher: a thread that renders the outputs from a read snapshot after commits,
 * at most once a second (and never more than a tenth of its time), streaming into a temporary file,
 * fsync, rename, fsync of the folder. At start it publishes if the published generation is older
 * than the committed one.
 */
#ifndef WINNOW_PUBLISH_H
#define WINNOW_PUBLISH_H

#include "config.h"
#include "store.h"
#include "topic_choice.h"

struct publisher;

struct publish_options {
    const struct config *config;
    struct store *store;
    /* Called on the publisher's thread after each file is in place: format, path, generation. */
    void (*published)(void *user, const struct output *output, int64_t generation);
    /* Called when an output can't be written, and again (status OK) when it can: the alarm. */
    void (*alarm)(void *user, const struct output *output, int status, const char *message);
    wn_str (*topic_label)(void *user, wn_str topic, wn_str lang); /* may be NULL; any thread */
    /* What an output's topics mean; NULL: its keys are ids and mean themselves alone. */
    int (*topic_choice)(void *user, const struct output *output, struct topic_choice *choice);
    void *user;
};

int publisher_start(const struct publish_options *options, struct publisher **publisher);
/* [any] There is a newer generation. */
void publisher_cue(struct publisher *publisher, int64_t generation);
/* Publishes what is committed, joins. *status: the worst of the last round. */
int publisher_stop(struct publisher *publisher);

#endif
