/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h: everything wired together: schedule → fetch → parse → judge → publish → serve.
 *
 * One struct pipeline a process. Its functions are the main thread's, which runs the loop; the
 * pipeline owns the configuration that it is given, and the ones that reloads bring.
 */
#ifndef WINNOW_PIPELINE_H
#define WINNOW_PIPELINE_H

#include "config.h"

struct pipeline;

struct pipeline_options {
    struct config *config; /* taken over, also on failure */
    int once;              /* poll each source once, publish, end */
    int progress;          /* a progress line on the terminal */
};

/* Opens the state, loads the filters, starts the threads. Errors were logged. E_USAGE, E_BUSY, … */
int pipeline_create(const struct pipeline_options *options, struct pipeline **pipeline);
/* Until --once is through or pipeline_end; returns an exit code (command.h). */
int pipeline_run(struct pipeline *pipeline);
void pipeline_destroy(struct pipeline *pipeline);

#endif
