#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Options whose effect is seen elsewhere than in the tree: in the kernel's
# queue, in the log, in how long a write to a control file may take.
. "$(dirname "$0")/lib.sh"
need root nbdkit nbdfuse nc

# ---- max_sectors_kb ----

# kernel_limit PATH: what the kernel's queue says.
kernel_limit()
{
	cat "/sys/block/${DEV[$1]#/dev/}/queue/max_sectors_kb"
}

config <<<$'[defaults]\nuxsock_timeout = 1000'
truncate -s 16M "$T/remote.img"
remote r1 "$T/remote.img"
remote r2 "$T/remote.img"
volume vr r1 r2 -- polling_interval=1 no_path_retry=queue
add_volume vl 16M p1 p2 -- path_grouping_policy=multibus max_sectors_kb=64
add_volume vh 16M q1 -- max_sectors_kb=1048576 polling_interval=1 \
	max_polling_interval=1
queue=$(kernel_limit p1)
hardware=$(cat "/sys/block/${DEV[q1]#/dev/}/queue/max_hw_sectors_kb")
start
is "$(kernel_limit p1) $(kernel_limit p2)" "64 64" "max_sectors_kb is the queue's"
is "$(kernel_limit q1)" "$hardware" "no more than the hardware takes"
before=$(($(completed_ios "${DEV[p1]}") + $(completed_ios "${DEV[p2]}")))
run dd if="$MNT/vl/volume" of=/dev/null bs=1M count=4 iflag=direct
is "$RC" 0 "a read of 4 MiB"
((n = $(completed_ios "${DEV[p1]}") + $(completed_ios "${DEV[p2]}") - before))
((n >= 64))
ok $? "goes in pieces of 64 KiB" || diag "$n pieces"
for p in p1 p2; do # who has the loop device next is to have it as it was
	echo "$queue" >"/sys/block/${DEV[$p]#/dev/}/queue/max_sectors_kb"
done

# ---- log_checker_err ----

# said_down: how often the log has said that the path is down still, after it
# has been checked twice. Its device is gone from under it.
said_down()
{
	local size before

	size=$(stat -c %s "$T/vh.img")
	truncate -s 0 "$T/vh.img"
	losetup -c "${DEV[q1]}"
	wait_state vh q1 failed || bail "q1 does not fail"
	before=$(grep -c "vh: q1: still down: device:" "$LOG")
	put vh/paths/q1/check 1
	put vh/paths/q1/check 1
	SAID=$(($(grep -c "vh: q1: still down: device:" "$LOG") - before))
	truncate -s "$size" "$T/vh.img"
	losetup -c "${DEV[q1]}"
	wait_state vh q1 active
	ok $? "it is back with its device"
}

said_down
((SAID >= 2))
ok $? "always: each check of a path that is down is logged" || diag "$SAID"
is "$(events | grep -c '"path-failed".*"vh".*"q1"')" 1 "it is one event"
stop
sed -i 's/^uxsock/log_checker_err = once\n&/' "$CONF"
start
said_down
is "$SAID" 0 "once: it is not"

# ---- uxsock_timeout ----

remote_hang r1 on
mark_events
began=$(now_ms)
put vr/paths/r1/check 1
took=$(($(now_ms) - began))
like "$RC$ERR" "^1.*timed out" "a check that gets no answer ends the write"
((took >= 1000 && took < 10000 * SLOW))
ok $? "after uxsock_timeout" || diag "$took ms"
wait_event '"refused".*"no answer within uxsock_timeout"' >/dev/null
ok $? "and says why"
remote_hang r1 off
wait_state vr r1 active
put vr/paths/r1/check 1
is "$RC" 0 "one that is answered does not"
finish
