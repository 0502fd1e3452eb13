/* SPDX-License-Identifier: Apache-2.0 */
/* winnow stats: how much there is, and what a running daemon has done so far. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "command_state.h"
#include "status.h"
#include "store.h"

static const char usage[] =
    "Usage: winnow stats [-c FILE] [--json]\n"
    "\n"
    "Prints what the state holds and, while a daemon runs, what it has done since it started: how "
    "its\n"
    "fetches went, what waits, its memory, and for each filter how many items it saw, changed and "
    "failed\n"
    "at, what it took away, and the time that it took: an item on average, and its longest single "
    "call\n"
    "(microseconds). winnow-events(5) explains each figure.\n"
    "\n" STATE_OPTIONS "      --json         one JSON object\n"
    "      --help         this text\n"
    "\n"
    "Exits 0 when done, 1 if there is no state, 2 for a wrong option or configuration.\n";

static json_int_t size_of(const char *dir, const char *name)
{
    char path[4200];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return stat(path, &st) == 0 ? (json_int_t)st.st_size : 0;
}

static int read_state(const char *dir, json_t **state)
{
    struct reader *reader = NULL;
    struct store_counts c;
    int status = reader_open_dir(dir, &reader);
    if (status == OK)
        status = reader_counts(reader, &c);
    if (status == OK) {
        json_int_t generation = (json_int_t)reader_generation(reader);
        *state = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "items",
                           (json_int_t)c.items, "stories", (json_int_t)c.stories, "entries",
                           (json_int_t)c.entries, "waiting", (json_int_t)c.waiting, "sources",
                           (json_int_t)c.sources, "sources_failing", (json_int_t)c.failing, "guids",
                           (json_int_t)c.guids, "keys", (json_int_t)c.keys, "events_waiting",
                           (json_int_t)c.events, "generation", generation, "bytes",
                           size_of(dir, "winnow.db") + size_of(dir, "winnow.db-wal"));
        status = *state ? OK : E_NOMEM;
    }
    reader_close(reader);
    return status;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void print_filters(const json_t *filters)
{
    size_t i;
    json_t *f;
    printf("  %-18s %9s %9s %9s %7s %9s %9s\n", "filter", "items", "changed", "removed", "errors",
           "mean µs", "longest");
    json_array_foreach(filters, i, f)
    {
        const char *name = json_string_value(json_object_get(f, "name"));
        json_int_t over = number(f, "passed_over");
        printf("    %-16s %9lld %9lld %9lld %7lld %8lld %9lld", name ? name : "?",
               (long long)number(f, "items"), (long long)number(f, "changed"),
               (long long)number(f, "removed"), (long long)number(f, "errors"),
               (long long)number(f, "mean_us"), (long long)number(f, "longest_us"));
        if (!json_is_true(json_object_get(f, "enabled")))
            fputs("  off in the configuration", stdout);
        else if (json_is_true(json_object_get(f, "disabled")))
            fputs("  switched off by errors: see the log", stdout);
        if (over)
            printf("  passed over for %lld items", (long long)over);
        putchar('\n');
    }
}

static void print(const json_t *object, const char *title)
{
    const char *key;
    json_t *value;
    printf("%s\n", title);
    json_object_foreach((json_t *)object, key, value)
    {
        if (strcmp(key, "event_type") == 0 || strcmp(key, "filters") == 0)
            continue;
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        printf("  %-18s %s\n", key, text ? text : json_string_value(value));
        free(text);
    }
    if (json_array_size(json_object_get(object, "filters")))
        print_filters(json_object_get(object, "filters"));
}

int cmd_stats(int argc, char **argv)
{
    struct state_args args = {.usage = usage};
    json_t *state = NULL, *daemon = NULL;
    int code = EXIT_FAILED;
    if (!state_args_read(&args, "stats", argc, argv, &code))
        goto out;
    int status = read_state(args.state, &state);
    if (status == E_ABSENT) {
        fprintf(stderr, "winnow stats: there is no state in %s yet; poll first: winnow run\n",
                args.state);
        goto out;
    }
    if (status != OK) {
        fprintf(stderr, "winnow stats: %s: %s\n", args.state, status_text(status));
        goto out;
    }
    int asked = state_ask(&args, json_pack("{s:s}", "command", "stats"), &daemon);
    code = asked < 0 ? EXIT_FAILED : EXIT_DONE;
    if (args.json) {
        if (daemon)
            json_object_set(state, "daemon", json_object_get(daemon, "stats"));
        json_dumpf(state, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        print(state, "The state");
        if (daemon)
            print(json_object_get(daemon, "stats"), "The daemon, since its start");
    }
out:
    json_decref(state);
    json_decref(daemon);
    state_args_finish(&args);
    return code;
}
