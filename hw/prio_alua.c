// SPDX-License-Identifier: MIT
/*
 * By the access state that the array reports of a path's target port group
 * (census 3.5); see access_state.h. Which group that is the kernel knows from
 * the VPD page 0x83, else the disk is asked.
 */
#include <errno.h>

#include "core/device.h"
#include "core/facts.h"
#include "hw/access_state.h"
#include "hw/commands.h"
#include "hw/prio_scsi.h"
#include "hw/prioritizers.h"
#include "hw/rtpg.h"
#include "hw/vpd.h"

static int group_of(struct prio_query *q, uint16_t *ret, struct errmsg *e)
{
	CLEANUP_FREE uint8_t *page = NULL;
	size_t len;
	int r;

	if (q->facts->tpg != TPG_UNKNOWN) {
		*ret = (uint16_t)q->facts->tpg;
		return 0;
	}
	r = command_whole_vpd(q->dev->fd, VPD_IDENTITY,
			      command_timeout(q->timeout), &page, &len, e);
	if (!r && vpd_target_group(page, len, ret))
		r = errmsg_set(e, ENODATA,
			       "VPD page 0x83: no target port "
			       "group in it");
	return r;
}

static int alua_get(struct prio_query *q)
{
	CLEANUP_FREE uint8_t *page = NULL;
	struct rtpg_group g;
	struct errmsg e;
	uint16_t id;
	size_t len;
	int r = group_of(q, &id, &e);

	if (!r)
		r = rtpg_read(q->dev->fd, command_timeout(q->timeout), &page,
			      &len, &e);
	if (r)
		return prio_undef(q, "%.90s", e.text);
	r = rtpg_find(page, len, id, &g);
	if (r == -ENODATA)
		return prio_undef(q, "the array reports no group %u", id);
	if (r)
		return prio_undef(q, "the report of the groups is malformed");
	q->access_state = access_state_text(g.state);
	return access_priority(g.state, g.preferred, q->args);
}

static bool alua_has_groups(const struct path_facts *f)
{
	return f->tpgs != 0;
}

const struct prioritizer_ops prio_alua = {
	.name = "alua",
	.match = alua_has_groups,
	.fits = alua_has_groups,
	.alua = true,
	.get = alua_get,
	.check_args = access_check_args,
	.needs_device = true,
	.blocks = true,
};
