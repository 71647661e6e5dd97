// SPDX-License-Identifier: MIT
/*
 * EMC CLARiiON and VNX (census 4.3): what the unit path report says, and where
 * this service processor owns the LUN, a read.
 *
 * That read also tells a snapshot that is not active: it can be read nowhere,
 * but a path to the other service processor does not know. So the volume's
 * paths share that.
 *
 * A path to the other service processor is up, though a read would fail: no
 * read is owed to core, whatever has failed on it before, or it could never
 * take over.
 */
#include <stdatomic.h>
#include <string.h>

#include "hw/asking.h"
#include "hw/checkers.h"
#include "hw/clariion.h"

enum { TRIES = 5 };

struct emc {
	bool has_wwn;
	uint8_t wwn[16];
};

struct emc_shared {
	/* Relaxed: a fact by itself. */
	_Atomic bool inactive_snapshot;
};

static enum check_state owned(struct checker *c)
{
	struct emc_shared *shared = c->shared;
	struct scsi_answer a;
	enum check_state s = asking_read(c, &a);

	if (a.good)
		atomic_store_explicit(&shared->inactive_snapshot, false,
				      memory_order_relaxed);
	if (s == CHECK_UP || !a.text[0])
		return s; /* or it could not be sent */
	if (a.sense != SENSE(5, 0x25, 0x01))
		return asking_says(c, s, "read of block 0: %.70s", a.text);
	atomic_store_explicit(&shared->inactive_snapshot, true,
			      memory_order_relaxed);
	return asking_says(c, CHECK_DOWN, "an inactive snapshot");
}

static enum check_state not_owned(struct checker *c)
{
	struct emc_shared *shared = c->shared;

	if (atomic_load_explicit(&shared->inactive_snapshot,
				 memory_order_relaxed))
		return asking_says(c, CHECK_DOWN, "an inactive snapshot");
	return asking_says(c, CHECK_UP, "the other SP owns the LUN");
}

static enum check_state verdict(struct checker *c, const struct clariion *lun)
{
	struct emc *emc = c->priv;

	if (!lun->configured)
		return asking_says(c, CHECK_DOWN,
				   "the array is not configured "
				   "for failover of this host");
	if (lun->busy)
		return asking_says(c, CHECK_DOWN,
				   "shaky: no normal operations just now");
	if (lun->lun == CLARIION_UNBOUND)
		return asking_says(c, CHECK_DOWN, "the LUN is not bound");
	if (emc->has_wwn && memcmp(emc->wwn, lun->wwn, sizeof(emc->wwn)))
		return asking_says(c, CHECK_DOWN, "the LUN's WWN has changed");
	memcpy(emc->wwn, lun->wwn, sizeof(emc->wwn));
	emc->has_wwn = true;
	return lun->lun == CLARIION_OWNED ? owned(c) : not_owned(c);
}

static enum check_state emc_run(struct checker *c)
{
	uint8_t page[CLARIION_ROOM];
	struct clariion lun;
	size_t got;
	enum check_state s =
		asking_vpd(c, CLARIION_PAGE, page, sizeof(page), TRIES, &got);

	if (s != CHECK_UP)
		return s;
	if (clariion_parse(page, got, &lun))
		return asking_says(c, CHECK_DOWN, "VPD page 0xc0: malformed");
	return verdict(c, &lun);
}

const struct checker_ops checker_emc_clariion = {
	.name = "emc_clariion",
	.priv_size = sizeof(struct emc),
	.shared_size = sizeof(struct emc_shared),
	.reads = true, /* where a read can succeed */
	.run = emc_run,
};
