/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "folder.h"
#include "limits.h"
#include "log.h"
#include "status.h"
#include "suggest.h"

int options_wrong(const char *command, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log_usage(command, text);
    return EXIT_USAGE;
}

int options_unexpected(const char *command, const char *argument)
{
    return options_wrong(command, "unexpected argument '%s'", argument);
}

/* The option as it was written, without its value, and the long one that was meant. */
static void unknown(const char *command, const char *written, const struct option *longs)
{
    char name[64];
    const char *names[32];
    size_t n = 0, prefixes = 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(written, "="), written);
    for (; longs->name && n < 31; longs++) {
        names[n++] = longs->name;
        prefixes += !strncmp(name, "--", 2) && !strncmp(longs->name, name + 2, strlen(name + 2));
    }
    names[n] = NULL;
    if (prefixes > 1) {
        options_wrong(command, "option '%s' can mean several; write it out", name);
        return;
    }
    const char *near = strncmp(name, "--", 2) ? NULL : suggest(name + 2, names);
    if (near)
        options_wrong(command, "unknown option '%s'; did you mean '--%s'?", name, near);
    else
        options_wrong(command, "unknown option '%s'", name);
}

int options_next(const char *command, int argc, char **argv, const char *shorts,
                 const struct option *longs)
{
    char with_colon[32];
    int at = optind ? optind : 1;
    snprintf(with_colon, sizeof with_colon, ":%s", shorts);
    opterr = 0;
    int c = getopt_long(argc, argv, with_colon, longs, NULL);
    /* A word in which several short options stand together is passed when its last one is read. */
    const char *word = argv[optind > at ? optind - 1 : at];
    if (c == ':') {
        options_wrong(command, "option '%s' needs a value", word);
        return '?';
    }
    if (c != '?')
        return c;
    if (optopt && word && !strncmp(word, "--", 2))
        options_wrong(command, "option '%.*s' takes no value", (int)strcspn(word, "="), word);
    else if (optopt)
        options_wrong(command, "unknown option '-%c'", optopt);
    else
        unknown(command, word ? word : "?", longs);
    return '?';
}

void options_unwritten(int error)
{
    if (error != EPIPE)
        log_msg(LOG_ERROR, "standard output", "cannot be written: %s", strerror(error));
}

void options_held(const char *command, const char *state, const char *holder)
{
    int filter = !strcmp(command, "filter");
    log_msg(LOG_ERROR, state, "the state is held by %s; %s", *holder ? holder : "another process",
            filter ? "give `winnow filter` a folder of its own: --state DIR"
                   : "`winnow refresh` has it poll now, `winnow reload` has it read its "
                     "configuration; a second winnow needs another `state:`");
}

void options_print(struct buf *lines)
{
    for (char *line = lines->p, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        else
            end = line + strlen(line);
        if (*line)
            log_msg(LOG_ERROR, NULL, "%s", line);
    }
    buf_reset(lines);
}

int options_config(const char *path, struct config **config)
{
    struct buf errors;
    buf_init(&errors, MIB(1));
    int err = config_load(path, config, &errors);
    options_print(&errors);
    buf_finish(&errors);
    return err;
}

int options_config_or_default(const char *path, struct config **config)
{
    if (!path && access("winnow.yaml", R_OK))
        return config_default(config);
    return options_config(path ? path : "winnow.yaml", config);
}

/* What would fail only at the first commit or publication is better said now. */
struct place {
    const char *what, *path;
    int line;
    int (*could)(const char *path);
    const char *fix;
};

static int check_place(const struct config *c, const struct place *p)
{
    char line[24] = "";
    errno = 0;
    if (!p->path || p->could(p->path))
        return OK;
    int why = errno;
    if (p->line)
        snprintf(line, sizeof line, ":%d", p->line);
    log_msg(LOG_ERROR, NULL, "%s%s: %s %s cannot be written: %s; %s",
            c->path ? c->path : "winnow.yaml", line, p->what, p->path, strerror(why ? why : EACCES),
            p->fix);
    return E_USAGE;
}

int options_places(const struct config *c)
{
    const struct place places[] = {
        {"the state's folder", c->state, c->state_line, folder_could_be,
         "give it to the user that runs winnow, or name another with 'state:'"},
        {"the event file", c->events_file, c->events_line, folder_could_append,
         "make it writable, or name another with 'events: {file: …}'"},
        {"the log file", c->log_file, c->log_line, folder_could_append,
         "make it writable, or name another with 'log:'"},
    };
    int err = OK;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        err = check_place(c, &places[i]) ? E_USAGE : err;
    for (size_t i = 0; i < c->n_outputs; i++) {
        const struct output *o = &c->outputs[i];
        const struct place p = {"output", o->served ? NULL : o->file, o->line, folder_could_hold,
                                "make its folder writable, or name another"};
        err = check_place(c, &p) ? E_USAGE : err;
    }
    return err;
}
