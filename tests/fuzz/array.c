// SPDX-License-Identifier: MIT
/*
 * An array of the fuzzer's own: what stands here instead of ioctl(2) answers
 * each command with the next of its bytes. A checker that blocks is asked of
 * two paths of a volume in turns, a prioritizer that does once. Each must come
 * to an end after a few commands, and say something.
 *
 * The first byte says who is asked. An answer is a byte that says how it ends,
 * one for a status or an error, one that tells how long the data are, and
 * those.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include "core/device.h"
#include "hw/checkers.h"
#include "hw/handlers.h"
#include "hw/persist.h"
#include "hw/prioritizers.h"

static const struct checker_ops *const checkers[] = CHECKER_TABLE;
static const struct prioritizer_ops *const prios[] = PRIORITIZER_TABLE;
static const struct handler_ops *const handlers[] = HANDLER_TABLE;

/* The low half of the first byte: a checker's number, or one of these. */
enum { RESERVATIONS = 13, HANDLERS = 14 };

/* The bytes that are left, and how many commands have been answered since the
 * last question. */
static const uint8_t *bytes;
static size_t nr_bytes, nr_commands;
static bool is_scsi; /* no NVMe namespace; else whatever it is asked as */

static uint8_t take(void)
{
	if (nr_bytes == 0)
		return 0;
	nr_bytes--;
	return *bytes++;
}

static size_t take_data(void *to, size_t room)
{
	size_t said = (size_t)take() * 4, n = MIN(MIN(said, room), nr_bytes);

	if (n > 0)
		memcpy(to, bytes, n);
	bytes += n;
	nr_bytes -= n;
	return n;
}

enum ending {
	GOOD,
	SENSE_FIXED,
	SENSE_DESCRIPTOR,
	STATUS,
	HOST,
	ERRNO,
	ENDINGS
};

static int answer_scsi(struct sg_io_hdr *h)
{
	enum ending ending = take() % ENDINGS;
	uint8_t more = take();
	size_t n = h->dxfer_direction == SG_DXFER_FROM_DEV
			   ? take_data(h->dxferp, h->dxfer_len)
			   : h->dxfer_len;

	if (ending == ERRNO) {
		errno = more % 2 ? ENOTTY : ENODEV;
		return -1;
	}
	h->resid = (int)(h->dxfer_len - n);
	h->sb_len_wr = 0;
	h->driver_status = 0;
	h->host_status = ending == HOST ? more & 0x0f : 0;
	h->status = ending == STATUS ? more & 0x7e : 0;
	if (ending == SENSE_FIXED || ending == SENSE_DESCRIPTOR) {
		uint8_t sense[18];

		for (size_t i = 0; i < sizeof(sense); i++)
			sense[i] = take();
		sense[0] = ending == SENSE_FIXED ? 0x70 : 0x72;
		h->status = 2;
		h->sb_len_wr =
			(uint8_t)MIN(sizeof(sense), (size_t)h->mx_sb_len);
		memcpy(h->sbp, sense, h->sb_len_wr);
	}
	h->masked_status = h->status >> 1;
	h->info = h->status || h->host_status ? SG_INFO_CHECK : SG_INFO_OK;
	return 0;
}

static int answer_nvme(struct nvme_admin_cmd *c)
{
	enum ending ending = take() % ENDINGS;

	take_data((void *)(uintptr_t)c->addr, c->data_len);
	errno = EIO;
	return ending == ERRNO ? -1 : ending == STATUS ? take() : 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request == NVME_IOCTL_ID && !is_scsi)
		return 1 + take() % 8;
	nr_commands++;
	if (request == SG_IO)
		return answer_scsi(arg);
	if (request == NVME_IOCTL_ADMIN_CMD || request == NVME_IOCTL_IO_CMD)
		return answer_nvme(arg);
	errno = ENOTTY;
	return -1;
}

/*
 * None sends more for one question than some retries of some commands. The
 * worst: a VPD page, five times after errors of the host, three times each as
 * it is aborted, and three times each of these for errors of before; then a
 * block that is read.
 */
static void end_of_question(void)
{
	assert(nr_commands <= 5 * 3 * 3 + 3 * 3);
	nr_commands = 0;
}

static void ask_checker(const struct checker_ops *ops, struct device *d)
{
	void *priv[2], *shared = calloc(1, ops->shared_size + 1);

	for (int i = 0; i < 2; i++)
		priv[i] = calloc(1, ops->priv_size + 1);
	assert(shared && priv[0] && priv[1]);
	for (int i = 0; i < 4; i++) {
		struct checker c = {.ops = ops,
				    .dev = d,
				    .shared = shared,
				    .timeout = NSEC_PER_SEC,
				    .priv = priv[i % 2]};
		enum check_state s = ops->run(&c);

		assert(check_state_text(s) && s != CHECK_TIMEOUT);
		assert(s == CHECK_UP || c.message[0]);
		end_of_question();
	}
	free(priv[0]);
	free(priv[1]);
	free(shared);
}

static void ask_prio(const struct prioritizer_ops *ops, struct device *d)
{
	struct path_facts facts = PATH_FACTS_NONE;
	struct prio_query q = {.dev = d,
			       .dev_path = "/dev/x",
			       .facts = &facts,
			       .args = "",
			       .root = "",
			       .timeout = NSEC_PER_SEC};
	int n = ops->get(&q);

	assert(n >= PRIO_UNDEF && n <= 130);
	assert((n == PRIO_UNDEF) == (q.message[0] != '\0'));
	end_of_question();
}

/* However it is put off: it ends, and no call of it sends without end. The most
 * alua's: two reports in two commands each, with the header and without, and
 * what is before and between, each with six tries, times three. */
static void ask_handler(const struct handler_ops *ops, struct device *d)
{
	struct activate_request r = {.dev = d,
				     .args = "",
				     .root = "/nowhere",
				     .timeout = NSEC_PER_SEC,
				     .now = NSEC_PER_SEC};
	struct path_access access = {.state = NULL};
	enum activate_result result;

	for (int i = 0;; i++) {
		result = ops->activate(&r);
		assert(result == ACTIVATE_OK || r.message[0]);
		assert(nr_commands <= 200 && i < 1000);
		nr_commands = 0;
		if (result != ACTIVATE_WAIT)
			break;
		assert(r.again > 0);
		r.now += r.again;
		r.message[0] = '\0';
	}
	assert(activate_result_text(result));
	result = ops->access(&r, &access);
	assert((result == ACTIVATE_OK) == (access.state != NULL));
	nr_commands = 0;
}

static void ask_reserve(enum reserve_verb verb, struct device *d)
{
	struct reserve_request r = {.dev = d,
				    .timeout = NSEC_PER_SEC,
				    .command = {.verb = verb,
						.type = RESERVE_WRITE_EXCLUSIVE,
						.key = 1,
						.other = 2}};
	enum reserve_verdict v;

	is_scsi = take() % 2;
	v = persist_send(&r);
	is_scsi = false;
	assert(!v == !r.message[0] && !v == !reserve_verdict_errno(v));
	assert(r.type < RESERVE_TYPES);
	assert(!r.nkeys || (v == RESERVE_OK && r.keys));
	free(r.keys);
	end_of_question();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device d = {.fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
			   .limits = {.is_block = true, .block = 512}};
	uint8_t which;

	assert(d.fd >= 0);
	bytes = data;
	nr_bytes = size;
	which = take();
	for (size_t i = 0; checkers[i]; i++)
		if (checkers[i]->run && which % 16 == i)
			ask_checker(checkers[i], &d);
	for (size_t i = 0; prios[i]; i++)
		if (prios[i]->blocks && prios[i] != &prio_path_latency &&
		    which / 16 == i && which % 16 < RESERVATIONS)
			ask_prio(prios[i], &d);
	for (size_t i = 0; handlers[i]; i++)
		if (handlers[i]->activate && which == (i << 4 | HANDLERS))
			ask_handler(handlers[i], &d);
	if (which % 16 == RESERVATIONS && which / 16 <= RESERVE_PREEMPT_ABORT)
		ask_reserve((enum reserve_verb)(which / 16), &d);
	close(d.fd);
	return 0;
}
