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
    "Prints what the state holds and, while a daemon runs, what it has done since it started.\n"
    "\n"
    "  -c, --config FILE  the configuration (winnow.yaml)\n"
    "  --state DIR        the state, instead of the configuration's\n"
    "  --json             one JSON object\n"
    "  --help             this text\n";

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

static void print(const json_t *object, const char *title)
{
    const char *key;
    json_t *value;
    printf("%s\n", title);
    json_object_foreach((json_t *)object, key, value)
    {
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (strcmp(key, "event_type") != 0)
            printf("  %-18s %s\n", key, text ? text : json_string_value(value));
        free(text);
    }
}

int cmd_stats(int argc, char **argv)
{
    struct state_args args = {.usage = usage};
    json_t *state = NULL, *daemon = NULL;
    int code = EXIT_FAILED;
    if (!state_args_read(&args, argc, argv, &code))
        goto out;
    if (args.n_rest) {
        fputs(usage, stderr);
        code = EXIT_USAGE;
        goto out;
    }
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
