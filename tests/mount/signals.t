#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The ends of a daemon, and SIGHUP: a good configuration takes effect under
# I/O, a bad one changes nothing and is told.
. "$(dirname "$0")/lib.sh"
need root fio

add_volume v1 64M p1 p2 -- no_path_retry=queue path_grouping_policy=multibus
cp "$CONF" "$T/good.conf"
start

# --- SIGHUP
background "$T/fio.log" fio --name=v --filename="$MNT/v1/volume" --size=64M \
	--rw=randwrite --bs=4k --ioengine=libaio --iodepth=8 --direct=1 \
	--verify=crc32c --verify_fatal=1
fio=$BG
mark_events
sed -i s/no_path_retry.*/no_path_retry=7/ "$CONF"
add_volume v2 32M q1 q2
kill -HUP "$DPID"
wait_value v1/no_path_retry 7
ok $? "SIGHUP: a changed setting takes effect"
wait_value v2/state optimal
ok $? "SIGHUP: a new volume is there"
is "$(readlink "$MNT/paths/q1")" ../v2/paths/q1 "and its paths"

good=$(get config)
for bad in "nonsense = 1" "no_path_retry = perhaps" \
	"path = p9 /nowhere/at/all" "[volume v1]"; do
	cp "$CONF" "$T/keep.conf"
	echo "$bad" >>"$CONF"
	line=$(wc -l <"$CONF")
	mark_events
	kill -HUP "$DPID"
	text=$(wait_event "mpathfs.conf:$line|/nowhere|v1")
	ok $? "SIGHUP: '$bad' is told in events" || diag "$text"
	like "$text" '"reconfigure-failed"' "as what it is"
	like "$(<"$LOG")" "mpathfs.conf:$line|/nowhere" "and in the log"
	is "$(get config)" "$good" "and changes nothing"
	put control reconfigure
	isnt "$RC" 0 "reconfigure by control fails as well"
	cp "$T/keep.conf" "$CONF"
done
cp "$T/good.conf" "$CONF"
put control reconfigure
is "$RC" 0 "a good one again, by control"
is "$(get v1/no_path_retry)" queue "has its effect when the write returns"
[[ ! -e $MNT/v2 && ! -e $MNT/paths/q1 ]]
ok $? "the volume that is no longer in it is gone"
reap "$fio"
is "$RC" 0 "fio --verify has seen none of it" || diag "$(<"$T/fio.log")"

# --- SIGHUP to a worker that dies before it has heard it
worker=$(daemon_value worker_pid)
sed -i s/no_path_retry.*/no_path_retry=8/ "$CONF"
kill -STOP "$worker"
kill -HUP "$DPID"
kill -KILL "$worker" # the supervisor sees SIGHUP first: its number is lower
KILLS=$((KILLS + 1))
wait_for new_worker "$worker" || bail "no new worker"
wait_value v1/no_path_retry 8
ok $? "SIGHUP while a worker dies: the next one reads the configuration"
cp "$T/good.conf" "$CONF"
put control reconfigure

# --- umount
timeout "$DEADLINE" umount "$MNT"
is $? 0 "umount"
reap "$DPID"
is "$RC" 0 "ends the daemon with status 0"

# --- SIGTERM
for sig in TERM INT; do
	start
	worker=$(daemon_value worker_pid)
	kill -$sig "$DPID"
	reap "$DPID"
	is "$RC" 0 "SIG$sig ends the daemon with status 0"
	is_mounted "$MNT"
	isnt $? 0 "and the mount"
	is_dead "$worker"
	is $? 0 "and the worker"
done

# --- SIGTERM after the directory above the mount point was renamed
mkdir -p "$T/above/mnt"
whole=$MNT
MNT=$T/above/mnt
start
mv "$T/above" "$T/elsewhere"
MNT=$T/elsewhere/mnt
kill -TERM "$DPID"
reap "$DPID"
is "$RC" 0 "a mount point that has moved: SIGTERM ends the daemon"
is_mounted "$MNT"
isnt $? 0 "and the mount" || unmount_hard "$MNT"
MNT=$whole

# --- SIGTERM takes away nothing that somebody else has mounted on top
start
mount -t tmpfs cover "$MNT" || bail "mount -t tmpfs"
MADE_MOUNTS+=("$MNT")
: >"$MNT/precious"
kill -TERM "$DPID"
wait_for grep -q "something else is mounted over it" "$LOG"
ok $? "SIGTERM under another mount: it says so"
[[ -e $MNT/precious ]]
ok $? "and leaves the other alone"
umount "$MNT" || bail "umount the tmpfs"
unset 'MADE_MOUNTS[-1]'
timeout "$DEADLINE" umount "$MNT"
is $? 0 "which can be unmounted, and then the mount"
reap "$DPID"
is "$RC" 0 "which ends the daemon"

# --- SIGTERM while somebody waits for a path
start
path v1 p1 offline
path v1 p2 offline
background "$T/dd.log" dd if="$MNT/v1/volume" of=/dev/null bs=4k count=1 \
	iflag=direct
wait_for waits_in_fuse "$BG"
kill -TERM "$DPID"
reap "$BG"
isnt "$RC" 0 "SIGTERM lets go who waits for a path"
reap "$DPID"
is "$RC" 0 "and ends with status 0"
is_mounted "$MNT"
isnt $? 0 "and the mount is gone"

# --- SIGTERM in the middle of writes: what was answered is on the disk
rm -rf "$STATE" && mkdir "$STATE"
start
random_file "$T/data" $((32 << 20))
run dd if="$T/data" of="$MNT/v1/volume" bs=1M
is "$RC" 0 "buffered writes"
kill -TERM "$DPID"
reap "$DPID"
is "$RC" 0 "SIGTERM"
DPID=
run cmp -n $((32 << 20)) "$T/data" "$T/v1.img"
is "$RC$OUT" 0 "all of it is on the disk"

# --- the supervisor is killed: service goes on, and says so
start
worker=$(daemon_value worker_pid)
kill -KILL "$DPID"
reap "$DPID"
like "$(wait_event supervisor-gone)" "service goes on" \
	"the supervisor's death is an event"
run cmp -n $((1 << 20)) "$T/data" "$MNT/v1/volume"
is "$RC$OUT" 0 "and the volume is served"
timeout "$DEADLINE" umount "$MNT"
is $? 0 "umount"
wait_for is_dead "$worker"
ok $? "ends the worker"
DPID=
finish
