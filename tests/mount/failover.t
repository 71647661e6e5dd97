#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A path is taken away in the middle of I/O: nobody sees it, the data is right,
# groups and failback go where they should.
. "$(dirname "$0")/lib.sh"
need root fio jq

PRIO=([a1]=50 [a2]=50 [b1]=10 [b2]=10)
# By hand only: a check every 1000 s brings nothing back meanwhile.
add_volume v1 128M a1 a2 b1 b2 -- path_grouping_policy=group_by_prio \
	failback=immediate polling_interval=1000 max_polling_interval=1000
add_volume v2 64M c1 c2 -- failback=manual polling_interval=1000 \
	max_polling_interval=1000
add_volume v3 64M d1 d2 -- path_grouping_policy=multibus polling_interval=1 \
	max_polling_interval=1
start
V=$MNT/v1/volume

is "$(get v1/groups/1/state) $(get v1/groups/2/state)" "active enabled" \
	"the better group is active"
is "$(cd "$MNT/v1/groups/1/paths" && echo *)" "a1 a2" "its paths"
is "$(get v1/groups/1/priority)" 50 "its priority"

random_file "$T/data" $((96 * 1048576))
background "$T/dd.log" dd if="$T/data" of="$V" bs=64k oflag=direct
wait_io "${DEV[a1]}" 50
path v1 a1 fail
wait_io "${DEV[a2]}" 50
path v1 a2 fail
wait_io "${DEV[b1]}" 50
is "$(get v1/state)" degraded "two paths of four left: degraded"
is "$(get v1/groups/2/state)" active "the other group has taken over"
path v1 b2 fail
is "$(get v1/state)" at-risk "one path left: at risk"
reap "$BG"
is "$RC" 0 "dd has seen none of it" || diag "$(<"$T/dd.log")"
run cmp -n $((96 * 1048576)) "$T/data" "$T/v1.img"
is "$RC$OUT" 0 "and its data is on the disk"
path v1 a2 reinstate
wait_value v1/groups/1/state active
ok $? "failback = immediate: back to the better group"
path v1 a1 reinstate
path v1 b2 reinstate
is "$(get v1/state)" optimal "all reinstated: optimal"
is "$(get v1/paths/a1/state)" active "state of a path that is back"

# failback = manual: the group stays until somebody says otherwise
path v2 c1 fail
run dd if="$MNT/v2/volume" of=/dev/null bs=4k count=10 iflag=direct
is "$RC" 0 "a read goes to the other group"
path v2 c1 reinstate
run dd if="$MNT/v2/volume" of=/dev/null bs=4k count=10 iflag=direct
is "$(get v2/groups/1/state) $(get v2/groups/2/state)" "enabled active" \
	"failback = manual: the group stays"
put v2/control "switch-group 1"
run dd if="$MNT/v2/volume" of=/dev/null bs=4k count=10 iflag=direct
is "$(get v2/groups/1/state)" active "switch-group 1"

# fail is what an error does: the checker brings the path back
mark_events
path v3 d1 fail
like "$(wait_event 'path-failed.*d1')" v3 "an event tells of the failure"
wait_state v3 d1 active
ok $? "the checker brings the path back"
like "$(wait_event 'path-reinstated.*d1')" v3 "and an event of that"

# fio --verify, while paths come and go
for ((i = 0; i < 2; i++)); do
	V=$MNT/v3/volume
	background "$T/fio.$i" fio --name=v --filename="$V" --size=64M \
		--rw=randwrite --bsrange=512-64k --ioengine=libaio \
		--iodepth=16 --direct=1 --verify=crc32c --verify_fatal=1 \
		--verify_backlog=64 --output-format=json
	n=0
	until is_dead "$BG"; do
		for p in d1 d2; do
			path v3 $p fail
			n=$((n + 1))
			put v3/paths/$p/state reinstate
			wait_state v3 $p active
		done
	done
	reap "$BG"
	is "$RC" 0 "fio --verify over $n failures" || diag "$(<"$T/fio.$i")"
	is "$(jq '[.jobs[].error] | add' "$T/fio.$i")" 0 "fio counts no error"
done

# a path set offline is left alone, by I/O and by its checker
path v3 d1 offline
is "$(get v3/paths/d1/state)" offline "offline"
before=$(completed_ios "${DEV[d2]}")
run dd if="$MNT/v3/volume" of=/dev/null bs=4k count=100 iflag=direct
is "$RC" 0 "I/O goes on"
(($(completed_ios "${DEV[d2]}") >= before + 100))
ok $? "all of it on the other path"
path v3 d1 online
wait_state v3 d1 active
ok $? "online: back"
finish
