/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_tree.h: reading a YAML document by tables of keys, with errors that name file, line, key and
 * the fix. Used by config.c alone; main or judge thread.
 *
 * All errors are told: a reader notes one and goes on. Strings are malloc-ed into the target.
 */
#ifndef WINNOW_YAML_TREE_H
#define WINNOW_YAML_TREE_H

#include <stdint.h>
#include <yaml.h>

#include "buf.h"

struct yaml_tree {
    yaml_document_t doc;
    const char *name;   /* of the file, for messages */
    const char *folder; /* what relative paths are relative to */
    struct buf *errors;
    int failed; /* errors told (warnings don't count) */
};

struct yaml_key;
typedef void (*yaml_read_fn)(struct yaml_tree *t, yaml_node_t *node, const struct yaml_key *key,
                             void *base);

/* One key of a mapping and where its value goes in the struct at `base`. */
struct yaml_key {
    const char *name; /* NULL ends a table */
    yaml_read_fn read;
    size_t offset;    /* of the target */
    size_t offset_n;  /* lists: of the target's count; paths: of their line (an int), 0: not kept */
    int64_t min, max; /* numbers and durations */
};

/* E_SYNTAX with a line in *errors; an empty document gives a NULL root. */
int yaml_tree_load(struct yaml_tree *t, const char *text, size_t n);
void yaml_tree_finish(struct yaml_tree *t);

void yaml_error(struct yaml_tree *t, const yaml_node_t *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void yaml_warning(struct yaml_tree *t, const yaml_node_t *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int yaml_line(const yaml_node_t *node);
yaml_node_t *yaml_at(struct yaml_tree *t, int index);
/* The text of a scalar (not NULL ~ empty), else NULL. */
const char *yaml_text(const yaml_node_t *node);
int yaml_is_null(const yaml_node_t *node);

/* Reads a mapping by its table: unknown keys and keys given twice are errors. `what` names the mapping. */
void yaml_read_map(struct yaml_tree *t, yaml_node_t *map, const struct yaml_key *keys,
                   const char *what, void *base);

/* Readers. */
void yaml_read_string(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_path(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_bool(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_int(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_int64(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_duration(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
/* A list of strings, or one string. */
void yaml_read_strings(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
/* A language's code (BCP 47, as en, pt-BR or zh-Hant), or a list of them; a name as "English" is an error. */
void yaml_read_lang(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_langs(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);

/* Any node as JSON text (numbers, true, false and null where unquoted), malloc-ed; NULL when
 * nested too deep or too large. */
char *yaml_to_json(struct yaml_tree *t, yaml_node_t *node);

#endif
