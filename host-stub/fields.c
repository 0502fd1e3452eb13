/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of winnow_plugin.h over struct item. A table says where each one stands; lists are
 * arrays of structs, whose members share one index.
 */
#include <stdlib.h>
#include <string.h>

#include "../plugin/text/utf8.h"
#include "filter_host.h"
#include "limits.h"

enum type { T_NONE, T_STR, T_NUM /* int64_t */, T_FLAG /* int, 0 or 1 */ };

/* Which array a field's index counts; LIST_NONE: the field stands in struct item itself. */
enum list {
    LIST_NONE,
    LIST_AUTHORS,
    LIST_CATEGORIES,
    LIST_ENCLOSURES,
    LIST_LINKS,
    LIST_TOPICS,
    LIST_REMOVED
};

struct field {
    unsigned char type, list;
    unsigned char writable;
    unsigned short offset;
    size_t max; /* strings: bytes */
};

/* clang-format off */
#define IN(list, s, member, type, max) {type, list, 1, offsetof(struct s, member), max}
#define OWN(member, type) {type, LIST_NONE, 0, offsetof(struct item, member), 0}
#define PUT(member, type, max) {type, LIST_NONE, 1, offsetof(struct item, member), max}
/* clang-format on */
#define MAX_TAG 64      /* a language tag or a topic's id; real ones stay under 40 */
#define MAX_NAME KIB(4) /* an author, a category, a rule */

static const struct field fields[] = {
    [WN_ID] = OWN(id, T_NUM),
    [WN_REVISION] = OWN(revision, T_NUM),
    [WN_GUID] = OWN(guid, T_STR),
    [WN_LINK] = PUT(link, T_STR, LIMIT_URL),
    [WN_TITLE] = PUT(title, T_STR, LIMIT_TITLE),
    [WN_SUMMARY] = PUT(summary, T_STR, LIMIT_ITEM),
    [WN_CONTENT] = PUT(content, T_STR, LIMIT_ITEM),
    [WN_DECLARED_LANG] = PUT(lang, T_STR, MAX_TAG),
    [WN_PUBLISHED] = PUT(published, T_NUM, 0),
    [WN_UPDATED] = PUT(updated, T_NUM, 0),
    [WN_ARRIVED] = OWN(arrived, T_NUM),
    [WN_AUTHOR] = IN(LIST_AUTHORS, person, name, T_STR, MAX_NAME),
    [WN_SOURCE_URL] = OWN(source_key, T_STR),
    [WN_SOURCE_TITLE] = OWN(source_name, T_STR),
    [WN_SOURCE_LINK] = OWN(source_site, T_STR),
    [WN_SOURCE_LANG] = OWN(source_lang, T_STR),
    [WN_CATEGORY_TERM] = IN(LIST_CATEGORIES, category, term, T_STR, MAX_NAME),
    [WN_CATEGORY_SCHEME] = IN(LIST_CATEGORIES, category, scheme, T_STR, MAX_NAME),
    [WN_CATEGORY_LABEL] = IN(LIST_CATEGORIES, category, label, T_STR, MAX_NAME),
    [WN_ENCLOSURE_URL] = IN(LIST_ENCLOSURES, enclosure, url, T_STR, LIMIT_URL),
    [WN_ENCLOSURE_TYPE] = IN(LIST_ENCLOSURES, enclosure, type, T_STR, MAX_NAME),
    [WN_LINK_HREF] = IN(LIST_LINKS, link, href, T_STR, LIMIT_URL),
    [WN_LINK_REL] = IN(LIST_LINKS, link, rel, T_STR, MAX_NAME),
    [WN_LINK_HREFLANG] = IN(LIST_LINKS, link, hreflang, T_STR, MAX_TAG),
    [WN_DOCUMENT] = OWN(document, T_NUM),
    [WN_TEXT] = PUT(text, T_STR, LIMIT_ITEM),
    [WN_DETECTED_LANG] = PUT(detected_lang, T_STR, MAX_TAG),
    [WN_VECTOR] = PUT(vector, T_STR, KIB(64)),
    [WN_SANITISED] = PUT(sanitised, T_FLAG, 0),
    [WN_TOPIC_ID] = IN(LIST_TOPICS, topic, id, T_STR, MAX_TAG),
    [WN_TOPIC_SCORE] = IN(LIST_TOPICS, topic, score, T_NUM, 0),
    [WN_TOPIC_BEST_ID] = PUT(topic_best.id, T_STR, MAX_TAG),
    [WN_TOPIC_BEST_SCORE] = PUT(topic_best.score, T_NUM, 0),
    [WN_REMOVED_RULE] = IN(LIST_REMOVED, removed, rule, T_STR, MAX_NAME),
    [WN_REMOVED_TEXT] = IN(LIST_REMOVED, removed, text, T_STR, LIMIT_ITEM),
    [WN_REMOVED_PLACE] = IN(LIST_REMOVED, removed, place, T_STR, MAX_NAME),
    [WN_STORY] = OWN(story, T_NUM),
};

/* From the year 1 to 9999: what RFC 3339 can write. */
#define TIME_MIN (-62135596800)
#define TIME_MAX 253402300799

static const struct field *field_of(uint32_t field)
{
    if (field >= sizeof fields / sizeof *fields || fields[field].type == T_NONE)
        return NULL;
    return &fields[field];
}

/* ---- lists ---- */

struct array {
    char *base;
    size_t *n, size;
};

static struct array array_of(struct item *it, unsigned list)
{
    switch (list) {
    case LIST_AUTHORS:
        return (struct array){(char *)it->people, &it->n_people, sizeof *it->people};
    case LIST_CATEGORIES:
        return (struct array){(char *)it->categories, &it->n_categories, sizeof *it->categories};
    case LIST_ENCLOSURES:
        return (struct array){(char *)it->enclosures, &it->n_enclosures, sizeof *it->enclosures};
    case LIST_LINKS:
        return (struct array){(char *)it->links, &it->n_links, sizeof *it->links};
    case LIST_TOPICS:
        return (struct array){(char *)it->topics, &it->n_topics, sizeof *it->topics};
    default:
        return (struct array){(char *)it->removed, &it->n_removed, sizeof *it->removed};
    }
}

static void *append(struct item *it, unsigned list)
{
    switch (list) {
    case LIST_AUTHORS:
        return item_add_person(it);
    case LIST_CATEGORIES:
        return item_add_category(it);
    case LIST_ENCLOSURES:
        return item_add_enclosure(it);
    case LIST_LINKS:
        return item_add_link(it);
    case LIST_TOPICS:
        return item_add_topic(it);
    default:
        return item_add_removed(it);
    }
}

/* Contributors stand among the people, and aren't authors. */
static int counts(const struct item *it, unsigned list, size_t i)
{
    return list != LIST_AUTHORS || !it->people[i].contributor;
}

static uint32_t list_count(struct item *it, unsigned list)
{
    struct array a = array_of(it, list);
    uint32_t n = 0;
    for (size_t i = 0; i < *a.n; i++)
        n += (uint32_t)counts(it, list, i);
    return n;
}

/* The entry at an index, or NULL. */
static char *list_entry(struct item *it, unsigned list, uint32_t index)
{
    struct array a = array_of(it, list);
    if (list != LIST_AUTHORS)
        return index < *a.n ? a.base + index * a.size : NULL;
    for (size_t i = 0; i < *a.n; i++)
        if (counts(it, list, i) && index-- == 0)
            return a.base + i * a.size;
    return NULL;
}

static void list_remove(struct item *it, unsigned list, char *entry)
{
    struct array a = array_of(it, list);
    char *end = a.base + *a.n * a.size;
    memmove(entry, entry + a.size, (size_t)(end - entry) - a.size);
    --*a.n;
}

/* ---- reading ---- */

/* Where the field's value stands, or NULL. */
static char *place(struct item *it, const struct field *f, uint32_t index)
{
    char *base = f->list ? list_entry(it, f->list, index) : index == 0 ? (char *)it : NULL;
    return base ? base + f->offset : NULL;
}

/* A read is in order in any call about items; what is written meanwhile is this call's own. */
static int may_read(const wn_item *item)
{
    struct call *call = filter_call();
    return item && call && call->phase >= PHASE_ANALYSE && call->phase <= PHASE_JUDGE;
}

static int may_write(const wn_item *item)
{
    struct call *call = filter_call();
    return item && call && item->writer == call;
}

int fields_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    const struct field *f = field_of(field);
    if (!may_read(item) || !value)
        return WN_INVALID;
    if (!f || f->type != T_STR)
        return WN_ABSENT;
    const wn_str *s = (void *)place(item->item, f, index);
    if (s && !s->ptr && field == WN_DECLARED_LANG)
        s = &item->item->source_lang; /* an item without a language of its own has its feed's */
    if (!s || !s->ptr)
        return WN_ABSENT;
    *value = *s;
    return WN_OK;
}

static int has_number(const struct item *it, uint32_t field, int64_t value)
{
    switch (field) {
    case WN_PUBLISHED:
    case WN_UPDATED:
    case WN_ARRIVED:
        return value != TIME_ABSENT;
    case WN_ID:
    case WN_STORY:
        return value > 0;
    case WN_TOPIC_BEST_SCORE:
        return it->topic_best.id.ptr != NULL;
    default:
        return 1;
    }
}

int fields_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{
    const struct field *f = field_of(field);
    if (!may_read(item) || !value)
        return WN_INVALID;
    if (!f || f->type == T_STR)
        return WN_ABSENT;
    const char *at = place(item->item, f, index);
    if (!at)
        return WN_ABSENT;
    int64_t n = f->type == T_FLAG ? *(const int *)at : *(const int64_t *)at;
    if (!has_number(item->item, field, n))
        return WN_ABSENT;
    *value = n;
    return WN_OK;
}

uint32_t fields_count(const wn_item *item, uint32_t field)
{
    const struct field *f = field_of(field);
    wn_str s;
    int64_t n;
    if (!f || !may_read(item))
        return 0;
    if (f->list)
        return list_count(item->item, f->list);
    return (f->type == T_STR ? fields_str(item, field, 0, &s) : fields_num(item, field, 0, &n)) ==
           WN_OK;
}

/* ---- writing ---- */

/* What is no longer true of an item once a field has changed. */
static void changed(struct item *it, uint32_t field)
{
    static const wn_str absent = {NULL, 0};
    if (field == WN_CONTENT)
        it->text = it->detected_lang = it->vector = absent;
    if (field == WN_CONTENT || field == WN_SUMMARY)
        it->sanitised = 0;
}

static int clear(struct item *it, const struct field *f, uint32_t field, uint32_t index)
{
    char *at = place(it, f, index);
    if (!at)
        return WN_ABSENT;
    if (f->list) {
        list_remove(it, f->list, at - f->offset);
        return WN_OK;
    }
    if (f->type == T_STR)
        *(wn_str *)(void *)at = str_of(NULL, 0);
    else if (f->type == T_FLAG)
        *(int *)(void *)at = 0;
    else
        *(int64_t *)(void *)at = field == WN_TOPIC_BEST_SCORE ? 0 : TIME_ABSENT;
    changed(it, field);
    return WN_OK;
}

/* Copies into the item; C0 controls but tab, newline and return go, as they do when feeds are
 * read: HTML can spell them (&#1;), XML can't carry them. */
static int copy(struct item *it, uint32_t field, wn_str value, wn_str *to)
{
    wn_str s = arena_str(&it->arena, value.ptr, value.len);
    if (!s.ptr) {
        size_t max = it->arena.max ? it->arena.max : LIMIT_ITEM;
        return it->arena.used + value.len >= max ? WN_LIMIT : WN_NOMEM;
    }
    if (field != WN_VECTOR) {
        char *p = (char *)s.ptr;
        size_t n = 0;
        for (size_t i = 0; i < s.len; i++) {
            unsigned char c = (unsigned char)p[i];
            if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r')
                p[n++] = p[i];
        }
        p[n] = '\0';
        s.len = n;
    }
    *to = s;
    return WN_OK;
}

/* Where to write: an entry there is, or a fresh one at the end of its list. */
static int open_place(struct item *it, const struct field *f, uint32_t index, char **at)
{
    *at = place(it, f, index);
    if (*at)
        return WN_OK;
    if (!f->list || index != list_count(it, f->list))
        return WN_ABSENT;
    char *entry = append(it, f->list);
    if (!entry)
        return WN_LIMIT;
    *at = entry + f->offset;
    return WN_OK;
}

int fields_put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    const struct field *f = field_of(field);
    if (!may_write(item) || (f && !f->writable))
        return WN_INVALID;
    if (!f)
        return WN_UNSUPPORTED;
    if (!value.ptr)
        return clear(item->item, f, field, index);
    if (f->type != T_STR)
        return WN_INVALID;
    if (field == WN_REMOVED_TEXT && value.len > LIMIT_REMOVED_TEXT)
        value.len = utf8_cut(value.ptr, value.len, LIMIT_REMOVED_TEXT);
    if (value.len > f->max)
        return WN_LIMIT;
    if (field != WN_VECTOR && !utf8_valid(value.ptr, value.len))
        return WN_INVALID;
    wn_str fresh;
    char *at;
    int status = copy(item->item, field, value, &fresh);
    if (!status)
        status = open_place(item->item, f, index, &at);
    if (status)
        return status;
    *(wn_str *)(void *)at = fresh;
    changed(item->item, field);
    return WN_OK;
}

static int in_range(uint32_t field, int64_t value)
{
    switch (field) {
    case WN_SANITISED:
        return value == 0 || value == 1;
    case WN_PUBLISHED:
    case WN_UPDATED:
        return value >= TIME_MIN && value <= TIME_MAX;
    default: /* scores */
        return value >= 0 && value <= 1000000;
    }
}

int fields_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{
    const struct field *f = field_of(field);
    if (!may_write(item) || (f && !f->writable))
        return WN_INVALID;
    if (!f)
        return WN_UNSUPPORTED;
    if (f->type == T_STR || !in_range(field, value))
        return WN_INVALID;
    char *at;
    int status = open_place(item->item, f, index, &at);
    if (status)
        return status;
    if (f->type == T_FLAG)
        *(int *)(void *)at = (int)value;
    else
        *(int64_t *)(void *)at = value;
    return WN_OK;
}
