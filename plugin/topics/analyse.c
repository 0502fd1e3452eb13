/* SPDX-License-Identifier: Apache-2.0 */
/* The way of an item: evidence from its fields, scores, the topics put onto it, the drop rules. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../text/lang.h"
#include "../text/utf8.h"
#include "instance.h"
#include "plain.h"

#define MILLION 1000000.0f
#define REASON 256
#define THRESHOLD 0.7f /* as in the table of options: a foreign host may have no config */
#define MOST 4
#define LANG_BYTES 512 /* of a text that language detection reads where nobody did before */

/* What analyse found, kept in the item's note for judge. */
struct result {
    size_t n;
    struct scored topics[TOPICS_MOST];
    char reason[REASON];
};

/* How an item's source wants to be tagged. */
struct wishes {
    float threshold;
    size_t most;
    int detail;
};

wn_str instance_config(const struct topics *f, const wn_item *item, const char *key)
{
    wn_str value = {NULL, 0};
    if (!WN_HAS(f->api, config) || f->api->config(f->host, item, key, &value))
        return (wn_str){NULL, 0};
    return value;
}

/* A decimal with '.', whatever the locale thinks; `otherwise` for anything else. */
static float number(wn_str s, float otherwise)
{
    float value = 0, scale = 1;
    int point = 0;
    if (!s.ptr || !s.len || s.len > 16)
        return otherwise;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && !point) {
            point = 1;
        } else if (s.ptr[i] >= '0' && s.ptr[i] <= '9') {
            value = value * 10 + (float)(s.ptr[i] - '0');
            scale = point ? scale * 10 : scale;
        } else {
            return otherwise;
        }
    }
    return value / scale;
}

static struct wishes wishes_of(const struct topics *f, const wn_item *item)
{
    struct wishes w = {number(instance_config(f, item, "threshold"), THRESHOLD),
                       (size_t)number(instance_config(f, item, "most"), MOST), 1};
    wn_str detail = instance_config(f, item, "detail");
    w.detail = !(detail.ptr && detail.len == 5 && !memcmp(detail.ptr, "false", 5));
    if (w.most > TOPICS_MOST)
        w.most = TOPICS_MOST;
    return w;
}

void *instance_thread_enter(void *self)
{
    (void)self;
    return malloc(sizeof(struct scratch));
}

void instance_thread_leave(void *self, void *thread)
{
    (void)self;
    free(thread);
}

static wn_str str(const struct topics *f, const wn_item *item, uint32_t field, uint32_t index)
{
    wn_str s = {NULL, 0};
    return f->api->str(item, field, index, &s) ? (wn_str){NULL, 0} : s;
}

/* The plain text if a filter before made it, else made here from the content or the summary. */
static wn_str text_of(const struct topics *f, const wn_item *item, char *plain)
{
    wn_str text = str(f, item, WN_TEXT, 0);
    if (text.len)
        return text;
    wn_str html = str(f, item, WN_CONTENT, 0);
    if (!html.len)
        html = str(f, item, WN_SUMMARY, 0);
    if (!html.len)
        return text;
    /* Markup is more than half of many contents: look at more of it than there will be text. */
    size_t len = html.len < 4 * (size_t)TEXT_BYTES ? html.len : 4 * (size_t)TEXT_BYTES;
    return (wn_str){plain, plain_text(html.ptr, len, plain, TEXT_BYTES)};
}

/* The text's language: as a filter before found it, else detected with what the feed declares as
 * evidence. */
static unsigned lang_of(const struct topics *f, const wn_item *item, wn_str title, wn_str text)
{
    wn_str tag = str(f, item, WN_DETECTED_LANG, 0);
    if (tag.len)
        return vocabulary_lang(tag);
    tag = str(f, item, WN_DECLARED_LANG, 0);
    if (!tag.len)
        tag = str(f, item, WN_SOURCE_LANG, 0);
    char found[TEXT_LANG_MAX];
    wn_str longer = text.len >= title.len ? text : title;
    size_t n = longer.len < LANG_BYTES ? longer.len : utf8_cut(longer.ptr, longer.len, LANG_BYTES);
    if (text_language(longer.ptr, n, tag.ptr, tag.len, found))
        tag = (wn_str){found, strlen(found)};
    return vocabulary_lang(tag);
}

static void read_item(const struct topics *f, const wn_item *item, char *plain, struct evidence *e)
{
    e->title = str(f, item, WN_TITLE, 0);
    e->text = text_of(f, item, plain);
    e->lang = lang_of(f, item, e->title, e->text);
    e->n_categories = 0;
    uint32_t n = f->api->count(item, WN_CATEGORY_TERM);
    for (uint32_t i = 0; i < n && e->n_categories + 2 <= CATEGORIES_READ; i++) {
        wn_str term = str(f, item, WN_CATEGORY_TERM, i);
        wn_str label = str(f, item, WN_CATEGORY_LABEL, i);
        wn_str scheme = str(f, item, WN_CATEGORY_SCHEME, i);
        if (term.len) {
            e->categories[e->n_categories].scheme = scheme;
            e->categories[e->n_categories++].name = term;
        }
        if (label.len && (label.len != term.len || memcmp(label.ptr, term.ptr, label.len))) {
            e->categories[e->n_categories].scheme = (wn_str){NULL, 0};
            e->categories[e->n_categories++].name = label;
        }
    }
}

/* A source's own `map` is read for each of its items: such maps are short. */
static struct mapping *own_map(const struct topics *f, const wn_item *item)
{
    wn_str map = instance_config(f, item, "map");
    if (!map.len || (map.len == f->map.len && !memcmp(map.ptr, f->map.ptr, map.len)))
        return NULL;
    char error[256];
    struct mapping *m = mapping_over(f->mapping);
    if (m && mapping_user(m, map, error, sizeof error)) {
        f->api->log(f->host, WN_LOG_WARNING, error);
        mapping_destroy(m);
        return NULL;
    }
    return m;
}

/* The topics from the threshold on, by score; `most` limits what is put, not what rules see. */
static void choose(const struct topics *f, const struct wishes *w, const float *score,
                   struct result *r)
{
    const struct vocabulary *v = f->vocabulary;
    r->n = 0;
    for (size_t i = 0; i < v->n; i++) {
        int second = i >= TOPICS_TOP && i < v->n_iptc;
        if (score[i] < w->threshold || (second && !w->detail) || !(score[i] > 0))
            continue;
        size_t k = r->n;
        /* Equal scores stand in the order of the vocabulary: parents first, the same every time. */
        while (k > 0 && r->topics[k - 1].score < score[i]) {
            if (k < TOPICS_MOST)
                r->topics[k] = r->topics[k - 1];
            k--;
        }
        if (k < TOPICS_MOST) {
            r->topics[k] = (struct scored){(uint16_t)i, score[i]};
            r->n += r->n < TOPICS_MOST;
        }
    }
}

static uint16_t best_of(const float *score)
{
    uint16_t best = 0;
    for (uint16_t i = 1; i < TOPICS_TOP; i++)
        if (score[i] > score[best])
            best = i;
    return best;
}

static int64_t millionths(float score)
{
    return (int64_t)lrintf((score > 1 ? 1 : score) * MILLION);
}

static void put(const struct topics *f, wn_item *item, const struct result *r, size_t most,
                const float *score)
{
    const struct vocabulary *v = f->vocabulary;
    for (uint32_t n = f->api->count(item, WN_TOPIC_ID); n > 0; n--)
        f->api->put(item, WN_TOPIC_ID, n - 1, (wn_str){NULL, 0});
    for (size_t i = 0; i < r->n && i < most; i++) {
        uint32_t at = f->api->count(item, WN_TOPIC_ID);
        if (f->api->put(item, WN_TOPIC_ID, at, v->topics[r->topics[i].topic].id))
            break; /* a host that doesn't keep topics */
        f->api->put_num(item, WN_TOPIC_SCORE, at, millionths(r->topics[i].score));
    }
    uint16_t best = best_of(score);
    f->api->put(item, WN_TOPIC_BEST_ID, 0, v->topics[best].id);
    f->api->put_num(item, WN_TOPIC_BEST_SCORE, 0, millionths(score[best]));
}

static int analyse_one(const struct topics *f, struct scratch *s, wn_item *item)
{
    struct evidence e;
    struct result *r = f->api->note(f->host, item, sizeof *r);
    if (!r)
        return WN_NOMEM;
    read_item(f, item, s->plain, &e);
    struct mapping *own = own_map(f, item);
    struct scorer scorer = f->scorer;
    if (own)
        scorer.mapping = own;
    score_evidence(&scorer, &e, s);
    mapping_destroy(own);
    struct wishes w = wishes_of(f, item);
    choose(f, &w, s->score, r);
    put(f, item, r, w.most, s->score);
    return WN_OK;
}

int instance_analyse(void *self, void *thread, wn_item *const *items, size_t n)
{
    const struct topics *f = self;
    /* A host with one thread may not call thread_enter. */
    struct scratch *s = thread ? thread : instance_thread_enter(self);
    int status = s ? WN_OK : WN_NOMEM;
    for (size_t i = 0; i < n && !status; i++)
        status = analyse_one(f, s, items[i]);
    if (!thread)
        instance_thread_leave(self, s);
    return status;
}

int instance_judge(void *self, wn_item *item, wn_verdict *verdict)
{
    const struct topics *f = self;
    struct result *r = f->api->note(f->host, item, 0);
    if (!r || !f->rules.n)
        return WN_OK;
    uint16_t by;
    const struct rule *rule = rules_judge(&f->rules, f->vocabulary, r->topics, r->n, &by);
    if (!rule)
        return WN_OK;
    verdict->kind = WN_DROP;
    verdict->of = 0;
    verdict->score = 1;
    int len;
    if (by == TOPIC_NONE) {
        len = snprintf(r->reason, sizeof r->reason, "none of the topics wanted by drop: unless");
    } else {
        wn_str name = vocabulary_label(f->vocabulary, by, LANG_EN);
        for (size_t i = 0; i < r->n; i++)
            if (r->topics[i].topic == by || f->vocabulary->topics[r->topics[i].topic].top == by) {
                verdict->score = r->topics[i].score;
                break;
            }
        len = snprintf(r->reason, sizeof r->reason, "topic %.*s is not wanted (drop)",
                       (int)name.len, name.ptr);
    }
    verdict->reason =
        (wn_str){r->reason, len < (int)sizeof r->reason ? (size_t)len : sizeof r->reason - 1};
    return WN_OK;
}
