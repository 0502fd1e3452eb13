/* SPDX-License-Identifier: Apache-2.0 */
/*
 * editions.h: the editions filter, as its own plugin and the bundle register it.
 */
#ifndef WINNOW_EDITIONS_H
#define WINNOW_EDITIONS_H

#include "../winnow_plugin.h"

extern const wn_filter editions_filter;

#endif
