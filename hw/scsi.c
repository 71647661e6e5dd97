// SPDX-License-Identifier: MIT
/*
 * One SCSI command; see scsi.h. No state.
 *
 * Of libsgutils2 its pass-through objects: its calls for single commands take
 * an error of the host adapter for success. Those objects also make NVMe
 * commands of SCSI ones, which is no answer to a question for a SCSI disk.
 */
#include "hw/scsi.h"

#include <errno.h>
#include <scsi/sg_lib.h>
#include <scsi/sg_pt.h>
#include <stdio.h>
#include <string.h>

enum { SENSE_SIZE = 64, SENDINGS = 3 };

/* Response codes of sense data: of an error of a command of before. */
enum { CODE_MASK = 0x7f, DEFERRED_FIXED = 0x71, DEFERRED_DESCRIPTOR = 0x73 };

static void host_error(const struct sg_pt_base *pt, struct scsi_answer *a)
{
	if (a->host == HOST_TIME_OUT) {
		snprintf(a->text, sizeof(a->text), "no answer in time");
		return;
	}
	get_scsi_pt_transport_err_str(pt, sizeof(a->text), a->text);
	a->text[strcspn(a->text, "\n")] = '\0';
}

static void status_error(struct scsi_answer *a)
{
	char text[64];

	sg_get_scsi_status_str(a->status, sizeof(text), text);
	snprintf(a->text, sizeof(a->text), "SCSI status %s", text);
}

static bool is_deferred(const struct sg_pt_base *pt, const uint8_t *sense)
{
	uint8_t code = sense[0] & CODE_MASK;

	return get_scsi_pt_result_category(pt) == SCSI_PT_RESULT_SENSE &&
	       get_scsi_pt_sense_len(pt) > 0 &&
	       (code == DEFERRED_FIXED || code == DEFERRED_DESCRIPTOR);
}

static void sense_error(const struct sg_pt_base *pt, const uint8_t *sense,
			struct scsi_answer *a)
{
	int category = sg_err_category_sense(sense, get_scsi_pt_sense_len(pt));
	char text[64];

	a->good = !is_deferred(pt, sense) &&
		  (category == SG_LIB_CAT_RECOVERED ||
		   category == SG_LIB_CAT_NO_SENSE);
	if (a->good)
		return;
	sg_get_category_sense_str(category, sizeof(text), text, 0);
	snprintf(a->text, sizeof(a->text), "%s (%02x/%02x/%02x)%s", text,
		 sense_key(a), a->sense >> 8 & 0xff, a->sense & 0xff,
		 is_deferred(pt, sense) ? ", deferred" : "");
}

static unsigned int sense_of(const struct sg_pt_base *pt, const uint8_t *sense)
{
	struct sg_scsi_sense_hdr h;

	if (!sg_scsi_normalize_sense(sense, get_scsi_pt_sense_len(pt), &h))
		return 0;
	return (unsigned int)SENSE(h.sense_key, h.asc, h.ascq);
}

static int take_answer(const struct sg_pt_base *pt, const uint8_t *sense,
		       size_t size, struct scsi_answer *a, struct errmsg *e)
{
	int left = get_scsi_pt_resid(pt), r;

	*a = (struct scsi_answer){
		.status = (uint8_t)get_scsi_pt_status_response(pt),
		.host = get_scsi_pt_transport_err(pt),
		.sense = sense_of(pt, sense),
		.got = left < 0 ? size : size - MIN((size_t)left, size),
	};
	switch (get_scsi_pt_result_category(pt)) {
	case SCSI_PT_RESULT_GOOD:
		a->good = true;
		break;
	case SCSI_PT_RESULT_STATUS:
		status_error(a);
		break;
	case SCSI_PT_RESULT_SENSE:
		sense_error(pt, sense, a);
		break;
	case SCSI_PT_RESULT_OS_ERR:
		r = get_scsi_pt_os_err(pt);
		return errmsg_set(e, r ? r : EIO, "%s", strerror(r));
	default:
		host_error(pt, a);
	}
	return 0;
}

/* r: of do_scsi_pt(). */
static int not_sent(int r, struct errmsg *e)
{
	if (r < 0)
		return errmsg_set(e, -r, "%s", strerror(-r));
	return errmsg_set(e, r == SCSI_PT_DO_TIMEOUT ? ETIMEDOUT : EIO,
			  "the command could not be sent");
}

/* Once. *again: it was not done, for what became of another one before. */
static int send_once(const struct scsi_command *c, struct scsi_answer *ret,
		     bool *again, struct errmsg *e)
{
	uint8_t sense[SENSE_SIZE] = {0};
	struct sg_pt_base *pt = construct_scsi_pt_obj_with_fd(c->fd, 0);
	int r;

	*again = false;
	if (!pt)
		return errmsg_set(e, ENOMEM, "no memory");
	if (pt_device_is_nvme(pt)) {
		destruct_scsi_pt_obj(pt);
		return errmsg_set(e, ENOTTY, "%s", strerror(ENOTTY));
	}
	set_scsi_pt_cdb(pt, c->cdb, (int)c->cdb_len);
	set_scsi_pt_sense(pt, sense, sizeof(sense));
	if (c->in)
		set_scsi_pt_data_in(pt, c->in, (int)c->size);
	else if (c->out)
		set_scsi_pt_data_out(pt, c->out, (int)c->size);
	r = do_scsi_pt(pt, -1, c->timeout, 0);
	r = r ? not_sent(r, e) : take_answer(pt, sense, c->size, ret, e);
	*again = !r && is_deferred(pt, sense);
	destruct_scsi_pt_obj(pt);
	return r;
}

int scsi_send(const struct scsi_command *c, struct scsi_answer *ret,
	      struct errmsg *e)
{
	bool again = true;
	int r = 0;

	for (int i = 0; i < SENDINGS && again; i++)
		r = send_once(c, ret, &again, e);
	return r;
}

int scsi_failure(const struct scsi_answer *a)
{
	if (a->host == HOST_TIME_OUT)
		return ETIMEDOUT;
	if (a->sense == SENSE_NO_SUCH_LUN) /* so nobody was asked */
		return EIO;
	return sense_key(a) == SENSE_ILLEGAL_REQUEST ? EOPNOTSUPP : EIO;
}

int scsi_read(const struct scsi_command *c, size_t *got, struct errmsg *e)
{
	struct scsi_answer a;
	int r = scsi_send(c, &a, e);

	if (r)
		return r;
	if (!a.good)
		return errmsg_set(e, scsi_failure(&a), "%s", a.text);
	*got = a.got;
	return 0;
}
