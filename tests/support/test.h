/* SPDX-License-Identifier: Apache-2.0 */
/* test.h: what cmocka.h wants included before it. Asserts belong on the test's main thread. */
#ifndef WINNOW_TEST_H
#define WINNOW_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
