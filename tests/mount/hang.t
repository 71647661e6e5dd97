#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A remote disk that answers nothing: who uses it waits, nobody else does.
. "$(dirname "$0")/lib.sh"
need root nbdkit nbdfuse nc fio

truncate -s 64M "$T/vh.img"
remote h1 "$T/vh.img"
remote h2 "$T/vh.img"
volume vh h1 h2 -- path_grouping_policy=multibus polling_interval=1 \
	no_path_retry=queue
add_volume vg 64M g1 g2 -- path_grouping_policy=multibus polling_interval=1
start

# took DESCRIPTION: 20000 reads of the good volume; leaves TOOK, ms
took()
{
	local start

	start=$(now_ms)
	run fio --name=g --filename="$MNT/vg/volume" --size=64M --rw=randread \
		--bs=4k --direct=1 --ioengine=libaio --iodepth=8 \
		--number_ios=20000 --minimal
	TOOK=$(($(now_ms) - start))
	is "$RC" 0 "$1" || diag "$OUT $ERR"
}

took "reads of the good volume, all well"
well=$TOOK
run dd if="$MNT/vh/volume" of=/dev/null bs=1M count=8 iflag=direct
is "$RC" 0 "the other volume answers"

remote_hang h1 on
remote_hang h2 on
# More than a hung device takes before a submission itself blocks.
pids=()
for i in {1..4}; do
	background "$T/h$i.log" fio --name=h --filename="$MNT/vh/volume" \
		--size=64M --rw=randrw --bs=4k --direct=1 --ioengine=libaio \
		--iodepth=64 --number_ios=200 --minimal
	pids+=("$BG")
done
background "$T/dd.log" dd if="$MNT/vh/volume" of="$T/read" bs=4k count=1 \
	skip=77 iflag=direct
dd=$BG
wait_for waits_in_fuse "$dd"
ok $? "who reads the hung volume waits"

took "reads of the good volume while the other hangs"
echo "# 20000 reads: $well ms before, $TOOK ms meanwhile"
((TOOK < well * 3 + 2000))
ok $? "are not slowed down"
run dd if=/dev/zero of="$MNT/vg/volume" bs=1M count=32 conv=fsync
is "$RC" 0 "buffered writes and fsync of the good volume"
run cat "$MNT/status" "$MNT/vh/status" "$MNT/vh/paths/h1/state"
is "$RC" 0 "status does not wait for a device"
path vg g1 fail
wait_state vg g1 active
ok $? "the good volume's checkers are not held up"
is_dead "$dd"
isnt $? 0 "the hung volume hangs still"

remote_hang h1 off
remote_hang h2 off
for p in "${pids[@]}" "$dd"; do
	reap "$p"
	is "$RC" 0 "it answers again: who waited goes on"
done
run cmp -n 4096 -i 0:$((77 * 4096)) "$T/read" "$T/vh.img"
is "$RC$OUT" 0 "with the right data"
wait_value vh/state optimal
ok $? "and all is well"
finish
