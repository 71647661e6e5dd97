// SPDX-License-Identifier: MIT
/*
 * Checkers, prioritizers and reservations, by the exchanges in
 * tests/data/arrays: one test a case. The recorder writes what a real array answers in the same form:
 *
 *   hw_arrays --record DEVICE checker NAME | prio NAME [ARGS]
 */
#include "tests/unit/array_script.h"

#include <dirent.h>
#include <fcntl.h>
#include "core/device.h"
#include "core/facts.h"
#include "hw/checkers.h"
#include "hw/persist.h"
#include "hw/prioritizers.h"

#define DIRECTORY "tests/data/arrays"

static const struct checker_ops *const checkers[] = CHECKER_TABLE;
static const struct prioritizer_ops *const prios[] = PRIORITIZER_TABLE;

/* One path, or two of one volume: "a" and "b". */
struct subject {
	const struct array_case *c;
	struct device dev;
	struct path_facts facts;
	void *priv[2], *shared;
	unsigned int path; /* 1: b */
	struct sg_step steps[STEPS_MAX];
	size_t n;
	char got[256]; /* what came of the last question */
	const char *access_state;
};

static void *zeroed(size_t size)
{
	void *p = calloc(1, MAX(size, (size_t)1));

	assert_non_null(p);
	return p;
}

static void subject_init(struct subject *s, const struct array_case *c, int fd)
{
	const struct checker_ops *ops = checker_find(checkers, c->subject);

	memset(s, 0, sizeof(*s));
	s->c = c;
	s->dev.fd = fd;
	s->dev.limits.is_block = true;
	s->dev.limits.block = 512;
	s->facts = PATH_FACTS_NONE;
	if (c->kind != SUBJECT_CHECKER)
		return;
	if (!ops)
		fail_msg("no checker %s", c->subject);
	for (int i = 0; i < 2; i++)
		s->priv[i] = zeroed(ops->priv_size);
	s->shared = zeroed(ops->shared_size);
}

static void subject_clear(struct subject *s)
{
	free(s->priv[0]);
	free(s->priv[1]);
	free(s->shared);
}

static void ask_checker(struct subject *s)
{
	struct checker c = {
		.ops = checker_find(checkers, s->c->subject),
		.dev = &s->dev,
		.timeout = 7 * NSEC_PER_SEC,
		.priv = s->priv[s->path],
		.shared = s->shared,
	};
	enum check_state state = c.ops->run(&c);

	s->access_state = c.access_state;
	snprintf(s->got, sizeof(s->got), "%s%s%s", check_state_text(state),
		 c.message[0] ? ", " : "", c.message);
}

static void ask_prio(struct subject *s)
{
	const struct prioritizer_ops *ops =
		prioritizer_find(prios, s->c->subject);
	struct prio_query q = {
		.dev = &s->dev,
		.dev_path = "/dev/x",
		.facts = &s->facts,
		.args = s->c->args,
		.root = "",
		.timeout = 7 * NSEC_PER_SEC,
	};
	int n;

	if (!ops)
		fail_msg("no prioritizer %s", s->c->subject);
	assert_true(ops->needs_device && ops->blocks);
	n = ops->get(&q);
	s->access_state = q.access_state;
	if (n == PRIO_UNDEF)
		snprintf(s->got, sizeof(s->got), "undef, %s", q.message);
	else
		snprintf(s->got, sizeof(s->got), "%d%s", n, q.message);
}

/* "VERB [KEY [OTHER]] [type=N] [aptpl] [all_tg_pt]", keys in hex. */
static void command_parse(const char *verb, const char *args,
			  struct reserve_command *ret)
{
	static const char *const verbs[] = {
		[RESERVE_READ_KEYS] = "read-keys",
		[RESERVE_READ_HOLDER] = "read-holder",
		[RESERVE_REGISTER] = "register",
		[RESERVE_REGISTER_IGNORE] = "register-ignore",
		[RESERVE_RESERVE] = "reserve",
		[RESERVE_RELEASE] = "release",
		[RESERVE_CLEAR] = "clear",
		[RESERVE_PREEMPT] = "preempt",
		[RESERVE_PREEMPT_ABORT] = "preempt-abort",
	};
	char copy[64], *rest = copy, *word;
	uint64_t *key = &ret->key;

	memset(ret, 0, sizeof(*ret));
	while (strcmp(verbs[ret->verb], verb))
		assert_true(++ret->verb < ARRAY_SIZE(verbs));
	snprintf(copy, sizeof(copy), "%s", args);
	while ((word = strsep(&rest, " "))) {
		if (!strncmp(word, "type=", 5)) {
			ret->type = reserve_type_parse(word + 5);
			assert_int_not_equal(ret->type, RESERVE_NONE);
		} else if (!strcmp(word, "aptpl")) {
			ret->aptpl = true;
		} else if (!strcmp(word, "all_tg_pt")) {
			ret->all_tg_pt = true;
		} else if (*word) {
			assert_true(reserve_key_parse(word, key));
			key = &ret->other;
		}
	}
}

static void say_answer(struct subject *s, const struct reserve_request *r)
{
	size_t n = 0;

	if (r->command.verb == RESERVE_READ_HOLDER)
		snprintf(s->got, sizeof(s->got), "%llx %s",
			 (unsigned long long)r->holder,
			 reserve_type_text(r->type));
	else
		n = (size_t)snprintf(s->got, sizeof(s->got), "ok");
	if (r->command.verb != RESERVE_READ_KEYS)
		return;
	n = (size_t)snprintf(s->got, sizeof(s->got), "%u:", r->generation);
	for (size_t i = 0; i < r->nkeys && n < sizeof(s->got); i++)
		n += (size_t)snprintf(s->got + n, sizeof(s->got) - n, " %llx",
				      (unsigned long long)r->keys[i]);
}

static void ask_reserve(struct subject *s)
{
	static const char *const text[] = {
		[RESERVE_CONFLICT] = "conflict",
		[RESERVE_UNSUPPORTED] = "unsupported",
		[RESERVE_REFUSED] = "refused",
		[RESERVE_NO_ROOM] = "no room",
		[RESERVE_FAILED] = "failed",
		[RESERVE_NO_ANSWER] = "no answer",
	};
	struct reserve_request r = {.dev = &s->dev,
				    .timeout = 7 * NSEC_PER_SEC};
	enum reserve_verdict v;

	command_parse(s->c->subject, s->c->args, &r.command);
	v = persist_send(&r);
	if (v)
		snprintf(s->got, sizeof(s->got), "%s, %s", text[v], r.message);
	else
		say_answer(s, &r);
	assert_true(!v == !r.message[0]);
	free(r.keys);
}

static void ask(struct subject *s)
{
	static void (*const of[])(struct subject *s) = {
		[SUBJECT_CHECKER] = ask_checker,
		[SUBJECT_PRIO] = ask_prio,
		[SUBJECT_RESERVE] = ask_reserve,
	};

	sg_timeout_ms = 7000;
	of[s->c->kind](s);
	assert_int_equal(sg_timeout_ms, 7000);
}

/* The script so far is played, and want must come of it. */
static void play(struct subject *s, const char *want, unsigned int nr)
{
	sg_expect(s->steps, s->n);
	ask(s);
	if (sg_done != s->n)
		fail_msg("%s:%u: %zu of %zu commands were sent", s->c->file, nr,
			 sg_done, s->n);
	if (strcmp(s->got, want))
		fail_msg("%s:%u: got '%s', expected '%s'", s->c->file, nr,
			 s->got, want);
	for (size_t i = 0; i < s->n; i++)
		free((void *)(uintptr_t)s->steps[i].data);
	memset(s->steps, 0, sizeof(s->steps));
	s->n = 0;
}

static bool play_line(struct subject *s, const char *line, unsigned int nr)
{
	struct sg_step *next = &s->steps[s->n];
	const char *rest;

	assert_true(s->n < STEPS_MAX);
	if (word_is(line, "tpg", &rest)) {
		s->facts.tpg = (int)strtoul(rest, NULL, 10);
	} else if (word_is(line, "nsid", &rest)) {
		sg_nsid = (int)strtoul(rest, NULL, 10);
	} else if (word_is(line, "path", &rest)) {
		s->path = *rest == 'b';
	} else if (word_is(line, ">", &rest)) {
		command_take(rest, next);
	} else if (word_is(line, "nvme", &rest)) {
		nvme_take(rest, false, next);
	} else if (word_is(line, "nvme-io", &rest)) {
		nvme_take(rest, true, next);
	} else if (word_is(line, "<", &rest)) {
		answer_take(s->c, rest, next);
		s->n++;
	} else if (word_is(line, "=", &rest)) {
		play(s, rest, nr);
		return true;
	} else if (word_is(line, "access", &rest)) {
		if (strcmp(s->access_state ? s->access_state : "-", rest))
			fail_msg("%s:%u: got '%s'", s->c->file, nr,
				 s->access_state);
	} else if (*line) {
		fail_msg("%s:%u: '%s'", s->c->file, nr, line);
	}
	return false;
}

static void test_case(void **state)
{
	const struct array_case *c = *state;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct subject s;
	bool asked = false;

	assert_true(fd >= 0);
	subject_init(&s, c, fd);
	sg_nsid = 0;
	for (size_t i = 0; i < c->n; i++)
		asked |=
			play_line(&s, c->lines[i], c->number + (unsigned int)i);
	assert_true(asked && s.n == 0); /* nothing is left over */
	subject_clear(&s);
	close(fd);
}

/* The recorder */

static void print_bytes(const char *before, const uint8_t *data, size_t n)
{
	printf("%s", before);
	for (size_t i = 0; i < n; i++)
		printf("%s%02x",
		       i && i % 16 == 0 ? "\n"
		       : i		? " "
					: "",
		       data[i]);
}

static unsigned int nr_recorded;

static void record_page(const uint8_t *data, size_t n)
{
	if (!n)
		return;
	printf("# page p%u\n", nr_recorded);
	print_bytes("# ", data, n);
	printf("\n");
}

static void record_sg(const struct sg_io_hdr *h, int r)
{
	size_t got = h->dxfer_len - (size_t)MAX(h->resid, 0);
	bool out = h->dxfer_direction == SG_DXFER_TO_DEV;

	nr_recorded++;
	print_bytes("> ", h->cmdp, h->cmd_len);
	if (out)
		print_bytes(" out ", h->dxferp, h->dxfer_len);
	else if (h->dxfer_len)
		printf(" room %u", h->dxfer_len);
	printf("\n< ");
	if (r)
		printf("errno %s", strerrorname_np(errno));
	else if (h->host_status)
		printf("host %x", h->host_status);
	else if (h->sb_len_wr > 13 && (h->sbp[0] & 0x7f) < 0x72)
		printf("%x/%02x/%02x", h->sbp[2] & 0xf, h->sbp[12], h->sbp[13]);
	else if (h->sb_len_wr > 3)
		printf("d%x/%02x/%02x", h->sbp[1] & 0xf, h->sbp[2], h->sbp[3]);
	else if (h->status)
		printf("status %02x", h->status);
	else
		printf("good%s", !out && got ? " p" : "");
	if (!r && !h->status && !h->host_status && !out && got)
		printf("%u", nr_recorded);
	printf("\n");
	if (!r && !out)
		record_page(h->dxferp, got);
}

static void record_nvme(const struct nvme_admin_cmd *c, int r)
{
	nr_recorded++;
	printf("nvme %02x %x %x %x room %u\n< ", c->opcode, c->nsid, c->cdw10,
	       c->cdw11, c->data_len);
	if (r < 0)
		printf("errno %s\n", strerrorname_np(errno));
	else if (r > 0)
		printf("status %x\n", (unsigned int)r);
	else
		printf("good p%u\n", nr_recorded);
	if (r == 0)
		record_page((const void *)(uintptr_t)c->addr, c->data_len);
}

static void record(unsigned long request, const void *arg, int r)
{
	int error = errno;

	if (request == SG_IO)
		record_sg(arg, r);
	else if (request == NVME_IOCTL_ADMIN_CMD)
		record_nvme(arg, r);
	else if (request == NVME_IOCTL_ID && r >= 0)
		printf("nsid %d\n", r);
	errno = error;
}

static int record_device(char **argv)
{
	struct array_case c = {.kind = strcmp(argv[1], "checker")
					       ? SUBJECT_PRIO
					       : SUBJECT_CHECKER};
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	struct subject s;

	if (fd < 0 || !argv[2]) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		return EXIT_FAILURE;
	}
	snprintf(c.subject, sizeof(c.subject), "%s", argv[2]);
	snprintf(c.args, sizeof(c.args), "%s", argv[3] ? argv[3] : "");
	subject_init(&s, &c, fd);
	printf("%s %s\ncase %s\n", argv[1], argv[2], argv[0]);
	sg_recorder = record;
	if (c.kind == SUBJECT_CHECKER)
		ask_checker(&s);
	else
		ask_prio(&s);
	printf("= %s\n", s.got);
	subject_clear(&s);
	close(fd);
	return EXIT_SUCCESS;
}

static int is_script(const struct dirent *d)
{
	const char *dot = strrchr(d->d_name, '.');

	return dot && !strcmp(dot, ".txt");
}

static int load_all(void)
{
	struct dirent **files;
	int n = scandir(DIRECTORY, &files, is_script, alphasort);

	for (int i = 0; i < n; i++) {
		static char names[32][300];

		assert_true(i < 32);
		snprintf(names[i], sizeof(names[i]), "%s/%s", DIRECTORY,
			 files[i]->d_name);
		script_load(names[i]);
		free(files[i]);
	}
	if (n > 0)
		free(files);
	return n;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX];

	if (argc > 3 && !strcmp(argv[1], "--record"))
		return record_device(argv + 2);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (load_all() <= 0) {
		fprintf(stderr, DIRECTORY ": no exchanges\n");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < nr_array_cases; i++)
		tests[i] =
			(struct CMUnitTest){.name = array_cases[i].title,
					    .test_func = test_case,
					    .initial_state = &array_cases[i]};
	return _cmocka_run_group_tests("arrays", tests, nr_array_cases, NULL,
				       NULL);
}
