// SPDX-License-Identifier: MIT
/*
 * Timers of transports; see transport.h. No state.
 *
 * The FC transport takes a fast_io_fail_tmo only below the dev_loss_tmo that is
 * set, and a dev_loss_tmo above 600 only if there is a fast_io_fail_tmo. So
 * dev_loss_tmo is raised first if need be, and has its own value last. While
 * the port is blocked it takes none (EBUSY).
 *
 * A least dev_loss_tmo is written only where the kernel's is less. The one of
 * the host's driver is often the longer, and a disk that stays comes back
 * faster than one that has to be found anew. Upstream writes it in any case.
 */
#include "hw/transport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/config.h"
#include "core/device.h"
#include "core/number.h"
#include "core/transport.h"
#include "hw/identity.h"
#include "hw/place.h"

/* SCSI_DEVICE_BLOCK_MAX_TIMEOUT */
enum { CAP = 600 };

/* Of one disk. */
struct writing {
	const struct place *place;
	struct transport_report *report;
};

/* The first one that is refused is told. True: it was taken. */
static bool put(struct writing *w, const char *class, const char *name,
		const char *attr, const char *text)
{
	struct transport_report *ret = w->report;
	int r = place_class_write(w->place, class, name, attr, text);

	if (r == -EBUSY)
		ret->busy = true;
	else if (r && !*ret->refused)
		snprintf(ret->refused, sizeof(ret->refused),
			 "%.40s: %s = %s: %s", name, attr, text,
			 strerror(-r));
	return r == 0;
}

/* off: the word for TMO_OFF. */
static bool put_number(struct writing *w, const char *class, const char *name,
		       const char *attr, int64_t n, const char *off)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	return put(w, class, name, attr, n == TMO_OFF ? off : text);
}

/* What it is now; false: nobody knows. */
static bool number_now(const struct writing *w, const char *class,
		       const char *name, const char *attr, int64_t *ret)
{
	char text[24];

	return place_class_text(w->place, class, name, attr, text,
				sizeof(text)) &&
	       !number_parse(text, 10, 0, UINT32_MAX, ret);
}

/* Fibre Channel */

/* *now: dev_loss_tmo, which is raised if there is no room below it. */
static bool make_room(struct writing *w, const char *rport,
		      int64_t fast_io_fail, int64_t *now)
{
	if (fast_io_fail < *now)
		return true;
	*now = fast_io_fail + 1;
	return put_number(w, "fc_remote_ports", rport, "dev_loss_tmo", *now,
			  "");
}

static void write_dev_loss(struct writing *w, const char *rport,
			   const struct transport_timers *t, int64_t now)
{
	bool cap = t->fast_io_fail <= 0 && t->dev_loss > CAP && !t->queue;
	int64_t dev_loss = cap ? CAP : t->dev_loss;

	if (!dev_loss || (t->least && dev_loss <= now))
		return;
	w->report->capped = cap;
	put_number(w, "fc_remote_ports", rport, "dev_loss_tmo", dev_loss, "");
}

static void write_fc(struct writing *w, const struct transport_timers *t)
{
	static const char class[] = "fc_remote_ports";
	char rport[64];
	int64_t now;

	if (!place_component(w->place, "rport-", rport, sizeof(rport)))
		return;
	if (!number_now(w, class, rport, "dev_loss_tmo", &now)) {
		snprintf(w->report->refused, sizeof(w->report->refused),
			 "%.40s: no dev_loss_tmo", rport);
		return;
	}
	if (t->fast_io_fail > 0 && !make_room(w, rport, t->fast_io_fail, &now))
		return;
	put_number(w, class, rport, "fast_io_fail_tmo", t->fast_io_fail, "off");
	write_dev_loss(w, rport, t, now);
}

/* iSCSI, whose sessions know but one timer, which is not off */

static void write_iscsi(struct writing *w, const struct transport_timers *t)
{
	char session[64];

	if (t->fast_io_fail > 0 &&
	    place_component(w->place, "session", session, sizeof(session)))
		put_number(w, "iscsi_session", session, "recovery_tmo",
			   t->fast_io_fail, "");
}

static void write_sas(struct writing *w, const struct transport_timers *t)
{
	static const char class[] = "sas_end_device";
	static const char attr[] = "I_T_nexus_loss_timeout";
	char end[64];
	int64_t now;

	if (!t->dev_loss ||
	    !place_component(w->place, "end_device-", end, sizeof(end)))
		return;
	if (!t->least || !number_now(w, class, end, attr, &now) ||
	    now < t->dev_loss)
		put_number(w, class, end, attr, t->dev_loss, "");
}

/* Any SCSI disk */

/* A host that has no deadline is nothing to complain about. */
static void write_host(struct writing *w, int64_t eh_deadline)
{
	struct transport_report ignored = {.refused = ""};
	struct writing quiet = {w->place, &ignored};
	char host[32];

	if (eh_deadline != TMO_UNSET &&
	    place_component(w->place, "host", host, sizeof(host)))
		put_number(&quiet, "scsi_host", host, "eh_deadline",
			   eh_deadline, "off");
}

static void write_disk(struct writing *w, int64_t max_retries)
{
	if (max_retries != TMO_UNSET)
		put_number(w, "scsi_disk",
			   strrchr(w->place->device, '/') + 1, "max_retries",
			   max_retries, "-1");
}

static const struct {
	const char *protocol;
	void (*write)(struct writing *w, const struct transport_timers *t);
} ways[] = {
	{"scsi:fcp", write_fc},
	{"scsi:iscsi", write_iscsi},
	{"scsi:sas", write_sas},
};

static void write_scsi(const struct place *p, const struct transport_timers *t,
		       struct transport_report *ret)
{
	struct writing w = {p, ret};

	write_host(&w, t->eh_deadline);
	write_disk(&w, t->max_retries);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(ways[i].protocol, ret->protocol))
			continue;
		ret->supported = true;
		ways[i].write(&w, t);
	}
}

/*
 * NVMe: of the controller, where it is connected over a network. One that is
 * lost is gone for good, until somebody connects it anew: so the time until
 * then is only ever made longer.
 */
static void write_nvme(const struct place *p, const struct transport_timers *t,
		       struct transport_report *ret)
{
	const char *name = strrchr(p->device, '/') + 1;
	struct writing w = {p, ret};
	char text[24];
	int64_t now;

	if (place_is_nvme_head(p) ||
	    !place_class_text(p, "nvme", name, "ctrl_loss_tmo", text,
			      sizeof(text)))
		return;
	ret->supported = true;
	put_number(&w, "nvme", name, "fast_io_fail_tmo", t->fast_io_fail, "-1");
	if (number_parse(text, 10, 0, INT32_MAX, &now))
		return; /* "off": it stays */
	if (t->dev_loss > INT32_MAX)
		put(&w, "nvme", name, "ctrl_loss_tmo", "-1");
	else if (t->dev_loss > now)
		put_number(&w, "nvme", name, "ctrl_loss_tmo", t->dev_loss, "");
}

void transport_write_disk(const char *root, dev_t dev,
			  const struct transport_timers *t,
			  struct transport_report *ret)
{
	struct place p;

	identity_protocol(root, dev, ret->protocol, sizeof(ret->protocol));
	if (!place_find(root, dev, &p))
		return;
	if (p.kind == PLACE_SCSI)
		write_scsi(&p, t, ret);
	else if (p.kind == PLACE_NVME)
		write_nvme(&p, t, ret);
	place_free(&p);
}

void transport_write(const struct device *d, const struct transport_timers *t,
		     struct transport_report *ret)
{
	snprintf(ret->protocol, sizeof(ret->protocol), "undef");
	if (d->limits.is_block)
		transport_write_disk("", d->id.rdev, t, ret);
}
