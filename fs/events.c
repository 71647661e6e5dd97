// SPDX-License-Identifier: MIT
/*
 * From struct event to the two places where people look; see events.h. An
 * event that cannot be kept, as memory is short, is said in the daemon's log
 * all the same.
 */
#include "fs/events.h"

#include <stdio.h>
#include <string.h>
#include "core/clock.h"
#include "core/monitor.h"
#include "fs/json.h"
#include "fs/keep.h"
#include "fs/log.h"

/*
 * JSON writes a control character as six, and any other as two at most. Names
 * have no control characters, so a line with both long texts cut to this has
 * at most 2 x 6 x 240 + 2 x 2 x 128 bytes and the keys: it fits.
 */
#define EVENT_TEXT_CUT 240

static void event_put(struct json_maker *m, const char *key, const char *text,
		      size_t max)
{
	char *copy;

	if (!text || !*text)
		return;
	copy = strndup(text, max);
	json_put(m, key, copy ? json_text(copy) : NULL);
	free(copy);
}

static char *event_render(const struct event *ev, uint64_t realtime,
			  uint64_t pos, size_t max)
{
	struct json_object *o;
	struct json_maker m;
	char time[CLOCK_TEXT_SIZE];
	char *line;

	clock_text(realtime, time);
	json_begin(&m);
	json_put_text(&m, "time", time);
	json_put_u64(&m, "pos", pos);
	json_put_text(&m, "event", ev->name);
	event_put(&m, "volume", ev->volume, NAME_SIZE);
	event_put(&m, "path", ev->path, NAME_SIZE);
	event_put(&m, "cause", ev->cause, max);
	event_put(&m, "detail", ev->detail, max);
	o = json_end(&m);
	if (!o)
		return NULL;
	line = strdup(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return line;
}

char *events_line(const struct event *ev, uint64_t realtime, uint64_t pos)
{
	char *line = event_render(ev, realtime, pos, SIZE_MAX);

	if (line && strlen(line) > KEEP_LINE_MAX) {
		free(line);
		line = event_render(ev, realtime, pos, EVENT_TEXT_CUT);
	}
	return line;
}

/* "VOLUME: PATH: NAME: CAUSE (DETAIL)", without what is missing. */
static void event_log(const struct event *ev)
{
	const char *volume = ev->volume ? ev->volume : "";
	const char *path = ev->path ? ev->path : "";
	const char *cause = ev->cause ? ev->cause : "";
	const char *detail = ev->detail ? ev->detail : "";

	(ev->bad ? log_warn : log_info)(
		"%s%s%s%s%s%s%s%s%s%s", volume, *volume ? ": " : "", path,
		*path ? ": " : "", ev->name, *cause ? ": " : "", cause,
		*detail ? " (" : "", detail, *detail ? ")" : "");
}

void events_emit(struct keep *k, const struct event *ev)
{
	char *line = events_line(ev, clock_realtime(), keep_event_head(k));

	if (!line || keep_event_append(k, line) < 0)
		log_error("the event that follows is not in the events file: "
			  "out of memory, or too long");
	free(line);
	event_log(ev);
}
