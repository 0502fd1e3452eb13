/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data.h: finding and reading the files that stand beside the filter: vocabulary, mapping, terms
 * and weights.
 *
 * Ownership: data_read's result is the caller's, to be freed. No state of its own; any thread.
 */
#ifndef WINNOW_TOPICS_DATA_H
#define WINNOW_TOPICS_DATA_H

#include <stddef.h>
#include <stdint.h>

#define DATA_PATH_MAX 4096
#define DATA_FIELDS_MAX 24 /* columns of a line; the vocabulary has 17 */

/*
 * Where a file of that name is: in folder `dir` if one is given and has it, else beside the shared
 * object that this code is in, else in the installed folder. Writes the path to
 * out[DATA_PATH_MAX]. WN_OK, or WN_ABSENT with the last place tried in out.
 */
int data_find(const char *dir, const char *name, char *out);

/* Reads a whole file, at most `limit` bytes, and ends it with a NUL that *len doesn't count.
 * WN_OK, WN_ABSENT (can't be opened), WN_LIMIT (larger), WN_ERROR (read error), WN_NOMEM. */
int data_read(const char *path, size_t limit, char **text, size_t *len);

/* One field of a line: not NUL-terminated. */
struct field {
    const char *ptr;
    size_t len;
};

/*
 * Cuts the next line that is neither empty nor a comment ("# …") from *at into fields at tabs, and
 * moves *at behind it. Returns the number of fields, at most DATA_FIELDS_MAX (the last one then
 * holds the rest), 0 at the end. *line counts lines for messages.
 */
size_t data_line(const char **at, const char *end, unsigned *line, struct field *fields);

/* Cuts the next name from a list parted by " | "; spaces around it go. 0 at the end. */
int data_name(struct field *list, struct field *name);

#endif
