#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The array puts another LUN in the place of one, under the disks that the host
# has: such a path takes no more I/O, and comes back when its LUN does; by hand
# and found (with recheck_wwid, it leaves the volume). With purge_disconnected a
# disk whose LUN has been taken away is deleted. And the timers of the transport
# are written where the kernel has them. By two iSCSI targets of the kernel's own
# (LIO), a path each.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../links.sh"
need jq fio iscsid iscsiadm cmp

TARGET=/sys/kernel/config/target
PORTAL=127.0.0.1:3260

# ---- the array: LUNs `one` and `two`, targets 1 and 2 ----

# make_lun NAME N: 32 MiB of zeroes.
make_lun()
{
	local lun=$TARGET/core/fileio_$2/$1

	truncate -s 32M "$T/$1"
	mkdir -p "$lun"
	echo "fd_dev_name=$T/$1,fd_dev_size=$((32 << 20))" >"$lun/control"
	echo "1234abc$2" >"$lun/wwn/vpd_unit_serial"
	echo 1 >"$lun/enable" || bail "LIO: no LUN $1"
}

lun_path()
{
	echo "$TARGET"/core/fileio_*/"$1"
}

iqn()
{
	echo "iqn.2026-11.example:t$1"
}

port()
{
	echo "$TARGET/iscsi/$(iqn "$1")/tpgt_1"
}

# map TARGET NAME [N]: its LUN 1 (N) is that from now on; LUN 0 it would answer
# for itself while it has none. Its other LUNs have a unit attention.
map()
{
	ln -s "$(lun_path "$2")" "$(port "$1")/lun/lun_${3:-1}/lun"
}

# unmap TARGET [N]
unmap()
{
	rm "$(port "$1")/lun/lun_${2:-1}/lun"
}

make_target()
{
	local port

	port=$(port "$1")
	mkdir -p "$port"
	mkdir "$port/lun/lun_1" "$port/lun/lun_2"
	map "$1" one
	mkdir "$port/np/$PORTAL"
	echo 0 >"$port/attrib/authentication"
	echo 1 >"$port/attrib/generate_node_acls"
	echo 0 >"$port/attrib/demo_mode_write_protect"
	echo 1 >"$port/enable" || bail "LIO: no target $1"
}

remove_array()
{
	local port

	for port in "$TARGET"/iscsi/iqn.*/tpgt_1; do
		[[ -d $port ]] || continue
		echo 0 >"$port/enable"
		rm -f "$port"/lun/lun_[12]/lun
		rmdir "$port"/lun/lun_[12] "$port/np/$PORTAL"
		rmdir "$port" "${port%/*}"
	done
	rmdir "$TARGET/iscsi" "$TARGET"/core/fileio_*/* "$TARGET"/core/fileio_*
}

# ---- the host ----

# admin ARGUMENT...
admin()
{
	run iscsiadm -m "$@"
	((RC == 0)) || bail "iscsiadm -m $*: $OUT$ERR"
}

log_in()
{
	local n

	echo "InitiatorName=iqn.2026-11.example:here" \
		>/etc/iscsi/initiatorname.iscsi
	iscsid -f >"$T/iscsid.log" 2>&1 </dev/null &
	ISCSID=$!
	MADE_PIDS+=("$ISCSID")
	wait_for iscsiadm -m iface >/dev/null
	for n in 1 2; do
		admin node -T "$(iqn $n)" -p "$PORTAL" -o new
		admin node -T "$(iqn $n)" -p "$PORTAL" --login
		wait_for has_disk $n || bail "target $n: no disk"
	done
	settle
}

log_out()
{
	admin node --logout
	settle
	end_process "$ISCSID"
	unload iscsi_tcp
	unload libiscsi_tcp
	unload libiscsi
}

disk_of()
{
	local link

	link=/dev/disk/by-path/ip-$PORTAL-iscsi-$(iqn "$1")-lun-1
	[[ -e $link ]] && basename "$(readlink -f "$link")"
}

has_disk()
{
	[[ -n $(disk_of "$1") ]]
}

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

load -a target_core_mod target_core_file iscsi_target_mod iscsi_tcp
mkdir "$TARGET/iscsi"
make_lun one 1
make_lun two 2
make_target 1
make_target 2
trap 'cleanup; [[ ! -d $TARGET/iscsi ]] || remove_array 2>/dev/null' EXIT
log_in
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
log_out
remove_array
unload iscsi_target_mod
finish
