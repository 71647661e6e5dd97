// SPDX-License-Identifier: MIT
/* What the handlers share; see handler_common.h. No state. */
#include "hw/handler_common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/commands.h"

#define SHORTEST_PAUSE (100 * NSEC_PER_MSEC)
#define LONGEST_PAUSE (2 * NSEC_PER_SEC)

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

bool handler_is_one(const struct path_facts *f,
		    const struct handler_array *arrays, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (begins(f->vendor, arrays[i].vendor) &&
		    begins(f->product, arrays[i].product))
			return true;
	return false;
}

int handler_timeout(const struct activate_request *r)
{
	return command_timeout(r->timeout);
}

enum activate_result handler_wait(struct activate_request *r,
				  uint64_t patience, const char *what)
{
	uint64_t waited;

	if (!r->since)
		r->since = r->now;
	waited = r->now - r->since;
	snprintf(r->message, sizeof(r->message), "%s, for %llu s so far", what,
		 (unsigned long long)(waited / NSEC_PER_SEC));
	if (waited >= patience)
		return ACTIVATE_IO;
	/* Twice as long each time: most are ready soon. */
	r->again = MIN(MAX(waited, SHORTEST_PAUSE), LONGEST_PAUSE);
	return ACTIVATE_WAIT;
}

bool handler_again(int error, const struct scsi_answer *a, unsigned int *left)
{
	if (error || !scsi_interrupted(a) || !*left)
		return false;
	(*left)--;
	return true;
}

static enum activate_result not_sent(struct activate_request *r,
				     const char *what, int error,
				     const struct errmsg *e)
{
	snprintf(r->message, sizeof(r->message), "%s: %.70s", what, e->text);
	switch (error) {
	case -ENODEV:
	case -ENXIO:
		return ACTIVATE_OFFLINED;
	case -ENOTTY:
		return ACTIVATE_NOSYS;
	default:
		return ACTIVATE_IO;
	}
}

static bool fits(const struct sense_rule *rule, unsigned int sense)
{
	return rule->any ? rule->sense >> 16 == sense >> 16 :
			   rule->sense == sense;
}

enum activate_result handler_failed(struct activate_request *r,
				    const char *what, int error,
				    const struct errmsg *e,
				    const struct scsi_answer *a,
				    const struct sense_rule *rules, size_t n)
{
	size_t i = 0;

	if (error)
		return not_sent(r, what, error, e);
	while (i < n && !(a->sense && fits(&rules[i], a->sense)))
		i++;
	snprintf(r->message, sizeof(r->message), "%s: %.70s", what,
		 i < n && rules[i].why ? rules[i].why : a->text);
	return i < n ? rules[i].result : ACTIVATE_IO;
}

enum activate_result handler_page(struct activate_request *r, uint8_t page,
				  void *buf, size_t size, size_t *got)
{
	struct scsi_answer a;
	struct errmsg e;
	char what[32];
	int error = command_vpd(r->dev->fd, page, buf, size, handler_timeout(r),
				&a, &e);

	if (!error && a.good) {
		*got = a.got;
		return ACTIVATE_OK;
	}
	snprintf(what, sizeof(what), "VPD page 0x%02x", page);
	return handler_failed(r, what, error, &e, &a, NULL, 0);
}

enum activate_result handler_cut_short(struct activate_request *r, uint8_t page)
{
	snprintf(r->message, sizeof(r->message), "VPD page 0x%02x: cut short",
		 page);
	return ACTIVATE_IO;
}

enum activate_result handler_inquiry(struct activate_request *r, void *buf,
				     size_t size)
{
	struct scsi_answer a;
	struct errmsg e;
	int error = command_inquiry(r->dev->fd, buf, size, handler_timeout(r),
				    &a, &e);

	if (!error && a.good)
		return ACTIVATE_OK;
	return handler_failed(r, "INQUIRY", error, &e, &a, NULL, 0);
}
