/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h: the folders that files go into. Any thread; errno tells more on failure.
 */
#ifndef WINNOW_FOLDER_H
#define WINNOW_FOLDER_H

/* Makes the folder and those above it that are missing, with this mode. E_IO. */
int folder_make(const char *path, unsigned mode);
/* The same for the folder that a file is in. */
int folder_make_for(const char *file, unsigned mode);
/* Whether that would go well, without doing it: the nearest folder above `file` that exists can be
 * written. 0: errno says why not. */
int folder_could_hold(const char *file);
/* The same for a file that is appended to: one that is there must be writable itself. */
int folder_could_append(const char *file);
/* The same for a folder that is made where it is missing. */
int folder_could_be(const char *path);

/* Absolute path of `path` relative to the folder; "~/" is the home. malloc-ed. */
char *path_absolute(const char *folder, const char *path);

#endif
