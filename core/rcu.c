// SPDX-License-Identifier: MIT
/* What the annotations in rcu.h name; nothing in other builds. */
#include "core/rcu.h"

char rcu_tsan_tag;
