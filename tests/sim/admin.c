// SPDX-License-Identifier: MIT
/*
 * The surroundings of the monitor: its front, the configurations it is given
 * and the operator's words, which come from the plan.
 */
#include <stdio.h>
#include <string.h>

#include "core/group.h"
#include "selectors/selectors.h"
#include "tests/sim/array.h"
#include "tests/sim/models.h"

const struct selector_ops *const selector_table[] = SELECTOR_TABLE;

/* Filled by admin_init(); the last one stays NULL. */
static const char *selector_names[ARRAY_SIZE(selector_table)];

static int check_selector(const char *text, struct errmsg *e)
{
	return selector_check(selector_table, text, e);
}

static int check_prio(const char *prio, const char *args, struct errmsg *e)
{
	return prioritizer_check(sim_prioritizers, prio, args, e);
}

static const struct config_registry registry = {
	.selectors = selector_names,
	.checkers = sim_checker_names,
	.prioritizers = sim_prioritizer_names,
	.handlers = sim_handler_names,
	.check_prio = check_prio,
	.check_selector = check_selector,
};

struct sim_vol *admin_volume(struct sim *s, const char *name)
{
	for (unsigned int i = 0; name && i < s->plan->nvols; i++)
		if (!strcmp(s->vols[i].name, name))
			return &s->vols[i];
	return NULL;
}

struct sim_path *admin_path(struct sim_vol *sv, const char *name)
{
	for (unsigned int i = 0; name && *name && i < sv->setup->npaths; i++)
		if (sv->paths[i].name[1] == name[1] && /* mostly that tells */
		    !strcmp(sv->paths[i].name, name))
			return &sv->paths[i];
	return NULL;
}

/* The monitor's front */

static struct sim *sim_of(struct monitor_front *f)
{
	return container_of(f, struct sim, mfront);
}

static void on_event(struct monitor_front *f, const struct event *ev)
{
	rules_event(sim_of(f), ev);
}

static void on_poke_lanes(struct monitor_front *f)
{
	struct sim *s = sim_of(f);

	for (unsigned int i = 0; i < s->plan->nlanes; i++)
		mailbox_poke(&s->lanes[i].box);
}

/* A lane's turn is over whenever the monitor runs: nobody holds a view. */
static void on_grace(struct monitor_front *f)
{
	(void)f;
}

static void on_keep_changed(struct monitor_front *f)
{
	(void)f; /* what is kept is looked up when it is asked for */
}

static void on_checked(struct monitor_front *f, struct path *p)
{
	sim_log(sim_of(f), "%s %s: checked", p->volume->name, p->name);
}

static void on_volume_changed(struct monitor_front *f, struct volume *v)
{
	(void)f;
	(void)v;
}

static uint32_t on_volume_id(struct monitor_front *f, const char *volume)
{
	return admin_volume(sim_of(f), volume)->index;
}

static uint32_t on_path_id(struct monitor_front *f, const char *volume,
			   const char *path)
{
	return admin_path(admin_volume(sim_of(f), volume), path)->index + 1;
}

static bool on_kept_held(struct monitor_front *f, const char *volume,
			 const char *path)
{
	return admin_path(admin_volume(sim_of(f), volume), path)->offline;
}

static bool on_kept_failed(struct monitor_front *f, const char *volume,
			   const char *path)
{
	return admin_path(admin_volume(sim_of(f), volume), path)->down;
}

static const char *on_kept_live(struct monitor_front *f, const char *volume,
				enum opt o)
{
	const struct volume *v = admin_volume(sim_of(f), volume)->v;

	return v && v->settings.v[o].origin == ORIGIN_LIVE
		       ? v->settings.v[o].text
		       : NULL;
}

static bool on_volume_busy(struct monitor_front *f, const struct volume *v)
{
	return lost_busy(sim_of(f), v);
}

void admin_init(struct sim *s)
{
	checkers_init();
	for (size_t i = 0; selector_table[i]; i++)
		selector_names[i] = selector_table[i]->name;
	s->mfront = (struct monitor_front){
		.event = on_event,
		.poke_lanes = on_poke_lanes,
		.grace = on_grace,
		.keep_changed = on_keep_changed,
		.checked = on_checked,
		.volume_changed = on_volume_changed,
		.volume_id = on_volume_id,
		.path_id = on_path_id,
		.kept_held = on_kept_held,
		.kept_failed = on_kept_failed,
		.kept_live = on_kept_live,
		.volume_busy = on_volume_busy,
	};
}

/* Configurations */

static const struct settings *builtin(void)
{
	static struct settings s;
	static bool made;

	for (enum opt o = 0; !made && o < OPT_COUNT; o++)
		option_builtin(o, &s.v[o]);
	made = true;
	return &s;
}

static void fill_volume(const struct sim_vol *sv, struct volume_config *c,
			struct device **opened)
{
	const struct vol_setup *setup = sv->setup;

	snprintf(c->name, sizeof(c->name), "%s", sv->name);
	snprintf(c->where, sizeof(c->where), "sim:1");
	c->settings = *builtin();
	c->found = setup->found;
	c->size = setup->size;
	c->block = setup->block;
	for (enum opt o = 0; o < OPT_COUNT; o++) {
		if (!setup->set[o][0])
			continue;
		c->settings.v[o].origin = ORIGIN_VOLUME;
		if (option_parse(o, setup->set[o], &registry, &c->settings.v[o],
				 NULL))
			sim_fail(sv->s, "%s: %s is no %s", sv->name,
				 setup->set[o], option_info(o)->name);
	}
	for (unsigned int i = 0; i < setup->npaths; i++) {
		struct path_config *p = &c->paths[c->npaths];

		if (!(sv->present & 1U << i))
			continue;
		c->npaths++;
		snprintf(p->name, sizeof(p->name), "%s", sv->paths[i].name);
		p->device = (char *)sv->paths[i].dev_path;
		p->priority = sv->paths[i].priority;
		p->facts = PATH_FACTS_NONE;
		p->opened = opened[i] ? &opened[i] : NULL;
		snprintf(p->where, sizeof(p->where), "sim:1");
	}
}

/* Before core hears of them: some of it happens at once. */
static void note_new(struct sim_vol *sv)
{
	uint32_t old = sv->v ? sv->known : 0;

	for (unsigned int k = 0; k < sv->setup->npaths; k++) {
		prio_say(&sv->paths[k], sv->paths[k].priority);
		if (!(sv->present & ~old & 1U << k))
			continue;
		checks_new(&sv->paths[k]);
		/* What it finds first is taken for the right LUN. */
		fault_end(sv->s, &sv->paths[k], FAULT_STRANGER);
	}
}

static int apply(struct sim *s, struct errmsg *e)
{
	static struct volume_config vols[SIM_VOLUMES];
	static struct path_config paths[SIM_VOLUMES][SIM_PATHS];
	struct device *opened[SIM_VOLUMES][SIM_PATHS] = {{NULL}};
	struct config c = {.volumes = vols};
	int r = 0;

	memset(vols, 0, sizeof(vols));
	memset(paths, 0, sizeof(paths));
	for (unsigned int i = 0; !r && i < s->plan->nvols; i++) {
		struct sim_vol *sv = &s->vols[i];

		note_new(sv);
		/* One that was found stays, but for lost_look(). */
		if (!sv->present && !(sv->setup->found && sv->v))
			continue;
		r = lost_open(sv, opened[i], e);
		vols[c.nvolumes].paths = paths[c.nvolumes];
		fill_volume(sv, &vols[c.nvolumes++], opened[i]);
	}
	if (!r)
		r = monitor_apply(s->m, &c, true, s->now, e);
	for (unsigned int i = 0; i < SIM_VOLUMES; i++)
		lost_close(opened[i]);
	return r;
}

void admin_refresh(struct sim *s)
{
	for (unsigned int i = 0; i < s->plan->nvols; i++) {
		struct sim_vol *sv = &s->vols[i];
		struct volume *v = monitor_volume_by_name(s->m, sv->name);

		bool fresh = v && v != sv->v;
		uint32_t present = v ? sv->present : 0;

		sv->v = v;
		sv->known = present;
		if (fresh) {
			queueing_new(sv);
			selectors_forget(sv);
			ghost_new(sv);
			stats_reset(sv);
			/* All of its paths may have failed before. */
			sv->stats.map_failures = volume_stats(v)->map_failures;
		}
		if (v)
			groups_new(sv);
	}
}

bool admin_start(struct sim *s)
{
	struct monitor_params p = {
		.nr_lanes = s->plan->nlanes,
		.engine = &s->mengine.base,
		.devices = &sim_device_ops,
		.front = &s->mfront,
		.selectors = selector_table,
		.checkers = checker_table,
		.prioritizers = sim_prioritizers,
		.handlers = sim_handlers,
		.pool = pool_init(s),
		.identify = array_identify,
		.device_wwid = array_wwid,
		.registry = &registry,
		.table = s->table,
		.max_volumes = SIM_VOLUMES,
	};
	struct errmsg e = {.text = ""};

	if (monitor_new(&p, &s->m) || apply(s, &e)) {
		sim_fail(s, "cannot start: %s", e.text);
		return false;
	}
	admin_refresh(s);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		if (s->vols[i].v) {
			queueing_set(&s->vols[i]);
			doubt_set(&s->vols[i]);
		}
	return true;
}

static void reconfigure(struct sim *s, struct sim_vol *sv,
			const struct item *it)
{
	uint32_t present = sv->present;
	int old[SIM_PATHS];
	struct errmsg e = {.text = ""};
	int r;

	for (unsigned int i = 0; i < sv->setup->npaths; i++) {
		old[i] = sv->paths[i].priority;
		if (it->pct)
			sv->paths[i].priority = 1 + (it->pct >> i) % 3;
	}
	sv->present = (uint32_t)it->arg;
	r = apply(s, &e);
	if (r) {
		sim_log(s, "refused: %s", e.text);
		sv->present = present;
		for (unsigned int i = 0; i < sv->setup->npaths; i++)
			sv->paths[i].priority = old[i];
		return;
	}
	admin_refresh(s);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		if (s->vols[i].v) {
			queueing_set(&s->vols[i]);
			doubt_set(&s->vols[i]);
		}
}

/* The operator */

static int path_word(struct sim *s, struct sim_vol *sv, const struct item *it,
		     struct errmsg *e)
{
	struct sim_path *sp = &sv->paths[it->path];
	struct path *p = volume_path(sv->v, sp->name);

	if (!p)
		return 0;
	if (!strcmp(it->word, "check"))
		return monitor_path_check(s->m, p, s->now, e);
	if (!strcmp(it->word, "fail"))
		doubt_seen(sp, false);
	return monitor_path_state(s->m, p, it->word, s->now, e);
}

static int set_word(struct sim *s, struct sim_vol *sv, const struct item *it,
		    struct errmsg *e)
{
	int r = monitor_set(s->m, sv->v, it->opt, it->word, s->now, e);

	groups_set(sv);
	doubt_set(sv);
	if (!r && it->opt == OPT_PATH_SELECTOR)
		selectors_forget(sv);
	if (!r && it->opt == OPT_NO_PATH_RETRY)
		queueing_pin(sv, PIN_NONE);
	else if (!r)
		queueing_set(sv);
	return r;
}

/* The operator's group is the current one, if it can be used at all. */
static void check_switched(struct sim_vol *sv, uint64_t n)
{
	struct volume *v = sv->v;

	if (v->settings.v[OPT_FAILBACK].num == FAILBACK_MANUAL &&
	    group_usable(v->groups[n - 1]) && v->current != v->groups[n - 1])
		sim_fail(sv->s, "%s: group %llu was asked for, %u is current",
			 sv->name, (unsigned long long)n,
			 v->current ? v->current->id : 0);
}

static int control_word(struct sim *s, struct sim_vol *sv,
			const struct item *it, struct errmsg *e)
{
	int r = monitor_volume_control(s->m, sv->v, it->word, s->now, e);
	unsigned int n;

	if (r)
		return r;
	if (!strcmp(it->word, "fail-if-no-path"))
		queueing_pin(sv, PIN_FAIL);
	else if (!strcmp(it->word, "queue-if-no-path"))
		queueing_pin(sv, PIN_QUEUE);
	else if (!strcmp(it->word, "reset-stats"))
		stats_reset(sv);
	else if (sscanf(it->word, "switch-group %u", &n) == 1)
		check_switched(sv, n);
	return 0;
}

static int selector_word(struct sim *s, struct sim_vol *sv,
			 const struct item *it, struct errmsg *e)
{
	const char *text = it->word + strlen("selector ");
	int r = monitor_group_selector(s->m, sv->v, sv->v->groups[it->arg - 1],
				       text, s->now, e);

	if (r)
		return r;
	groups_same(sv);
	selectors_set(sv, sv->v->groups[it->arg - 1], text);
	return 0;
}

static int group_word(struct sim *s, struct sim_vol *sv, const struct item *it,
		      struct errmsg *e)
{
	int r;

	if (it->arg > sv->v->ngroups)
		return 0;
	if (starts_with(it->word, "selector "))
		return selector_word(s, sv, it, e);
	r = monitor_group_state(s->m, sv->v, sv->v->groups[it->arg - 1],
				it->word, s->now, e);
	if (!r && !strcmp(it->word, "active"))
		check_switched(sv, it->arg);
	return r;
}

/* What the array does by itself. */
static void array_item(struct sim *s, struct sim_vol *sv, const struct item *it)
{
	unsigned int a = 0;

	if (it->kind == ITEM_WEIGHT) {
		sv->paths[it->path].weight = (int)it->arg;
		return;
	}
	while (strcmp(access_name((enum access)a), it->word) != 0)
		a++;
	array_set(s, sv, (unsigned int)it->arg, (enum access)a, it->dur);
}

void admin_item(struct sim *s, const struct item *it)
{
	struct sim_vol *sv = &s->vols[it->vol];
	struct errmsg e = {.text = ""};
	int r = 0;

	if (it->kind == ITEM_ACCESS || it->kind == ITEM_WEIGHT) {
		array_item(s, sv, it);
		return;
	}
	s->acting = true;
	if (it->kind == ITEM_CONFIG)
		reconfigure(s, sv, it);
	else if (!sv->v)
		r = 0;
	else if (it->kind == ITEM_PATH)
		r = path_word(s, sv, it, &e);
	else if (it->kind == ITEM_GROUP)
		r = group_word(s, sv, it, &e);
	else if (it->kind == ITEM_CONTROL)
		r = control_word(s, sv, it, &e);
	else if (it->kind == ITEM_SET)
		r = set_word(s, sv, it, &e);
	if (r)
		sim_log(s, "refused: %s", e.text);
	lost_look(s);
	rules_monitor(s);
	s->acting = false;
	sim_wake_monitor(s, 0);
}

static void heal_volume(struct sim *s, struct sim_vol *sv)
{
	struct item it = {.vol = (uint8_t)sv->index, .kind = ITEM_SET};

	it.opt = OPT_NO_PATH_RETRY;
	strcpy(it.word, "queue");
	admin_item(s, &it);
	it.kind = ITEM_PATH;
	strcpy(it.word, "online");
	for (unsigned int i = 0; i < sv->setup->npaths; i++) {
		it.path = (uint8_t)i;
		admin_item(s, &it);
	}
}

void admin_heal(struct sim *s)
{
	s->healed = true;
	pool_heal(s);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		for (unsigned int k = 0; k < s->vols[i].setup->npaths; k++)
			for (int f = 0; f < FAULT_KINDS; f++)
				fault_end(s, &s->vols[i].paths[k],
					  (enum fault_kind)f);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		for (unsigned int t = 0; t < SIM_TPGS; t++)
			array_set(s, &s->vols[i], t, ACCESS_OPTIMIZED, 0);
	for (unsigned int i = 0; i < s->plan->nvols; i++)
		heal_volume(s, &s->vols[i]);
}
