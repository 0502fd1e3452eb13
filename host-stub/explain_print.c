/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation as text for people. What the network sent is cleaned for the terminal. */
#include <inttypes.h>
#include <string.h>

#include "explain.h"
#include "limits.h"

/* Control characters drive terminals; newlines would break the layout. */
static void put(FILE *to, const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
        if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
            p++;
        else if (*p >= 0x20 && *p != 0x7f)
            putc(*p, to);
        else
            putc(' ', to);
    }
}

static const char *str(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s && *s ? s : NULL;
}

static int64_t num(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static int is(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static void line(FILE *to, const char *name, const char *value)
{
    if (!value)
        return;
    fprintf(to, "  %-10s", name);
    put(to, value);
    putc('\n', to);
}

/* item 12, "A title" (de, Example) */
static void item_ref(FILE *to, const json_t *o)
{
    fprintf(to, "item %" PRId64, num(o, "item"));
    if (json_is_true(json_object_get(o, "removed")))
        fputs(" (gone with age)", to);
    if (str(o, "title")) {
        fputs(", \"", to);
        put(to, str(o, "title"));
        putc('"', to);
    }
    const char *lang = str(o, "lang"), *source = str(o, "source_name");
    if (lang || source) {
        fputs(" (", to);
        put(to, lang ? lang : "");
        fputs(lang && source ? ", " : "", to);
        put(to, source ? source : "");
        putc(')', to);
    }
}

static void print_head(FILE *to, const json_t *a)
{
    fprintf(to, "Item %" PRId64 ": ", num(a, "item"));
    put(to, str(a, "title") ? str(a, "title") : "(no title)");
    putc('\n', to);
    line(to, "link", str(a, "link"));
    if (str(a, "guid") && (!str(a, "link") || strcmp(str(a, "guid"), str(a, "link")) != 0))
        line(to, "guid", str(a, "guid"));
    line(to, "source", str(a, "source"));
    line(to, "arrived", str(a, "arrived"));
    line(to, "published", str(a, "published"));
    if (num(a, "revision"))
        fprintf(to, "  changed by its source %" PRId64 " time%s\n", num(a, "revision"),
                num(a, "revision") == 1 ? "" : "s");
    const char *declared = str(a, "declared_lang"), *detected = str(a, "detected_lang");
    if (declared || detected)
        fprintf(to, "  language  %s%s%s%s\n", detected ? detected : declared,
                detected && declared ? " (declared " : "", detected && declared ? declared : "",
                detected && declared ? ")" : "");
}

static void print_filter(FILE *to, const json_t *f)
{
    const char *verdict = str(f, "verdict");
    fputs("  ", to);
    put(to, str(f, "filter"));
    if (is(f, "configured") && !is(f, "enabled")) {
        fprintf(to,
                ": switched off in the configuration, line %" PRId64
                "; remove `enabled: no` there to have it",
                num(f, "line"));
        fputs(verdict ? "; what it said before:\n   " : "\n", to);
        if (!verdict)
            return;
    } else if (!is(f, "configured")) {
        fputs(" (no longer configured)", to);
    }
    if (!verdict) {
        fputs(": kept the item\n", to);
        return;
    }
    fprintf(to, ": %s", verdict);
    if (json_is_object(json_object_get(f, "of"))) {
        fputs(" of ", to);
        item_ref(to, json_object_get(f, "of"));
    }
    fprintf(to, ", score %.3f\n", json_real_value(json_object_get(f, "score")));
    if (str(f, "reason")) {
        fputs("    because: ", to);
        put(to, str(f, "reason"));
        putc('\n', to);
    }
    if (str(f, "evidence")) {
        fputs("    evidence: ", to);
        put(to, str(f, "evidence"));
        putc('\n', to);
    }
}

static void print_changes(FILE *to, const json_t *a)
{
    const json_t *removed = json_object_get(a, "removed"), *topics = json_object_get(a, "topics"),
                 *e;
    int64_t before = num(json_object_get(a, "before"), "text_bytes");
    int64_t after = num(json_object_get(a, "after"), "text_bytes");
    size_t i;
    fprintf(to, "  text: %" PRId64 " bytes as it came, %" PRId64 " as it is shown\n", before,
            after);
    json_array_foreach(removed, i, e)
    {
        fputs("  taken away (", to);
        put(to, str(e, "rule") ? str(e, "rule") : "?");
        if (str(e, "place"))
            fprintf(to, ", %s", str(e, "place"));
        fputs("): ", to);
        put(to, str(e, "text") ? str(e, "text") : "");
        putc('\n', to);
    }
    json_array_foreach(topics, i, e)
        fprintf(to, "  topic %s%s%s, score %.3f\n", str(e, "id") ? str(e, "id") : "?",
                str(e, "label") ? " " : "", str(e, "label") ? str(e, "label") : "",
                json_real_value(json_object_get(e, "score")));
    e = json_object_get(a, "topic_best");
    if (!json_array_size(topics) && json_is_object(e))
        fprintf(to, "  no topic is sure enough; the best is %s, score %.3f\n", str(e, "id"),
                json_real_value(json_object_get(e, "score")));
}

static void print_entry(FILE *to, const json_t *a)
{
    const json_t *entry = json_object_get(a, "entry"), *outputs = json_object_get(entry, "outputs"),
                 *e;
    size_t i;
    if (is(a, "dropped")) {
        fputs("Not shown: a filter dropped it (see above). To have it back, change that filter's "
              "options.\n",
              to);
        return;
    }
    if (!str(entry, "shown")) {
        if (str(entry, "due"))
            fprintf(to, "Not shown yet: its story waits for other editions until %s (`settle`).\n",
                    str(entry, "due"));
        else
            fputs("Not shown: nothing of its story is on show.\n", to);
        return;
    }
    fprintf(to, "Shown since %s, last changed %s.\n", str(entry, "shown"), str(entry, "updated"));
    if (is(entry, "is_face")) {
        fputs("  readers see this item: ", to);
    } else {
        fputs("  readers see ", to);
        item_ref(to, json_object_get(entry, "face"));
        fputs(" instead: ", to);
    }
    put(to, str(entry, "because") ? str(entry, "because") : "?");
    putc('\n', to);
    json_array_foreach(outputs, i, e)
    {
        fprintf(to, is(e, "within_window") ? "  in %s%s%s\n" : "  not in %s: %s%s\n",
                str(e, "file"), str(e, "why") ? str(e, "why") : "",
                is(e, "within_window") && (str(e, "lang") || str(e, "topic"))
                    ? " (if it has that language or topic)"
                    : "");
    }
}

static void print_list(FILE *to, const json_t *list, const char *title)
{
    const json_t *e;
    size_t i;
    if (!json_array_size(list))
        return;
    fprintf(to, "%s\n", title);
    json_array_foreach(list, i, e)
    {
        fputs("  ", to);
        item_ref(to, e);
        fputs(is(e, "dropped") ? " (dropped)\n" : "\n", to);
    }
}

static void print_texts(FILE *to, const json_t *a)
{
    static const char *const when[] = {"before", "after"}, *const titles[] = {"As it came",
                                                                              "As it is shown"};
    static const char *const parts[] = {"title", "summary", "content"};
    for (int i = 0; i < 2; i++) {
        fprintf(to, "\n%s\n", titles[i]);
        for (int k = 0; k < 3; k++) {
            const char *s = str(json_object_get(a, when[i]), parts[k]);
            if (!s)
                continue;
            fprintf(to, "  %s: ", parts[k]);
            put(to, s);
            putc('\n', to);
        }
    }
}

static void print_item(FILE *to, const json_t *a, int texts)
{
    const json_t *e, *filters = json_object_get(a, "filters"),
                     *rulings = json_object_get(a, "rulings");
    size_t i;
    print_head(to, a);
    fputs("What the filters said, in their order\n", to);
    json_array_foreach(filters, i, e) print_filter(to, e);
    print_changes(to, a);
    fprintf(to, "Story %" PRId64 "%s\n", num(a, "story"),
            json_array_size(json_object_get(a, "members")) ? "" : ": the item is alone");
    print_list(to, json_object_get(a, "members"), "  Its other members");
    print_list(to, json_object_get(a, "related"), "  Other reports of the event");
    json_array_foreach(rulings, i, e)
        fprintf(to, "  you ruled: %s %s item %" PRId64 " (%s)\n", str(e, "ruling"),
                strcmp(str(e, "ruling"), "apart") == 0 ? "from" : "with", num(e, "item"),
                str(e, "time") ? str(e, "time") : "");
    print_entry(to, a);
    if (texts)
        print_texts(to, a);
}

static void print_source(FILE *to, const json_t *a)
{
    fputs("Source ", to);
    put(to, str(a, "source"));
    fprintf(to, ": %s\n", str(a, "state"));
    line(to, "title", str(a, "title"));
    line(to, "error", str(a, "error"));
    if (num(a, "failures"))
        fprintf(to, "  failed %" PRId64 " time%s in a row, last success %s\n", num(a, "failures"),
                num(a, "failures") == 1 ? "" : "s",
                str(a, "last_success") ? str(a, "last_success") : "never");
    line(to, "polled", str(a, "polled"));
    line(to, "next", str(a, "next"));
    if (str(a, "document"))
        fprintf(to, "  last document %s, with %" PRId64 " items\n", str(a, "document"),
                num(a, "listed"));
    line(to, "warnings", str(a, "warnings"));
    line(to, "advice", str(a, "advice"));
    print_list(to, json_object_get(a, "items"), "  Its newest items");
}

/* A source that may be why, in short. */
static void print_suspect(FILE *to, const json_t *a)
{
    fputs("  ", to);
    put(to, str(a, "source"));
    fprintf(to, ": %s", str(a, "state"));
    if (str(a, "error")) {
        fputs(": ", to);
        put(to, str(a, "error"));
    }
    if (str(a, "advice")) {
        fputs("\n    ", to);
        put(to, str(a, "advice"));
    }
    putc('\n', to);
}

static void print_suspects(FILE *to, const json_t *a)
{
    enum { MOST = 3 };
    const json_t *list = json_object_get(a, "sources");
    size_t n = json_array_size(list), i = 0;
    for (; i < n && i < MOST; i++)
        print_suspect(to, json_array_get(list, i));
    int64_t more = (int64_t)(n - i) + num(a, "more_sources");
    if (more > 0)
        fprintf(to, "  and %" PRId64 " more; `winnow explain URL` tells more of one\n", more);
}

void explain_print(FILE *to, const json_t *a, int texts)
{
    const char *found = str(a, "found");
    const json_t *e;
    size_t i;
    if (!found)
        return;
    if (strcmp(found, "item") == 0) {
        print_item(to, a, texts);
        return;
    }
    if (strcmp(found, "source") == 0) {
        print_source(to, a);
        return;
    }
    if (strcmp(found, "items") == 0) {
        json_array_foreach(json_object_get(a, "choices"), i, e)
        {
            item_ref(to, e);
            putc('\n', to);
        }
        if (is(a, "more"))
            fputs("… and more\n", to);
    } else if (strcmp(found, "removed") == 0) {
        fprintf(to, "Item %" PRId64 " of ", num(a, "item"));
        put(to, str(a, "source") ? str(a, "source") : "?");
        fprintf(to, ", last listed %s, is gone\n", str(a, "listed") ? str(a, "listed") : "?");
    } else {
        fputs("Nothing fits \"", to);
        put(to, str(a, "what") ? str(a, "what") : "");
        fputs("\"\n", to);
    }
    if (str(a, "advice")) {
        put(to, str(a, "advice"));
        putc('\n', to);
    }
    print_suspects(to, a);
}
