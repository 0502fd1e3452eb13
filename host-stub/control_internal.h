/* SPDX-License-Identifier: Apache-2.0 */
/* control_internal.h: what both sides of the control socket share. Pure but for the folder it
 * opens; any thread. */
#ifndef WINNOW_CONTROL_INTERNAL_H
#define WINNOW_CONTROL_INTERNAL_H

#include <sys/un.h>

/* The address of STATE/control.sock. A path too long for it goes through /proc/self/fd and a
 * descriptor of the folder: *folder_fd is to be closed after bind or connect, -1 when there is
 * none. E_ABSENT, E_IO. */
int control_address(const char *state_dir, struct sockaddr_un *address, int *folder_fd);

#endif
