/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_filter.h: the two halves of `winnow filter`: cmd_filter.c takes a document through the chain,
 * cmd_filter_write.c writes what came of it to standard output.
 */
#ifndef WINNOW_CMD_FILTER_H
#define WINNOW_CMD_FILTER_H

#include "config.h"
#include "item.h"

struct filter_run { /* lives on the main thread's stack; strings are argv's */
    const char *source, *state;
    int format; /* -1: as it came */
    struct config *config;
    struct store *store;
    struct workers *workers;
    struct judge *judge;
    int status;      /* of the writing, set on the judge thread */
    int write_errno; /* likewise; 0: standard output took all */
};

/* [judge] Writes the document, whose items are committed. E_IO with write_errno set: standard output
 * failed; what reading the state and writing a feed can fail with. */
int filter_write(struct filter_run *run, const struct document *doc);

#endif
