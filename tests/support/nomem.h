/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nomem.h: makes the n-th allocation fail, in turn. A test that uses it says "wrap: allocation" in
 * a comment of its first lines; then malloc, calloc, realloc, strdup and strndup of all that is
 * linked statically go through here. What shared libraries allocate for themselves does not.
 */
#ifndef WINNOW_NOMEM_H
#define WINNOW_NOMEM_H

/* The n-th allocation from now on (1: the next) fails, on whatever thread; 0: none does. */
void nomem_fail(long n);
/* Ends it; 1: the failure took place. */
int nomem_end(void);

#endif
