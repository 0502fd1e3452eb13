/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_text.h: sources as text of winnow.yaml, for init and opml import: written, and put into a
 * file that a person wrote, whose comments and order stay.
 *
 * Pure but for source_file_write; main thread.
 */
#ifndef WINNOW_SOURCE_TEXT_H
#define WINNOW_SOURCE_TEXT_H

#include "buf.h"

struct new_source {
    const char *url;
    const char *title; /* what the user calls it; NULL: the feed's own */
    const char *note;  /* becomes a comment; NULL */
    char *const *tags;
    size_t n_tags;
    int allow_private;
};

/* A scalar, plain where YAML would read it back as it is, else double-quoted. Bytes that are not
 * UTF-8 become U+FFFD. Errors are the buffer's. */
void yaml_add_scalar(struct buf *out, const char *text);
/* An entry of a block sequence, "- url" or a mapping, indented by so many blanks, with its line
 * ends. */
void yaml_add_source(struct buf *out, int indent, const struct new_source *source);
/* The same as a comment, with the reason behind it. */
void yaml_add_comment(struct buf *out, int indent, const char *url, const char *why);

/* Appends to out the configuration `text` with the sources added at the end of its `sources`, which
 * is made if it isn't there. E_SYNTAX: it is no YAML mapping; E_INVALID: its sources stand in a
 * form that cannot be added to (an alias, a mapping written in braces). The result is YAML; whether
 * it is a valid configuration the caller finds out. */
int source_text_insert(const char *text, size_t n, const struct new_source *sources, size_t count,
                       struct buf *out);

/* Writes a file whole or not at all: temporary file, fsync, rename. An existing file keeps its
 * mode, a link its place. E_BUSY: it is there already and `replace` is 0; E_FULL, E_IO (errno says
 * more). */
int source_file_write(const char *path, const char *text, size_t n, int replace);

#endif
