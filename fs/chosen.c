// SPDX-License-Identifier: MIT
/* What was detected, for people; see chosen.h. No state. */
#include "fs/chosen.h"

#include "core/checker.h"
#include "core/choice.h"
#include "core/path.h"
#include "core/prioritizer.h"
#include "core/volume.h"

static void print_one(FILE *out, const char *prefix, const struct path *p,
		      enum opt o, const char *name, enum chosen_by by)
{
	char text[CHOICE_TEXT];

	if (by == CHOSEN_BY_SETTING)
		return;
	choice_text(p, by, o, text);
	fprintf(out, "%s%s: %s = %s, %s\n", prefix, p->name,
		option_info(o)->name, name, text);
}

void chosen_print(FILE *out, const struct monitor *m, const struct volume *v,
		  const char *prefix)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];
		const struct checker_choice c = path_checker(m, p);
		const struct prio_choice q = path_prio(m, p);

		if (c.ops)
			print_one(out, prefix, p, OPT_PATH_CHECKER,
				  c.ops->name, c.by);
		if (q.ops)
			print_one(out, prefix, p, OPT_PRIO, q.ops->name, q.by);
	}
}
