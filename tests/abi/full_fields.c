/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "full_parts.h"

static struct blob {
    struct blob *next;
    char bytes[];
} * blobs; /* all copies, until the end */

wn_str full_copy(wn_str s)
{
    struct blob *b = malloc(sizeof *b + s.len + 1);
    if (!b)
        abort();
    if (s.len)
        memcpy(b->bytes, s.ptr, s.len);
    b->bytes[s.len] = '\0';
    b->next = blobs;
    blobs = b;
    return (wn_str){b->bytes, s.len};
}

void full_free(void)
{
    for (struct blob *next; blobs; blobs = next) {
        next = blobs->next;
        free(blobs);
    }
}

/* Fields of one group share their count; the group is named by its first field. */
static uint32_t group(uint32_t field)
{
    switch (field) {
    case WN_AUTHOR:
        return WN_AUTHOR;
    case WN_CATEGORY_TERM:
    case WN_CATEGORY_SCHEME:
    case WN_CATEGORY_LABEL:
        return WN_CATEGORY_TERM;
    case WN_ENCLOSURE_URL:
    case WN_ENCLOSURE_TYPE:
        return WN_ENCLOSURE_URL;
    case WN_LINK_HREF:
    case WN_LINK_REL:
    case WN_LINK_HREFLANG:
        return WN_LINK_HREF;
    case WN_TOPIC_ID:
    case WN_TOPIC_SCORE:
        return WN_TOPIC_ID;
    case WN_REMOVED_RULE:
    case WN_REMOVED_TEXT:
    case WN_REMOVED_PLACE:
        return WN_REMOVED_RULE;
    default:
        return 0;
    }
}

int full_str(const wn_item *item, uint32_t field, uint32_t index, wn_str *value)
{
    if (field >= 64)
        return WN_ABSENT;
    uint32_t g = group(field);
    if (g ? index >= item->n[g] || !item->list[field][index].ptr : index || !item->text[field].ptr)
        return WN_ABSENT;
    *value = g ? item->list[field][index] : item->text[field];
    return WN_OK;
}

int full_num(const wn_item *item, uint32_t field, uint32_t index, int64_t *value)
{
    if (field == WN_TOPIC_SCORE) {
        if (index >= item->n[WN_TOPIC_ID])
            return WN_ABSENT;
        *value = item->number[field][index];
        return WN_OK;
    }
    switch (field) {
    case WN_ID:
    case WN_REVISION:
        *value = field == WN_ID ? item->id : 0;
        return WN_OK;
    case WN_DOCUMENT:
        *value = item->document;
        return WN_OK;
    case WN_ARRIVED:
        *value = item->arrived;
        return WN_OK;
    case WN_SANITISED:
        *value = item->sanitised;
        return WN_OK;
    case WN_TOPIC_BEST_SCORE:
        *value = item->number[field][0];
        return item->text[WN_TOPIC_BEST_ID].ptr ? WN_OK : WN_ABSENT;
    default:
        return WN_ABSENT;
    }
}

uint32_t full_count(const wn_item *item, uint32_t field)
{
    wn_str s;
    int64_t n;
    if (field < 64 && group(field))
        return item->n[group(field)];
    return full_str(item, field, 0, &s) == WN_OK || full_num(item, field, 0, &n) == WN_OK;
}

static int open_entry(wn_item *item, uint32_t g, uint32_t index)
{
    if (index > item->n[g])
        return WN_ABSENT;
    if (index == item->n[g]) {
        if (item->n[g] == MAX_LIST)
            return WN_LIMIT;
        item->n[g]++;
    }
    return WN_OK;
}

int full_put(wn_item *item, uint32_t field, uint32_t index, wn_str value)
{
    uint32_t g = field < 64 ? group(field) : 0;
    if (field >= 64 || (!g && index))
        return WN_INVALID;
    if (g && !value.ptr) {
        if (index >= item->n[g])
            return WN_ABSENT;
        for (uint32_t f = 0; f < 64; f++)
            if (group(f) == g) {
                memmove(&item->list[f][index], &item->list[f][index + 1],
                        (item->n[g] - index - 1) * sizeof(wn_str));
                memmove(&item->number[f][index], &item->number[f][index + 1],
                        (item->n[g] - index - 1) * sizeof(int64_t));
                item->list[f][item->n[g] - 1] = (wn_str){NULL, 0};
            }
        item->n[g]--;
        return WN_OK;
    }
    int status = g ? open_entry(item, g, index) : WN_OK;
    if (status)
        return status;
    if (g)
        item->list[field][index] = full_copy(value);
    else
        item->text[field] = value.ptr ? full_copy(value) : value;
    if (field == WN_CONTENT) {
        static const uint32_t derived[] = {WN_TEXT, WN_DETECTED_LANG, WN_VECTOR};
        for (size_t i = 0; i < 3; i++)
            item->text[derived[i]] = (wn_str){NULL, 0};
        item->sanitised = 0;
    }
    return WN_OK;
}

int full_put_num(wn_item *item, uint32_t field, uint32_t index, int64_t value)
{
    if (field == WN_SANITISED) {
        item->sanitised = value;
        return WN_OK;
    }
    if (field == WN_TOPIC_BEST_SCORE && !index) {
        item->number[field][0] = value;
        return WN_OK;
    }
    if (field != WN_TOPIC_SCORE)
        return WN_UNSUPPORTED;
    int status = open_entry(item, WN_TOPIC_ID, index);
    if (!status)
        item->number[field][index] = value;
    return status;
}
