// SPDX-License-Identifier: MIT
/* The words of persistent reservations; see reserver.h. No state. */
#include "core/reserver.h"

#include <errno.h>
#include <string.h>

static const struct type {
	const char *text, *number;
} types[RESERVE_TYPES] = {
	[RESERVE_NONE] = {"none", NULL},
	[RESERVE_WRITE_EXCLUSIVE] = {"write-exclusive", "1"},
	[RESERVE_EXCLUSIVE_ACCESS] = {"exclusive-access", "3"},
	[RESERVE_WRITE_EXCLUSIVE_RO] = {"write-exclusive-registrants-only",
					"5"},
	[RESERVE_EXCLUSIVE_ACCESS_RO] = {"exclusive-access-registrants-only",
					 "6"},
	[RESERVE_WRITE_EXCLUSIVE_AR] = {"write-exclusive-all-registrants", "7"},
	[RESERVE_EXCLUSIVE_ACCESS_AR] = {"exclusive-access-all-registrants",
					 "8"},
};

const char *reserve_type_text(enum reserve_type t)
{
	return types[t].text;
}

enum reserve_type reserve_type_parse(const char *word)
{
	for (enum reserve_type t = RESERVE_NONE + 1; t < RESERVE_TYPES; t++)
		if (!strcmp(word, types[t].text) ||
		    !strcmp(word, types[t].number))
			return t;
	return RESERVE_NONE;
}

bool reserve_type_is_shared(enum reserve_type t)
{
	return t == RESERVE_WRITE_EXCLUSIVE_AR ||
	       t == RESERVE_EXCLUSIVE_ACCESS_AR;
}

bool reserve_key_parse(const char *word, uint64_t *ret)
{
	const char *digits = word + (strncmp(word, "0x", 2) ? 0 : 2);
	size_t n = strspn(digits, "0123456789abcdefABCDEF");

	if (n == 0 || n > 16 || digits[n])
		return false;
	*ret = strtoull(digits, NULL, 16);
	return true;
}

const char *reserve_verb_text(enum reserve_verb v)
{
	static const char *const text[] = {
		[RESERVE_READ_KEYS] = "READ KEYS",
		[RESERVE_READ_HOLDER] = "READ RESERVATION",
		[RESERVE_REGISTER] = "REGISTER",
		[RESERVE_REGISTER_IGNORE] = "REGISTER AND IGNORE EXISTING KEY",
		[RESERVE_RESERVE] = "RESERVE",
		[RESERVE_RELEASE] = "RELEASE",
		[RESERVE_CLEAR] = "CLEAR",
		[RESERVE_PREEMPT] = "PREEMPT",
		[RESERVE_PREEMPT_ABORT] = "PREEMPT AND ABORT",
	};

	return text[v];
}

bool reserve_verb_reads(enum reserve_verb v)
{
	return v == RESERVE_READ_KEYS || v == RESERVE_READ_HOLDER;
}

int reserve_verdict_errno(enum reserve_verdict v)
{
	static const int number[] = {
		[RESERVE_OK] = 0,
		[RESERVE_CONFLICT] = EBADE,
		[RESERVE_UNSUPPORTED] = EOPNOTSUPP,
		[RESERVE_REFUSED] = EINVAL,
		[RESERVE_NO_ROOM] = ENOSPC,
		[RESERVE_FAILED] = EIO,
		[RESERVE_NO_ANSWER] = EIO,
	};

	return number[v];
}
