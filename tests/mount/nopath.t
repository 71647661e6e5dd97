#!/bin/bash
# SPDX-License-Identifier: MIT
#
# No path left: wait, fail, or wait so many intervals, and let those go who no
# longer want to wait.
. "$(dirname "$0")/lib.sh"
need root

LONG="polling_interval=1000 max_polling_interval=1000"
# shellcheck disable=SC2086
{
	add_volume vqueue 32M q1 q2 -- no_path_retry=queue $LONG
	add_volume vfail 32M f1 f2 -- no_path_retry=fail $LONG
	add_volume vn 32M n1 n2 -- no_path_retry=3 polling_interval=1 \
		max_polling_interval=1
	add_volume vunset 16M u1 -- $LONG
}
start
random_file "$T/data" $((16 * 1048576))

# --- queue
path vqueue q1 fail
path vqueue q2 fail
is "$(get vqueue/state)" queueing "no path, queue: queueing"
background "$T/w.log" dd if="$T/data" of="$MNT/vqueue/volume" bs=1M \
	oflag=direct
writer=$BG
background "$T/r.log" dd if="$MNT/vqueue/volume" of="$T/read" bs=4k count=1 \
	iflag=direct skip=5000
reader=$BG
background "$T/k.log" dd if="$MNT/vqueue/volume" of=/dev/null bs=4k count=1 \
	iflag=direct
victim=$BG
background "$T/b.log" dd if="$MNT/vqueue/volume" of=/dev/null bs=4k count=1 \
	skip=7000
buffered=$BG
for p in $writer $reader $victim $buffered; do
	wait_for waits_in_fuse "$p"
	ok $? "$(tr '\0' ' ' <"/proc/$p/cmdline" | cut -c1-12) waits"
done

# Status and control files never wait for a device.
run cat "$MNT/status" "$MNT/vqueue/status" "$MNT/vqueue/stats"
is "$RC" 0 "status can be read meanwhile"
# (disks that are no paths come and go in `paths`, as other tests have them)
run find "$MNT/vqueue" "$MNT/paths" -ignore_readdir_race -ls
is "$RC" 0 "the tree can be listed meanwhile"

# A signal that does not kill is no reason to end the wait, nor its I/O.
kill -USR1 "$reader"
before=$(now_ms)
kill -KILL "$victim"
wait_for is_dead "$victim"
took=$(($(now_ms) - before))
echo "# SIGKILL took $took ms"
reap "$victim"
is "$RC" 137 "a dd iflag=direct that waits dies on SIGKILL"
((took < 1000 * SLOW))
ok $? "within a second ($took ms)"
is "$(get vqueue/state)" queueing "while there is no path still"
for p in $writer $reader; do
	is_dead "$p"
	isnt $? 0 "the others wait on"
done

path vqueue q2 reinstate
for p in $writer $reader $buffered; do
	reap "$p"
	is "$RC" 0 "one path reinstated: the rest finishes"
done
run cmp -n $((16 * 1048576)) "$T/data" "$T/vqueue.img"
is "$RC$OUT" 0 "what was written while there was no path is right"
is "$(get vqueue/state)" at-risk "one path of two: at risk"

# --- fail
path vfail f1 fail
path vfail f2 fail
is "$(get vfail/state)" failed "no path, fail: failed"
before=$(now_ms)
run dd if="$MNT/vfail/volume" of=/dev/null bs=4k count=1 iflag=direct
took=$(($(now_ms) - before))
isnt "$RC" 0 "a read fails"
like "$ERR" "Input/output error" "with EIO"
((took < 1000 * SLOW))
ok $? "at once ($took ms)"
run dd if="$T/data" of="$MNT/vfail/volume" bs=4k count=1 oflag=direct
like "$ERR" "Input/output error" "a write fails with EIO"
path vfail f1 reinstate
run dd if="$MNT/vfail/volume" of=/dev/null bs=4k count=1 iflag=direct
is "$RC" 0 "a path is back: so is I/O"

# fail and queue, live
# Where nothing is said, features has the word.
put vunset/features "1 queue_if_no_path"
is "$RC $(get vunset/no_path_retry)" "0 queue" "queue_if_no_path: no_path_retry"
is "$(get vunset/status.json | jq -r .map.mpathfs.no_path_retry)" queue \
	"and status.json"
put vunset/features 0
is "$RC $(get vunset/no_path_retry)" "0 fail" "and without it"

put vfail/no_path_retry queue
is "$RC $(get vfail/no_path_retry)" "0 queue" "no_path_retry = queue, live"
path vfail f1 fail
is "$(get vfail/state)" queueing "now it queues"
background "$T/l.log" dd if="$MNT/vfail/volume" of=/dev/null bs=4k count=1 \
	iflag=direct
wait_for waits_in_fuse "$BG"
put vfail/no_path_retry fail
reap "$BG"
isnt "$RC" 0 "no_path_retry = fail, live: who waits is let go"
like "$(<"$T/l.log")" "Input/output error" "with EIO"

# --- N: held offline, or the checker would bring them back meanwhile
mark_events
before=$(now_ms)
path vn n1 offline
path vn n2 offline
is "$(get vn/state)" queueing "no path, N: queueing at first"
run dd if="$MNT/vn/volume" of=/dev/null bs=4k count=1 iflag=direct
took=$(($(now_ms) - before))
isnt "$RC" 0 "then it fails"
like "$ERR" "Input/output error" "with EIO"
((took >= 2900 && took < 3000 + 6000 * SLOW))
ok $? "after 3 polling intervals of 1 s ($took ms)"
is "$(get vn/state)" failed "state: failed"
path vn n1 online
wait_state vn n1 active
run dd if="$MNT/vn/volume" of=/dev/null bs=4k count=1 iflag=direct
is "$RC" 0 "a path is back: so is I/O"
before=$(now_ms)
path vn n1 offline
is "$(get vn/state)" queueing "and the count begins anew"
path vn n1 online
path vn n2 online

# --- who unmounts ends the waiting
path vqueue q2 fail
background "$T/u.log" dd if="$MNT/vqueue/volume" of=/dev/null bs=4k count=1 \
	iflag=direct
wait_for waits_in_fuse "$BG"
kill -KILL "$BG"
reap "$BG"
is "$RC" 137 "killed"
finish
