#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The array puts another LUN in the place of one, under the disks that the host
# has: such a path takes no more I/O, and comes back when its LUN does; by hand
# and found (then it leaves the volume). With purge_disconnected a
# disk whose LUN has been taken away is deleted. And the timers of the transport
# are written where the kernel has them. By two iSCSI targets of the kernel's own
# (LIO), a path each.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../links.sh"
. "$(dirname "$0")/../iscsi.sh"
need jq fio iscsid iscsiadm cmp

# The session of TARGET's disk: session1.
session_of()
{
	readlink -f "/sys/block/$(disk_of "$1")/device" | tr / '\n' |
		grep -m1 '^session[0-9]*$'
}

# ---- what is looked at ----

is_other()
{
	[[ $(sg_vpd -p 0x83 -q "/dev/$1" 2>/dev/null) != "$VPD" ]]
}

wwid_of()
{
	udevadm info -q property --property=ID_SERIAL --value "/dev/$1"
}

# The host looks at the disk anew, as `rescan-scsi-bus.sh` does.
look_anew()
{
	echo 1 >"/sys/block/$1/device/rescan"
	udevadm trigger --action=change "/sys/block/$1"
	settle
}

checked()
{
	put "lun/paths/$1/check" now
}

has_path()
{
	[[ -e $MNT/lun/paths/$1 ]]
}

has_no_path()
{
	! has_path "$1"
}

timer_is()
{
	[[ $(cat "$1") == "$2" ]]
}

# timers N FAST RETRIES: of target N's transport and disk. An iSCSI host takes no
# eh_deadline: see detect.t.
timers()
{
	local disk

	disk=$(readlink -f "/sys/block/$(disk_of "$1")/device")
	wait_for timer_is \
		"/sys/class/iscsi_session/$(session_of "$1")/recovery_tmo" "$2"
	is "$(cat "/sys/class/iscsi_session/$(session_of "$1")/recovery_tmo")" \
		"$2" "target $1: recovery_tmo is fast_io_fail_tmo"
	is "$(cat "/sys/class/scsi_disk/${disk##*/}/max_retries")" "$3" \
		"target $1: max_retries"
}

# With fast_io_fail_tmo $1, and further settings of the LUN.
write_config()
{
	: >"$CONF"
	config <<-END
		[defaults]
		polling_interval = 1
		max_polling_interval = 1
		fast_io_fail_tmo = $1
		max_retries = 2
		path_grouping_policy = multibus
		no_path_retry = fail
		[overrides]
		path_checker = tur
		$2
	END
}

array_begin
make_lun one 1
make_lun two 2
make_target 1 one
make_target 2 one
initiator_begin
log_in_targets 1 2
a=$(disk_of 1) b=$(disk_of 2)
WWID=$(wwid_of "$a")
FOUND="[multipath $WWID]"$'\nalias = lun'
VPD=$(sg_vpd -p 0x83 -q "/dev/$a")
like "$WWID" '^36001405' "the LUN has a WWID of LIO's"

# ---- timers ----
is "$(cat "/sys/class/iscsi_session/$(session_of 1)/recovery_tmo")" 120 \
	"before: recovery_tmo is the initiator's"
write_config 7 "$FOUND"
start
wait_state lun "$a" active
wait_state lun "$b" active
ok $? "two paths"
timers 1 7 2
timers 2 7 2
write_config 9 "$FOUND"
put control reconfigure
is "$RC" 0 "reconfigure"
timers 1 9 2

# ---- another LUN, under I/O ----
load_begin "$MNT/lun/volume"
wait_for load_goes_on "$b"
mark_events
unmap 2
like "$(wait_event "\"path-failed\".*\"$b\"")" "$b" \
	"its LUN is taken away: $b fails"
map 2 two
wait_for is_other "$b"
ok $? "another one takes its place"
like "$(wait_event "\"path-wwid-changed\".*\"$b\"")" "$b" "which is seen"
wait_for has_no_path "$b"
ok $? "and the path goes"
settle
isnt "$(wwid_of "$b")" "$WWID" "to udev it is the other one, too"
wait_value "paths/$b/wwid" "$(wwid_of "$b")"
ok $? "which it would be a path of"
run cmp -n $((32 << 20)) "$T/two" /dev/zero
is "$RC" 0 "nothing was written to that"
wait_for load_goes_on "$a"
ok $? "I/O goes on by the other path"
unmap 2
map 2 one
look_anew "$b"
wait_state lun "$b" active
ok $? "its LUN is back, and the path" || diag "$(get status)
$(events | tail -n 20)"
wait_for load_goes_on "$b"
ok $? "which serves I/O again"
load_end
is "$RC" 0 "no I/O has failed, and no data was wrong"
stop
is "$RC" 0 "the daemon ends with status 0"

# ---- a path by hand, that nobody uses: its checker tells ----
write_config 9 "[volume lun]
path = $a /dev/$a
path = $b /dev/$b"
start
wait_state lun "$a" active
wait_state lun "$b" active
mark_events
unmap 2
wait_value "lun/paths/$b/checker_state" faulty
like "$(get "lun/paths/$b/why")" "no such LUN" \
	"by hand: its LUN is taken away, its checker says"
map 2 two
like "$(wait_event "\"path-wwid-changed\".*\"$b\"")" "$b" \
	"another LUN, without I/O: it is seen"
for ((i = 0; i < 3; i++)); do
	checked "$b"
done
is "$(get "lun/paths/$b/state")" failed "and the path stays out"
load_begin "$MNT/lun/volume"
wait_for load_goes_on "$a"
load_end
is "$RC" 0 "I/O is served"
run cmp -n $((32 << 20)) "$T/two" /dev/zero
is "$RC" 0 "nothing was written to the other LUN"
unmap 2
map 2 one
wait_state lun "$b" active
ok $? "its LUN is back, and the path" || diag "$(get status)
$(events | tail -n 20)"

# ---- nothing fails, but the array tells ----
mark_events
unmap 2
map 2 two
map 2 one 2
like "$(wait_event "\"path-wwid-changed\".*\"$b\"")" "$b" \
	"another LUN, and a unit attention: it is seen"
is "$(get "lun/paths/$b/state")" failed "the path is out"
unmap 2 2
unmap 2
map 2 one
wait_state lun "$b" active
ok $? "its LUN is back, and the path" || diag "$(get status)
$(events | tail -n 20)"
stop
is "$RC" 0 "the daemon ends with status 0"

# ---- purge_disconnected ----
write_config 9 "$FOUND"$'\npurge_disconnected = yes'
start
wait_state lun "$a" active
wait_state lun "$b" active
mark_events
unmap 2
like "$(wait_event "\"path-purged\".*\"$b\"")" "$b" \
	"purge_disconnected: the disk is deleted"
wait_for has_no_path "$b"
ok $? "the path goes"
[[ ! -e /sys/block/$b ]]
ok $? "and the disk is gone"
is "$(get "lun/paths/$a/state")" active "the other stays"
map 2 one
admin node -T "$(iqn 2)" --rescan
wait_for has_disk 2
settle
b=$(disk_of 2)
wait_for has_path "$b" && wait_state lun "$b" active
ok $? "a scan finds it, and it is a path again" || diag "$(get status)
$(events | tail -n 20)"

stop
is "$RC" 0 "the daemon ends with status 0"
initiator_end
array_end
finish
