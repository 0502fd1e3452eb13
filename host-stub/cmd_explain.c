/* SPDX-License-Identifier: Apache-2.0 */
/* winnow explain: why the clean feed shows an item, or doesn't. Reads the state beside a running
 * daemon. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chain.h"
#include "command.h"
#include "command_state.h"
#include "explain.h"
#include "limits.h"
#include "options.h"
#include "status.h"

static const char usage[] =
    "Usage: winnow explain [-c FILE] [--json] [--text] ITEM | URL | GUID | story:N | WORDS...\n"
    "\n"
    "Tells what each filter saw, decided and took away, the item's story, and why readers see what "
    "they\n"
    "see; for what isn't there, why not and what to do.\n"
    "\n" STATE_OPTIONS "      --json         one JSON object\n"
    "      --text         also the item's text as it came and as it is shown\n"
    "      --help         this text\n"
    "\n"
    "Exits 0 if something was found, 1 if not, 2 for a wrong option or configuration.\n";

/* The words of the command line as one string. */
static int join_words(int n, char **words, struct buf *to)
{
    for (int i = 0; i < n; i++) {
        if (i)
            buf_addc(to, ' ');
        buf_adds(to, words[i]);
    }
    return to->err;
}

/* Topics' names come of the topics filter, made when the first is asked for. */
struct names {
    struct config *config;
    struct chain *chain;
    int tried;
};

static wn_str name_of(void *user, wn_str topic, wn_str lang)
{
    static const char yaml[] = "filters: [topics]\n";
    struct names *n = user;
    if (!n->tried) {
        struct buf errors; /* without names an explanation is one, too */
        n->tried = 1;
        buf_init(&errors, KIB(64));
        if (config_parse(yaml, sizeof yaml - 1, "topics", ".", &n->config, &errors) == OK &&
            chain_create(n->config, NULL, NULL, NULL, CHAIN_NAMES, &n->chain, &errors) != OK)
            n->chain = NULL;
        buf_finish(&errors);
    }
    return n->chain ? chain_topic_label(n->chain, topic, lang) : str_of(NULL, 0);
}

int cmd_explain(int argc, char **argv)
{
    struct state_args args = {.usage = usage,
                              .wants = "ITEM | URL | GUID | story:N | WORDS...",
                              .least = 1,
                              .most = INT_MAX};
    struct names names = {0};
    struct explain x = {.now = (int64_t)time(NULL), .label = name_of, .user = &names};
    struct buf what;
    json_t *answer = NULL;
    int code = EXIT_FAILED;
    buf_init(&what, LIMIT_CONTROL_LINE);
    if (!state_args_read(&args, "explain", argc, argv, &code))
        goto out;
    if (join_words(args.n_rest, args.rest, &what) != OK) {
        code = options_wrong("explain", "longer than %zu bytes", LIMIT_CONTROL_LINE);
        goto out;
    }
    x.config = args.config;
    int status = reader_open_dir(args.state, &x.reader);
    if (status == OK || status == E_ABSENT)
        status = explain_find(&x, what.p, &answer);
    if (status != OK) {
        fprintf(stderr, "winnow explain: %s: %s\n", args.state, status_text(status));
        goto out;
    }
    if (args.json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        explain_print(stdout, answer, args.text);
    }
    const char *found = json_string_value(json_object_get(answer, "found"));
    code = found && strcmp(found, "nothing") != 0 && strcmp(found, "removed") != 0 ? EXIT_DONE
                                                                                   : EXIT_FAILED;
out:
    json_decref(answer);
    reader_close(x.reader);
    chain_destroy(names.chain);
    config_destroy(names.config);
    state_args_finish(&args);
    buf_finish(&what);
    return code;
}
