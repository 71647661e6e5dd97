#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is detected of a disk: its checker, its prioritizer, the policy that
# groups the paths and the handler; of scsi_debug with and without target port
# groups and of LIO. The former two are what multipath takes for the same disk.
# What is configured of the disk and its host is written there.
# And which rule rejects a disk, as --list says it: no disk is left out.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"

# list [LINE]...: what --list prints with that configuration, where no LUN was
# ever known.
list()
{
	printf '%s\n' "$@" >"$CONF"
	run "$MPATHFS" -c "$CONF" --state-dir "$T/new" --list
	is "$RC$ERR" 0 "--list"
}

# rejected DISK REASON WHAT: by the last list.
rejected()
{
	like "$(grep -A1 "^$1 " <<<"$OUT")" "no path: $2" "$3" || diag "$OUT"
}

# theirs DISK WHAT: multipath's choice, as "path_checker = tur".
theirs()
{
	grep -oE "$1: $2 = [a-z0-9_]+" <<<"$MULTIPATH" | head -n 1
}

# detected DISK CHECKER PRIO POLICY HANDLER [CHECKER]: is, in the volume lun; the
# last one is what multipath takes, where that is another.
detected()
{
	local ours

	ours=$(get "lun/paths/$1/checker")
	is "$ours" "$2" "$1: the checker"
	is "$1: path_checker = ${6:-$ours}" "$(theirs "$1" path_checker)" \
		"$1: multipath's"
	ours=$(get "lun/paths/$1/prioritizer")
	is "$ours" "$3" "$1: the prioritizer"
	is "$1: prio = $ours" "$(theirs "$1" prio)" "$1: as multipath's"
	is "$(get lun/path_grouping_policy)" "$4" "$1: the policy"
	like "$(get lun/status)" "hwhandler='$5'" "$1: the handler"
}

# volume_of DISK: the volume lun, of its WWID; and what multipath takes for it.
volume_of()
{
	WWID=$(udevadm info -q property --property=ID_SERIAL --value "/dev/$1")
	[[ -n $WWID ]] || bail "$1 has no WWID"
	printf '%s\n' "[defaults]" "eh_deadline = 30" "max_retries = 2" \
		"[multipath $WWID]" "alias = lun" >"$CONF"
	MULTIPATH=$(multipath -v3 -d 2>&1)
	start
	wait_state lun "$1" active || bail "$1: $(get status)"
}

mkdir "$T/new"
ALL=("[defaults]" "find_multipaths = no")
printf 'defaults {\n\tfind_multipaths no\n}\n' >/etc/multipath.conf

# ---- scsi_debug, with target port groups ----
# With the kernel's handler, which another test may have loaded, the prioritizer
# is sysfs.
unload scsi_dh_alua
load scsi_debug dev_size_mb=64 add_host=2 vpd_use_hostno=0
settle
mapfile -t disks < <(scsi_disks scsi_debug)
d=${disks[0]}
volume_of "$d"
detected "$d" tur alua group_by_prio "1 alua"
like "$(get "lun/paths/$d/checker_origin")" "TPGS 1" "by its target port groups"
hctl=$(get "lun/paths/$d/hctl")
wait_for grep -qx 30 "/sys/class/scsi_host/host${hctl%%:*}/eh_deadline"
ok $? "eh_deadline is written" || diag "$(events | tail -n 5)"
wait_for grep -qx 2 "/sys/class/scsi_disk/$hctl/max_retries"
ok $? "and max_retries"
stop
is "$RC" 0 "the daemon ends with status 0"

# ---- the rules ----
list
rejected "$d" "nobody has asked for it \(find_multipaths = strict\)" "strict"
list "${ALL[@]}" "[blacklist]" "devnode = ^$d\$"
rejected "$d" "devnode '$d' is blacklisted by '\^$d\\$' \(.*mpathfs.conf:4\)" \
	"devnode"
list "${ALL[@]}" "[blacklist]" "wwid = $WWID"
rejected "$d" "wwid '$WWID' is blacklisted by '$WWID' \(.*:4\)" "wwid"
list "${ALL[@]}" "[blacklist]" "protocol = scsi:"
rejected "$d" "protocol 'scsi:[a-z]+' is blacklisted by 'scsi:' \(.*:4\)" \
	"protocol"
list "${ALL[@]}" "[blacklist]" "property = DEVNAME"
rejected "$d" "property 'DEVNAME' is blacklisted by 'DEVNAME' \(.*:4\)" \
	"property"
list "${ALL[@]}" "[blacklist device debug]" "vendor = Linux" "product = scsi_debug"
rejected "$d" "device 'Linux' 'scsi_debug' is blacklisted by 'Linux' 'scsi_debug'" \
	"device"
mkfs.ext4 -q "/dev/$d"
mkdir "$T/data"
mount "/dev/$d" "$T/data" || bail "mount /dev/$d"
list "${ALL[@]}"
rejected "$d" "it is in use: mounted at $T/data" "mounted"
umount "$T/data"
list "[defaults]" "find_multipaths = yes" "[blacklist]" "devnode = ^${disks[1]}\$"
rejected "$d" "it is the only path of its WWID \(find_multipaths = " "alone"
truncate -s 1M "$T/file"
loop l "$T/file"
list "${ALL[@]}"
# shellcheck disable=SC2154 # loop sets it
rejected "${l#/dev/}" "devnode '${l#/dev/}' is blacklisted by .* \(built in\)" \
	"built in"
unloop "$l"
like "$OUT" " $d .*active ready running" "and a disk that none rejects is a path"
echo offline >"/sys/block/$d/device/state"
list "${ALL[@]}"
like "$OUT" " $d .*failed faulty running" "one that is offline is there, failed"
echo running >"/sys/block/$d/device/state"
unload scsi_debug

# ---- without ----
load scsi_debug dev_size_mb=64 vpd_use_hostno=1
settle
d=$(scsi_disks scsi_debug)
volume_of "$d"
detected "$d" tur const failover 0
stop
is "$RC" 0 "the daemon ends with status 0"
unload scsi_debug

# ---- LIO ----
lio_array 64M implicit
lio_path 1 1
lio_path 2 2
lio_settle
d=$(disk_of 1)
volume_of "$d"
# As newer versions of multipath than the lab's: their table says so of LIO.
detected "$d" directio sysfs group_by_prio "1 alua" tur
stop
is "$RC" 0 "the daemon ends with status 0"
# A port group that is unavailable does not tell the size.
lio_state 2 unavailable
lio_delete 2
lio_rescan 2
d=$(disk_of 2)
is "$(cat "/sys/block/$d/size")" 0 "a disk of size 0"
list "${ALL[@]}"
rejected "$d" "its size is 0" "size 0"
lio_gone
rm /etc/multipath.conf
finish
