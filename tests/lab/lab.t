#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The lab itself, and the least that the other tests build on: the kernel is
# Debian's, nothing that the guest writes reaches the host, udevd works, and
# two paths to a disk of scsi_debug become a volume that survives the loss of
# one.
. "$(dirname "$0")/lib.sh"

like "$(uname -r)" '^[0-9.]+-[0-9]+-amd64$' "the kernel is Debian's stock one"
is "$(stat -f -c %T /)" overlayfs "the root is an overlay"
: >"$LAB_TOP/written-in-the-lab"
ok $? "the tree is at its place and can be written to"
[[ -e $LAB_TOP/written-in-the-lab ]]
ok $? "what was written is there, in the guest"
rm "$LAB_TOP/written-in-the-lab"
for program in multipathd dmsetup nvme iscsid sg_turs fio; do
	command -v "$program" >/dev/null
	ok $? "$program is there"
done

# Two hosts of scsi_debug with one store: one LUN, two paths.
load scsi_debug dev_size_mb=64 add_host=2 vpd_use_hostno=0
settle
mapfile -t disks < <(scsi_disks scsi_debug)
is "${#disks[@]}" 2 "scsi_debug makes two disks"
is "$(udevadm info -q property --property=ID_SERIAL --value "/dev/${disks[0]}")" \
	"$(udevadm info -q property --property=ID_SERIAL --value "/dev/${disks[1]}")" \
	"udev says that they are one LUN"
wwid=$(udevadm info -q property --property=ID_SERIAL --value "/dev/${disks[0]}")

config <<END
[multipath $wwid]
alias = sdebug
END
start
is "$(get sdebug/wwid)" "$wwid" "mpathfs has the volume"
for d in "${disks[@]}"; do
	wait_state sdebug "$d" active
	ok $? "path $d is active"
done
run fio --name=verify --filename="$MNT/sdebug/volume" --size=16M --bs=64k \
	--rw=randwrite --direct=1 --ioengine=libaio --iodepth=8 \
	--verify=crc32c
is "$RC" 0 "fio writes and verifies" || diag "$OUT$ERR"
echo offline >"/sys/block/${disks[0]}/device/state"
run dd if=/dev/urandom of="$MNT/sdebug/volume" bs=64k count=64 oflag=direct
is "$RC" 0 "a write goes on when a path is taken away" || diag "$ERR"
wait_state sdebug "${disks[0]}" failed
ok $? "the path is failed"
echo running >"/sys/block/${disks[0]}/device/state"
wait_state sdebug "${disks[0]}" active
ok $? "the checker brings it back"
stop
is "$RC" 0 "the daemon ends with status 0"
unload scsi_debug
finish
