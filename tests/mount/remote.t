#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Remote disks that really return errors: a path error takes the path out until
# its checker finds it well; an error of the LUN is the caller's.
. "$(dirname "$0")/lib.sh"
need root nbdkit nbdfuse nc fio

truncate -s 64M "$T/vr.img" "$T/vt.img"
remote r1 "$T/vr.img"
remote r2 "$T/vr.img"
volume vr r1 r2 -- path_grouping_policy=multibus polling_interval=1 \
	max_polling_interval=1 no_path_retry=queue
# writes fail with ENOSPC, reads do not fail
remote t1 "$T/vt.img" error-pwrite=ENOSPC error-pread-rate=0%
remote t2 "$T/vt.img" error-pwrite=ENOSPC error-pread-rate=0%
volume vt t1 t2 -- path_grouping_policy=multibus polling_interval=1
start
V=$MNT/vr/volume

writes_on()
{
	[[ $(get "vr/paths/$1/bytes") != *written=0 ]]
}

background "$T/fio.log" fio --name=v --filename="$V" --size=64M --bs=4k-64k \
	--rw=randwrite --ioengine=libaio --iodepth=16 --direct=1 \
	--verify=crc32c --verify_fatal=1 --verify_backlog=64 --loops=4
fio=$BG
# So that it is I/O that meets the errors, and not a check.
wait_for writes_on r1
for round in 1 2; do
	mark_events
	remote_errors r1 on
	like "$(wait_event 'path-failed.*r1')" EIO \
		"round $round: EIO fails the path, and the event says so"
	wait_value vr/paths/r1/checker_state faulty
	ok $? "its checker finds it faulty"
	is "$(get vr/paths/r1/state)" failed "and it stays failed"
	is "$(get vr/paths/r2/state)" active "the other path is used"
	remote_errors r1 off
	wait_state vr r1 active
	ok $? "the checker brings it back when it is well"
done
reap "$fio"
is "$RC" 0 "fio --verify has seen none of it" || diag "$(<"$T/fio.log")"
isnt "$(get vr/paths/r1/errors)" 0 "the errors were counted"

# All paths bad: it waits, and goes on.
remote_errors r1 on
remote_errors r2 on
background "$T/dd.log" dd if="$V" of="$T/read" bs=1M count=4 iflag=direct
wait_value vr/state queueing
ok $? "both return EIO: queueing"
remote_errors r2 off
reap "$BG"
is "$RC" 0 "one is well again: the read is answered"
run cmp -n 4194304 "$T/read" "$T/vr.img"
is "$RC$OUT" 0 "and right"
remote_errors r1 off
wait_value vr/state optimal
ok $? "all well: optimal"

# An error of the LUN's.
remote_errors t1 on
remote_errors t2 on
run dd if=/dev/zero of="$MNT/vt/volume" bs=64k count=1 oflag=direct
isnt "$RC" 0 "a target error reaches the caller"
like "$ERR" "No space left" "as it is"
is "$(get vt/paths/t1/state) $(get vt/paths/t2/state)" "active active" \
	"and leaves the paths alone"
is "$(get vt/state)" optimal "the volume is optimal"
remote_errors t1 off
remote_errors t2 off
run dd if=/dev/zero of="$MNT/vt/volume" bs=64k count=1 oflag=direct
is "$RC" 0 "the LUN has room again: so has the volume"
finish
