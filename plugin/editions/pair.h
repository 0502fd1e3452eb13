/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair.h: the evidence on two items, as numbers, and the verifier's judgement of it: are they the
 * same article in two languages? The judgement is a sum of small decision trees, trained by
 * plugin/model/train and compiled in (verifier_model.h), as log odds. Pure; any thread.
 */
#ifndef WINNOW_PAIR_H
#define WINNOW_PAIR_H

#include "evidence.h"

enum pair_feature {
    PF_COS_TITLE, /* cosines of the parts */
    PF_COS_LEAD,
    PF_COS_WHOLE,
    PF_COS_CROSS, /* the better of title against the other's lead */
    PF_COS_REACH, /* the better of whole against the other's lead */
    PF_FAR_TITLE, /* cosines above what strangers have (background.h) */
    PF_FAR_LEAD,
    PF_FAR_WHOLE,
    PF_RIVAL,         /* how far ahead of the newcomer's next best in that language */
    PF_SOUND,         /* weight of words that sound alike, as a share of the shorter's */
    PF_SOUNDS,        /* how much weight that is */
    PF_NUMBERS,       /* share of numbers in common; 0.5: neither has any */
    PF_NUMBERS_BOTH,  /* how many both have, at most 6 */
    PF_NUMBERS_ONE,   /* how many only the one with fewer has, at most 6 */
    PF_TITLE_NUMBERS, /* 1 the same in both titles, -1 others, 0 none; a fraction between */
    PF_LENGTH,        /* log ratio of the lengths, by what is usual in the languages */
    PF_SHORTER,       /* log length of the shorter and of the longer text */
    PF_LONGER,
    PF_ALIGN, /* monotone alignment of sentences */
    PF_ALIGN_MEAN,
    PF_ALIGN_LOW,
    PF_ALIGN_MUTUAL,
    PF_ALIGN_COUNT,
    PF_COVER_LESS, /* how well words are covered by the other's: the less and the more covered */
    PF_COVER_MORE,
    PF_COVER_TOP,    /* the least covered of the weighty three of each */
    PF_COVER_TOPS,   /* the weighty three of both, mean */
    PF_COVER_LOW,    /* lower quartiles */
    PF_COVER_COUNT,  /* shares covered at all */
    PF_COVER_SUM,    /* weight covered, the lesser of both: how much evidence there is */
    PF_WORDS,        /* words of the one with fewer */
    PF_WEIGHT,       /* their weight */
    PF_TITLE_COVER,  /* as COVER_LESS, titles only */
    PF_TITLE_TOP,    /* as COVER_TOP, titles only */
    PF_WINDOW,       /* log of how many items the window holds: each is a chance to err */
    PF_RIVAL_BACK,   /* how far ahead of what the other found in the newcomer's language */
    PF_TITLE_LENGTH, /* log ratios of the titles' and of the first sentences' lengths */
    PF_LEAD_LENGTH,
    PF_ALIGN_BODY, /* as ALIGN_MEAN, from the third sentence on */
    PF_COUNT
};

/* Title and whole cosine together below which nobody is a candidate. */
#define PAIR_LEAST 0.55f

/* Keeps in a core what its closest in a language scored when it came (title and whole cosine,
 * summed); gives it back, PAIR_LEAST where there was none. */
void pair_keep_best(struct core *c, int lang, float score);
float pair_best(const struct core *c, int lang);

/*
 * a is the one that came later. rival: title and whole cosines summed, of the newcomer's next best in the other's language.
 * window: items among which the two found each other.
 */
void pair_features(const struct evidence *a, const struct evidence *b, float rival, uint32_t window,
                   float out[PF_COUNT]);

/* A node of a decision tree: feature -1 is a leaf with its value; else features up to `value` go
 * on with the next node, larger ones with `right`. */
struct verifier_node {
    int16_t feature;
    uint16_t right;
    float value;
};

/*
 * What pair_odds sums up: a forest; a linear model whose weights depend on how long the texts are
 * and how large the window is (the forest alone is too sure of what it has never seen); a net of
 * one hidden layer. The three err on different pairs. The compiled-in ones unless a measuring
 * program puts others in their place (for cross-validation) before any filter is created.
 */
#define VERIFIER_ROWS 6 /* mean, scale, weight, its gain by PF_SHORTER, PF_LONGER, PF_WINDOW */
#define VERIFIER_HIDDEN 48
#define VERIFIER_NET_ROWS (PF_COUNT + 2) /* weights of each feature, bias, what a unit weighs */
struct verifier {
    float bias;
    unsigned trees;
    const uint16_t *root;
    const struct verifier_node *nodes;
    const float (*linear)[PF_COUNT];     /* VERIFIER_ROWS */
    const float (*net)[VERIFIER_HIDDEN]; /* VERIFIER_NET_ROWS */
};
extern struct verifier pair_verifier;

/*
 * Log odds that the pair are editions of one article, by the trained model alone. Windows larger
 * than training knew lower them further, as chance does.
 */
float pair_odds(const float features[PF_COUNT]);

/*
 * The log odds beyond even that a story takes of these two, by how long the shorter is: whole texts
 * show so much that their editions stand far above any two reports of one event, of which there are
 * many; in a large window so many headlines nearly meet that more is asked of them.
 */
float pair_need(const struct core *a, const struct core *b, uint32_t window);

/* What lies outside the text: URLs, links to each other, pictures, publisher, time. Log odds to
 * add; `why` names the strongest, static, NULL: none. */
float pair_outside(const struct core *a, const struct core *b, const char **why);

/* pair_length of long headlines and of the shortest headlines with a sentence; of the longest of
 * these and of whole articles: about 120, 180, 270 and 490 characters of English. */
#define PAIR_TITLE 4.8f
#define PAIR_LEAD 5.2f
#define PAIR_TEASER 5.6f
#define PAIR_TEXT 6.2f

/* 0 up to `from`, 1 from `to` on, straight between. */
float pair_ramp(float x, float from, float to);

/* How much an item says: log of its characters, as many as English would need for it. */
float pair_length(const struct core *c);

/* The feature's name, for explain. */
const char *pair_feature_name(enum pair_feature f);

#endif
