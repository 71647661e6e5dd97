// SPDX-License-Identifier: MIT
/*
 * A volume's reservation while everything else goes on: paths fail, come back,
 * hang, are taken out and put in again, the configuration changes its key, I/O
 * ends well or not, answers are lost, another host preempts. Whatever happens,
 * each word of an operator is answered once; no path takes I/O before it is
 * registered; and when all is calm again every path takes I/O, and is
 * registered just if the volume is. A round that fails tells its story.
 */
#include "tests/unit/reservation_rig.h"
#include "tests/unit/seed.h"

enum { ROUNDS = 300, EVENTS = 24, ANOTHERS = 9 };

static uint64_t rng;

static unsigned int pick(unsigned int n)
{
	return seed_below(&rng, n);
}

/* What has been done, for who has to find out. */
static char story[4096];
static bool fenced; /* the other host has ended our registrations */

static void tell(const char *what, const char *whom)
{
	size_t n = strlen(story);

	snprintf(story + n, sizeof(story) - n, "%s %s; ", what, whom);
}

static bool has(const char *path)
{
	return volume_path(res_volume(), path) != NULL;
}

static const char *a_path(void)
{
	static const char *const names[] = {"a", "b", "c"};
	unsigned int i = pick(3);

	while (!has(names[i])) /* there is always one */
		i = (i + 1) % 3;
	return names[i];
}

static unsigned int nkey; /* of keys[] */
/* A path was taken out with what it had, or has one of two keys, and nobody
 * knows which: that may stay when the volume is not registered any more. */
static bool left_over;

static void configure(void)
{
	static const char *const keys[] = {
		"reservation_key = 0x1\n", "reservation_key = 0x1\n",
		"reservation_key = 0x2\n", "reservation_key = file\n", ""};
	static const char *const paths[] = {
		"path = a @a\npath = b @b\npath = c @c\n",
		"path = a @a\npath = b @b\n", "path = b @b\npath = c @c\n",
		"path = c @c\n"};
	static const char *const names[] = {"abc", "ab", "bc", "c"};
	unsigned int i = pick(ARRAY_SIZE(paths));
	struct errmsg e = {.text = ""};
	char text[512];

	if (!pick(3))
		nkey = pick(ARRAY_SIZE(keys));
	snprintf(text, sizeof(text),
		 "[volume v]\n%spath_grouping_policy = multibus\n"
		 "path_selector = round-robin 0\nchecker_timeout = 7\n"
		 "polling_interval = 5\n%s",
		 paths[i], keys[nkey]);
	left_over |= i > 0 || nkey > 1;
	tell("configure", names[i]);
	tell("", *keys[nkey] ? keys[nkey] : "no key");
	if (rig_apply(res.r, text, true, &e))
		tell("refused", e.text);
}

static void operate(void)
{
	static const struct {
		enum reserve_op op;
		const char *words;
	} words[] = {
		{RESERVE_OP_REGISTER, "1"},	   {RESERVE_OP_REGISTER, "2"},
		{RESERVE_OP_REGISTER, "0"},
		{RESERVE_OP_REGISTER_IGNORE, "1"}, {RESERVE_OP_RESERVE, "5"},
		{RESERVE_OP_RELEASE, ""},	   {RESERVE_OP_PREEMPT, "9 5"},
		{RESERVE_OP_PREEMPT, "1 5"},
		{RESERVE_OP_PREEMPT_ABORT, "9 5"}, {RESERVE_OP_CLEAR, ""},
	};
	unsigned int i = pick(ARRAY_SIZE(words));
	struct errmsg e = {.text = ""};
	uint64_t ticket;

	if ((res.hangs || res.njobs) && words[i].op != RESERVE_OP_RESERVE &&
	    (words[i].op > RESERVE_OP_REGISTER_IGNORE ||
	     words[i].words[0] == '0'))
		return;
	tell(reserve_op_text(words[i].op), words[i].words);
	if (reservation_ask(res.r->m, res_volume(), words[i].op,
			    words[i].words, res.r->now, &ticket, &e))
		tell("refused:", e.text);
	res.r->next = res.r->now;
}

static void other_host(void)
{
	struct reserve_request q = {.nkeys = 0};
	struct reserve_command c = {.type = RESERVE_WRITE_EXCLUSIVE_RO,
				    .verb = RESERVE_REGISTER_IGNORE,
				    .other = ANOTHERS};

	tell("another host", "");
	res.lun.fault[MODEL_B] = WELL;
	(void)model_ask(&res.lun, MODEL_B, &c, &q);
	c.verb = RESERVE_PREEMPT;
	c.key = ANOTHERS;
	c.other = 1 + pick(2);
	if (pick(2) && model_ask(&res.lun, MODEL_B, &c, &q) == RESERVE_OK)
		fenced = true;
}

/* As the LUN would have it: only who is registered may write. */
static void end_one(void)
{
	unsigned int i = pick(res.eng.n);
	int way = device_name(res.eng.out[i].io->dev)[0] - 'a';
	bool refused = res.lun.type && !res.lun.key[way];

	tell(refused ? "EBADE" : "I/O", device_name(res.eng.out[i].io->dev));
	res_end_io(i, pick(8) ? (refused ? -EBADE : ALL) : -EIO);
}

static void event(void)
{
	static const char *const words[] = {"fail", "reinstate", "reinstate",
					    "offline", "online"};
	const char *path = a_path(), *word = words[pick(ARRAY_SIZE(words))];
	struct errmsg e;

	switch (pick(12)) {
	case 0:
		tell("fault", path);
		rig_fault(res.r, path);
		break;
	case 1:
	case 2:
		tell(word, path);
		(void)!monitor_path_state(res.r->m, rig_path(res.r, path), word,
					  res.r->now, &e);
		break;
	case 3:
		res.lun.fault[path[0] - 'a'] = pick(3);
		tell("answers", path);
		break;
	case 4:
		/* What lands late must not be what ends registrations. */
		if (!res.hangs &&
		    !cds_list_empty(&res_volume()->run->reservation.queue))
			break;
		res.hangs = res.hangs ? NULL : path;
		tell(res.hangs ? "hangs" : "hangs no more", path);
		break;
	case 5:
		configure();
		break;
	case 6:
		other_host();
		break;
	case 7:
		if (res.nreqs < RES_REQS)
			res_write();
		break;
	case 8:
		if (res.eng.n)
			end_one();
		break;
	default:
		operate();
	}
}

static void check(void)
{
	const struct reservation *r = volume_reservation(res_volume());
	bool idle = cds_list_empty(&res_volume()->run->reservation.queue);

	for (unsigned int i = 0; i < res_volume()->npaths; i++) {
		const struct path *p = res_volume()->paths[i];

		if (p->health.offered && r->key && !p->reserve.in)
			fail_msg("%s takes I/O: %s", p->name, story);
		if (p->health.offered && r->unknown)
			fail_msg("%s takes I/O too early: %s", p->name, story);
		if (p->health.offered && r->key && !fenced && idle &&
		    res.lun.key[p->name[0] - 'a'] != r->key)
			fail_msg("%s is not registered: %s", p->name, story);
	}
}

static void calm_down(void)
{
	struct errmsg e;

	tell("calm", "");
	res.hangs = NULL;
	for (int i = 0; i < MODEL_OURS; i++)
		res.lun.fault[i] = WELL;
	while (res.eng.n)
		res_end_io(0, ALL);
	for (unsigned int i = 0; i < res_volume()->npaths; i++)
		(void)!monitor_path_state(res.r->m,
					  res_volume()->paths[i],
					  "online", res.r->now, &e);
	for (int i = 0; i < 4; i++) {
		res_pass(60 * SEC);
		while (res.eng.n)
			res_end_io(0, ALL);
	}
}

/* All is well: each path that is there takes I/O, and is registered if the
 * volume is; what is left over of another key is gone. */
static void expect_order(void)
{
	const struct reservation *r = volume_reservation(res_volume());
	struct cds_list_head *queue = &res_volume()->run->reservation.queue;
	char lun[128];

	model_text(&res.lun, lun, sizeof(lun));
	if (!cds_list_empty(queue))
		fail_msg("an operation hangs: %s", story);
	for (uint64_t i = 1; i <= res.r->m->tickets; i++)
		if (res.result[i] == 1)
			fail_msg("word %d was not answered: %s", (int)i, story);
	if (rig_view(res.r)->unready_since)
		fail_msg("I/O is held: %s", story);
	for (unsigned int i = 0; i < res_volume()->npaths; i++) {
		const struct path *p = res_volume()->paths[i];
		uint64_t key = res.lun.key[p->name[0] - 'a'];

		if (!p->health.offered)
			fail_msg("%s takes no I/O, %s; %s: %s", p->name,
				 p->health.why, lun, story);
		if (key != r->key && !fenced && !(left_over && !r->key))
			fail_msg("%s has key %d, the volume %d; %s: %s",
				 p->name, (int)key, (int)r->key, lun, story);
	}
}

static void round_of(void)
{
	story[0] = '\0';
	fenced = left_over = false;
	nkey = 0;
	model_set(&res.lun, pick(3) ? "" : "a=1");
	res_start("checker_timeout = 7\npolling_interval = 5\n" KEY);
	res_run();
	for (int i = 0; i < EVENTS; i++) {
		event();
		if (pick(3))
			res_run();
		if (!pick(4))
			res_pass((1 + pick(10)) * SEC);
		res.sent[0] = res.r->log[0] = '\0';
		check();
	}
	calm_down();
	expect_order();
}

static void test_random(void **state)
{
	(void)state;
	round_of();
}

int main(void)
{
	static struct CMUnitTest tests[ROUNDS];

	rng = seed_init();
	for (int i = 0; i < ROUNDS; i++)
		tests[i] = (struct CMUnitTest)RES_TEST(test_random);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
