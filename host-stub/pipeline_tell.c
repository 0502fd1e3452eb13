/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon says at its start and later of itself: to the log, and to the service manager. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "limits.h"
#include "log.h"
#include "notify.h"
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

/* [loop] As long as this comes, the loop turns. A filter that hangs has another watch (crumb.h). */
static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    notify_send("WATCHDOG=1");
}

static void tell_ready(struct pipeline *p)
{
    char lines[256];
    snprintf(lines, sizeof lines, "READY=1\nSTATUS=polling %zu source%s", p->config->n_sources,
             p->config->n_sources == 1 ? "" : "s");
    notify_send(lines);
}

void pipeline_reloads(struct pipeline *p, int done)
{
    if (done)
        tell_ready(p);
    else
        notify_reloading();
}

void pipeline_announce(struct pipeline *p)
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
    tell_ready(p);
    uint64_t every = (uint64_t)notify_watchdog_ms();
    if (every && !uv_timer_init(&p->loop, &p->watchdog))
        uv_timer_start(&p->watchdog, on_watchdog, every, every);
}

void pipeline_ends(const struct pipeline *p)
{
    if (!p->once)
        notify_send("STOPPING=1\nSTATUS=putting away what was fetched");
}
