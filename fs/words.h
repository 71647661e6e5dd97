/* SPDX-License-Identifier: MIT */
/*
 * What the worker says to its supervisor (enum worker_word, fs/worker.h), over
 * their pair of sockets. Monitor's thread.
 */
#ifndef MPATHFS_FS_WORDS_H
#define MPATHFS_FS_WORDS_H

#include "core/base.h"
#include "fs/worker.h"

struct scan;
struct slice;
struct volume;

/* A word alone. */
void words_tell(int sock, enum worker_word word);
/* WORD_TRUNCATE: of that slice's file, or of the volume's (NULL). */
void words_truncate(int sock, const struct volume *v, const struct slice *s);
/* WORD_SCAN, with pipe, which is taken. -errno. */
int words_scan(int sock, const struct scan *what, int pipe) MUST_CHECK;

#endif
