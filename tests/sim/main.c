// SPDX-License-Identifier: MIT
/*
 * tests/sim/sim: see README.md. Seeds are dealt out to some processes, one for
 * each CPU, so that a run that dies takes only its own down; the parent says
 * which seed it was and cuts its plan short.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "core/number.h"
#include "tests/sim/coverage.h"
#include "tests/sim/script.h"
#include "tests/sim/shrink.h"
#include "tests/sim/sim.h"

#define JOBS_MAX 64
/* So many seeds reach every branch, or it cannot be reached. */
#define COVERED_BY 1000
/* One more fault than that, and nobody reads on. */
#define REPORTS 3

struct worker {
	struct coverage cov;
	struct coverage before; /* of the processes before this one */
	uint64_t seed, next, done;
	bool failed;
	char why[512];
	uint64_t digest;
	pid_t pid;
};

static struct options {
	int64_t seeds, first, jobs;
	bool verbose, tap, keep, stop;
} opt = {.seeds = 1000, .first = 1};

static _Noreturn void work(struct worker *j, uint64_t end)
{
	struct sim *s = sim_new();
	struct plan p = {0};

	if (!s)
		_exit(2);
	for (; j->next < end; j->next += (uint64_t)opt.jobs) {
		j->seed = j->next;
		plan_random(&p, j->seed);
		j->failed = !sim_run(s, &p, NULL);
		j->digest ^= s->digest;
		j->cov = *s->cov;
		if (j->failed) {
			snprintf(j->why, sizeof(j->why), "%s", s->why);
			_exit(1);
		}
		j->done++;
	}
	_exit(0);
}

static void start(struct worker *j, uint64_t end)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (!pid)
		work(j, end);
	j->pid = pid; /* not in the child, which shares it */
}

/* The schedule of a failing seed, cut short, and what happens in it. */
static void report(uint64_t seed)
{
	struct plan p = {0};
	CLEANUP_FREE bool *masked = NULL;
	struct outcome o;

	plan_random(&p, seed);
	masked = calloc(p.nitems, sizeof(bool));
	if (!masked)
		abort();
	if (shrink_try(&p, masked, false, &o)) {
		printf("# seed %llu alone is good: the run is not "
		       "deterministic\n",
		       (unsigned long long)seed);
		return;
	}
	if (!opt.keep)
		shrink_plan(&p, masked, o.kind);
	plan_print(&p, masked, stdout);
	printf("--\n");
	shrink_try(&p, masked, true, &o);
	printf("seed %llu: %s\n\n", (unsigned long long)seed, o.why);
	free(p.item);
}

static void stop_others(const struct worker *jobs)
{
	for (int i = 0; i < opt.jobs; i++)
		if (jobs[i].pid)
			kill(jobs[i].pid, SIGKILL);
}

/* Waits for one of them; false: none is left. */
static bool reap(struct worker *jobs, uint64_t end, unsigned int *failures)
{
	int status;
	pid_t pid = wait(&status);

	if (pid < 0)
		return false;
	for (int i = 0; i < opt.jobs; i++) {
		struct worker *j = &jobs[i];

		if (j->pid != pid)
			continue;
		j->pid = 0;
		if (status == 0)
			break;
		if (!opt.stop || !*failures)
			printf("# seed %llu: %s\n", (unsigned long long)j->seed,
			       j->failed ? j->why : "it died");
		coverage_add(&j->before, &j->cov);
		memset(&j->cov, 0, sizeof(j->cov));
		if (++*failures <= REPORTS && !opt.stop)
			report(j->seed);
		j->failed = false;
		j->next += (uint64_t)opt.jobs;
		if (opt.stop)
			stop_others(jobs);
		else if (*failures < REPORTS && j->next < end)
			start(j, end);
	}
	return true;
}

/* Returns how many seeds failed, or branches were not reached. */
static unsigned int run_seeds(void)
{
	size_t size = sizeof(struct worker) * (size_t)opt.jobs;
	struct worker *jobs = mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t end = (uint64_t)(opt.first + opt.seeds), done = 0;
	struct coverage sum = {0};
	unsigned int failures = 0;
	struct timespec t0, t1;

	if (jobs == MAP_FAILED)
		abort();
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (int i = 0; i < opt.jobs; i++) {
		jobs[i].next = (uint64_t)(opt.first + i);
		start(&jobs[i], end);
	}
	while (reap(jobs, end, &failures))
		;
	clock_gettime(CLOCK_MONOTONIC, &t1);
	for (int i = 0; i < opt.jobs; i++) {
		coverage_add(&sum, &jobs[i].before);
		coverage_add(&sum, &jobs[i].cov);
		done += jobs[i].done;
	}
	coverage_print(&sum, stdout);
	if (done >= COVERED_BY)
		failures += coverage_missing(&sum, stdout);
	printf("# %llu of %lld seeds are good, %.1f s\n",
	       (unsigned long long)done, (long long)opt.seeds,
	       (double)(t1.tv_sec - t0.tv_sec) +
		       (double)(t1.tv_nsec - t0.tv_nsec) / 1e9);
	munmap(jobs, size);
	return failures;
}

static void show_seed(void)
{
	struct plan p = {0};
	struct outcome o;

	plan_random(&p, (uint64_t)opt.first);
	plan_print(&p, NULL, stdout);
	printf("--\n");
	if (!shrink_try(&p, NULL, true, &o))
		printf("seed %lld: %s\n", (long long)opt.first, o.why);
	free(p.item);
}

/* The same seed twice: the same run? */
static bool deterministic(uint64_t seed)
{
	struct sim *s = sim_new();
	struct plan p = {0};
	uint64_t first = 0;
	bool same = false;

	if (!s)
		abort();
	for (int i = 0; i < 2; i++) {
		plan_random(&p, seed);
		if (!sim_run(s, &p, NULL))
			return false;
		same = i && first == s->digest;
		first = s->digest;
	}
	free(p.item);
	sim_free(s);
	return same;
}

static int tap(char *const *scripts, int n)
{
	int bad = 0, ok;

	printf("1..%d\n", n + 2);
	for (int i = 0; i < n; i++) {
		ok = script_run(scripts[i], opt.verbose);
		printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, scripts[i]);
		bad += !ok;
	}
	ok = deterministic((uint64_t)opt.first);
	printf("%sok %d - a seed is a run\n", ok ? "" : "not ", n + 1);
	bad += !ok;
	ok = run_seeds() == 0;
	printf("%sok %d - %lld seeds from %lld\n", ok ? "" : "not ", n + 2,
	       (long long)opt.seeds, (long long)opt.first);
	return bad + !ok;
}

static int64_t number(const char *text, int64_t min)
{
	int64_t n;

	if (number_parse(text, 10, min, INT64_MAX / 16, &n)) {
		fprintf(stderr, "sim: '%s' is not a number from %lld\n", text,
			(long long)min);
		exit(2);
	}
	return n;
}

static void usage(FILE *f)
{
	fprintf(f, "usage: sim [--seeds N] [--seed FIRST] [--jobs N]\n"
		   "           [--keep | --first]\n"
		   "       sim --verbose --seed SEED\n"
		   "       sim --tap [--seeds N] [--seed FIRST] SCRIPT...\n"
		   "       sim [--verbose] SCRIPT...\n");
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"seeds", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},
		{"jobs", required_argument, NULL, 'j'},
		{"keep", no_argument, NULL, 'k'},
		{"first", no_argument, NULL, 'f'},
		{"verbose", no_argument, NULL, 'v'},
		{"tap", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c, bad = 0;

	opt.jobs = sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			opt.seeds = number(optarg, 1);
			break;
		case 's':
			opt.first = number(optarg, 0);
			break;
		case 'j':
			opt.jobs = number(optarg, 1);
			break;
		case 'k':
			opt.keep = true;
			break;
		case 'f':
			opt.stop = true;
			break;
		case 'v':
			opt.verbose = true;
			break;
		case 't':
			opt.tap = true;
			break;
		default:
			usage(c == 'h' ? stdout : stderr);
			return c != 'h';
		}
	}
	opt.jobs = MIN(opt.jobs, (int64_t)JOBS_MAX);
	opt.jobs = MIN(opt.jobs, opt.seeds);
	if (opt.tap)
		return tap(argv + optind, argc - optind) != 0;
	for (int i = optind; i < argc; i++)
		bad += !script_run(argv[i], opt.verbose);
	if (optind < argc)
		return bad != 0;
	if (opt.verbose) {
		show_seed();
		return 0;
	}
	return run_seeds() != 0;
}
