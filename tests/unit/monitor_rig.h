/* SPDX-License-Identifier: MIT */
/*
 * A monitor on simulated time: volumes of files in a directory of the test's
 * own, a front that writes down what it is told, and a checker whose verdicts
 * are the test's. Nothing but the opening of files is real.
 */
#ifndef MPATHFS_TESTS_UNIT_MONITOR_RIG_H
#define MPATHFS_TESTS_UNIT_MONITOR_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include "core/group.h"
#include "core/monitor_private.h"
#include "core/path.h"
#include "selectors/selectors.h"
#include "tests/unit/config_fixture.h"
#include "tests/unit/fake_engine.h"

#define SEC NSEC_PER_SEC
#define RIG_VOLUMES 8
#define FILE_SIZE (1 << 20)

/*
 * What the checker says of a device, by the last word of its name. While it is
 * CHECK_PENDING a check stays out; it ends when the test has changed that and
 * the monitor runs.
 */
struct verdict {
	char name[16];
	enum check_state state;
	const char *access_state;
	struct checker *out; /* waits for that */
	unsigned int starts;
};

static struct verdict verdicts[8];
static unsigned int nverdicts;

static inline struct verdict *verdict_of(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	for (unsigned int i = 0; i < nverdicts; i++)
		if (!strcmp(verdicts[i].name, name))
			return &verdicts[i];
	assert_true(nverdicts < ARRAY_SIZE(verdicts));
	verdicts[nverdicts] = (struct verdict){.state = CHECK_UP};
	snprintf(verdicts[nverdicts].name, sizeof(verdicts[0].name), "%s",
		 name);
	return &verdicts[nverdicts++];
}

static inline enum check_state script_start(struct checker *c)
{
	struct verdict *v = verdict_of(c->dev->path);

	assert_null(v->out); /* the contract: not while one is out */
	v->starts++;
	snprintf(c->message, sizeof(c->message), "check %u", v->starts);
	c->access_state = v->access_state;
	if (v->state == CHECK_PENDING)
		v->out = c;
	return v->state;
}

static inline void script_answer(void)
{
	for (unsigned int i = 0; i < nverdicts; i++) {
		struct checker *c = verdicts[i].out;

		if (!c || verdicts[i].state == CHECK_PENDING)
			continue;
		verdicts[i].out = NULL;
		checker_ended(c, verdicts[i].state);
	}
}

static inline enum check_state plain_start(struct checker *c)
{
	(void)c;
	return CHECK_UP;
}

static const struct checker_ops script_checker = {
	.name = "directio",
	.priv_size = 1,
	.reads = true,
	.start = script_start,
};

static const struct checker_ops plain_checker = {
	.name = "none",
	.start = plain_start,
};

/* A checker that blocks until the test lets it go. */
static struct slow {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int begun, let_go;
	enum check_state state;
} slow = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, CHECK_UP};

static inline enum check_state slow_run(struct checker *c)
{
	enum check_state ret;
	unsigned int nr;

	pthread_mutex_lock(&slow.lock);
	nr = ++slow.begun;
	pthread_cond_broadcast(&slow.changed);
	while (slow.let_go < nr)
		pthread_cond_wait(&slow.changed, &slow.lock);
	ret = slow.state;
	pthread_mutex_unlock(&slow.lock);
	snprintf(c->message, sizeof(c->message), "run %u", nr);
	c->access_state = "by slow";
	return ret;
}

static const struct checker_ops slow_checker = {
	.name = "slow",
	.priv_size = 1,
	.run = slow_run,
};

static const struct checker_ops *const rig_checkers[] = {
	&script_checker, &plain_checker, &slow_checker, NULL};
static const struct selector_ops *const rig_selectors[] = SELECTOR_TABLE;

struct rig {
	struct fixture *f;
	struct monitor *m;
	struct monitor_front front;
	struct fake_engine engine;
	_Atomic(struct volume *) table[RIG_VOLUMES];
	char ids[RIG_VOLUMES][16]; /* names, by number */
	uint64_t now, next;
	char log[16384]; /* an event a line: NAME VOLUME PATH: CAUSE */
	unsigned int pokes, graces, kept, checked, changed;
	bool busy;
	/* of the front's store: path names, one live value */
	const char *held, *failed, *live;
	enum opt live_opt;
};

static inline struct rig *rig_of(struct monitor_front *f)
{
	return container_of(f, struct rig, front);
}

static inline void rig_event(struct monitor_front *f, const struct event *ev)
{
	struct rig *r = rig_of(f);
	size_t n = strlen(r->log);

	assert_true(n < sizeof(r->log) - 512);
	if (!ev->cause || !*ev->cause)
		fail_msg("%s %s: no cause", ev->name, ev->volume);
	snprintf(r->log + n, sizeof(r->log) - n, "%s %s%s%s%s%s\n", ev->name,
		 ev->volume, ev->path ? " " : "", ev->path ? ev->path : "",
		 ev->cause ? ": " : "", ev->cause ? ev->cause : "");
}

static inline void rig_poke(struct monitor_front *f)
{
	rig_of(f)->pokes++;
}

static inline void rig_grace(struct monitor_front *f)
{
	rig_of(f)->graces++;
}

static inline void rig_keep(struct monitor_front *f)
{
	rig_of(f)->kept++;
}

static inline void rig_checked(struct monitor_front *f, struct path *p)
{
	(void)p;
	rig_of(f)->checked++;
}

static inline void rig_changed(struct monitor_front *f, struct volume *v)
{
	(void)v;
	rig_of(f)->changed++;
}

static inline uint32_t rig_volume_id(struct monitor_front *f, const char *name)
{
	struct rig *r = rig_of(f);
	uint32_t i = 0;

	while (i < RIG_VOLUMES && r->ids[i][0] && strcmp(r->ids[i], name))
		i++;
	if (i < RIG_VOLUMES)
		snprintf(r->ids[i], sizeof(r->ids[i]), "%s", name);
	return i;
}

static inline uint32_t rig_path_id(struct monitor_front *f, const char *volume,
				   const char *path)
{
	(void)f;
	(void)volume;
	return (uint32_t)(path[0] - 'a');
}

static inline bool rig_held(struct monitor_front *f, const char *volume,
			    const char *path)
{
	(void)volume;
	return rig_of(f)->held && !strcmp(rig_of(f)->held, path);
}

static inline bool rig_failed(struct monitor_front *f, const char *volume,
			      const char *path)
{
	(void)volume;
	return rig_of(f)->failed && !strcmp(rig_of(f)->failed, path);
}

static inline const char *rig_live(struct monitor_front *f, const char *volume,
				   enum opt o)
{
	struct rig *r = rig_of(f);

	(void)volume;
	return r->live && r->live_opt == o ? r->live : NULL;
}

static inline bool rig_busy(struct monitor_front *f, const struct volume *v)
{
	(void)v;
	return rig_of(f)->busy;
}

/* A file that stands for a device. */
static inline void rig_device(struct rig *r, const char *name, off_t size)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s%s", r->f->dir, name);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

/* text is a configuration in which @ stands for the directory. */
static inline void rig_config(struct rig *r, const char *text)
{
	char whole[4096];
	size_t n = 0;

	for (; *text; text++) {
		assert_true(n < sizeof(whole) - 200);
		if (*text == '@')
			n += (size_t)sprintf(whole + n, "%s", r->f->dir);
		else
			whole[n++] = *text;
	}
	whole[n] = '\0';
	put(r->f, "main", whole);
	assert_loads(r->f, text);
}

static inline int rig_apply(struct rig *r, const char *text, bool strict,
			    struct errmsg *e)
{
	int rc;

	rig_config(r, text);
	rc = monitor_apply(r->m, r->f->config, strict, r->now, e);
	strip(r->f, e->text);
	r->next = r->now;
	return rc;
}

static inline void rig_turn(struct rig *r);

/* Everything that is due until then, in its order and at its time. */
static inline void rig_until(struct rig *r, uint64_t then)
{
	for (int turns = 0; r->next <= then; turns++) {
		assert_true(turns < 100000);
		r->now = r->next > r->now ? r->next : r->now;
		rig_turn(r);
		assert_true(r->next > r->now);
	}
	r->now = then;
}

static inline void rig_pass(struct rig *r, uint64_t ns)
{
	rig_until(r, r->now + ns);
}

/* As if something had woken it. */
static inline void rig_turn(struct rig *r)
{
	script_answer();
	r->next = monitor_run(r->m, r->now);
}

/* Until no file is being opened or closed any more. */
static inline void rig_open_all(struct rig *r)
{
	while (r->m->nopening) {
		mailbox_wait(&r->m->mailbox);
		rig_turn(r);
	}
	rig_turn(r);
}

static inline struct volume *rig_volume(struct rig *r, const char *name)
{
	struct volume *v = monitor_volume_by_name(r->m, name);

	assert_non_null(v);
	return v;
}

static inline struct path *rig_path(struct rig *r, const char *name)
{
	struct path *p = volume_path(rig_volume(r, "v"), name);

	assert_non_null(p);
	return p;
}

/* A lane met an error on p, and the monitor hears of it. */
static inline void rig_fault(struct rig *r, const char *name)
{
	path_fail(rig_path(r, name), monitor_mailbox(r->m), EIO, IO_WRITE,
		  1 << 20);
	rig_turn(r);
}

static inline const struct view *rig_view(struct rig *r)
{
	return atomic_load(&rig_volume(r, "v")->view);
}

/* The current group's number; 0: none. What the view says must agree. */
static inline unsigned int rig_group(struct rig *r)
{
	struct volume *v = rig_volume(r, "v");

	assert_ptr_equal(rig_view(r)->group, v->current);
	return v->current ? v->current->id : 0;
}

static inline void rig_set(struct rig *r, enum opt o, const char *text)
{
	struct errmsg e = {.text = ""};

	if (monitor_set(r->m, rig_volume(r, "v"), o, text, r->now, &e))
		fail_msg("%s = %s: %s", option_info(o)->name, text, e.text);
	rig_turn(r);
}

static inline void rig_word(struct rig *r, const char *path, const char *word)
{
	struct errmsg e = {.text = ""};

	if (monitor_path_state(r->m, rig_path(r, path), word, r->now, &e))
		fail_msg("%s %s: %s", path, word, e.text);
}

static inline void rig_control(struct rig *r, const char *words)
{
	struct errmsg e = {.text = ""};

	if (monitor_volume_control(r->m, rig_volume(r, "v"), words, r->now,
				   &e))
		fail_msg("%s: %s", words, e.text);
}

static inline void rig_expect_state(struct rig *r, const char *path,
				    const char *want)
{
	const char *got = path_state_text(path_state(rig_path(r, path)));

	if (strcmp(got, want))
		fail_msg("%s: got %s, expected %s", path, got, want);
	/* Lanes may use exactly those. */
	assert_int_equal(atomic_load(&rig_path(r, path)->usable),
			 !strcmp(want, "active") || !strcmp(want, "standby"));
}

/* Since the last call these events, and no others. */
static inline void rig_expect_log(struct rig *r, const char *want)
{
	if (strcmp(r->log, want))
		fail_msg("events: got\n%sexpected\n%s", r->log, want);
	r->log[0] = '\0';
}

static inline int rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct monitor_params p;
	void *f;

	assert_non_null(r);
	assert_int_equal(setup(&f), 0);
	r->f = f;
	fake_engine_init(&r->engine);
	nverdicts = 0;
	slow.begun = slow.let_go = 0;
	slow.state = CHECK_UP;
	r->now = 1000 * SEC;
	r->front = (struct monitor_front){
		rig_event, rig_poke, rig_grace, rig_keep, rig_checked,
		rig_changed, rig_volume_id, rig_path_id, rig_held, rig_failed,
		rig_live, rig_busy, NULL, NULL, NULL, NULL, NULL};
	p = (struct monitor_params){
		.nr_lanes = 2,
		.engine = &r->engine.base,
		.front = &r->front,
		.selectors = rig_selectors,
		.checkers = rig_checkers,
		.registry = &fake_registry,
		.table = r->table,
		.max_volumes = RIG_VOLUMES,
	};
	assert_int_equal(monitor_new(&p, &r->m), 0);
	rig_device(r, "a", FILE_SIZE);
	rig_device(r, "b", FILE_SIZE);
	rig_device(r, "c", FILE_SIZE);
	*state = r;
	return 0;
}

/* What is out comes back, to nobody's use. */
static inline void rig_quiet(struct rig *r)
{
	pthread_mutex_lock(&slow.lock);
	slow.let_go = UINT_MAX;
	pthread_cond_broadcast(&slow.changed);
	pthread_mutex_unlock(&slow.lock);
	for (unsigned int i = 0; i < nverdicts; i++)
		verdicts[i].state = CHECK_DOWN;
	(void)monitor_quiet(r->m); /* from here on nothing begins */
	script_answer();
	fake_flush(&r->engine.base);
	while (r->engine.n)
		fake_complete(&r->engine, 0, -EIO);
	while (!monitor_quiet(r->m))
		mailbox_wait(&r->m->mailbox);
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;
	void *f = r->f;

	rig_quiet(r);
	monitor_free(r->m);
	teardown(&f);
	free(r);
	return 0;
}

/* Two paths a and b of one group, or with priorities of one each; checked. */
static inline void rig_start(struct rig *r, const char *options)
{
	struct errmsg e = {.text = ""};
	char text[1024];

	snprintf(text, sizeof(text), "[volume v]\npath = a @a 2\n"
		 "path = b @b 1\n%s", options);
	if (rig_apply(r, text, true, &e))
		fail_msg("%s: %s", options, e.text);
	rig_turn(r);
	r->log[0] = '\0';
}

#define RIG_TEST(test)                                                         \
	cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

#endif
