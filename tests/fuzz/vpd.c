// SPDX-License-Identifier: MIT
/*
 * VPD pages and NVMe's WWIDs from any bytes: as they are, and, so that most of
 * them are not refused for the header alone, as what follows a good header.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>
#include "hw/vpd.h"

static const size_t text_sizes[] = {2, 3, 17, 18, 128};

/* Filled with what no function writes on failure. */
static char *text_new(size_t size)
{
	char *text = malloc(size);

	assert(text);
	memset(text, '?', size);
	return text;
}

static void text_check(const char *text, size_t size, int r)
{
	if (r == 0) {
		assert(memchr(text, '\0', size));
		return;
	}
	assert(r == -EINVAL || r == -ENODATA || r == -EOVERFLOW);
	for (size_t i = 0; i < size; i++)
		assert(text[i] == '?');
}

/* What fits of a name is how the whole of it begins. */
static void fuzz_wwid(const uint8_t *page, size_t len)
{
	size_t whole_size = 2 * len + 2;
	char *whole = text_new(whole_size), *part;
	bool cut = false;
	int r = vpd_wwid(page, len, whole, whole_size, &cut);

	text_check(whole, whole_size, r);
	assert(!cut);
	assert(r < 0 || strlen(whole) >= 2);
	for (size_t i = 0; i < ARRAY_SIZE(text_sizes); i++) {
		part = text_new(text_sizes[i]);
		assert(vpd_wwid(page, len, part, text_sizes[i], &cut) == r);
		text_check(part, text_sizes[i], r);
		if (r == 0) {
			assert(memcmp(part, whole, strlen(part)) == 0);
			assert(cut == (strlen(part) < strlen(whole)));
		}
		free(part);
	}
	free(whole);
}

static void fuzz_serial(const uint8_t *page, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(text_sizes); i++) {
		char *text = text_new(text_sizes[i]);
		int r = vpd_serial(page, len, text, text_sizes[i]);

		text_check(text, text_sizes[i], r);
		assert(r < 0 || (*text && *text != ' '));
		free(text);
	}
}

static void fuzz_target_port(const uint8_t *page, size_t len)
{
	uint16_t number;
	size_t size;
	int r = vpd_page_size(page, len, VPD_IDENTITY, &size);

	if (r < 0 || size > len) {
		r = r < 0 ? r : -EOVERFLOW;
		assert(vpd_target_group(page, len, &number) == r);
		assert(vpd_target_port(page, len, &number) == r);
		return;
	}
	r = vpd_target_group(page, len, &number);
	assert(r <= 0);
	r = vpd_target_port(page, len, &number);
	assert(r <= 0);
}

static void fuzz_page(const uint8_t *page, size_t len)
{
	fuzz_wwid(page, len);
	fuzz_serial(page, len);
	fuzz_target_port(page, len);
}

static void fuzz_body(uint8_t code, const uint8_t *data, size_t size)
{
	size_t n = MIN(size, (size_t)UINT16_MAX);
	uint8_t *page = malloc(VPD_HEADER_SIZE + n);

	assert(page);
	page[0] = 0;
	page[1] = code;
	page[2] = (uint8_t)(n >> 8);
	page[3] = (uint8_t)n;
	if (n > 0)
		memcpy(page + VPD_HEADER_SIZE, data, n);
	fuzz_page(page, VPD_HEADER_SIZE + n);
	free(page);
}

static void fuzz_nvme(const uint8_t *data, size_t size)
{
	char *in = text_new(size + 1);

	if (size > 0)
		memcpy(in, data, size);
	in[size] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(text_sizes); i++) {
		char *text = text_new(text_sizes[i]);

		text_check(text, text_sizes[i],
			   nvme_wwid(in, text, text_sizes[i]));
		free(text);
	}
	free(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_page(data, size);
	fuzz_body(VPD_IDENTITY, data, size);
	fuzz_body(VPD_SERIAL, data, size);
	fuzz_nvme(data, size);
	return 0;
}
