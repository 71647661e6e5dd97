// SPDX-License-Identifier: MIT
/*
 * io-affinity: each CPU has its path; an I/O takes that of the CPU it is
 * issued from, that is, on which its lane runs.
 *
 * Which CPUs are a path's: the cpumask of its own argument; else the mask
 * that stands at its place in the selector's arguments (the first for the
 * group's first path, and so on); else its turn of the CPUs that no mask
 * names, dealt out one by one to all paths without a mask. A CPU that two
 * masks name is the earlier path's; a mask that brings no new CPU is an error.
 *
 * If the CPU's path is failed, or it has none, a path of a CPU of the same
 * NUMA node takes the I/O, then one of any CPU, then any: of more than one
 * the first in the valid list, which moves to the tail.
 *
 * Masks are constant once the paths are added, so a reinstated path is where
 * it was. The misses are an atomic for the reader of the status. No locks.
 */
#include "selectors/selectors.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/cpu.h"

#define WORD_BITS 32 /* as the kernel writes masks: words, commas between */
#define MASK_WORDS (CPU_MAX / WORD_BITS)
#define NODE_MAX 64

struct ia_mask {
	uint32_t word[MASK_WORDS];
};

struct ia_state {
	/* only during create and the add_path after it */
	const char *const *argv;
	int argc;
	/* constant after the last add_path */
	unsigned int nr_cpus;
	unsigned int nr_auto; /* paths without a mask */
	struct ia_mask named; /* CPUs of masks */
	_Atomic uint32_t misses; /* I/Os from a CPU without a path */
};

struct ia_path { /* constant after the last add_path */
	struct ia_mask cpus;
	uint64_t nodes; /* of those CPUs, bit by bit */
	bool automatic; /* has no mask */
	unsigned int turn; /* among those */
};

static bool mask_test(const struct ia_mask *m, unsigned int cpu)
{
	return m->word[cpu / WORD_BITS] >> cpu % WORD_BITS & 1;
}

static void mask_set(struct ia_mask *m, unsigned int cpu)
{
	m->word[cpu / WORD_BITS] |= 1u << cpu % WORD_BITS;
}

static unsigned int node_bit(unsigned int node)
{
	return MIN(node, NODE_MAX - 1);
}

static void path_own(struct ia_path *ip, unsigned int cpu)
{
	mask_set(&ip->cpus, cpu);
	ip->nodes |= 1ULL << node_bit(cpu_node(cpu));
}

/* len hex digits. */
static int word_parse(const char *text, size_t len, uint32_t *ret)
{
	uint32_t n = 0;

	if (len < 1 || len > WORD_BITS / 4)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, text[i] >= 'A' && text[i] <= 'F'
							? text[i] + 'a' - 'A'
							: text[i]);

		if (!at || !*at)
			return -EINVAL;
		n = n << 4 | (uint32_t)(at - digits);
	}
	*ret = n;
	return 0;
}

/* "f", "ff,00000000": words of 32 bits, the highest first, 8 digits each but
 * for the first. */
static int mask_parse(const char *text, struct ia_mask *ret)
{
	const char *end = text + strlen(text);

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < MASK_WORDS; i++) {
		const char *from = memrchr(text, ',', (size_t)(end - text));
		const char *word = from ? from + 1 : text;

		if (from && end - word != WORD_BITS / 4)
			return -EINVAL;
		if (word_parse(word, (size_t)(end - word), &ret->word[i]))
			return -EINVAL;
		if (!from)
			return 0;
		end = from;
	}
	return -EINVAL;
}

/*
 * Gives ip (NULL: nobody, it is a check) the CPUs of a mask that no earlier
 * one has named. CPUs that do not exist do not count.
 */
static int mask_take(const struct selector *s, struct ia_mask *named,
		     const char *text, struct ia_path *ip, struct errmsg *e)
{
	const struct ia_state *st = s->priv;
	unsigned int taken = 0;
	struct ia_mask mask;

	if (mask_parse(text, &mask))
		return errmsg_set(e, EINVAL, "%s ps: invalid cpumask: '%s'",
				  s->ops->name, text);
	for (unsigned int cpu = 0; cpu < st->nr_cpus; cpu++) {
		if (!mask_test(&mask, cpu) || mask_test(named, cpu))
			continue;
		mask_set(named, cpu);
		taken++;
		if (ip)
			path_own(ip, cpu);
	}
	if (taken)
		return 0;
	return errmsg_set(e, EINVAL,
			  "%s ps: cpumask '%s' brings no CPU that another path "
			  "does not have (of %u)",
			  s->ops->name, text, st->nr_cpus);
}

static int ia_create(struct selector *s, int argc, const char *const *argv,
		     struct errmsg *e)
{
	struct ia_mask named = {{0}};
	struct ia_state *st = s->priv;
	int rc = 0;

	sel_lists_init(s);
	st->nr_cpus = cpu_count();
	st->argc = argc;
	st->argv = argv;
	for (int i = 0; !rc && i < argc; i++)
		rc = mask_take(s, &named, argv[i], NULL, e);
	return rc;
}

/* Deals out the CPUs that no mask names to the paths without one, anew. */
static void share_rest(struct selector *s)
{
	struct ia_state *st = s->priv;
	struct sel_path *p;

	cds_list_for_each_entry(p, &s->valid, link) {
		struct ia_path *ip = p->priv;

		if (!ip->automatic)
			continue;
		memset(&ip->cpus, 0, sizeof(ip->cpus));
		ip->nodes = 0;
		for (unsigned int cpu = 0, turn = 0; cpu < st->nr_cpus; cpu++)
			if (!mask_test(&st->named, cpu) &&
			    turn++ % st->nr_auto == ip->turn)
				path_own(ip, cpu);
	}
}

static int ia_add_path(struct selector *s, struct sel_path *p, int argc,
		       const char *const *argv, struct errmsg *e)
{
	struct ia_state *st = s->priv;
	struct ia_path *ip = p->priv;
	const char *text = NULL;
	int rc = sel_check_argc(s, argc, 1, e);

	if (rc)
		return rc;
	if (argc > 0)
		text = argv[0];
	else if (p->index < (unsigned int)st->argc)
		text = st->argv[p->index];
	if (text) {
		rc = mask_take(s, &st->named, text, ip, e);
		if (rc)
			return rc;
	} else {
		ip->automatic = true;
		ip->turn = st->nr_auto++;
	}
	sel_add(s, p);
	share_rest(s);
	return 0;
}

/* How well does a path suit the CPU? The more the better. */
static int ia_rank(const struct ia_path *ip, unsigned int cpu,
		   unsigned int node)
{
	if (mask_test(&ip->cpus, cpu))
		return 3;
	if (ip->nodes >> node_bit(node) & 1)
		return 2;
	return ip->nodes != 0;
}

/* Has no path that CPU, not even a failed one? */
static bool ia_unmapped(const struct selector *s, unsigned int cpu)
{
	const struct ia_state *st = s->priv;

	if (mask_test(&st->named, cpu))
		return false;
	return !st->nr_auto || cpu >= st->nr_cpus;
}

static struct sel_path *ia_select(struct selector *s, uint64_t off,
				  size_t bytes, uint64_t now)
{
	struct ia_state *st = s->priv;
	unsigned int node, cpu = cpu_current(&node);
	struct sel_path *p, *best = NULL;
	int best_rank = -1;

	(void)off;
	(void)bytes;
	(void)now;
	cds_list_for_each_entry(p, &s->valid, link) {
		int rank = ia_rank(p->priv, cpu, node);

		if (rank > best_rank) {
			best = p;
			best_rank = rank;
		}
	}
	if (best_rank < 3 && ia_unmapped(s, cpu))
		atomic_fetch_add_explicit(&st->misses, 1, memory_order_relaxed);
	if (best)
		sel_rotate(s, best);
	return best;
}

static void ia_status(const struct selector *s, const struct sel_path *p,
		      char *buf, size_t size)
{
	const struct ia_state *st = s->priv;

	if (p)
		snprintf(buf, size, "%u",
			 (unsigned int)atomic_load_explicit(
				 &st->misses, memory_order_relaxed));
	else
		snprintf(buf, size, "0");
}

const struct selector_ops sel_io_affinity = {
	.name = "io-affinity",
	.state_size = sizeof(struct ia_state),
	.path_size = sizeof(struct ia_path),
	.create = ia_create,
	.add_path = ia_add_path,
	.fail = sel_fail,
	.reinstate = sel_reinstate_tail,
	.select = ia_select,
	.status = ia_status,
};
