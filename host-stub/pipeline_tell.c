/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon says at its start, for whoever reads the log of a service. */
#include <string.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"
#include "pipeline_internal.h"

enum { MOST_FILES = 4 };

static void tell_filters(const struct config *c, struct buf *to)
{
    const char *sep = "";
    for (size_t i = 0; i < c->n_filters; i++) {
        const struct filter_config *f = &c->filters[i];
        if (!f->enabled)
            continue;
        buf_addf(to, "%s%s", sep, f->name ? f->name : f->plugin);
        sep = ", ";
    }
    if (!*sep)
        buf_adds(to, "none");
}

static void tell_files(const struct config *c, struct buf *to)
{
    size_t told = 0, files = 0;
    for (size_t i = 0; i < c->n_outputs; i++) {
        if (c->outputs[i].served)
            continue;
        if (++files > MOST_FILES)
            continue;
        buf_addf(to, "%s%s", told++ ? ", " : "; writes ", c->outputs[i].file);
    }
    if (files > told)
        buf_addf(to, " and %zu more", files - told);
}

void pipeline_announce(const struct pipeline *p)
{
    const struct config *c = p->config;
    struct buf line;
    buf_init(&line, KIB(16));
    buf_addf(&line, "winnow " WINNOW_VERSION " runs as process %ld: %zu source%s, filters ",
             (long)getpid(), c->n_sources, c->n_sources == 1 ? "" : "s");
    tell_filters(c, &line);
    tell_files(c, &line);
    if (p->server) {
        const char *colon = strrchr(c->listen, ':');
        buf_addf(&line, "; serves http://%.*s:%d/", (int)(colon - c->listen), c->listen,
                 server_port(p->server));
    }
    buf_addf(&line, "; state %s", c->state);
    if (line.p)
        log_msg(LOG_NOTICE, c->path, "%s", line.p);
    buf_finish(&line);
}
