/* SPDX-License-Identifier: Apache-2.0 */
/* One item through the filter: judge, where what its source repeats is known. */
#include <stdlib.h>
#include <string.h>

#include "filter.h"

/* Whether the element that closes at s[at] opens right in front of `cut`, with nothing left in it. */
static int empty_around(const struct tbuf *out, const char *s, size_t n, size_t at, size_t *open,
                        size_t *close)
{
    size_t k = out->n;
    while (k && (out->p[k - 1] == '\n' || out->p[k - 1] == ' '))
        k--;
    while (at < n && (s[at] == '\n' || s[at] == ' '))
        at++;
    if (!k || out->p[k - 1] != '>' || at + 3 >= n || s[at] != '<' || s[at + 1] != '/')
        return 0;
    size_t lt = k;
    while (lt && out->p[lt - 1] != '<')
        lt--;
    if (!lt || out->p[lt] == '/')
        return 0;
    size_t len = 0;
    while (lt + len < k && out->p[lt + len] != ' ' && out->p[lt + len] != '>')
        len++;
    if (at + 2 + len >= n || memcmp(out->p + lt, s + at + 2, len) || s[at + 2 + len] != '>' ||
        (len == 2 && (!memcmp(out->p + lt, "td", 2) || !memcmp(out->p + lt, "th", 2))))
        return 0;
    *open = lt - 1;
    *close = at + 3 + len;
    return 1;
}

static int ends_with(const struct tbuf *b, const char *z)
{
    size_t n = strlen(z);
    return b->n >= n && !memcmp(b->p + b->n - n, z, n);
}

/* Copies html without the lines to remove, and without the elements and breaks that this empties.
 * A cut is always of whole elements, so the rest stays as well formed as it was. */
static void cut_html(struct tbuf *out, wn_str html, const struct learn_line *lines, uint32_t n,
                     const uint8_t *remove, int part)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct learn_line *line = &lines[i];
        if (!remove[i] || line->part != part || line->cut < at ||
            line->cut + line->cut_len > html.len)
            continue;
        tbuf_add(out, html.ptr + at, line->cut - at);
        at = line->cut + line->cut_len;
        size_t open, close;
        while (!out->err && empty_around(out, html.ptr, html.len, at, &open, &close)) {
            out->p[out->n = open] = '\0';
            at = close;
        }
        /* A line break in front of what is gone has nothing to break. */
        int last = at >= html.len || (html.ptr[at] == '<' && html.ptr[at + 1] == '/');
        while (!out->err && last && ends_with(out, "<br>"))
            out->p[out->n -= 4] = '\0';
    }
    tbuf_add(out, html.ptr + at, html.len - at);
}

static void cut_text(struct tbuf *out, wn_str text, const struct learn_line *lines, uint32_t n,
                     const uint8_t *remove, int part)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct learn_line *line = &lines[i];
        size_t end = (size_t)line->text + line->text_len;
        if (!remove[i] || line->part != part || line->text < at || end > text.len)
            continue;
        tbuf_add(out, text.ptr + at, line->text - at);
        at = end < text.len && text.ptr[end] == '\n' ? end + 1 : end;
    }
    tbuf_add(out, text.ptr + at, text.len - at);
    while (!out->err && out->n && out->p[out->n - 1] == '\n')
        out->p[--out->n] = '\0';
}

static const char *place_of(const struct learn_line *line)
{
    return line->from_start < 3 && line->from_start < line->from_end ? "head"
           : line->from_end < LEARN_LAST                             ? "tail"
                                                                     : "body";
}

/* Tells the removals of one part, their texts out of TEXT, or for the summary without text. */
static void tell(struct boilerplate *f, wn_item *item, const struct note *note,
                 const uint8_t *remove, int part, wn_str text)
{
    for (uint32_t i = 0; i < note->n_lines; i++) {
        const struct learn_line *line = &note->lines[i];
        wn_str s = {"", 0};
        if (!remove[i] || line->part != part)
            continue;
        if ((size_t)line->text + line->text_len <= text.len)
            s = (wn_str){text.ptr + line->text, line->text_len < 2000 ? line->text_len : 2000};
        item_told(f, item, rule_group_names[GROUP_LEARNED], s, place_of(line),
                  note->flags & NOTE_SHADOW);
    }
}

static int rewrite(struct boilerplate *f, wn_item *item, const struct note *note,
                   const uint8_t *remove, int part, int has_content)
{
    uint32_t field = part ? WN_SUMMARY : WN_CONTENT;
    wn_str html, text = {"", 0};
    if (f->api->str(item, field, 0, &html) != WN_OK || !html.ptr)
        return WN_OK;
    tbuf_reset(&f->judged);
    tbuf_reset(&f->plain);
    int owns_text = !part || !has_content;
    if (owns_text && f->api->str(item, WN_TEXT, 0, &text) != WN_OK)
        text = (wn_str){"", 0};
    /* A report is made of the text as it is now; after the put below it is gone. */
    tell(f, item, note, remove, part, text);
    if (note->flags & NOTE_SHADOW)
        return WN_OK;
    if (owns_text && f->api->str(item, WN_TEXT, 0, &text) != WN_OK)
        text = (wn_str){"", 0};
    if (f->api->str(item, field, 0, &html) != WN_OK || !html.ptr)
        return WN_OK;
    cut_html(&f->judged, html, note->lines, note->n_lines, remove, part);
    if (owns_text)
        cut_text(&f->plain, text, note->lines, note->n_lines, remove, part);
    if (f->judged.err || f->plain.err)
        return WN_NOMEM;
    int status = f->api->put(item, field, 0, (wn_str){f->judged.p ? f->judged.p : "", f->judged.n});
    if (status == WN_OK && owns_text) {
        f->api->put(item, WN_TEXT, 0, (wn_str){f->plain.p ? f->plain.p : "", f->plain.n});
        if (note->lang[0])
            f->api->put(item, WN_DETECTED_LANG, 0, (wn_str){note->lang, strlen(note->lang)});
    }
    return status;
}

int item_judge(struct boilerplate *f, wn_item *item, struct note *note)
{
    uint8_t few[256], *remove = few;
    uint32_t n = note->n_lines, removed = 0, in_content = 0, in_summary = 0;
    int status = WN_OK, has_content = 0;
    if (!n || !(note->flags & NOTE_LEARN) || note->flags & NOTE_RESTORED)
        return WN_OK;
    if (n > sizeof few && !(remove = malloc(n)))
        return WN_NOMEM;
    wn_str source = item_source(f, item);
    /* Each part for itself, so that neither comes out blank. */
    uint32_t split = 0;
    while (split < n && note->lines[split].part)
        split++; /* the summary's stand first */
    if (split)
        in_summary = learn_decide(f->learn, source, note->lines, split, remove);
    if (split < n)
        in_content = learn_decide(f->learn, source, note->lines + split, n - split, remove + split);
    for (uint32_t i = 0; i < n; i++)
        if (remove[i] && !(note->lines[i].flags & LEARN_CUTTABLE)) {
            remove[i] = 0;
            *(note->lines[i].part ? &in_summary : &in_content) -= 1;
        }
    removed = in_content + in_summary;
    if (removed) {
        has_content = split < n;
        if (in_summary)
            status = rewrite(f, item, note, remove, 1, has_content);
        if (in_content && status == WN_OK)
            status = rewrite(f, item, note, remove, 0, has_content);
        if (status == WN_OK && !(note->flags & NOTE_SHADOW))
            f->api->put_num(item, WN_SANITISED, 0, 1);
        note->counts[GROUP_LEARNED] += removed;
    }
    if (remove != few)
        free(remove);
    return status;
}
