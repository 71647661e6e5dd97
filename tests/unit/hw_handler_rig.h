/* SPDX-License-Identifier: MIT */
/*
 * Hardware handlers against a disk by script: rows of a table, each one call
 * or, where it waits, several, with the clock in the test's hands.
 */
#ifndef MPATHFS_TESTS_UNIT_HW_HANDLER_RIG_H
#define MPATHFS_TESTS_UNIT_HW_HANDLER_RIG_H

#include "tests/unit/scripted_sg.h"

#include <fcntl.h>
#include "core/device.h"
#include "core/handler.h"
#include "hw/handlers.h"

#define SEC NSEC_PER_SEC

enum { HROW_STEPS = 14 };

struct hrow {
	const char *name;
	const char *args; /* NULL: "" */
	enum activate_result result;
	const char *text; /* stands in the message; NULL: it is empty */
	struct sg_step step[HROW_STEPS]; /* up to the first without a command */
};

/* Commands */
#define CDB(...)                                                               \
	.cdb = {__VA_ARGS__}, .cdb_len = sizeof((uint8_t[]){__VA_ARGS__})
#define TUR CDB(0, 0, 0, 0, 0, 0)
#define INQUIRY(size) CDB(0x12, 0, 0, 0, size, 0), .room = (size)
#define VPD(page, size) CDB(0x12, 1, page, 0, size, 0), .room = (size)

/* Answers */
#define DATA(...)                                                              \
	.data = (const uint8_t[]){__VA_ARGS__},                                \
	.data_len = sizeof((uint8_t[]){__VA_ARGS__})
#define SENT(...)                                                              \
	.sent = (const uint8_t[]){__VA_ARGS__},                                 \
	.room = sizeof((uint8_t[]){__VA_ARGS__})
#define CHECK(key, asc, ascq)                                                  \
	.status = 2, .sense_len = 18,                                          \
	.sense = {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq}
/* The same in the other format of sense data. */
#define CHECK_DESCRIPTOR(key, asc, ascq)                                       \
	.status = 2, .sense_len = 8, .sense = {0x72, key, asc, ascq, 0, 0, 0, 0}
/* Of a command of before: this one was not done. */
#define CHECK_DEFERRED(key, asc, ascq)                                         \
	.status = 2, .sense_len = 18,                                          \
	.sense = {0x71, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq}
#define ATTENTION CHECK(6, 0x29, 0)
#define ABORTED .status = 0x40
#define HOST(did) .host_status = (did)
#define BUSY .status = 8

static struct device handler_dev;
static struct activate_request handler_request;

static inline int handler_setup(void **state)
{
	(void)state;
	memset(&handler_dev, 0, sizeof(handler_dev));
	handler_dev.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	handler_dev.limits.is_block = true;
	handler_dev.facts = PATH_FACTS_NONE;
	assert_true(handler_dev.fd >= 0);
	handler_request = (struct activate_request){
		.dev = &handler_dev,
		.args = "",
		.root = "/nowhere", /* no handler of the kernel's */
		.timeout = 60 * SEC,
		.now = 1000 * SEC,
		.retain = true,
	};
	return 0;
}

static inline int handler_teardown(void **state)
{
	(void)state;
	close(handler_dev.fd);
	return 0;
}

/* The next call of the same activation, `after` ns later. */
static inline enum activate_result handler_call(const struct handler_ops *ops,
						const struct sg_step *steps,
						size_t n, uint64_t after)
{
	enum activate_result r;

	handler_request.now += after;
	handler_request.message[0] = '\0';
	handler_request.again = 0;
	sg_expect(steps, n);
	r = ops->activate(&handler_request);
	sg_all_done();
	if (r == ACTIVATE_WAIT)
		assert_true(handler_request.again >= NSEC_PER_MSEC &&
			    handler_request.again <= 2 * SEC);
	return r;
}

static inline size_t handler_steps(const struct sg_step *step)
{
	size_t n = 0;

	while (n < HROW_STEPS && step[n].cdb_len)
		n++;
	return n;
}

/* A new activation. */
static inline void handler_begin(const char *args)
{
	handler_request.args = args ? args : "";
	handler_request.since = handler_request.ticket = 0;
}

static inline void handler_expect(const char *name, enum activate_result got,
				  enum activate_result want, const char *text)
{
	const char *message = handler_request.message;

	if (got != want || (text ? !strstr(message, text) : *message != '\0'))
		fail_msg("%s: got %s '%s', expected %s '%s'", name,
			 activate_result_text(got), message,
			 activate_result_text(want), text ? text : "");
}

/* Each row is an activation of a path that nothing is known of. */
static inline void handler_rows(const struct handler_ops *ops,
				const struct hrow *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct hrow *row = &rows[i];

		print_message("# %s\n", row->name);
		handler_begin(row->args);
		handler_request.memo = 0;
		handler_expect(row->name,
			       handler_call(ops, row->step,
					    handler_steps(row->step), 0),
			       row->result, row->text);
	}
}

#define HANDLER_TEST(test)                                                     \
	cmocka_unit_test_setup_teardown(test, handler_setup, handler_teardown)

#endif
