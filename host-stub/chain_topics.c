/* SPDX-License-Identifier: Apache-2.0 */
/* What the chain's filters know of topics: labels, and what an output's topics mean. */
#include <string.h>

#include "../plugin/winnow_topic_names.h"
#include "chain_host.h"
#include "status.h"

/* A filter's extension of that name, the first in the chain's order that has it. */
static const void *extension_of(const struct chain *c, const char *id, size_t *at)
{
    for (; *at < c->n_links; ++*at) {
        const struct link_entry *l = &c->links[*at];
        if (!l->created || !filter_calls(l->filter)->extension)
            continue;
        const void *table = filter_calls(l->filter)->extension(l->self, id);
        if (table)
            return table;
    }
    return NULL;
}

wn_str chain_topic_label(const struct chain *c, wn_str topic, wn_str lang)
{
    const wn_topic_labels *labels;
    wn_str label;
    for (size_t i = 0; (labels = extension_of(c, WN_TOPIC_LABELS, &i)); i++)
        if (WN_HAS(labels, label) && labels->label(c->links[i].self, topic, lang, &label) == WN_OK)
            return label;
    return str_of(NULL, 0);
}

/* Without a filter that knows names: only what needs no looking up. */
static int is_id(wn_str s)
{
    if (s.len > 4 && !memcmp(s.ptr, "own:", 4))
        return 1;
    size_t digits = 0;
    while (digits < s.len && s.ptr[digits] >= '0' && s.ptr[digits] <= '9')
        digits++;
    return digits == 8 && s.len == 8;
}

/* The topic, and all below it: who asks for sport gets football. */
static int add_with_all_below(const wn_topic_names *names, void *self, wn_str id,
                              struct topic_list *list)
{
    int status = topic_list_add(list, id);
    wn_str other;
    if (!WN_HAS(names, at) || !WN_HAS(names, top))
        return status;
    for (uint32_t k = 0; status == OK && (other = names->at(self, k)).ptr; k++)
        if (str_eq(names->top(self, other), id))
            status = topic_list_add(list, other);
    return status;
}

static int resolve(const struct chain *c, const char *name, struct topic_list *list)
{
    const wn_topic_names *names;
    wn_str s = str_z(name);
    int asked = 0;
    for (size_t i = 0; (names = extension_of(c, WN_TOPIC_NAMES, &i)); i++) {
        void *self = c->links[i].self;
        wn_str id = WN_HAS(names, find) ? names->find(self, s) : str_of(NULL, 0);
        if (id.ptr)
            return add_with_all_below(names, self, id, list);
        asked = 1;
    }
    return !asked && is_id(s) ? topic_list_add(list, s) : E_ABSENT;
}

static int resolve_all(const struct chain *c, const struct output *o, char *const *names, size_t n,
                       struct topic_list *list, struct buf *errors)
{
    int status = OK;
    for (size_t i = 0; i < n && status != E_NOMEM; i++) {
        int one = resolve(c, names[i], list);
        if (one == E_ABSENT && errors)
            buf_addf(errors,
                     "%s:%d: output %s: '%s' is no topic that the filters tag; write an id such as "
                     "11000000, a name such as Politics, or own:NAME for a topic of your own "
                     "(winnow-topics(7) lists them)\n",
                     c->config->path ? c->config->path : "configuration", o->line, o->file,
                     names[i]);
        status = one ? one : status;
    }
    return status;
}

int chain_topic_choice(const struct chain *c, const struct output *o, struct topic_choice *choice,
                       struct buf *errors)
{
    struct topic_choice made = {0};
    int only = resolve_all(c, o, o->topics, o->n_topics, &made.only, errors);
    int except = resolve_all(c, o, o->except, o->n_except, &made.except, errors);
    if (only || except) {
        topic_choice_finish(&made);
        return only == E_NOMEM || except == E_NOMEM ? E_NOMEM : E_USAGE;
    }
    *choice = made;
    return OK;
}

int chain_check_outputs(const struct chain *c, struct buf *errors)
{
    int status = OK;
    for (size_t i = 0; i < c->config->n_outputs; i++) {
        struct topic_choice choice = {0};
        int one = chain_topic_choice(c, &c->config->outputs[i], &choice, errors);
        topic_choice_finish(&choice);
        status = one ? one : status;
    }
    return status;
}
