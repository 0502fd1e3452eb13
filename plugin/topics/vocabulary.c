/* SPDX-License-Identifier: Apache-2.0 */
#include "vocabulary.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data.h"

#define SCHEME "http://cv.iptc.org/newscodes/mediatopic/"
#define DIGITS 8

static const char *const tags[LANGS] = {"en", "ko", "ja", "ar", "zh-Hans", "zh-Hant", "vi", "th",
                                        "id", "ms", "de", "ru", "fr",      "es",      "pt"};

static int equals(wn_str a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.ptr, b, a.len) == 0;
}

/* Whether one of the tag's further parts is `part`: zh-TW, zh-Hant-HK. */
static int has_part(wn_str tag, const char *part)
{
    size_t want = strlen(part);
    for (size_t i = 0; i < tag.len; i++)
        if ((tag.ptr[i] == '-' || tag.ptr[i] == '_') && tag.len - i > want &&
            strncasecmp(tag.ptr + i + 1, part, want) == 0 &&
            (i + 1 + want == tag.len || tag.ptr[i + 1 + want] == '-' ||
             tag.ptr[i + 1 + want] == '_'))
            return 1;
    return 0;
}

unsigned vocabulary_lang(wn_str tag)
{
    if (!tag.ptr)
        return LANG_NONE;
    wn_str primary = {tag.ptr, 0};
    while (primary.len < tag.len && tag.ptr[primary.len] != '-' && tag.ptr[primary.len] != '_')
        primary.len++;
    if (equals(primary, "zh") || equals(primary, "yue")) {
        if (has_part(tag, "Hans"))
            return LANG_HANS;
        return has_part(tag, "Hant") || has_part(tag, "TW") || has_part(tag, "HK") ||
                       has_part(tag, "MO") || equals(primary, "yue")
                   ? LANG_HANT
                   : LANG_HANS;
    }
    if (equals(primary, "in")) /* what Indonesian was called before 1989; Java still says so */
        return LANG_ID;
    for (unsigned i = 0; i < LANGS; i++)
        if (equals(primary, tags[i]))
            return i;
    return LANG_NONE;
}

static int all_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return 0;
    return 1;
}

static uint16_t find_digits(const struct vocabulary *v, const char *id)
{
    for (size_t i = 0; i < v->n_iptc; i++)
        if (memcmp(v->topics[i].id.ptr, id, DIGITS) == 0)
            return (uint16_t)i;
    return TOPIC_NONE;
}

static int skip(wn_str *s, const char *prefix)
{
    size_t n = strlen(prefix);
    if (s->len < n || strncasecmp(s->ptr, prefix, n))
        return 0;
    s->ptr += n;
    s->len -= n;
    return 1;
}

uint16_t vocabulary_id(const struct vocabulary *v, wn_str id)
{
    if (!id.ptr)
        return TOPIC_NONE;
    for (size_t i = v->n_iptc; i < v->n; i++) {
        const struct topic_info *t = &v->topics[i];
        if ((id.len == t->id.len && !memcmp(id.ptr, t->id.ptr, id.len)) ||
            (id.len == t->term.len && !strncasecmp(id.ptr, t->term.ptr, id.len)))
            return (uint16_t)i;
    }
    int subject = skip(&id, "subj:") || skip(&id, "iptc:") ||
                  skip(&id, "http://cv.iptc.org/newscodes/subjectcode/");
    if (!subject && !skip(&id, "medtop:") &&
        !skip(&id, "https://cv.iptc.org/newscodes/mediatopic/"))
        skip(&id, SCHEME);
    /* 04000000 without quotes is a number in YAML and JSON, and comes back as 4000000. */
    if (id.len < DIGITS - 1 || id.len > DIGITS || !all_digits(id.ptr, id.len))
        return TOPIC_NONE;
    char digits[DIGITS + 1] = "00000000";
    memcpy(digits + (DIGITS - id.len), id.ptr, id.len);
    uint16_t found = find_digits(v, digits);
    if (found == TOPIC_NONE && subject) { /* the older codes share their first two digits */
        memset(digits + 2, '0', DIGITS - 2);
        found = find_digits(v, digits);
    }
    return found;
}

wn_str vocabulary_label(const struct vocabulary *v, uint16_t topic, unsigned lang)
{
    const struct topic_info *t = &v->topics[topic];
    return lang < LANGS && t->labels[lang].len ? t->labels[lang] : t->labels[LANG_EN];
}

/* Texts that live as long as the process: vocabularies and own names. */
struct kept {
    struct kept *next;
    size_t len;
    char text[];
};

static struct kept *all_kept;
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;

/* prefix and s in one piece, kept for the process; NULL: no memory. */
static const char *keep(const char *prefix, wn_str s)
{
    size_t n = strlen(prefix), len = n + s.len;
    pthread_mutex_lock(&kept_lock);
    struct kept *k = all_kept;
    while (k &&
           !(k->len == len && !memcmp(k->text, prefix, n) && !memcmp(k->text + n, s.ptr, s.len)))
        k = k->next;
    if (!k && (k = malloc(sizeof *k + len + 1))) {
        memcpy(k->text, prefix, n);
        memcpy(k->text + n, s.ptr, s.len);
        k->text[len] = '\0';
        k->len = len;
        k->next = all_kept;
        all_kept = k;
    }
    pthread_mutex_unlock(&kept_lock);
    return k ? k->text : NULL;
}

int vocabulary_own(struct vocabulary *v, wn_str name, uint16_t *topic)
{
    if (!name.ptr || !name.len || name.len > OWN_NAME_MAX)
        return WN_INVALID;
    if (v->n == TOPICS_MAX)
        return WN_LIMIT;
    size_t i = v->n;
    const char *id = keep(OWN_PREFIX, name);
    if (!id)
        return WN_NOMEM;
    struct topic_info *t = &v->topics[i];
    t->id = (wn_str){id, sizeof OWN_PREFIX - 1 + name.len};
    t->term = (wn_str){id + sizeof OWN_PREFIX - 1, name.len};
    t->labels[LANG_EN] = t->term;
    t->top = TOPIC_NONE;
    v->n++;
    *topic = (uint16_t)i;
    return WN_OK;
}

static int add_topic(struct vocabulary *v, const struct field *f, size_t n, const unsigned *column)
{
    if (n < 3 || f[0].len != DIGITS || !all_digits(f[0].ptr, DIGITS) || v->n == TOPICS_MAX / 2)
        return WN_INVALID;
    size_t i = v->n;
    const char *term = keep("medtop:", (wn_str){f[0].ptr, f[0].len});
    if (!term)
        return WN_NOMEM;
    struct topic_info *t = &v->topics[i];
    t->term = (wn_str){term, 7 + DIGITS};
    t->id = (wn_str){term + 7, DIGITS};
    if (f[1].len == 1 && f[1].ptr[0] == '-') {
        t->top = (uint16_t)i;
    } else {
        t->top = f[1].len == DIGITS ? find_digits(v, f[1].ptr) : TOPIC_NONE;
        if (t->top == TOPIC_NONE || v->topics[t->top].top != t->top)
            return WN_INVALID;
    }
    if ((t->top == i) != (i < TOPICS_TOP))
        return WN_INVALID; /* the 17 come first, in order */
    for (size_t k = 2; k < n; k++)
        if (column[k] < LANGS)
            t->labels[column[k]] = (wn_str){f[k].ptr, f[k].len};
    if (!t->labels[LANG_EN].len)
        return WN_INVALID;
    v->n++;
    v->n_iptc = v->n;
    return WN_OK;
}

int vocabulary_create(const char *file, size_t len, struct vocabulary **out, char *error,
                      size_t size)
{
    struct vocabulary *v = calloc(1, sizeof *v);
    const char *text = v ? keep("", (wn_str){file, len}) : NULL;
    if (!text) {
        free(v);
        return WN_NOMEM;
    }
    const char *at = text, *end = text + len;
    struct field f[DATA_FIELDS_MAX];
    unsigned line = 0, column[DATA_FIELDS_MAX];
    for (size_t i = 0; i < DATA_FIELDS_MAX; i++)
        column[i] = LANGS;
    size_t n = data_line(&at, end, &line, f);
    for (size_t i = 0; i < n; i++)
        column[i] = i < 2 ? LANGS : vocabulary_lang((wn_str){f[i].ptr, f[i].len});
    int status = WN_OK;
    while (!status && (n = data_line(&at, end, &line, f)))
        status = add_topic(v, f, n, column);
    if (!status && v->n < TOPICS_TOP)
        status = WN_INVALID;
    if (status) {
        snprintf(error, size,
                 "line %u is not \"id, parent, names…\" of a known parent, the 17 "
                 "top-level topics first",
                 line);
        vocabulary_destroy(v);
        return status;
    }
    *out = v;
    return WN_OK;
}

void vocabulary_destroy(struct vocabulary *v)
{
    free(v);
}
