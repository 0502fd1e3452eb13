/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object that is no plugin. */
int some_other_function(void);

__attribute__((visibility("default"))) int some_other_function(void)
{
    return 1;
}
