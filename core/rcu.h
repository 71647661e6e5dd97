/* SPDX-License-Identifier: MIT */
/*
 * Grace periods: liburcu's QSBR flavour. Pointers to snapshots are C11 atomics
 * (store release, load acquire), which costs nothing on x86 and which every
 * tool understands; liburcu tells when no lane can still hold an old one.
 *
 * A lane is registered, calls rcu_lane_quiescent() once a loop, when it holds
 * no snapshot pointer, and is offline while it sleeps. Only the monitor waits
 * for grace periods; lanes never block, so the wait is short.
 *
 * ThreadSanitizer cannot look into liburcu: the annotations tell it that all a
 * lane did before a quiescent state happened before the monitor's return from
 * rcu_wait().
 */
#ifndef MPATHFS_CORE_RCU_H
#define MPATHFS_CORE_RCU_H

#if defined(__SANITIZE_THREAD__)
#define RCU_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RCU_TSAN 1
#endif
#endif

/* Inlined, liburcu's own races would be reported as ours. */
#ifdef RCU_TSAN
#undef _LGPL_SOURCE
#include <sanitizer/tsan_interface.h>
#endif
#include <urcu/urcu-qsbr.h>

/* The address that the annotations name. */
extern char rcu_tsan_tag;

#ifdef RCU_TSAN
#define RCU_RELEASE() __tsan_release(&rcu_tsan_tag)
#define RCU_ACQUIRE() __tsan_acquire(&rcu_tsan_tag)
#else
#define RCU_RELEASE() ((void)0)
#define RCU_ACQUIRE() ((void)0)
#endif

static inline void rcu_lane_register(void)
{
	urcu_qsbr_register_thread();
}

static inline void rcu_lane_unregister(void)
{
	RCU_RELEASE();
	urcu_qsbr_unregister_thread();
}

static inline void rcu_lane_quiescent(void)
{
	RCU_RELEASE();
	urcu_qsbr_quiescent_state();
}

static inline void rcu_lane_offline(void)
{
	RCU_RELEASE();
	urcu_qsbr_thread_offline();
}

static inline void rcu_lane_online(void)
{
	urcu_qsbr_thread_online();
}

/* The monitor, never a registered thread: returns when every lane has passed. */
static inline void rcu_wait(void)
{
	urcu_qsbr_synchronize_rcu();
	RCU_ACQUIRE();
}

#endif
