// SPDX-License-Identifier: MIT
/*
 * A configuration from any bytes: if it loads, what is rendered of it loads
 * too, means the same, and is rendered the same but for the origins.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include "tests/fuzz/registry.h"

static bool says(const struct settings *s, enum opt o)
{
	return s->v[o].origin != ORIGIN_BUILTIN;
}

static void settings_verify(const struct settings *a, const struct settings *b)
{
	assert(says(a, OPT_NO_PATH_RETRY) == says(b, OPT_NO_PATH_RETRY));
	for (int o = 0; o < OPT_COUNT; o++) {
		assert(a->v[o].num == b->v[o].num);
		assert(strcmp(a->v[o].text, b->v[o].text) == 0);
	}
}

/* Of each LUN that the sections name, and of one that none does. */
static void luns_verify(const struct config *a, const struct config *b)
{
	static const char *const protocols[] = {"scsi:fcp", "nvme:tcp", ""};
	static struct settings of_a, of_b;

	for (size_t i = 0; i <= a->nentries; i++) {
		const struct config_entry *t =
			i < a->nentries ? &a->entries[i] : NULL;
		const struct lun_identity id = {
			.wwid = t && t->kind == ENTRY_MULTIPATH ? t->name : "w",
			.vendor = t && t->pattern[DEVICE_VENDOR]
					  ? t->pattern[DEVICE_VENDOR]
					  : "v",
			.product = t && t->pattern[DEVICE_PRODUCT]
					   ? t->pattern[DEVICE_PRODUCT]
					   : "p",
			.revision = "r",
			.protocol = protocols[i % ARRAY_SIZE(protocols)],
		};

		config_for_lun(a, &id, &of_a);
		config_for_lun(b, &id, &of_b);
		settings_verify(&of_a, &of_b);
	}
}

static void config_verify(const struct config *a, const struct config *b)
{
	settings_verify(&a->defaults, &b->defaults);
	assert(a->nvolumes == b->nvolumes && a->nentries == b->nentries);
	for (size_t i = 0; i < a->nvolumes; i++) {
		assert(a->volumes[i].npaths == b->volumes[i].npaths);
		settings_verify(&a->volumes[i].settings,
				&b->volumes[i].settings);
	}
	luns_verify(a, b);
}

/* In place: the lines that are no comments. */
static void drop_comments(char *text)
{
	char *to = text;

	while (*text) {
		size_t len = strcspn(text, "\n") + 1;

		if (*text != '#') {
			memmove(to, text, len);
			to += len;
		}
		text += len;
	}
	*to = '\0';
}

static char *render(const struct config *c)
{
	char *text = config_render(c, NULL);

	assert(text);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config, *again;
	char *text, *text2;
	struct errmsg e;

	if (fuzz_load((const char *)data, size, &config, &e) < 0)
		return 0;
	text = render(config);
	if (fuzz_load(text, strlen(text), &again, &e) < 0) {
		fprintf(stderr, "%s; of\n%s", e.text, text);
		abort();
	}
	config_verify(config, again);
	text2 = render(again);
	drop_comments(text);
	drop_comments(text2);
	assert(strcmp(text, text2) == 0);
	free(text);
	free(text2);
	config_free(config);
	config_free(again);
	return 0;
}
