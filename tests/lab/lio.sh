# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# A disk array of the kernel's own target, LIO: one LUN, two target port groups
# (1 and 2) with real ALUA, and paths to it over tcm_loop, each a SCSI host of
# its own. A test sources this after lib.sh.
#
#	lio_array 64M		# LIO_WWID is its WWID
#	lio_path 1 1		# path 1 in group 1
#	lio_path 3 2
#	lio_settle; disk_of 1	# sda
#	lio_state 1 standby
#	lio_gone
#
# The LUN is a loop device over a file in memory, so that it can grow.

TARGET=/sys/kernel/config/target
LIO_LUN=$TARGET/core/iblock_0/lun0
LIO_SERIAL=1234abcd # hexadecimal digits: they become the NAA name
LIO_WWID=36001405$LIO_SERIAL$(printf '0%.0s' {1..17})
LIO_IMG=/dev/shm/lio.img
LIO_LOOP=

# lio_array SIZE [explicit|implicit|both]
lio_array()
{
	local g type

	case ${2:-both} in
	implicit) type=1 ;;
	explicit) type=2 ;;
	both) type=3 ;;
	esac
	load -a target_core_mod target_core_iblock tcm_loop scsi_dh_alua
	truncate -s "$1" "$LIO_IMG"
	loop LIO_LOOP "$LIO_IMG"
	mkdir -p "$LIO_LUN"
	echo "udev_path=$LIO_LOOP" >"$LIO_LUN/control"
	echo "$LIO_SERIAL" >"$LIO_LUN/wwn/vpd_unit_serial"
	echo 1 >"$LIO_LUN/enable" || bail "LIO: no LUN"
	for g in 1 2; do
		mkdir "$LIO_LUN/alua/tpg$g"
		echo $g >"$LIO_LUN/alua/tpg$g/tg_pt_gp_id"
		echo 1 >"$LIO_LUN/alua/tpg$g/alua_support_active_nonoptimized"
		echo $type >"$LIO_LUN/alua/tpg$g/alua_access_type"
		lio_state $g optimized
	done
}

# lio_state GROUP WORD
lio_state()
{
	local n

	case $2 in
	optimized) n=0 ;;
	nonoptimized) n=1 ;;
	standby) n=2 ;;
	unavailable) n=3 ;;
	lba) n=4 ;;
	offline) n=14 ;;
	transitioning) n=15 ;;
	esac
	echo "$n" >"$LIO_LUN/alua/tpg$1/alua_access_state"
}

# What group $1 is in, as the array has it.
lio_state_of()
{
	case $(<"$LIO_LUN/alua/tpg$1/alua_access_state") in
	0) echo optimized ;;
	1) echo nonoptimized ;;
	2) echo standby ;;
	3) echo unavailable ;;
	*) echo other ;;
	esac
}

lio_port()
{
	echo "$TARGET/loopback/naa.600140500000000$1/tpgt_1"
}

# The LUN as path N's host sees it.
lio_mapped()
{
	echo "$(lio_port "$1")/acls/naa.600140510000000$1/lun_0"
}

# lio_path N GROUP
lio_path()
{
	local port mapped

	port=$(lio_port "$1")
	mapped=$(lio_mapped "$1")
	mkdir -p "$port"
	mkdir "${mapped%/*}" # before the host logs in
	echo "naa.600140510000000$1" >"$port/nexus"
	mkdir "$port/lun/lun_0"
	ln -s "$LIO_LUN" "$port/lun/lun_0/lun"
	echo "tpg$2" >"$port/lun/lun_0/alua_tg_pt_gp"
	mkdir "$mapped"
	lio_give "$1"
	lio_scan "$1"
}

# lio_protect N 1|0: the host may write no more. The disk is to be looked at
# anew for that: lio_look.
lio_protect()
{
	echo "$2" >"$(lio_mapped "$1")/write_protect"
}

# lio_take N: the array has no LUN for path N's host any more, and forgets what
# that has registered; lio_give N: it has it again.
lio_take()
{
	rm "$(lio_mapped "$1")/lun"
}

lio_give()
{
	ln -s "$(lio_port "$1")/lun/lun_0" "$(lio_mapped "$1")/lun"
}

# The kernel asks path N's disk for its size and its protection once more.
lio_look()
{
	echo 1 >"/sys/block/$(disk_of "$1")/device/rescan"
}

# The SCSI address (without the LUN) of path N's disk.
lio_address()
{
	cat "$(lio_port "$1")/address"
}

# disk_of N: its disk, as the kernel names it now; nothing while it is deleted.
disk_of()
{
	local d

	for d in /sys/bus/scsi/devices/"$(lio_address "$1")":*/block/*; do
		[[ -e $d ]] && echo "${d##*/}"
	done
}

has_disk()
{
	[[ -n $(disk_of "$1") ]]
}

# lio_settle: each path that was made has its disk, and udev knows them.
lio_settle()
{
	local port n

	for port in "$TARGET"/loopback/naa.*; do
		n=${port##*0}
		wait_for has_disk "$n" || bail "LIO: path $n has no disk"
	done
	settle
}

# lio_delete N: the disk goes, as when the path's cable is pulled for good.
lio_delete()
{
	echo 1 >"/sys/block/$(disk_of "$1")/device/delete"
}

lio_scan()
{
	local host channel target

	IFS=: read -r host channel target < <(lio_address "$1")
	echo "$channel $target -" >"/sys/class/scsi_host/host$host/scan"
}

# lio_rescan N: and comes back.
lio_rescan()
{
	lio_scan "$1"
	wait_for has_disk "$1" || bail "LIO: path $1 does not come back"
	settle
}

# lio_link N online|offline: what a lost transport does to commands.
lio_link()
{
	echo "$2" >"$(lio_port "$1")/transport_status"
}

# lio_resize SIZE: the array has it; the host does not know yet.
lio_resize()
{
	truncate -s "$1" "$LIO_IMG"
	losetup -c "$LIO_LOOP"
}

# All of it, disks first.
lio_remove()
{
	local port g

	for port in "$TARGET"/loopback/naa.*/tpgt_1; do
		[[ -d $port ]] || continue
		rm -f "$port"/acls/naa.*/lun_0/lun "$port/lun/lun_0/lun"
		rmdir "$port"/acls/naa.*/lun_0 "$port/lun/lun_0"
		echo NULL >"$port/nexus"
		rmdir "$port"/acls/naa.*
		rmdir "$port" "${port%/*}"
	done
	for g in 1 2; do
		rmdir "$LIO_LUN/alua/tpg$g"
	done
	rmdir "$LIO_LUN" "${LIO_LUN%/*}" "$TARGET/loopback"
	rm -f "$LIO_IMG"
}

# lio_gone: what a test ends with. The target's core, without a LUN, may stay.
lio_gone()
{
	lio_remove
	settle
	unload tcm_loop
	unloop "$LIO_LOOP"
}

# And if it ends before: the next one finds no array.
trap 'cleanup; [[ ! -d $LIO_LUN ]] || lio_remove 2>/dev/null' EXIT
