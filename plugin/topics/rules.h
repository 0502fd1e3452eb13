/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: the options `drop` and `topics` of the configuration, from JSON to what the filter runs.
 *
 *   drop: {topic: 15000000}                          nothing about sport
 *   drop: [{topic: [Sport, Celebrities], above: 0.8, unless: Football}]
 *   drop: {unless: [Politics, Iran]}                 only what is about these
 *   topics:
 *     - {name: Iran, words: [Iran, Teheran*, 이란], like: ["a headline as it should be"]}
 *
 * Ownership: the caller's memory; rules hold numbers only. Threads: [main] to read, any to ask.
 */
#ifndef WINNOW_TOPICS_RULES_H
#define WINNOW_TOPICS_RULES_H

#include "mapping.h"
#include "terms.h"
#include "vocabulary.h"

#define RULES_MAX 32
#define RULE_TOPICS 32
#define OWN_TERMS 1000 /* words of one own topic */
#define OWN_LIKE 64    /* example texts of one own topic */

struct rule {
    uint16_t topics[RULE_TOPICS], unless[RULE_TOPICS];
    size_t n_topics, n_unless;
    float above; /* score from which a topic counts; 0: as soon as the item is tagged with it */
};

struct rules {
    struct rule rules[RULES_MAX];
    size_t n;
};

struct scored {
    uint16_t topic;
    float score;
};

/* Reads the option `drop`; absent: no rules. WN_INVALID with the reason in error. */
int rules_read(struct rules *rules, wn_str json, const struct mapping *mapping, char *error,
               size_t size);

/* The rule that drops an item with these topics, NULL if none does. *by: the topic that did,
 * TOPIC_NONE when it was the lack of one. A rule on a top-level topic holds for those below it. */
const struct rule *rules_judge(const struct rules *rules, const struct vocabulary *vocabulary,
                               const struct scored *topics, size_t n, uint16_t *by);

/* Called for each example text of an own topic; a status other than WN_OK ends the reading. */
typedef int (*own_like_fn)(void *user, uint16_t topic, wn_str text);

/* Reads the option `topics` into the vocabulary and the terms; absent: none. */
int own_read(wn_str json, struct vocabulary *vocabulary, struct terms *terms, own_like_fn like,
             void *user, char *error, size_t size);

#endif
