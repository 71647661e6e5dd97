// SPDX-License-Identifier: MIT
/*
 * The content of a state file; see statetable.h. What is read goes into a
 * content of its own first, and replaces the one in force only when all has
 * gone well.
 */
#include "core/statetable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void state_tell(const struct state_warn *w, const char *fmt, ...)
{
	struct errmsg e;
	va_list ap;

	if (!w)
		return;
	va_start(ap, fmt);
	vsnprintf(e.text, sizeof(e.text), fmt, ap);
	va_end(ap);
	w->tell(w->ctx, e.text);
}

/* Without its comment and the blanks at both ends. */
static char *line_trim(char *line)
{
	char *c;

	line += strspn(line, STATE_BLANKS);
	for (c = line; *c; c++)
		if (*c == '#' && (c == line || strchr(STATE_BLANKS, c[-1])))
			break;
	while (c > line && strchr(STATE_BLANKS, c[-1]))
		c--;
	*c = '\0';
	return line;
}

char *state_next_line(struct state_lines *l)
{
	while (l->pos < l->end) {
		char *line = l->pos;
		char *end = memchr(line, '\n', (size_t)(l->end - line));

		if (!end)
			end = l->end;
		l->pos = end + 1;
		l->line++;
		/* A NUL would hide the rest; no name may have this one. */
		for (char *c = line; c < end; c++)
			if (*c == '\0')
				*c = '\1';
		*end = '\0';
		line = line_trim(line);
		if (*line)
			return line;
	}
	return NULL;
}

static int take_line(const struct state_form *form, void *content,
		     struct textlist *odd, const char *line, struct errmsg *e)
{
	CLEANUP_FREE char *copy = strdup(line);
	int r = copy ? form->add(content, copy, e) : -ENOMEM;

	if (r == -EINVAL && textlist_insert(odd, odd->n, line) < 0)
		return -ENOMEM;
	return r;
}

int state_parse(const struct state_form *form, void *content,
		struct textlist *odd, char *text, size_t len, const char *file,
		const struct state_warn *w)
{
	struct state_lines l = {.pos = text, .end = text + len};
	const char *line;

	while ((line = state_next_line(&l))) {
		struct errmsg e = {""};
		int r = take_line(form, content, odd, line, &e);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			state_tell(w, "%s:%u: %s - the line is left out", file,
				   l.line, e.text);
	}
	return 0;
}

int state_render(const struct state_form *form, const void *content,
		 const struct textlist *odd, char **ret, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return -ENOMEM;
	fputs(form->header, f);
	form->print(content, f);
	if (odd->n > 0)
		fprintf(f, "# left out, as they %s:\n", form->odd);
	for (size_t i = 0; i < odd->n; i++)
		fprintf(f, "%s\n", odd->text[i]);
	if (fclose(f) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}

int statetable_init(struct statetable *t, const struct statetable_ops *ops,
		    const char *dir, const struct state_warn *w)
{
	*t = (struct statetable){.ops = ops, .warn = *w};
	t->content = calloc(1, ops->size);
	if (!t->content)
		return -ENOMEM;
	if (statefile_init(&t->file, dir, ops->name) < 0) {
		free(t->content);
		return -ENOMEM;
	}
	return 0;
}

/* fresh may be NULL. */
static void content_free(const struct statetable_ops *ops, void *content)
{
	if (content)
		ops->clear(content);
	free(content);
}

void statetable_fini(struct statetable *t)
{
	content_free(t->ops, t->content);
	statefile_fini(&t->file);
}

/* The file as it is now, into *ret; *id is for when that is in force. */
static int load(struct statetable *t, void **ret, struct statefile_id *id,
		struct errmsg *e)
{
	/* Nothing is told twice of what has not changed. */
	const struct state_warn *w =
		statefile_changed(&t->file) ? &t->warn : NULL;
	CLEANUP_FREE char *text = NULL;
	void *fresh;
	size_t len;
	int r = statefile_read(&t->file, &text, &len, id, e);

	if (r < 0)
		return r;
	fresh = calloc(1, t->ops->size);
	if (!fresh || t->ops->parse(fresh, text, len, t->file.path, w) < 0) {
		content_free(t->ops, fresh);
		return errmsg_set(e, ENOMEM, "%s: out of memory", t->file.path);
	}
	*ret = fresh;
	return 0;
}

static void take_over(struct statetable *t, void *fresh)
{
	content_free(t->ops, t->content);
	t->content = fresh;
}

int statetable_refresh(struct statetable *t, struct errmsg *e)
{
	struct statefile_id id;
	void *fresh;
	int r;

	if (!statefile_changed(&t->file))
		return 0;
	r = load(t, &fresh, &id, e);
	if (r < 0)
		return r;
	take_over(t, fresh);
	t->file.id = id;
	return 0;
}

static int save(struct statetable *t, const void *content, struct errmsg *e)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;

	if (t->ops->render(content, &text, &len) < 0)
		return errmsg_set(e, ENOMEM, "%s: out of memory", t->file.path);
	return statefile_replace(&t->file, text, len, e);
}

static int update_locked(struct statetable *t,
			 int (*change)(void *content, const void *arg,
				       struct errmsg *e),
			 const void *arg, struct errmsg *e)
{
	struct statefile_id id;
	void *fresh;
	int r = load(t, &fresh, &id, e);

	if (r < 0)
		return r;
	r = change(fresh, arg, e);
	if (r == STATE_AS_IS)
		t->file.id = id;
	else if (r == 0)
		r = save(t, fresh, e);
	if (r < 0)
		content_free(t->ops, fresh);
	else
		take_over(t, fresh);
	return MIN(r, 0);
}

int statetable_update(struct statetable *t,
		      int (*change)(void *content, const void *arg,
				    struct errmsg *e),
		      const void *arg, struct errmsg *e)
{
	int lock = statefile_lock(&t->file, e);
	int r;

	if (lock < 0)
		return lock;
	r = update_locked(t, change, arg, e);
	statefile_unlock(lock);
	return r;
}
