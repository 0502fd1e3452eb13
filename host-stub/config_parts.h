/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_parts.h: the parts of winnow.yaml that are lists of maps: filters, sources, outputs. For config.c.
 */
#ifndef WINNOW_CONFIG_PARTS_H
#define WINNOW_CONFIG_PARTS_H

#include "config.h"
#include "yaml_tree.h"

void config_read_plugins(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void config_read_filters(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void config_read_sources(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void config_read_outputs(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k, void *base);
void yaml_read_duration_int(struct yaml_tree *t, yaml_node_t *n, const struct yaml_key *k,
                            void *base);

/* What can only be said of all parts together; sorts the sources by URL. */
void config_check_parts(struct yaml_tree *t, struct config *c);

int config_default_filters(struct config *c); /* boilerplate, editions, topics */
int config_plugin_filters(struct config *c);  /* all filters of `plugins`, in order */
int config_default_output(struct config *c);  /* feed.atom beside the configuration */
int config_served_outputs(
    struct config *c); /* the three formats for the HTTP server, in the state */
void config_free_filters(struct filter_config *filters, size_t n);

#endif
