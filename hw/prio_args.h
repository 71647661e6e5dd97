/* SPDX-License-Identifier: MIT */
/* prio_args, word by word. Pure functions. */
#ifndef MPATHFS_HW_PRIO_ARGS_H
#define MPATHFS_HW_PRIO_ARGS_H

#include "core/base.h"
#include "core/errmsg.h"

/* A word is no longer than the option. */
#define PRIO_WORD_SIZE 128

/* The next word of *args, which moves behind it. False: there is none. */
bool prio_word(const char **args, char word[PRIO_WORD_SIZE]);
/* What follows "key=" in word; NULL: it does not begin so. */
const char *prio_value(const char *word, const char *key);
/* -EINVAL: "'WORD': WORDS". */
int prio_bad(struct errmsg *e, const char *word, const char *words);

#endif
