// SPDX-License-Identifier: MIT
/* Access states and their priorities; see access_state.h. */
#include "hw/access_state.h"

#include <string.h>

#include "hw/prio_args.h"

enum { PREFERRED = 80 };

static const struct {
	unsigned int state;
	const char *text;
	int priority;
} states[] = {
	{ACCESS_OPTIMIZED, "active/optimized", 50},
	{ACCESS_NON_OPTIMIZED, "active/non-optimized", 10},
	{ACCESS_LBA_DEPENDENT, "lba-dependent", 5},
	{ACCESS_STANDBY, "standby", 1},
	{ACCESS_UNAVAILABLE, "unavailable", 0},
	{ACCESS_OFFLINE, "offline", 0},
	{ACCESS_TRANSITIONING, "transitioning", 0},
};

const char *access_state_text(unsigned int state)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == state)
			return states[i].text;
	return NULL;
}

unsigned int access_state_of_text(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i].text, text))
			return states[i].state;
	return ACCESS_UNKNOWN;
}

bool access_usable(unsigned int state)
{
	return state == ACCESS_OPTIMIZED || state == ACCESS_NON_OPTIMIZED ||
	       state == ACCESS_LBA_DEPENDENT;
}

int access_priority(unsigned int state, bool preferred, const char *args)
{
	char word[PRIO_WORD_SIZE];
	int priority = 0;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == state)
			priority = states[i].priority;
	if (preferred && (state != ACCESS_OPTIMIZED || prio_word(&args, word)))
		priority += PREFERRED;
	return priority;
}

int access_check_args(const char *args, struct errmsg *e)
{
	char word[PRIO_WORD_SIZE];

	while (prio_word(&args, word))
		if (strcmp(word, "exclusive_pref_bit"))
			return prio_bad(e, word,
					"exclusive_pref_bit is the "
					"only word here");
	return 0;
}
