// SPDX-License-Identifier: MIT
/*
 * Scenarios: a file becomes a plan without chance (every attempt takes its
 * path's latency, whoever is woken runs at once), and the log of its run is
 * compared with the file's, line by line.
 */
#include "tests/sim/script.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/checker.h"
#include "core/handler.h"
#include "tests/sim/sim.h"

#define LATENCY NSEC_PER_MSEC
#define WORDS 12

struct script {
	const char *file;
	unsigned int line;
	struct plan plan;
	char *expected; /* malloc'ed */
	size_t expected_size;
	bool bad;
	/* the line that is read */
	char *word[WORDS];
	unsigned int n, next;
};

static void mistake(struct script *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void mistake(struct script *s, const char *fmt, ...)
{
	va_list ap;

	if (s->bad)
		return;
	s->bad = true;
	printf("# %s:%u: ", s->file, s->line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* Words */

static const char *word(struct script *s)
{
	if (s->next < s->n)
		return s->word[s->next++];
	mistake(s, "a word is missing");
	return "";
}

static bool take(struct script *s, const char *w)
{
	if (s->next == s->n || strcmp(s->word[s->next], w))
		return false;
	s->next++;
	return true;
}

static double decimal(struct script *s, const char *text, const char *after)
{
	char *end;
	double d = strtod(text, &end);

	if (end == text || !strchr(after, *end))
		mistake(s, "'%s' is not a number", text);
	return d;
}

static uint64_t integer(struct script *s)
{
	return (uint64_t)decimal(s, word(s), "");
}

static uint64_t seconds(struct script *s, const char *text)
{
	return (uint64_t)(decimal(s, text, "") * 1e9 + 0.5);
}

/* The words that are left, as one. */
static void rest(struct script *s, char buf[WORD_MAX])
{
	size_t used = 0;

	buf[0] = '\0';
	while (s->next < s->n && used < WORD_MAX)
		used += (size_t)snprintf(buf + used, WORD_MAX - used, "%s%s",
					 used ? " " : "", word(s));
}

static enum opt option(struct script *s)
{
	const char *name = word(s);
	int o = option_find(name);

	if (o < 0)
		mistake(s, "'%s' is no option", name);
	return o < 0 ? 0 : (enum opt)o;
}

static uint8_t volume(struct script *s)
{
	const char *name = word(s);

	for (unsigned int i = 0; i < s->plan.nvols; i++)
		if (!strcmp(s->plan.vol[i].name, name))
			return (uint8_t)i;
	mistake(s, "there is no volume '%s'", name);
	return 0;
}

static uint8_t path(struct script *s, const struct vol_setup *v)
{
	const char *name = word(s);

	for (unsigned int i = 0; i < v->npaths; i++)
		if (!strcmp(v->path[i].name, name))
			return (uint8_t)i;
	mistake(s, "volume %s has no path '%s'", v->name, name);
	return 0;
}

static int errno_of(struct script *s, const char *name)
{
	for (int e = 1; e < 150; e++)
		if (strerrorname_np(e) && !strcmp(strerrorname_np(e), name))
			return e;
	mistake(s, "'%s' is no errno", name);
	return EIO;
}

/* Setup */

static struct vol_setup *last_volume(struct script *s)
{
	if (!s->plan.nvols)
		mistake(s, "no volume yet");
	return &s->plan.vol[s->plan.nvols ? s->plan.nvols - 1 : 0];
}

static void line_volume(struct script *s)
{
	struct vol_setup *v = &s->plan.vol[s->plan.nvols];

	if (s->plan.nvols == SIM_VOLUMES) {
		mistake(s, "too many volumes");
		return;
	}
	s->plan.nvols++;
	snprintf(v->name, sizeof(v->name), "%s", word(s));
	v->size = integer(s);
	v->block = (uint32_t)integer(s);
	v->is_block = true;
	if (!v->block || v->size % v->block || v->size % WORD)
		mistake(s, "size and block do not fit");
}

/* serial=TEXT node=TEXT tpg=N weight=N, or implicit */
static void path_fact(struct script *s, struct path_setup *p, const char *fact)
{
	const char *value = strchr(fact, '=');

	if (!strcmp(fact, "implicit"))
		p->implicit_only = true;
	else if (value && !strncmp(fact, "serial=", 7))
		snprintf(p->serial, sizeof(p->serial), "%s", value + 1);
	else if (value && !strncmp(fact, "node=", 5))
		snprintf(p->node, sizeof(p->node), "%s", value + 1);
	else if (value && !strncmp(fact, "tpg=", 4))
		p->tpg = (int)decimal(s, value + 1, "") % SIM_TPGS;
	else if (value && !strncmp(fact, "weight=", 7))
		p->weight = (int)decimal(s, value + 1, "");
	else
		mistake(s, "'%s' is no fact of a path", fact);
}

static void line_path(struct script *s)
{
	struct vol_setup *v = last_volume(s);
	struct path_setup *p = &v->path[v->npaths];

	if (v->npaths == SIM_PATHS) {
		mistake(s, "too many paths");
		return;
	}
	v->present |= 1U << v->npaths++;
	snprintf(p->name, sizeof(p->name), "%s", word(s));
	p->priority = (int)integer(s);
	p->weight = p->priority;
	p->max_io = 65536;
	p->latency = LATENCY;
	while (s->next < s->n && !s->bad)
		path_fact(s, p, word(s));
}

static enum access access_of(struct script *s, const char *name)
{
	for (int a = 0; a < ACCESS_STATES; a++)
		if (!strcmp(access_name((enum access)a), name))
			return (enum access)a;
	mistake(s, "'%s' is no access state", name);
	return ACCESS_OPTIMIZED;
}

static unsigned int port_group(struct script *s)
{
	uint64_t n = integer(s);

	if (n < SIM_TPGS)
		return (unsigned int)n;
	mistake(s, "port groups are 0 to %d", SIM_TPGS - 1);
	return 0;
}

static void line_port_group(struct script *s)
{
	struct vol_setup *v = last_volume(s);
	unsigned int t = port_group(s);

	v->access[t] = access_of(s, word(s));
}

static void line_exclusive(struct script *s)
{
	last_volume(s)->exclusive = true;
}

static void line_found(struct script *s)
{
	last_volume(s)->found = true;
}

static void line_absent(struct script *s)
{
	struct vol_setup *v = last_volume(s);

	v->present &= ~(1U << path(s, v));
}

static void line_option(struct script *s)
{
	struct vol_setup *v = last_volume(s);

	rest(s, v->set[option(s)]);
}

static void line_lanes(struct script *s)
{
	s->plan.nlanes = (unsigned int)integer(s);
	if (!s->plan.nlanes || s->plan.nlanes > SIM_LANES)
		mistake(s, "1 to %d lanes", SIM_LANES);
}

static void line_end(struct script *s)
{
	s->plan.end = seconds(s, word(s));
}

/* Items */

static void item_io(struct script *s, struct item *it, enum io_op op)
{
	const struct vol_setup *v;

	it->kind = ITEM_IO;
	it->op = op;
	it->vol = volume(s);
	v = &s->plan.vol[it->vol];
	if (op != IO_FLUSH) {
		it->off = integer(s);
		it->len = (uint32_t)integer(s);
	}
	if (it->len > SIM_MAX_LEN || it->off + it->len > v->size ||
	    it->off % WORD || it->len % WORD)
		mistake(s, "not a range of the volume");
	if (take(s, "lane"))
		it->lane = (uint8_t)integer(s);
	if (it->lane >= s->plan.nlanes)
		mistake(s, "there is no such lane");
}

/* What a scripted checker or handler says. */
static int answer_of(struct script *s, enum fault_kind k, const char *name)
{
	int n = k == FAULT_CHECKER ? CHECK_TIMEOUT : ACTIVATE_IO;

	for (int i = 0; i <= n; i++)
		if (!strcmp(fault_argument(k, i), name))
			return i;
	mistake(s, "'%s' is no answer", name);
	return 0;
}

static void item_fault(struct script *s, struct item *it)
{
	const char *name;

	it->kind = ITEM_FAULT;
	it->vol = volume(s);
	it->path = take(s, "*") ? ALL_PATHS : path(s, &s->plan.vol[it->vol]);
	name = word(s);
	while (it->fault < FAULT_KINDS && strcmp(fault_name(it->fault), name))
		it->fault++;
	if (it->fault == FAULT_KINDS) {
		mistake(s, "'%s' is no fault", name);
		it->fault = FAULT_ERROR;
	}
	if (it->fault == FAULT_CHECKER || it->fault == FAULT_ACTIVATE)
		it->err = answer_of(s, it->fault, word(s));
	else if (it->fault == FAULT_ERROR || it->fault == FAULT_TARGET ||
		 (it->fault == FAULT_HANG && s->next + 1 < s->n))
		it->err = errno_of(s, word(s));
	it->dur = seconds(s, word(s));
	it->pct = 100;
	it->spare = take(s, "spare");
}

static void item_path(struct script *s, struct item *it)
{
	it->kind = ITEM_PATH;
	it->vol = volume(s);
	it->path = path(s, &s->plan.vol[it->vol]);
	rest(s, it->word);
}

static void item_group(struct script *s, struct item *it)
{
	it->kind = ITEM_GROUP;
	it->vol = volume(s);
	it->arg = integer(s);
	rest(s, it->word);
}

static void item_control(struct script *s, struct item *it)
{
	it->kind = ITEM_CONTROL;
	it->vol = volume(s);
	rest(s, it->word);
}

static void item_set(struct script *s, struct item *it)
{
	it->kind = ITEM_SET;
	it->vol = volume(s);
	it->opt = option(s);
	rest(s, it->word);
}

static void item_kill(struct script *s, struct item *it)
{
	it->kind = ITEM_KILL;
	it->arg = integer(s);
	if (it->arg >= s->plan.nitems)
		mistake(s, "there is no #%llu before",
			(unsigned long long)it->arg);
}

static void item_reconfigure(struct script *s, struct item *it)
{
	it->kind = ITEM_CONFIG;
	it->vol = volume(s);
	while (s->next < s->n && !s->bad)
		it->arg |= 1U << path(s, &s->plan.vol[it->vol]);
}

static void item_access(struct script *s, struct item *it)
{
	it->kind = ITEM_ACCESS;
	it->vol = volume(s);
	it->arg = port_group(s);
	snprintf(it->word, sizeof(it->word), "%s",
		 access_name(access_of(s, word(s))));
	if (s->next < s->n)
		it->dur = seconds(s, word(s));
}

static void item_weight(struct script *s, struct item *it)
{
	it->kind = ITEM_WEIGHT;
	it->vol = volume(s);
	it->path = path(s, &s->plan.vol[it->vol]);
	it->arg = integer(s);
}

static const struct {
	const char *name;
	void (*make)(struct script *s, struct item *it);
} items[] = {
	{"fault", item_fault},
	{"path", item_path},
	{"group", item_group},
	{"control", item_control},
	{"set", item_set},
	{"kill", item_kill},
	{"reconfigure", item_reconfigure},
	{"access", item_access},
	{"weight", item_weight},
};

static void make_item(struct script *s, struct item *it)
{
	const char *what = word(s);

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		if (!strcmp(items[i].name, what)) {
			items[i].make(s, it);
			return;
		}
	for (int op = IO_READ; op <= IO_ZERO; op++)
		if (!strcmp(io_op_name((enum io_op)op), what)) {
			item_io(s, it, (enum io_op)op);
			return;
		}
	mistake(s, "'%s' is no word", what);
}

/* SECONDS, or FROM-TO/STEP */
static void line_at(struct script *s)
{
	const char *when = word(s), *p;
	double at = decimal(s, when, "-"), end = at, step = 1;
	struct item model = {0};

	p = strchr(when, '-');
	if (p) {
		end = decimal(s, p + 1, "/");
		p = strchr(p, '/');
		step = p ? decimal(s, p + 1, "") : 0;
	}
	make_item(s, &model);
	if (step <= 0)
		mistake(s, "no step");
	for (double t = at; !s->bad && t < end + step / 2; t += step) {
		struct item *it =
			plan_add(&s->plan, (uint64_t)(t * 1e9 + 0.5), ITEM_IO);
		uint32_t id = it->id;
		uint64_t when_ns = it->at;

		*it = model;
		it->id = id;
		it->at = when_ns;
	}
}

static const struct {
	const char *name;
	void (*read)(struct script *s);
} lines[] = {
	{"lanes", line_lanes},
	{"volume", line_volume},
	{"path", line_path},
	{"absent", line_absent},
	{"found", line_found},
	{"option", line_option},
	{"end", line_end},
	{"at", line_at},
	{"port-group", line_port_group},
	{"exclusive", line_exclusive},
};

static void read_line(struct script *s, char *line)
{
	char *save = NULL;

	line[strcspn(line, "#\n")] = '\0';
	s->n = s->next = 0;
	for (char *w = strtok_r(line, " \t", &save); w && s->n < WORDS;
	     w = strtok_r(NULL, " \t", &save))
		s->word[s->n++] = w;
	if (!s->n)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].name, s->word[0])) {
			s->next = 1;
			lines[i].read(s);
			if (s->next < s->n)
				mistake(s, "'%s' is too much",
					s->word[s->next]);
			return;
		}
	mistake(s, "'%s' is no word", s->word[0]);
}

static void read_expected(struct script *s, FILE *f)
{
	FILE *mem = open_memstream(&s->expected, &s->expected_size);
	char buf[4096];
	size_t n;

	if (!mem)
		abort();
	while ((n = fread(buf, 1, sizeof(buf), f)))
		fwrite(buf, 1, n, mem);
	fclose(mem);
}

static void read_script(struct script *s)
{
	FILE *f = fopen(s->file, "re");
	char line[512];

	if (!f) {
		mistake(s, "%s", strerror(errno));
		return;
	}
	while (!s->bad && fgets(line, sizeof(line), f)) {
		s->line++;
		if (!strcmp(line, "log\n")) {
			read_expected(s, f);
			break;
		}
		read_line(s, line);
	}
	fclose(f);
	plan_sort(&s->plan);
}

/* Running */

/* One line of *text, without blanks around; NULL: there is none. */
static const char *next_line(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line + strspn(line, " ");
}

static bool same(struct script *s, char *got)
{
	char *expected = s->expected;

	for (;;) {
		const char *g = next_line(&got);
		const char *e = next_line(&expected);

		s->line++;
		if (!g && !e)
			return true;
		if (g && e && !strcmp(g, e))
			continue;
		printf("# %s:%u: expected: %s\n# %s:%u: got:      %s\n",
		       s->file, s->line, e ? e : "nothing more", s->file,
		       s->line, g ? g : "nothing more");
		return false;
	}
}

/* What comes after the script's own end is none of its business. */
static void cut_healing(struct sim *sim)
{
	char *end = strstr(sim->log, "* all heals");

	if (!end)
		return;
	while (end > sim->log && end[-1] != '\n')
		end--;
	*end = '\0';
}

bool script_run(const char *file, bool show)
{
	struct script s = {.file = file, .plan = {.exact = true, .nlanes = 1}};
	struct sim *sim;
	bool good;

	read_script(&s);
	if (s.bad)
		return false;
	sim = sim_new();
	if (!sim)
		abort();
	sim->logging = true;
	good = sim_run(sim, &s.plan, NULL);
	if (good)
		cut_healing(sim);
	else
		printf("# %s: %s\n", file, sim->why);
	if (show)
		fputs(sim->log, stdout);
	good = good && same(&s, sim->log);
	free(s.plan.item);
	free(s.expected);
	if (good)
		sim_free(sim);
	return good;
}
