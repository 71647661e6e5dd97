// SPDX-License-Identifier: MIT
/*
 * What arrays report of their states, from any bytes: target port groups, the
 * pages of CLARiiON and LSI arrays, the ANA log, reservations; whole, and cut
 * off where one of them has an edge.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>
#include "hw/ana.h"
#include "hw/clariion.h"
#include "hw/persist.h"
#include "hw/rdac.h"
#include "hw/rtpg.h"

/* The first len bytes, on the heap: a read beyond them is a fault for ASan. */
static uint8_t *exactly(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(MAX(len, (size_t)1));

	assert(copy);
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

/* Is there a group of that number in the page, wherever one may begin? */
static bool stands_in(const uint8_t *page, size_t len, uint16_t id)
{
	for (size_t i = 4; i + 8 <= len; i += 4)
		if (page[i + 2] == id >> 8 && page[i + 3] == (id & 0xff))
			return true;
	return false;
}

static void fuzz_rtpg(const uint8_t *page, size_t len)
{
	struct rtpg_page p;
	struct rtpg_group g;
	int r = rtpg_page(page, len, &p);

	assert(r == 0 || r == -EINVAL);
	for (unsigned int id = 0; id < 260; id++) {
		int f;

		memset(&g, 0x55, sizeof(g));
		f = rtpg_find(page, len, (uint16_t)id, &g);
		assert(f == 0 || f == -EINVAL || f == -EOVERFLOW ||
		       f == -ENODATA);
		if (f == 0) {
			assert(r == 0 && p.size <= len && p.at < p.size);
			assert(g.id == id && g.state <= 0x0f);
			assert(stands_in(page, p.size, (uint16_t)id));
		} else {
			assert(g.id == 0x5555);
		}
	}
}

static void fuzz_clariion(const uint8_t *page, size_t len)
{
	struct clariion c;
	int r = clariion_parse(page, len, &c);

	assert(r == 0 || r == -ENODATA || r == -EOVERFLOW || r == -EINVAL);
	if (r == 0)
		assert(len >= 49 && c.lun <= CLARIION_OWNED);
}

static void fuzz_rdac(const uint8_t *page, size_t len)
{
	struct rdac d;
	int r = rdac_parse(page, len, &d);

	assert(r == 0 || r == -ENODATA || r == -EOVERFLOW);
	if (r == 0 && d.connected)
		assert(len >= 13 && d.state <= 0x0f && d.other_state <= 0x0f &&
		       d.preference <= 0x0f);
}

static void fuzz_ana(const uint8_t *log, size_t len)
{
	for (uint32_t nsid = 0; nsid < 8; nsid++) {
		enum ana_state s = 0x55;
		int r = ana_find(log, len, nsid, nsid / 2, &s);

		assert(r == 0 || r == -ENODATA || r == -EOVERFLOW ||
		       r == -EBADMSG);
		assert((r == 0) == (s != 0x55));
		if (r == 0)
			assert(ana_state_text(s) && len >= 48);
	}
}

static void fuzz_persist(const uint8_t *page, size_t len)
{
	struct persist_keys k = {0};
	struct persist_holder h = {.type = RESERVE_TYPES};
	int r = persist_keys_parse(page, len, &k);
	uint64_t sum = 0;

	assert(r == 0 || r == -EINVAL || (r == -EOVERFLOW && k.size > len));
	for (size_t i = 0; r == 0 && i < k.n; i++)
		sum += persist_key(page, i);
	assert(r == 0 || sum == 0);
	r = persist_holder_parse(page, len, &h);
	assert(r == 0 || r == -EINVAL || r == -EOVERFLOW);
	assert((r == 0) == (h.type < RESERVE_TYPES));
	assert(r || h.type || h.key == 0);
}

static void fuzz_report(const uint8_t *page, size_t len, bool extended)
{
	struct persist_report p = {.holder.type = RESERVE_TYPES};
	int r = persist_report_parse(page, len, extended, &p);
	bool listed = false;

	assert(r == 0 || r == -EINVAL ||
	       (r == -EOVERFLOW && p.keys.size > len));
	assert((r == 0) == (p.holder.type < RESERVE_TYPES));
	for (size_t i = 0; r == 0 && i < p.keys.n; i++)
		listed |= persist_report_key(page, extended, i) ==
			  p.holder.key;
	assert(r || p.holder.key == 0 || listed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t cuts[] = {0,  1,  3,  4,  7,  8,
				      12, 13, 16, 23, 24, 48,
				      49, 63, 64};

	for (size_t i = 0; i <= ARRAY_SIZE(cuts); i++) {
		size_t len = i < ARRAY_SIZE(cuts) ? cuts[i] : size;
		uint8_t *page;

		if (len > size)
			continue;
		page = exactly(data, len);
		fuzz_rtpg(page, len);
		fuzz_clariion(page, len);
		fuzz_rdac(page, len);
		fuzz_ana(page, len);
		fuzz_persist(page, len);
		fuzz_report(page, len, false);
		fuzz_report(page, len, true);
		free(page);
	}
	return 0;
}
