// SPDX-License-Identifier: MIT
/* Mail between threads: nothing lost, order kept, the owner woken. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "core/mailbox.h"

struct letter {
	struct mail mail;
	unsigned int sender, number;
};

struct owner {
	struct mailbox box;
	unsigned int got;
	unsigned int next[4]; /* of each sender */
	struct letter *answer; /* posted from within the next delivery */
};

static void take(struct mail *m, void *arg)
{
	struct letter *l = container_of(m, struct letter, mail);
	struct owner *o = arg;

	/* In brackets of each sender, in its order. */
	if (l->number != o->next[l->sender])
		fail_msg("sender %u: got letter %u, expected %u", l->sender,
			 l->number, o->next[l->sender]);
	o->next[l->sender]++;
	o->got++;
	if (o->answer) {
		mailbox_post(&o->box, &o->answer->mail);
		o->answer = NULL;
	}
}

static bool readable(const struct mailbox *b)
{
	struct pollfd p = {.fd = b->fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void open_box(struct owner *o)
{
	*o = (struct owner){0};
	assert_int_equal(mailbox_init(&o->box, o), 0);
}

static void test_order(void **state)
{
	struct owner o;
	struct letter l[10];

	(void)state;
	open_box(&o);
	assert_int_equal(mailbox_deliver(&o.box), 0);
	assert_false(readable(&o.box));
	for (unsigned int i = 0; i < 10; i++) {
		l[i] = (struct letter){{.deliver = take}, 0, i};
		mailbox_post(&o.box, &l[i].mail);
	}
	assert_true(readable(&o.box));
	assert_int_equal(mailbox_deliver(&o.box), 10);
	assert_int_equal(o.got, 10);
	mailbox_clear(&o.box);
	assert_false(readable(&o.box));
	mailbox_clear(&o.box); /* does not block */
	mailbox_fini(&o.box);
}

/* What is posted during a delivery comes with the next one, and wakes. */
static void test_post_in_delivery(void **state)
{
	struct owner o;
	struct letter a = {{.deliver = take}, 0, 0}, b = {{.deliver = take}, 0, 1};

	(void)state;
	open_box(&o);
	mailbox_post(&o.box, &a.mail);
	mailbox_clear(&o.box);
	o.answer = &b;
	assert_int_equal(mailbox_deliver(&o.box), 1);
	assert_true(readable(&o.box));
	assert_int_equal(mailbox_deliver(&o.box), 1);
	assert_int_equal(o.got, 2);
	mailbox_fini(&o.box);
}

static void test_poke(void **state)
{
	struct owner o;

	(void)state;
	open_box(&o);
	assert_false(mailbox_take_poke(&o.box));
	mailbox_poke(&o.box);
	mailbox_poke(&o.box);
	assert_true(readable(&o.box));
	mailbox_wait(&o.box);
	assert_true(mailbox_take_poke(&o.box));
	assert_false(mailbox_take_poke(&o.box));
	mailbox_fini(&o.box);
}

#define SENDERS 3
#define LETTERS 5000

struct sender {
	struct owner *o;
	struct letter *l;
	unsigned int id;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;

	for (unsigned int i = 0; i < LETTERS; i++) {
		s->l[i] = (struct letter){{.deliver = take}, s->id, i};
		mailbox_post(&s->o->box, &s->l[i].mail);
	}
	return NULL;
}

/* The owner sleeps whenever there is nothing: a lost wake-up would hang. */
static void test_threads(void **state)
{
	struct owner o;
	struct sender s[SENDERS];
	pthread_t t[SENDERS];

	(void)state;
	open_box(&o);
	for (unsigned int i = 0; i < SENDERS; i++) {
		s[i] = (struct sender){
			&o, calloc(LETTERS, sizeof(struct letter)), i};
		assert_non_null(s[i].l);
		assert_int_equal(pthread_create(&t[i], NULL, send_all, &s[i]),
				 0);
	}
	while (o.got < SENDERS * LETTERS)
		if (!mailbox_deliver(&o.box))
			mailbox_wait(&o.box);
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(t[i], NULL);
		free(s[i].l);
	}
	assert_int_equal(mailbox_deliver(&o.box), 0);
	mailbox_fini(&o.box);
}

/* What was written before the poke is seen by who takes it. */
static int word;

static void *poke_once(void *arg)
{
	word = 42;
	mailbox_poke(arg);
	return NULL;
}

static void test_poke_publishes(void **state)
{
	struct owner o;
	pthread_t t;

	(void)state;
	open_box(&o);
	assert_int_equal(pthread_create(&t, NULL, poke_once, &o.box), 0);
	while (!mailbox_take_poke(&o.box))
		mailbox_wait(&o.box);
	assert_int_equal(word, 42);
	pthread_join(t, NULL);
	mailbox_fini(&o.box);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_post_in_delivery),
		cmocka_unit_test(test_poke),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_poke_publishes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
