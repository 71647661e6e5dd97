#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What outlives a crash of the worker, and what a restart of the whole; and a
# worker that dies again and again.
. "$(dirname "$0")/lib.sh"
need root resend

add_volume v1 32M p1 p2 p3 -- path_grouping_policy=multibus \
	no_path_retry=queue polling_interval=1 max_polling_interval=1
start
# inode numbers name the object, not an address. Disks of no volume come and go
# with other tests.
inodes()
{
	find "$MNT" -path "$MNT/paths/loop*" -prune -o -printf '%i %y %P\n' |
		sort -k3
}
inodes=$(inodes)

path v1 p1 offline
is "$(get v1/paths/p1/state)" offline "offline"
put v1/no_path_retry fail
put v1/path_selector "round-robin 0"
is "$(get v1/no_path_retry) $(get v1/path_selector)" "fail round-robin 0" \
	"live settings"

exec {begun}<"$MNT/status.json" {fresh}<"$MNT/v1/state"
dd bs=100 count=1 status=none <&"$begun" >"$T/part"
kill_worker
run dd bs=64k status=none <&"$begun"
like "$RC $ERR" "^1 .*Stale file handle" \
	"who had read a part of a file gets none of another moment's"
run cat <&"$fresh"
isnt "$OUT" "" "who had not begun gets all of it"
exec {begun}<&- {fresh}<&-
is "$(inodes)" "$inodes" "the same inode numbers after a crash"
is "$(get v1/paths/p1/state)" offline "offline survives a crash"
is "$(get v1/no_path_retry) $(get v1/path_selector)" "fail round-robin 0" \
	"live settings survive a crash"
like "$(events)" 'p1' "events has its history still"
wait_event worker-died >/dev/null
ok $? "and tells of the crash"
like "$(<"$LOG")" "worker [0-9]+ died" "so does the log"
before=$(completed_ios "${DEV[p1]}")
run dd if="$MNT/v1/volume" of=/dev/null bs=4k count=1000 iflag=direct
is "$RC" 0 "I/O works"
# its checker may look at it meanwhile
(($(completed_ios "${DEV[p1]}") < before + 50))
ok $? "and the path that is offline gets none of it"
run cat "$T/state"/*
isnt "$OUT" "" "holds are in the state directory"

stop
is "$RC" 0 "the daemon ends with status 0"
start
is "$(get v1/paths/p1/state)" offline "offline survives a restart of the whole"
is "$(get v1/state)" degraded "the volume is degraded"
path v1 p1 online
wait_state v1 p1 active
ok $? "online ends it"
stop
start
is "$(get v1/paths/p1/state)" active "for ever"

# A request that waits for a path survives a crash as well.
for p in p1 p2 p3; do
	path v1 $p offline
done
random_file "$T/data" 1048576
background "$T/dd.log" dd if="$T/data" of="$MNT/v1/volume" bs=1M oflag=direct
wait_for waits_in_fuse "$BG"
kill_worker
is "$(get v1/state)" queueing "all offline: queueing, also after a crash"
is_dead "$BG"
isnt $? 0 "a write waits"
for p in p1 p2 p3; do
	path v1 $p online
done
reap "$BG"
is "$RC" 0 "and is done when a path is back"
run cmp -n 1048576 "$T/data" "$T/v1.img"
is "$RC$OUT" 0 "as it should be"

# --- a worker that dies as soon as it serves
restarts=$(daemon_value restarts)
begin=$(now_ms)
for i in {1..6}; do
	kill_worker
done
took=$(($(now_ms) - begin))
echo "# 6 crashes in a row: $took ms"
((took >= 4 * 300)) # the first two are followed at once
ok $? "restarts after crash on crash are slowed down ($took ms)"
like "$(<"$LOG")" "each restart is delayed" "the log says so"
wait_event worker-restart-slowed >/dev/null
ok $? "and events"
is "$(daemon_value restarts)" $((restarts + 6)) "each was one restart"
run dd if="$MNT/v1/volume" of=/dev/null bs=1M count=4 iflag=direct
is "$RC" 0 "and it serves still"
finish
