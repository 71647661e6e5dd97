// SPDX-License-Identifier: MIT
/*
 * Volumes whose disks were found, as discovery (core/steps.c) treats them:
 * devices are opened before they become paths, and a volume that has lost its
 * last one stays, fails or goes as flush_on_last_del and deferred_remove say.
 * That is looked at again whenever the answer may be another.
 */
#include <errno.h>
#include <string.h>

#include "core/device.h"
#include "core/lastdel.h"
#include "core/monitor_private.h"
#include "tests/sim/array.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

bool lost_is(const struct sim_vol *sv)
{
	return sv->setup->found && sv->v && !sv->v->npaths;
}

/* A disk of another size is no path of it. */
static int open_one(struct sim_path *sp, struct device **ret, struct errmsg *e)
{
	int r = device_open(&sim_device_ops, sp->dev_path, false, ret, e);

	if (r)
		return r;
	(*ret)->facts = PATH_FACTS_NONE;
	array_identify(*ret, &(*ret)->facts);
	if ((*ret)->limits.size == sp->sv->setup->size)
		return 0;
	device_close(*ret);
	*ret = NULL;
	return errmsg_set(e, EINVAL, "%s: another size", sp->dev_path);
}

int lost_open(struct sim_vol *sv, struct device **opened, struct errmsg *e)
{
	uint32_t fresh = sv->present & ~(sv->v ? sv->known : 0);
	int r = 0;

	for (unsigned int i = 0; sv->setup->found && !r &&
				 i < sv->setup->npaths;
	     i++)
		if (fresh & 1U << i)
			r = open_one(&sv->paths[i], &opened[i], e);
	return r;
}

void lost_close(struct device **opened)
{
	for (unsigned int i = 0; i < SIM_PATHS; i++) {
		if (opened[i])
			device_close(opened[i]);
		opened[i] = NULL;
	}
}

/* Open is what an application waits for. What it left behind is not. */
bool lost_busy(const struct sim *s, const struct volume *v)
{
	for (unsigned int i = 0; i < s->plan->nitems; i++) {
		const struct app *a = &s->apps[i];

		if (a->submitted && !a->answered && a->volume == v)
			return true;
	}
	return false;
}

static void hit(struct sim_vol *sv, const char *what)
{
	coverage_hit(sv->s->cov, "last path lost", what);
}

/* What the census says (6.5, Loss of paths), once more. */
static void check(struct sim_vol *sv, const struct lastdel_situation *x,
		  enum lastdel_action a)
{
	bool may_go = x->flush == FLUSH_ALWAYS ? !x->deferred || !x->open :
						 !x->open;

	if (x->flush == FLUSH_NEVER && x->queueing)
		may_go = may_go && x->deferred && x->was_open;
	if ((a == LASTDEL_GO) != may_go)
		sim_fail(sv->s, "%s: it has no path, and %s", sv->name,
			 may_go ? "stays" : "goes");
	if ((a == LASTDEL_FAIL) !=
	    (x->flush == FLUSH_ALWAYS && x->deferred && x->open))
		sim_fail(sv->s, "%s: it has no path, and I/O %s", sv->name,
			 a == LASTDEL_FAIL ? "fails" : "waits");
}

static void look_at(struct sim *s, struct sim_vol *sv)
{
	const struct setting *set = sv->v->settings.v;
	struct lastdel_situation now = {
		.flush = (enum flush_on_last_del)set[OPT_FLUSH_ON_LAST_DEL].num,
		.deferred = set[OPT_DEFERRED_REMOVE].num,
		.open = lost_busy(s, sv->v),
		.queueing = volume_queueing(sv->v)->on,
	};
	enum lastdel_action a;

	now.was_open = sv->was_open |= now.open;
	a = lastdel_decide(&now);
	check(sv, &now, a);
	if (a == LASTDEL_STAY) {
		hit(sv, now.queueing ? "stays, waits" : "stays, fails");
	} else if (a == LASTDEL_FAIL) {
		hit(sv, "fails");
		queueing_lost(sv);
		queueing_end(s->m, sv->v, "its last disk is gone");
	} else {
		hit(sv, now.open ? "goes, open" : "goes");
		monitor_drop_volume(s->m, sv->v, "its last disk is gone",
				    s->now);
		sv->v = NULL;
		sv->known = 0;
	}
}

void lost_look(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		struct sim_vol *sv = &s->vols[i];

		if (lost_is(sv)) {
			look_at(s, sv);
			continue;
		}
		if (sv->was_lost && sv->v)
			hit(sv, "is back");
		sv->was_open = false;
	}
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		s->vols[i].was_lost = lost_is(&s->vols[i]);
}

bool lost_any(const struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		if (lost_is(&s->vols[i]))
			return true;
	return false;
}

static void bring_back(struct sim *s, const struct sim_vol *sv)
{
	struct item it = {.kind = ITEM_CONFIG, .vol = (uint8_t)sv->index};

	it.arg = (1U << sv->setup->npaths) - 1;
	admin_item(s, &it);
	it.kind = ITEM_PATH;
	strcpy(it.word, "online");
	for (unsigned int k = 0; k < sv->setup->npaths; k++) {
		it.path = (uint8_t)k;
		admin_item(s, &it);
	}
}

/* Once nothing has its devices open any more. */
void lost_heal(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		const struct sim_vol *sv = &s->vols[i];
		bool open = false;

		for (unsigned int k = 0; k < sv->setup->npaths; k++)
			open |= sv->paths[k].nopen > 0;
		if (lost_is(sv) && !open)
			bring_back(s, sv);
	}
}
