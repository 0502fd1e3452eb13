/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boilerplate.h: the boilerplate filter, as its own plugin and the bundle register it.
 */
#ifndef WINNOW_BOILERPLATE_H
#define WINNOW_BOILERPLATE_H

#include "../winnow_plugin.h"

extern const wn_filter boilerplate_filter;

#endif
