// SPDX-License-Identifier: MIT
/*
 * The rules that hold at every step, apart from those of the data (lun.c), of
 * answers (front.c) and of queueing (queueing.c): what may be sent to a path,
 * who waits for what, and the monitor's own state.
 */
#include <stdio.h>
#include <string.h>

#include "core/group.h"
#include "tests/sim/array.h"
#include "tests/sim/coverage.h"
#include "tests/sim/models.h"

/* Events */

bool starts_with(const char *s, const char *prefix)
{
	return s && !strncmp(s, prefix, strlen(prefix));
}

static void path_failed(struct sim *s, struct sim_path *sp, const char *cause)
{
	bool by_io = cause && !starts_with(cause, "operator") &&
		     !starts_with(cause, "checker ") &&
		     !starts_with(cause, "handler ") &&
		     !starts_with(cause, "device: ");

	if (by_io && !sp->errors)
		sim_fail(s,
			 "%s %s: failed by %s, but it has returned no path "
			 "error",
			 sp->sv->name, sp->name, cause);
	if (starts_with(cause, "operator") && !s->acting)
		sim_fail(s, "%s %s: failed by no operator", sp->sv->name,
			 sp->name);
	sp->down = true;
	sp->stranger |= sp->fault[FAULT_STRANGER].until != 0;
	if (!sp->doubt.out) /* else it was no use, and is no loss */
		sp->sv->last_failure = s->now;
}

static void note_event(struct sim *s, struct sim_vol *sv, struct sim_path *sp,
		       const struct event *ev)
{
	const struct path *p =
		sp && sv->v ? volume_path(sv->v, sp->name) : NULL;

	if (p && !p->health.active && !strcmp(ev->name, "path-failed")) {
		path_failed(s, sp, ev->cause);
	} else if (sp && !strcmp(ev->name, "path-reinstated")) {
		/* Trusted again, it need not have been down. */
		if (sp->down || sp->doubt.out ||
		    starts_with(ev->cause, "checker "))
			sp->up_at = sv->last_up = s->now;
		sp->down = p && atomic_load(&p->fault.reported);
		sp->errors = sp->down; /* that report is yet to be read */
	} else if (sp && !strcmp(ev->name, "path-offline")) {
		sp->offline = true;
	} else if (sp && !strcmp(ev->name, "path-online")) {
		sp->offline = false;
	}
}

void rules_event(struct sim *s, const struct event *ev)
{
	struct sim_vol *sv = admin_volume(s, ev->volume);
	struct sim_path *sp = sv ? admin_path(sv, ev->path) : NULL;

	coverage_event(s->cov, ev);
	sim_log(s, "%s%s%s%s%s%s%s%s%s", ev->name, sv ? " " : "",
		sv ? sv->name : "", sp ? " " : "", sp ? sp->name : "",
		ev->cause ? ": " : "", ev->cause ? ev->cause : "",
		ev->detail && *ev->detail ? " - " : "",
		ev->detail ? ev->detail : "");
	if (!sv)
		return;
	note_event(s, sv, sp, ev);
	if (!sv->v)
		return;
	queueing_note(sv);
	groups_event(s, sv, sp, ev);
	stats_event(sv, sp, ev);
	ghost_event(sv, ev);
	if (sp)
		doubt_event_seen(s, sp, ev);
	activation_event(s, sv, sp, ev);
	if (sp)
		checks_event(s, sp, ev);
}

/* Attempts */

static void check_shape(struct sim *s, const struct attempt *a)
{
	const struct device_limits *l = &a->dev->d.limits;
	const struct io *io = a->io;
	bool data = io->op == IO_READ || io->op == IO_WRITE;

	if (io->op == IO_FLUSH)
		return;
	/* More than max_io is slow, but right. */
	if (!io->len || io->off % l->block || io->len % l->block ||
	    io->off + io->len > l->size)
		sim_fail(s,
			 "%s %s: %s of %llu+%llu, which the device does not "
			 "take",
			 a->sp->sv->name, a->sp->name, io_op_name(io->op),
			 (unsigned long long)io->off,
			 (unsigned long long)io->len);
	if (data && l->block > 1 && (uintptr_t)io->buf % l->block)
		sim_fail(s, "%s: a misaligned buffer", a->sp->name);
}

/* Rules 4, 7: what is out of use takes no I/O. */
static void check_path(struct sim *s, const struct attempt *a)
{
	const struct piece *p = container_of(a->io, struct piece, io);
	const struct sim_path *sp = a->sp;
	const char *why = NULL;

	if (a->dev->d.limits.size != sp->sv->setup->size)
		why = "is of another size";
	else if (a->dev->condemned)
		why = "is not the device it was";
	else if (sp->stranger)
		why = "is another LUN";
	else if (!atomic_load(&p->path->usable))
		why = "is not usable";
	else if (sp->offline)
		why = "is offline";
	else if (sp->down)
		why = "has failed";
	if (why)
		sim_fail(s, "%s %s gets I/O (#%u), but %s", sp->sv->name,
			 sp->name, a->app->it->id, why);
}

/* Rule 3, seen from the device. */
static void check_overtaking(struct sim *s, const struct attempt *a)
{
	struct sim_vol *sv = a->sp->sv;
	uint64_t off = a->io->off, end = off + a->io->len;

	for (unsigned int i = 0; i < sv->setup->npaths; i++) {
		const struct attempt *o;

		cds_list_for_each_entry (o, &sv->paths[i].out, link) {
			if (!o->app || o->app == a->app ||
			    !io_op_modifies(o->io->op) || o->io->off >= end ||
			    off >= o->io->off + o->io->len)
				continue;
			if (container_of(o->io, struct piece, io)->hung)
				sim_fail(s,
					 "%s: #%u overtakes #%u, which hangs "
					 "on %s",
					 sv->name, a->app->it->id,
					 o->app->it->id, o->sp->name);
		}
	}
}

void rules_submit(struct sim *s, const struct attempt *a)
{
	if (!checker_command(a->io))
		check_shape(s, a);
	if (!a->app)
		return;
	check_path(s, a);
	activation_submit(s, a);
	ghost_submit(s, a);
	if (io_op_modifies(a->io->op))
		check_overtaking(s, a);
}

/* Lanes: who waits, waits for something */

static bool view_has_path(const struct view *v)
{
	return v->group && group_usable(v->group) > 0;
}

static void check_parked(struct sim *s, const struct volume *v,
			 const struct view *view, bool has_path,
			 struct piece *p)
{
	struct request *r = p->req;
	uint16_t id = (uint16_t)container_of(r, struct slot, r)->app->it->id;

	if (r->killed)
		sim_fail(s, "#%u was killed and waits", id);
	else if (view->gone)
		sim_fail(s, "#%u waits for a volume that is gone", id);
	else if (!has_path && (view->group || view->queue))
		return;
	else if (io_op_modifies(p->io.op) &&
		 holds_conflict((struct holds *)&v->holds, p->io.off,
				p->io.off + p->io.len, r->hold.family))
		return;
	else if (has_path)
		sim_fail(s, "#%u waits, but there is a usable path", id);
	else
		sim_fail(s, "#%u waits, but the volume does not", id);
}

static void check_held(struct sim *s, const struct volume *v, struct request *r)
{
	uint16_t id = (uint16_t)container_of(r, struct slot, r)->app->it->id;

	if (r->killed)
		sim_fail(s, "#%u was killed and waits", id);
	else if (!holds_conflict((struct holds *)&v->holds, r->io_off,
				 r->io_end, r->hold.family))
		sim_fail(s, "#%u waits for a range that nobody holds", id);
}

static void check_lane_volume(struct sim *s, struct volume *v,
			      unsigned int lane)
{
	struct volume_lane *vl = &v->lanes[lane];
	const struct view *view = atomic_load(&v->view);
	bool has_path = view_has_path(view);
	struct piece *p;
	struct request *r;

	cds_list_for_each_entry (p, &vl->parked, link)
		check_parked(s, v, view, has_path, p);
	cds_list_for_each_entry (r, &vl->held, link)
		check_held(s, v, r);
}

static void check_killed(struct sim *s, unsigned int lane)
{
	for (unsigned int i = 0; i < s->nkilled; i++) {
		const struct app *a = &s->apps[s->killed[i]];

		if (a->answered)
			s->killed[i--] = s->killed[--s->nkilled];
		else if (a->it->lane == lane && !a->out && !a->cur->barrier)
			sim_fail(s,
				 "#%u was killed, nothing of it is on a path, "
				 "and it has not ended",
				 a->it->id);
	}
}

void rules_lane(struct sim *s, unsigned int lane)
{
	struct sim_lane *l = &s->lanes[lane];

	if (atomic_load(&l->box.poked) || atomic_load(&l->box.head))
		return; /* it has not heard the news yet */
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		if (s->table[i])
			check_lane_volume(s, s->table[i], lane);
	check_killed(s, lane);
}

/* The monitor */

/* Is the path's state still what the monitor last made of it? */
static bool settled(const struct path *p)
{
	return !atomic_load(&p->fault.reported);
}

static void check_mon_path(struct sim *s, const struct volume *v,
			   const struct path *p, bool any_good)
{
	const struct path_health *h = &p->health;
	bool usable = atomic_load(&p->usable);

	if (usable && !(h->active && !h->held && p->dev))
		sim_fail(s, "%s %s: in use, but active %d, held %d, device %d",
			 v->name, p->name, h->active, h->held, p->dev != NULL);
	if (usable && h->stalled && any_good)
		sim_fail(s, "%s %s: in use, but stalled, and others are well",
			 v->name, p->name);
	if (settled(p) && usable != h->offered)
		sim_fail(s, "%s %s: in use %d, but offered %d", v->name,
			 p->name, usable, h->offered);
	if (settled(p) && !usable && h->active && !h->held && p->dev &&
	    !h->stalled)
		sim_fail(s, "%s %s: is well, but not in use", v->name, p->name);
	if (h->reopen && h->active)
		sim_fail(s, "%s %s: active on a device that is not its own",
			 v->name, p->name);
}

static void check_view(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	const struct view *view = atomic_load(&v->view);
	const struct setting *set = v->settings.v;

	if (!view->group && !view->queue)
		sv->failing = NEVER;
	else if (sv->failing == NEVER)
		sv->failing = s->now;
	if (view->gone)
		sim_fail(s, "%s: gone, but configured", v->name);
	if (view->queue != (volume_queueing(v)->on || view->unready_since))
		sim_fail(s, "%s: lanes do not know whether to wait", v->name);
	if (view->quarantine !=
	    (set[OPT_REPLAY_WRITES].num == REPLAY_QUARANTINE))
		sim_fail(s, "%s: lanes do not know of replay_writes", v->name);
	if (v->run->failback.at && set[OPT_FAILBACK].num <= 0)
		sim_fail(s, "%s: a failback timer runs, but there is none",
			 v->name);
}

static void check_volume(struct sim *s, struct sim_vol *sv)
{
	const struct volume *v = sv->v;
	bool good = volume_usable(v) > 0, pending = false;

	for (unsigned int i = 0; i < v->npaths; i++) {
		check_mon_path(s, v, v->paths[i], good);
		pending |= !settled(v->paths[i]);
	}
	selectors_check(sv);
	groups_check(sv, pending);
	check_view(s, sv);
	queueing_check(sv);
	checks_check(sv);
	activation_check(sv, pending);
	stats_check(sv);
	doubt_check(sv);
	ghost_note(sv);
}

void rules_monitor(struct sim *s)
{
	struct volume_run *run;

	for (unsigned int i = 0; i < s->plan->nvols; i++)
		if (s->vols[i].v)
			check_volume(s, &s->vols[i]);
	cds_list_for_each_entry (run, &s->m->retired_volumes, retired)
		if (!atomic_load(&run->volume->view)->gone)
			sim_fail(s, "%s: removed, but lanes do not know",
				 run->volume->name);
}

/* The end: nothing is left over */

static void check_end_volume(struct sim *s, const struct volume *v)
{
	for (unsigned int i = 0; i < v->npaths; i++) {
		const struct path *p = v->paths[i];

		if (atomic_load(&p->load.ios) || atomic_load(&p->load.bytes))
			sim_fail(s,
				 "%s %s: load %u I/Os, %llu bytes at the end",
				 v->name, p->name, atomic_load(&p->load.ios),
				 (unsigned long long)atomic_load(
					 &p->load.bytes));
		if (!atomic_load(&p->usable) && p->dev)
			sim_fail(s,
				 "%s %s: all is healed, but it is not in use",
				 v->name, p->name);
	}
	for (unsigned int i = 0; i < v->nr_lanes; i++)
		if (atomic_load(&v->lanes[i].requests) ||
		    atomic_load(&v->lanes[i].parked_n) ||
		    !cds_list_empty(&v->lanes[i].parked) ||
		    !cds_list_empty(&v->lanes[i].held))
			sim_fail(s, "%s: lane %u has something left", v->name,
				 i);
	if (atomic_load(&v->holds.n))
		sim_fail(s, "%s: a range is held at the end", v->name);
}

void rules_end(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		if (s->vols[i].live)
			sim_fail(s, "%s: %u requests are left", s->vols[i].name,
				 s->vols[i].live);
		if (s->vols[i].v)
			check_end_volume(s, s->vols[i].v);
	}
}
