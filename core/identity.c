// SPDX-License-Identifier: MIT
/* Who a path's device is, compared with who it was; see identity.h. */
#include "core/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/device.h"
#include "core/errand.h"
#include "core/monitor_private.h"
#include "core/path.h"

struct asking {
	struct errand errand;
	int (*read)(const struct device *d, char *buf, size_t size,
		    struct errmsg *e);
	const struct device *dev; /* stays until the errand is back */
	unsigned int failures;	  /* p had until then */
	char cause[160];	  /* what the checker said; "" nothing */
	char wwid[NAME_SIZE];
	int result;
	struct errmsg why;
};

const char *identity_of(const struct volume *v)
{
	const char *first = "";

	for (unsigned int i = 0; i < v->npaths; i++) {
		const char *wwid = v->paths[i]->said.wwid;

		if (*wwid && !strcmp(wwid, v->wwid))
			return wwid;
		if (!*first)
			first = wwid;
	}
	return v->found ? "" : first;
}

static bool applies(const struct path *p)
{
	return !p->volume->found ||
	       p->volume->settings.v[OPT_RECHECK_WWID].num;
}

static int stranger(const char *now, const char *was, struct errmsg *e)
{
	return errmsg_set(e, ESTALE, "its WWID is %s, not %s",
			  *now ? now : "none", was);
}

int identity_compare(const struct path *p, const struct device *dev,
		     struct errmsg *e)
{
	const char *now = dev->facts.wwid, *was = p->said.wwid;

	if (!applies(p))
		return 0;
	if (*was)
		return strcmp(now, was) ? stranger(now, was, e) : 0;
	/* It has never said one: then it is to be that of the other paths. */
	was = identity_of(p->volume);
	return *now && *was && strcmp(now, was) ? stranger(now, was, e) : 0;
}

void identity_lost(struct monitor *m, struct path *p, const char *why)
{
	char cause[160];

	snprintf(cause, sizeof(cause), "device: %.140s", why);
	if (strcmp(p->health.why, cause))
		monitor_event(m, true, "path-wwid-changed", p->volume->name,
			      p->name, why, "it takes no I/O");
	if (!p->health.active)
		monitor_set_why(p, cause);
	check_lost(m, p, why);
	if (p->volume->found && m->p.front->other_lun)
		m->p.front->other_lun(m->p.front, p);
}

static void lose(struct monitor *m, struct path *p, const char *now)
{
	struct errmsg e;

	(void)stranger(now, p->said.wwid, &e);
	identity_lost(m, p, e.text);
}

/* It does not say it: at the next check, again. */
static void tell_silent(struct monitor *m, struct path *p, const char *why)
{
	char cause[160];

	snprintf(cause, sizeof(cause), "who it is: %.140s", why);
	check_still_failed(m, p, cause);
}

static void work(struct errand *e)
{
	struct asking *a = container_of(e, struct asking, errand);

	a->result = a->read(a->dev, a->wwid, sizeof(a->wwid), &a->why);
}

static void ask(struct monitor *m, struct path *p, const char *cause);

static void ended(struct monitor *m, struct errand *e)
{
	const struct asking *a = container_of(e, struct asking, errand);
	struct path *p = e->path;
	bool by_hand = p->identity.by_hand;

	p->identity.by_hand = false;
	if (p->health.reopen)
		return; /* it is another already */
	if (a->result) {
		if (!p->health.active)
			tell_silent(m, p, a->why.text);
		return;
	}
	if (strcmp(a->wwid, p->said.wwid)) {
		lose(m, p, a->wwid);
		return;
	}
	/* It has failed since then, maybe as it is another now: ask again. */
	if (a->failures != p->identity.failures) {
		p->identity.by_hand = by_hand;
		if (by_hand)
			ask(m, p, "");
		return;
	}
	p->identity.same = true;
	if (by_hand)
		monitor_reinstate_by_hand(m, p);
	else if (p->identity.well && *a->cause && !p->health.active &&
		 check_is_good(p->check.state))
		monitor_path_good(m, p, a->cause);
	else
		return;
	monitor_settle(m, p->volume, by_hand);
}

static void ask(struct monitor *m, struct path *p, const char *cause)
{
	struct asking *a;

	if (errand_out(p, ERRAND_IDENTITY))
		return;
	a = calloc(1, sizeof(*a));
	if (!a)
		return; /* after the next check */
	a->errand = (struct errand){
		.kind = ERRAND_IDENTITY, .work = work, .ended = ended};
	a->read = m->p.device_wwid;
	a->dev = p->dev;
	a->failures = p->identity.failures;
	snprintf(a->cause, sizeof(a->cause), "%s", cause);
	errand_begin(m, p, &a->errand);
}

/* Can it be asked, and would the answer tell anything? */
static bool can_tell(const struct monitor *m, const struct path *p)
{
	return m->p.device_wwid && p->dev && !p->health.reopen &&
	       *p->said.wwid && applies(p);
}

/* By what the kernel keeps of it (recheck_wwid). */
static bool is_another(struct monitor *m, const struct path *p)
{
	struct monitor_front *f = m->p.front;

	return p->volume->found && f->same_lun && applies(p) &&
	       !f->same_lun(f, p);
}

bool identity_is_sure(struct monitor *m, struct path *p, const char *cause)
{
	if (p->health.active)
		return true;
	if (is_another(m, p))
		return false;
	if (p->identity.same || !can_tell(m, p))
		return true;
	p->identity.well = true;
	ask(m, p, cause);
	return false;
}

int identity_by_hand(struct monitor *m, struct path *p, struct errmsg *e)
{
	if (p->health.active)
		return 0;
	if (is_another(m, p))
		return errmsg_set(e, ESTALE, "%s: its WWID is another now",
				  p->name);
	if (p->identity.same || !can_tell(m, p))
		return 0;
	p->identity.by_hand = true;
	ask(m, p, "");
	return -EINPROGRESS;
}

void identity_by_hand_no_more(struct path *p)
{
	p->identity.by_hand = false;
}

void identity_forget(struct path *p)
{
	p->identity.same = p->identity.well = false;
	p->identity.failures++;
}

void identity_doubt(struct monitor *m, struct path *p)
{
	if (can_tell(m, p))
		ask(m, p, "it is the LUN that it was");
}
