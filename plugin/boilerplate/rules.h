/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: the known phrases and names of the trade, read from boilerplate.data (whose head tells
 * its format) and compiled for matching. Immutable once loaded, so that all workers read it at
 * once; the filter owns it.
 */
#ifndef WINNOW_RULES_H
#define WINNOW_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "../text/html_buf.h"
#include "../winnow_plugin.h"

/* The groups of rules, each with an option of that name that switches it off per source.
 * X(symbol, name, on by default, help) */
#define RULE_GROUPS(X)                                                                             \
    X(APPEARED, appeared, 1, "\"The post … appeared first on …\"")                                 \
    X(CONTINUE, continue, 1, "\"Continue reading\", \"read more\" links to the article itself")    \
    X(DISCLAIMER, disclaimer, 1, "disclaimers by third parties")                                   \
    X(DISTRIBUTOR, distributor, 1, "what the distributor says about itself")                       \
    X(ABOUT, about, 0, "\"About the company\" in press releases")                                  \
    X(CONTACT, contact, 0, "media contacts in press releases")                                     \
    X(COPYRIGHT, copyright, 1, "copyright lines")                                                  \
    X(NEWSLETTER, newsletter, 1, "newsletter, subscription and donation pleas")                    \
    X(SHARE, share, 1, "share, follow and app lines")                                              \
    X(RELATED, related, 1, "lists of related articles")                                            \
    X(COMMENTS, comments, 1, "comment counts, forms and invitations")                              \
    X(ADVERTISEMENT, advertisement, 1, "advertisement labels")                                     \
    X(PAGE, page, 1, "remains of the web page: navigation, print, tags, bylines of widgets")       \
    X(DATELINE, dateline, 1, "datelines and wire prefixes in front of the first sentence")         \
    X(SECTORS, sectors, 1, "lines that name sectors or keywords, which become categories")         \
    X(PIXELS, pixels, 1, "tracking pixels, beacons and feed flares")                               \
    X(PARAMETERS, parameters, 1, "utm_*, fbclid and their kind in links")                          \
    X(WIDGETS, widgets, 1, "share bars, forms and other widgets known by their class")             \
    X(HIDDEN, hidden, 1, "elements that the page hides")                                           \
    X(PICTURES, pictures, 1, "the leading picture twice")                                          \
    X(TITLE, title, 1, "the title again as first line")                                            \
    X(LEARNED, learned, 1, "blocks that a source repeats from item to item")

enum rule_group {
    GROUP_NONE,
#define X(symbol, name, on, help) GROUP_##symbol,
    RULE_GROUPS(X)
#undef X
        GROUP_COUNT,
};

extern const char *const rule_group_names[GROUP_COUNT];

enum rule_action {
    ACTION_LINE,       /* the line goes */
    ACTION_LINKS,      /* the line goes, and the list of links behind it */
    ACTION_REST,       /* the line goes, and all that follows */
    ACTION_PREFIX,     /* what matches is cut off the front of the first paragraph */
    ACTION_CATEGORY,   /* the line goes, what stands behind its colon becomes categories */
    ACTION_PARAGRAPHS, /* the line goes, and the paragraphs under it up to the next heading */
};

#define PLACE_ANY 0u
#define PLACE_HEAD 1u
#define PLACE_TAIL 2u

#define NEED_LINK 1u  /* only a line that is mostly link */
#define NEED_SHORT 2u /* only where nothing but this stands in the block element */

#define NEED_WHOLE 4u    /* only in items made from whole web pages */
#define TAKES_CAPTION 8u /* there, also a picture's caption: it is a credit and no more */

struct rule {
    uint8_t group, action, place, need;
    uint16_t max;       /* letters of the line at most */
    uint16_t n;         /* elements */
    uint8_t open_end;   /* the pattern ends with '*' */
    uint8_t open_start; /* the pattern begins with '*' */
    uint32_t elements;  /* index of the first */
    uint32_t line;      /* of the data file */
};

struct rules;

/* Reads rules from text. Errors name the line in message[200]. WN_OK, WN_NOMEM, WN_INVALID. */
int rules_parse(const char *text, size_t n, struct rules **rules, char message[200]);
void rules_destroy(struct rules *rules);
size_t rules_count(const struct rules *rules);

/* What a line is, as far as matching asks. */
struct rule_line {
    const char *norm; /* normal form, trimmed */
    size_t n;
    uint32_t letters, linked;
    unsigned groups; /* bit per enum rule_group: those that are on */
    int whole;       /* the item was made from a whole web page */
    int placeless;   /* only rules that may stand anywhere */
};

/* The first rule in order of the file that the whole line matches, ACTION_PREFIX left out. NULL: none. */
const struct rule *rules_match(const struct rules *rules, const struct rule_line *line);

/* How many bytes of an untrimmed normal form a prefix rule matches at its front; 0: none. */
size_t rules_prefix(const struct rules *rules, const char *norm, size_t n,
                    const struct rule **rule);

/* The lists of names. */
int rules_is_parameter(const struct rules *rules, const char *host, size_t nh, const char *name,
                       size_t n);
int rules_is_pixel(const struct rules *rules, wn_str url);
int rules_is_embed(const struct rules *rules, wn_str host);
/* What a class or id attribute's value tells. */
enum class_sign {
    CLASS_STRONG = 1,  /* a widget, wherever it stands */
    CLASS_WEAK = 2,    /* a widget in a whole page, if it is made of links */
    CLASS_ARTICLE = 4, /* the article itself */
    CLASS_BOX = 8,     /* by a word of the trade: a box of a whole page */
    CLASS_META = 16,   /* of a whole page, too: byline, date, counts */
    CLASS_COMMENTS = 32,
    CLASS_BODY = 64, /* an article or a part of it, as publishing systems call them */
};
/* A set of enum class_sign. */
unsigned rules_class(const struct rules *rules, const char *value);
/* Rewrites a redirector's URL to its target; 1 if it did. */
int rules_unwrap(const struct rules *rules, struct tbuf *url);

#endif
