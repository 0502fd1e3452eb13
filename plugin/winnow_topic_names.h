/* SPDX-License-Identifier: Apache-2.0 */
/*
 * winnow_topic_names.h: the extension "winnow.topic-names/1" of filters that tag topics: what a host
 * may ask about topics beyond their labels (WN_TOPIC_LABELS of winnow_plugin.h). The table is what
 * wn_filter.extension(self, WN_TOPIC_NAMES) returns; NULL: the filter doesn't have it. Only a host
 * that routes by topic, or writes the coded categories of IPTC itself, needs this header.
 *
 * A topic on an item (WN_TOPIC_ID) is either eight digits, an IPTC Media Topic, or "own:" and a
 * name from the configuration. The two are written differently in a feed:
 *   IPTC: <category scheme="http://cv.iptc.org/newscodes/mediatopic/" term="medtop:11000000"
 *         label="Politik"/> and the plain label as a category of its own
 *   own:  <category term="Iran" label="Iran"/>
 * scheme() and term() give those parts for either. A label in a language that has none is the
 * English one.
 *
 * Ownership: strings belong to the filter instance and live as long as it. Threads: [any].
 */
#ifndef WINNOW_TOPIC_NAMES_H
#define WINNOW_TOPIC_NAMES_H

#include "winnow_plugin.h"

#define WN_TOPIC_NAMES "winnow.topic-names/1"

typedef struct wn_topic_names {
    size_t size; /* sizeof(wn_topic_names) of the filter; grows at the end only */

    /* The category scheme; absent for an own topic and for an unknown id. */
    wn_str (*scheme)(void *self, wn_str id);

    /* The category term: "medtop:11000000", or an own topic's name; absent for an unknown id. */
    wn_str (*term)(void *self, wn_str id);

    /* The topic that a name means, in any of the 15 languages and with or without "medtop:";
     * the id, or absent. For configurations: "Sport", "medtop:15000000", 15000000. */
    wn_str (*find)(void *self, wn_str name);

    /* The top-level topic that this one belongs to: itself for a top-level one, absent for an own
     * topic and for an unknown id. */
    wn_str (*top)(void *self, wn_str id);

    /* The id of topic number `index`, counted from 0, own topics last; absent past the end. */
    wn_str (*at)(void *self, uint32_t index);
} wn_topic_names;

#endif
