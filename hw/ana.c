// SPDX-License-Identifier: MIT
/*
 * Asymmetric Namespace Access; see ana.h. No state.
 *
 * Where the controller promises that a namespace stays in its group, the log
 * without the namespaces of each group will do: it is short.
 */
#include "hw/ana.h"

#include <errno.h>

#include "hw/bytes.h"
#include "hw/nvme.h"

/* Of the log. */
enum {
	LOG_PAGE = 0x0c,
	GROUPS_ONLY = 1,
	HEADER_SIZE = 16,
	HEADER_GROUPS = 8,
	GROUP_SIZE = 32, /* without its namespaces */
	GROUP_NAMESPACES = 4,
	GROUP_STATE = 16,
	NAMESPACE_SIZE = 4,
	LARGEST = 1 << 20,
};

/* Of what IDENTIFY says of the controller, and of a namespace. */
enum {
	CONTROLLER_CMIC = 76,
	CMIC_ANA = 1 << 3,
	CONTROLLER_ANACAP = 343,
	ANACAP_GROUP_STAYS = 1 << 6,
	CONTROLLER_NANAGRPID = 348,
	CONTROLLER_MNAN = 540,
	NAMESPACE_ANAGRPID = 92,
};

static const char *const texts[16] = {
	[ANA_OPTIMIZED] = "optimized",
	[ANA_NON_OPTIMIZED] = "non-optimized",
	[ANA_INACCESSIBLE] = "inaccessible",
	[ANA_PERSISTENT_LOSS] = "persistent-loss",
	[ANA_CHANGE] = "change",
};

const char *ana_state_text(unsigned int state)
{
	return state < ARRAY_SIZE(texts) ? texts[state] : NULL;
}

static bool has_namespace(const uint8_t *list, size_t n, uint32_t nsid)
{
	for (size_t i = 0; i < n; i++)
		if (le32(list + i * NAMESPACE_SIZE) == nsid)
			return true;
	return false;
}

int ana_find(const uint8_t *log, size_t len, uint32_t nsid, uint32_t group,
	     enum ana_state *ret)
{
	size_t at = HEADER_SIZE;

	if (len < HEADER_SIZE)
		return -EOVERFLOW;
	for (unsigned int i = le16(log + HEADER_GROUPS); i > 0; i--) {
		const uint8_t *g = log + at;
		size_t n;

		if (len - at < GROUP_SIZE)
			return -EOVERFLOW;
		at += GROUP_SIZE;
		n = le32(g + GROUP_NAMESPACES);
		if ((len - at) / NAMESPACE_SIZE < n)
			return -EOVERFLOW;
		at += n * NAMESPACE_SIZE;
		if ((!group || le32(g) != group) &&
		    !has_namespace(g + GROUP_SIZE, n, nsid))
			continue;
		if (!ana_state_text(g[GROUP_STATE] & 0x0f))
			return -EBADMSG;
		*ret = g[GROUP_STATE] & 0x0f;
		return 0;
	}
	return -ENODATA;
}

static int find_told(const uint8_t *log, size_t len, uint32_t nsid,
		     uint32_t group, enum ana_state *ret, struct errmsg *e)
{
	int r = ana_find(log, len, nsid, group, ret);

	if (r == -ENODATA)
		return errmsg_set(e, ENODATA,
				  "the ANA log does not have "
				  "namespace %u",
				  nsid);
	if (r)
		return errmsg_set(e, -r, "the ANA log is malformed");
	return 0;
}

/* How long the log is at most. */
static size_t log_size(const uint8_t *controller, bool groups_only)
{
	uint64_t n =
		HEADER_SIZE +
		(uint64_t)le32(controller + CONTROLLER_NANAGRPID) * GROUP_SIZE;

	if (!groups_only)
		n += (uint64_t)le32(controller + CONTROLLER_MNAN) *
		     NAMESPACE_SIZE;
	return n;
}

static int read_log(int fd, const uint8_t *controller, uint32_t nsid,
		    uint32_t group, unsigned int timeout, enum ana_state *ret,
		    struct errmsg *e)
{
	size_t size = log_size(controller, group != 0);
	CLEANUP_FREE uint8_t *log = NULL;
	int r;

	if (size > LARGEST)
		return errmsg_set(e, EOVERFLOW, "an ANA log of %zu bytes",
				  size);
	log = malloc(size);
	if (!log)
		return errmsg_set(e, ENOMEM, "no memory");
	r = nvme_log(fd, LOG_PAGE, group ? GROUPS_ONLY : 0, log, size, timeout,
		     e);
	return r ? r : find_told(log, size, nsid, group, ret, e);
}

static bool has_ana(const uint8_t *controller)
{
	return controller[CONTROLLER_CMIC] & CMIC_ANA;
}

int ana_supported(int fd, unsigned int timeout, bool *ret, struct errmsg *e)
{
	CLEANUP_FREE uint8_t *controller = malloc(NVME_IDENTIFY_SIZE);
	int r = controller ? nvme_identify_controller(fd, controller, timeout,
						      e) :
			     errmsg_set(e, ENOMEM, "no memory");

	if (!r)
		*ret = has_ana(controller);
	return r;
}

int ana_read(int fd, unsigned int timeout, enum ana_state *ret,
	     struct errmsg *e)
{
	CLEANUP_FREE uint8_t *controller = malloc(NVME_IDENTIFY_SIZE);
	CLEANUP_FREE uint8_t *namespace = malloc(NVME_IDENTIFY_SIZE);
	uint32_t nsid, group = 0;
	int r;

	if (!controller || !namespace)
		return errmsg_set(e, ENOMEM, "no memory");
	r = nvme_namespace(fd, &nsid, e);
	if (!r)
		r = nvme_identify_controller(fd, controller, timeout, e);
	if (r)
		return r;
	if (!has_ana(controller))
		return errmsg_set(e, EOPNOTSUPP, "the controller has no ANA");
	if (controller[CONTROLLER_ANACAP] & ANACAP_GROUP_STAYS) {
		r = nvme_identify_namespace(fd, nsid, namespace, timeout, e);
		if (r)
			return r;
		group = le32(namespace + NAMESPACE_ANAGRPID);
	}
	return read_log(fd, controller, nsid, group, timeout, ret, e);
}
