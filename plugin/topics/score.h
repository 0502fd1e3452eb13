/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score.h: from one item's evidence (the publisher's categories, the words of title and text, the
 * trained model) to a probability for every topic.
 *
 * Ownership: a struct scorer borrows all that it points to. A struct scratch belongs to one thread.
 */
#ifndef WINNOW_TOPICS_SCORE_H
#define WINNOW_TOPICS_SCORE_H

#include "fold.h"
#include "mapping.h"
#include "model.h"
#include "terms.h"
#include "vocabulary.h"

#define TITLE_BYTES 2048 /* of a title that are read: the longest real ones have some 500 */
#define TEXT_BYTES 16384 /* of a text: what an article is about stands in its first screens */
#define TITLE_UNITS 1024
#define TEXT_UNITS 6144
#define CATEGORIES_READ 64 /* of an item's categories: floods of them say nothing */

#define LIKE_MAX 256 /* example texts of all own topics together */

/* An example text of an own topic. */
struct like {
    uint16_t topic;
    float vector[MODEL_DIM];
};

struct scorer {
    const struct fold *fold;
    const struct vocabulary *vocabulary;
    const struct mapping *mapping;
    const struct terms *terms;       /* NULL: none */
    const struct model *model;       /* NULL: categories and words alone */
    uint16_t topic_of[MODEL_LEAVES]; /* the model's topics in the vocabulary; TOPIC_NONE: unknown */
    size_t n_model;
    struct like *likes;
    size_t n_likes;
};

/* What is known of an item. Strings may be absent. */
struct evidence {
    wn_str title, text; /* plain text */
    unsigned lang;      /* LANG_NONE: not known */
    size_t n_categories;
    struct {
        wn_str scheme, name;
    } categories[CATEGORIES_READ];
};

struct scratch {
    char plain[TEXT_BYTES];
    uint16_t title[TITLE_UNITS], text[TEXT_UNITS];
    size_t n_title, n_text;
    struct term_sums title_sums, text_sums;
    float vector[MODEL_DIM];
    float category[TOPICS_MAX]; /* strength of what the publisher says, 0 to 1 */
    unsigned told;              /* how many topics the publisher's categories mean */
    float share[TOPICS_MAX];    /* log odds of a second-level topic within the one above it */
    float score[TOPICS_MAX];    /* the result: probabilities */
};

/* Gives the scorer its model and finds its topics in the vocabulary. */
void score_model(struct scorer *scorer, struct model *model);

/* The model's vector of a text, for an own topic that is given by examples. WN_ABSENT: the model
 * knows none of its words; WN_UNSUPPORTED: no model. */
int score_vector(const struct scorer *scorer, wn_str text, float *vector);

/* Fills scratch->score for every topic of the vocabulary. */
void score_evidence(const struct scorer *scorer, const struct evidence *e, struct scratch *scratch);

#endif
