/* SPDX-License-Identifier: Apache-2.0 */
#include "story_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "explain.h"
#include "status.h"
#include "store.h"
#include "story.h"

static json_t *refusal(const char *format, ...) __attribute__((format(printf, 1, 2)));
static json_t *refusal(const char *format, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    return json_pack("{s:b, s:s}", "ok", 0, "error", line);
}

static wn_str label_of(void *chain, wn_str topic, wn_str lang)
{
    return chain ? chain_topic_label(chain, topic, lang) : str_of(NULL, 0);
}

static void tell_chain(void *chain, int64_t a, int64_t b, uint32_t constraint)
{
    if (chain)
        chain_constrain(chain, a, b, constraint);
}

static json_t *failure(int status, const char *what)
{
    if (status == E_FULL)
        return refusal("%s: no space left on device; nothing has changed, make room and try again",
                       what);
    return refusal("%s: %s", what, status_text(status));
}

static json_t *answer_explain(struct store *store, struct chain *chain, const struct config *config,
                              const json_t *request, int64_t now)
{
    const char *what = json_string_value(json_object_get(request, "what"));
    struct explain x = {store_reader(store), config, now, label_of, chain};
    json_t *answer = NULL;
    if (!what || !*what)
        return refusal(
            "explain: say what: an item's number, an address, a guid or words of a title");
    int status = explain_find(&x, what, &answer);
    if (status != OK)
        return failure(status, "explain");
    json_object_set_new(answer, "ok", json_true());
    return answer;
}

static json_t *answer_split(struct store *store, struct chain *chain, const struct config *config,
                            const json_t *request)
{
    int64_t story = json_integer_value(json_object_get(request, "story")), first, known;
    int64_t item = json_integer_value(json_object_get(request, "item"));
    struct ruling_listener listener = {tell_chain, chain};
    if (story <= 0 || item <= 0)
        return refusal("split: give the numbers of a story and of one of its items; `winnow "
                       "explain` tells both");
    int status = stories_split(store, config, story, item, &listener, label_of, chain);
    if (status == E_ABSENT && story_find(store_reader(store), story, &known, &first) == E_ABSENT)
        return refusal("split: there is no story %lld; `winnow explain` tells an item's story",
                       (long long)story);
    if (status == E_ABSENT)
        return refusal(
            "split: item %lld is not in story %lld; `winnow explain story:%lld` lists its items",
            (long long)item, (long long)story, (long long)story);
    if (status == E_INVALID)
        return refusal("split: item %lld is alone in its story already", (long long)item);
    if (status != OK)
        return failure(status, "split");
    int64_t now_in = 0;
    struct item *read = NULL;
    if (reader_item(store_reader(store), item, &read) == OK)
        now_in = read->story;
    item_destroy(read);
    char message[200];
    snprintf(message, sizeof message, "item %lld left story %lld; it is story %lld now",
             (long long)item, (long long)story, (long long)now_in);
    return json_pack("{s:b, s:s, s:I}", "ok", 1, "message", message, "story", (json_int_t)now_in);
}

/* "7" or 7: story 7, by its oldest item; "item:7": the item. E_ABSENT with what to say in *refused.
 */
static int resolve(struct store *store, const json_t *value, int64_t *item, json_t **refused)
{
    const char *text = json_string_value(value);
    int64_t number = json_integer_value(value), story;
    struct item *read = NULL;
    int by_item = text && strncmp(text, "item:", 5) == 0;
    if (text)
        number = strtoll(by_item                           ? text + 5
                         : strncmp(text, "story:", 6) == 0 ? text + 6
                                                           : text,
                         NULL, 10);
    if (number <= 0) {
        *refused = refusal("join: give two stories by number, or items as item:NUMBER");
        return E_INVALID;
    }
    int status = by_item ? reader_item(store_reader(store), number, &read)
                         : story_find(store_reader(store), number, &story, item);
    if (status == OK && by_item)
        *item = number;
    item_destroy(read);
    if (status == E_ABSENT)
        *refused =
            refusal("join: there is no %s %lld", by_item ? "item" : "story", (long long)number);
    else if (status != OK)
        *refused = failure(status, "join");
    return status;
}

static json_t *answer_join(struct store *store, struct chain *chain, const struct config *config,
                           const json_t *request)
{
    int64_t a = 0, b = 0, story = 0;
    struct ruling_listener listener = {tell_chain, chain};
    json_t *refused = NULL;
    struct item *read = NULL;
    if (resolve(store, json_object_get(request, "a"), &a, &refused) != OK ||
        resolve(store, json_object_get(request, "b"), &b, &refused) != OK)
        return refused;
    if (a == b)
        return refusal("join: both are one story already");
    int status = stories_join(store, config, a, b, &listener, label_of, chain);
    if (status != OK)
        return failure(status, "join");
    if (reader_item(store_reader(store), a, &read) == OK)
        story = read->story;
    item_destroy(read);
    char message[200];
    snprintf(message, sizeof message, "items %lld and %lld are in story %lld now", (long long)a,
             (long long)b, (long long)story);
    return json_pack("{s:b, s:s, s:I}", "ok", 1, "message", message, "story", (json_int_t)story);
}

static const char *command_of(const json_t *request)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    return command ? command : "";
}

int state_request_is_ours(const json_t *request)
{
    const char *command = command_of(request);
    return strcmp(command, "explain") == 0 || strcmp(command, "split") == 0 ||
           strcmp(command, "join") == 0;
}

json_t *state_request(struct store *store, struct chain *chain, const struct config *config,
                      const json_t *request, int64_t now, int *changed, int64_t *generation)
{
    const char *command = command_of(request);
    int64_t before = reader_generation(store_reader(store));
    json_t *answer;
    if (strcmp(command, "explain") == 0)
        answer = answer_explain(store, chain, config, request, now);
    else if (strcmp(command, "split") == 0)
        answer = answer_split(store, chain, config, request);
    else if (strcmp(command, "join") == 0)
        answer = answer_join(store, chain, config, request);
    else
        answer = refusal("there is no command \"%.60s\"", command);
    int64_t after = reader_generation(store_reader(store));
    if (changed)
        *changed = after != before;
    if (generation)
        *generation = after;
    return answer;
}
