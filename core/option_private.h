/* SPDX-License-Identifier: MIT */
/* What option.c (the table), option_text.c and option_parse.c (its parsers)
 * share. */
#ifndef MPATHFS_CORE_OPTION_PRIVATE_H
#define MPATHFS_CORE_OPTION_PRIVATE_H

#include "core/config.h"

/*
 * Each parses text into *ret, num and text. -EINVAL with the reason in e, or
 * with an empty e: what the option's row says will do.
 */
typedef int option_parser(const char *text, const struct config_registry *reg,
			  struct setting *ret, struct errmsg *e);

struct opt_word {
	const char *text; /* NULL ends the list */
	int64_t num;
};

struct opt_row {
	struct option_info info;
	/* Of several words for one number the first is the canonical one. */
	const struct opt_word *choice; /* NULL: no words */
	int64_t min, max;	       /* both 0: no numbers */
	option_parser *parse;	       /* NULL: by choice, min and max */
};

const struct opt_row *option_row(enum opt o);

option_parser option_parse_selector;
option_parser option_parse_checker;
option_parser option_parse_prioritizer;
option_parser option_parse_handler;
option_parser option_parse_features;
option_parser option_parse_words; /* any, with one blank between them */
option_parser option_parse_mode;
option_parser option_parse_uid;
option_parser option_parse_gid;
option_parser option_parse_wwid;
option_parser option_parse_word; /* exactly one */
option_parser option_parse_name; /* what a volume's name may begin with */
option_parser option_parse_uid_attrs;
option_parser option_parse_reservation_key;
option_parser option_parse_delimiter; /* of a file's name */

void option_set_number(struct setting *ret, int64_t num);

#endif
