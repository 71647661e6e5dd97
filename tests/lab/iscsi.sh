# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# The iSCSI initiator of open-iscsi, and an array that it can have as its
# target: LIO's, on this machine, each of its targets a path. A test sources
# this after lib.sh:
#
#	initiator_begin
#	log_in IQN PORTAL [NAME=VALUE]...
#	initiator_end
#
#	array_begin; make_lun one 1; make_lun two 2
#	make_target 1 one		# path 1
#	initiator_begin; log_in_targets; disk_of 1
#	map 1 two			# another LUN in its place
#	initiator_end; array_end

# ---- the initiator ----

ISCSID=

# admin ARGUMENT...
admin()
{
	run iscsiadm -m "$@"
	((RC == 0)) || bail "iscsiadm -m $*: $OUT$ERR"
}

initiator_begin()
{
	load iscsi_tcp
	echo "InitiatorName=iqn.2026-11.example:here" \
		>/etc/iscsi/initiatorname.iscsi
	# a group of its own: it ends all that is in its own when it ends
	setsid iscsid -f >"$T/iscsid.log" 2>&1 </dev/null &
	ISCSID=$!
	MADE_PIDS+=("$ISCSID")
	wait_for iscsiadm -m iface >/dev/null
}

# log_in IQN PORTAL [NAME=VALUE]...: with those settings of the session.
log_in()
{
	local node=(node -T "$1" -p "$2") setting

	admin "${node[@]}" -o new
	for setting in "${@:3}"; do
		admin "${node[@]}" -o update -n "${setting%%=*}" \
			-v "${setting#*=}"
	done
	admin "${node[@]}" --login
}

initiator_end()
{
	admin node --logout
	admin node -o delete
	settle
	end_process "$ISCSID"
	unload iscsi_tcp
	unload libiscsi_tcp
	unload libiscsi
	unload scsi_transport_iscsi
}

# ---- the array ----

TARGET=/sys/kernel/config/target
PORTAL=127.0.0.1:3260

array_begin()
{
	load -a target_core_mod target_core_file iscsi_target_mod
	mkdir "$TARGET/iscsi"
	# and if the test ends before: the next one finds no array
	trap 'cleanup
		[[ ! -d $TARGET/iscsi ]] || remove_array 2>/dev/null' EXIT
}

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

# make_target N NAME
make_target()
{
	local port

	port=$(port "$1")
	mkdir -p "$port"
	mkdir "$port/lun/lun_1" "$port/lun/lun_2"
	map "$1" "$2"
	mkdir "$port/np/$PORTAL"
	echo 0 >"$port/attrib/authentication"
	echo 1 >"$port/attrib/generate_node_acls"
	echo 0 >"$port/attrib/demo_mode_write_protect"
	echo 1 >"$port/enable" || bail "LIO: no target $1"
}

# log_in_targets N...: each has its disk then.
log_in_targets()
{
	local n

	for n in "$@"; do
		log_in "$(iqn "$n")" "$PORTAL"
	done
	for n in "$@"; do
		wait_for has_disk "$n" || bail "target $n: no disk"
	done
	settle
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
	rmdir "$TARGET/iscsi" "$TARGET"/core/fileio_*/*/ "$TARGET"/core/fileio_*
}

array_end()
{
	remove_array
	unload iscsi_target_mod
}
