/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topics.h: the topics filter, as its own plugin and the bundle register it.
 */
#ifndef WINNOW_TOPICS_H
#define WINNOW_TOPICS_H

#include "../winnow_plugin.h"

extern const wn_filter topics_filter;

#endif
