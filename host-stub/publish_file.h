/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish_file.h: a file that appears whole or not at all, and the publisher's memory of what it
 * put where. The publisher's thread (or any one thread).
 *
 * A file is written beside its place under a name of its own, synced, renamed, and its folder
 * synced. A process that dies leaves the old file, and at most one temporary, which the next
 * attempt reuses.
 */
#ifndef WINNOW_PUBLISH_FILE_H
#define WINNOW_PUBLISH_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <xxhash.h>

struct whole_file {
    int fd;             /* -1: none */
    char *path;         /* the place, symbolic links followed */
    char *temporary;    /* beside it */
    XXH3_state_t *hash; /* of what was written, but for one date, see whole_file_write */
    const char *date;   /* the caller's; what the hash leaves out at its first sight */
    char message[256];  /* what failed, for people */
};

/* Opens the temporary. mark: letters and digits that tell this writer's temporaries from others'.
 * Makes missing parent folders. E_INVALID: the place holds something that isn't a file. E_NOMEM,
 * E_FULL, E_IO. */
int whole_file_open(struct whole_file *file, const char *path, const char *mark);
/* A sink (writer.h); user is the struct whole_file. */
int whole_file_write(void *file, const char *p, size_t n);
/* Puts it in its place. On failure the old one stays. */
int whole_file_commit(struct whole_file *file);
/* After any of them; removes a temporary that was not committed. */
void whole_file_finish(struct whole_file *file);

/* What stands in one place since when. */
struct publication {
    int64_t generation;  /* 0: nothing known */
    uint64_t settings;   /* hash of all that shapes the document beside the entries */
    uint64_t content;    /* hash of the document without its date */
    int64_t size, mtime; /* of the file as it was put there; mtime in nanoseconds */
};

/* Whether the file is still the one that was put there. */
int publication_holds(const struct publication *p, const char *path);
/* Notes the file's size and time. */
void publication_stat(struct publication *p, const char *path);
/* STATE/published: one line an output. What can't be read counts as nothing known: it costs one
 * more publication. */
void publications_load(const char *state, const char *const *paths, struct publication *list,
                       size_t n);
/* Best effort, for the same reason. */
void publications_save(const char *state, const char *const *paths, const struct publication *list,
                       size_t n);

#endif
