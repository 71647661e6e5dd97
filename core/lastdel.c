// SPDX-License-Identifier: MIT
/*
 * See lastdel.h. It is asked again whenever a file is closed, queueing ends or
 * a setting changes, so that "not now" may become "now" later.
 *
 * Upstream removes a map that is open but does not queue, too, and fails to as
 * it is open: here it stays until it is closed.
 */
#include "core/lastdel.h"

enum lastdel_action lastdel_decide(const struct lastdel_situation *s)
{
	bool last_close = s->was_open && !s->open;

	switch (s->flush) {
	case FLUSH_ALWAYS:
		return s->open && s->deferred ? LASTDEL_FAIL : LASTDEL_GO;
	case FLUSH_UNUSED:
		return s->open ? LASTDEL_STAY : LASTDEL_GO;
	case FLUSH_NEVER:
		if (s->deferred && last_close)
			return LASTDEL_GO;
		return s->open || s->queueing ? LASTDEL_STAY : LASTDEL_GO;
	}
	return LASTDEL_STAY;
}
