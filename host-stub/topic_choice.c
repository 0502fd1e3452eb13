/* SPDX-License-Identifier: Apache-2.0 */
#include "topic_choice.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

int topic_list_has(const struct topic_list *list, wn_str id)
{
    for (size_t i = 0; i < list->n; i++)
        if (id.len == strlen(list->ids[i]) && !memcmp(id.ptr, list->ids[i], id.len))
            return 1;
    return 0;
}

int topic_list_add(struct topic_list *list, wn_str id)
{
    if (topic_list_has(list, id))
        return OK;
    char **ids = realloc(list->ids, (list->n + 1) * sizeof *ids);
    if (!ids)
        return E_NOMEM;
    list->ids = ids;
    if (!(ids[list->n] = strndup(id.ptr, id.len)))
        return E_NOMEM;
    list->n++;
    return OK;
}

static void list_finish(struct topic_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->ids[i]);
    free(list->ids);
    *list = (struct topic_list){0};
}

void topic_choice_finish(struct topic_choice *choice)
{
    if (!choice)
        return;
    list_finish(&choice->only);
    list_finish(&choice->except);
}

void output_topics_text(const struct output *o, struct buf *text)
{
    for (size_t i = 0; i < o->n_topics; i++)
        buf_addf(text, "%s%s", i ? "," : "", o->topics[i]);
    for (size_t i = 0; i < o->n_except; i++)
        buf_addf(text, "%s!%s", i || o->n_topics ? "," : "", o->except[i]);
}
