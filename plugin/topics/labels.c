/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions WN_TOPIC_LABELS and WN_TOPIC_NAMES: what topics are called. */
#include <string.h>

#include "../winnow_topic_names.h"
#include "instance.h"

#define SCHEME "http://cv.iptc.org/newscodes/mediatopic/"

static const wn_str absent = {NULL, 0};

static int label(void *self, wn_str id, wn_str lang, wn_str *out)
{
    const struct topics *f = self;
    uint16_t topic = vocabulary_id(f->vocabulary, id);
    if (topic == TOPIC_NONE)
        return WN_ABSENT;
    *out = vocabulary_label(f->vocabulary, topic, vocabulary_lang(lang));
    return WN_OK;
}

static wn_str scheme(void *self, wn_str id)
{
    const struct topics *f = self;
    uint16_t topic = vocabulary_id(f->vocabulary, id);
    return topic < f->vocabulary->n_iptc ? (wn_str){SCHEME, sizeof SCHEME - 1} : absent;
}

static wn_str term(void *self, wn_str id)
{
    const struct topics *f = self;
    uint16_t topic = vocabulary_id(f->vocabulary, id);
    return topic == TOPIC_NONE ? absent : f->vocabulary->topics[topic].term;
}

static wn_str find(void *self, wn_str name)
{
    const struct topics *f = self;
    uint16_t topic = mapping_find(f->mapping, name);
    return topic == TOPIC_NONE ? absent : f->vocabulary->topics[topic].id;
}

static wn_str top(void *self, wn_str id)
{
    const struct topics *f = self;
    uint16_t topic = vocabulary_id(f->vocabulary, id);
    if (topic != TOPIC_NONE)
        topic = f->vocabulary->topics[topic].top;
    return topic == TOPIC_NONE ? absent : f->vocabulary->topics[topic].id;
}

static wn_str at(void *self, uint32_t index)
{
    const struct topics *f = self;
    return index < f->vocabulary->n ? f->vocabulary->topics[index].id : absent;
}

const void *instance_extension(void *self, const char *id)
{
    static const wn_topic_labels labels = {.size = sizeof labels, .label = label};
    static const wn_topic_names names = {
        .size = sizeof names,
        .scheme = scheme,
        .term = term,
        .find = find,
        .top = top,
        .at = at,
    };
    (void)self;
    if (strcmp(id, WN_TOPIC_LABELS) == 0)
        return &labels;
    return strcmp(id, WN_TOPIC_NAMES) == 0 ? &names : NULL;
}
