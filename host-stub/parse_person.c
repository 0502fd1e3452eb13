/* SPDX-License-Identifier: Apache-2.0 */
/* Authors and contributors, by elements of their own or packed into one line. */
#include <string.h>

#include "parse_entity.h"
#include "parse_feed.h"
#include "parse_text.h"

static int is_mail_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80) ||
           (c && strchr("._%+-'!#$&*/=?^`{|}~", c));
}

/* The first address in text, or an empty one. */
static wn_str find_email(wn_str text)
{
    const char *end = text.ptr + text.len, *at = text.ptr;
    while (at && (at = memchr(at, '@', (size_t)(end - at))) != NULL) {
        const char *from = at, *to = at + 1;
        while (from > text.ptr && is_mail_char(from[-1]))
            from--;
        while (to < end && (is_mail_char(*to) && *to != '/'))
            to++;
        while (to > at + 1 && to[-1] == '.')
            to--;
        if (from < at && to > at + 1 && memchr(at, '.', (size_t)(to - at)))
            return str_of(from, (size_t)(to - from));
        at++;
    }
    return str_of("", 0);
}

static wn_str strip(wn_str s, const char *chars)
{
    for (;;) {
        s = str_trim(s);
        if (s.len && strchr(chars, s.ptr[0])) {
            s.ptr++;
            s.len--;
        } else if (s.len && strchr(chars, s.ptr[s.len - 1])) {
            s.len--;
        } else {
            return s;
        }
    }
}

void person_split(wn_str text, wn_str *name, wn_str *email)
{
    text = str_trim(text);
    *email = find_email(text);
    if (!email->len) {
        *name = text;
        return;
    }
    /* What stands behind the address is the name, else what stands before it. */
    const char *after = email->ptr + email->len, *end = text.ptr + text.len;
    wn_str tail = strip(str_of(after, (size_t)(end - after)), "()<>[]\",;");
    wn_str head = str_of(text.ptr, (size_t)(email->ptr - text.ptr));
    head = str_trim(head);
    if (head.len >= 7 && memcmp(head.ptr + head.len - 7, "mailto:", 7) == 0)
        head.len -= 7;
    head = strip(head, "()<>[]\",;:");
    *name = head.len && !tail.len ? head : tail.len ? tail : str_of("", 0);
}

static int same(wn_str a, wn_str b)
{
    return str_eq(a, b);
}

void add_person(struct feed_parser *p, struct person person)
{
    struct person *list = p->item ? p->item->people : p->doc->feed.people;
    size_t n = p->item ? p->item->n_people : p->doc->feed.n_people;
    /* The same name by another element (dc:creator and itunes:author) is the same person. */
    for (size_t i = 0; i < n; i++) {
        int names = person.name.len && same(list[i].name, person.name);
        int mails = !person.name.len && person.email.len && same(list[i].email, person.email);
        if (list[i].contributor == person.contributor && (names || mails) &&
            !(person.email.len && list[i].email.len && !same(list[i].email, person.email))) {
            if (!list[i].email.len)
                list[i].email = person.email;
            if (!list[i].uri.len)
                list[i].uri = person.uri;
            return;
        }
    }
    struct person *to = p->item ? item_add_person(p->item)
                                : arena_grow(&p->doc->arena, &p->doc->feed.people,
                                             &p->doc->feed.n_people, sizeof *to, LIMIT_PEOPLE);
    if (to)
        *to = person;
}

void person_start(struct feed_parser *p)
{
    memset(&p->person, 0, sizeof p->person);
    p->contributor = 0;
}

void contributor_start(struct feed_parser *p)
{
    person_start(p);
    p->contributor = 1;
}

/* A line of plain text in the level's arena; absent if empty. */
static wn_str line(struct feed_parser *p, wn_str text)
{
    struct buf b;
    wn_str result = str_of(NULL, 0);
    if (text.len > LIMIT_TITLE)
        return result;
    buf_init(&b, 4 * LIMIT_TITLE);
    if (!text_line(&b, text.ptr, text.len, TEXT_GUESSED) && b.n)
        result = arena_str(level_arena(p), b.p, b.n);
    buf_finish(&b);
    return result;
}

void person_name(struct feed_parser *p, wn_str text)
{
    p->person.name = line(p, text);
}

void person_email(struct feed_parser *p, wn_str text)
{
    text = str_trim(text);
    if (text.len > 7 && memcmp(text.ptr, "mailto:", 7) == 0)
        text = str_of(text.ptr + 7, text.len - 7);
    p->person.email = line(p, text);
}

void person_uri(struct feed_parser *p, wn_str text)
{
    p->person.uri = take_url(p, text);
}

/* What an element for a person came to. */
static struct person whole(struct feed_parser *p, wn_str text)
{
    struct person person = p->person;
    if (!person.name.len && !person.email.len && !person.uri.len && str_trim(text).len) {
        wn_str all = line(p, text);
        if (all.ptr)
            person_split(all, &person.name, &person.email);
    } else if (person.name.len && !person.email.len) {
        wn_str name, email;
        person_split(person.name, &name, &email);
        if (email.len) {
            person.name = name;
            person.email = email;
        }
    }
    person.contributor = p->contributor;
    memset(&p->person, 0, sizeof p->person);
    return person;
}

void web_master_end(struct feed_parser *p, wn_str text)
{
    p->web_master = whole(p, text);
}

void person_end(struct feed_parser *p, wn_str text)
{
    struct person person = whole(p, text);
    if (person.name.len || person.email.len || person.uri.len)
        add_person(p, person);
}
