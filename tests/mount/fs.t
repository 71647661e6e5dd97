#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A file system on the volume, through a loop device with direct I/O: made,
# filled and checked, with a path failing in the middle of each.
. "$(dirname "$0")/lib.sh"
need root mkfs.ext4 e2fsck

add_volume v1 256M p1 p2 -- no_path_retry=queue polling_interval=1
start
MARK="mpathfs test $$ $SEED"
echo "$MARK" >/dev/kmsg
loop L "$MNT/v1/volume" --direct-io=on
is "$(losetup -n -O DIO "$L" | tr -d ' ')" 1 "the loop device does direct I/O"

# while_failing NAME COMMAND...: p1 and p2 fail in turns until it has ended.
while_failing()
{
	local name=$1 n=0 p=p1

	shift
	background "$T/$name.log" "$@"
	until is_dead "$BG"; do
		path v1 "$p" fail
		n=$((n + 1))
		wait_state v1 "$p" active || bail "$p does not come back"
		[[ $p == p1 ]] && p=p2 || p=p1
	done
	reap "$BG"
	is "$RC" 0 "$name, $n failures meanwhile" || diag "$(<"$T/$name.log")"
}

while_failing mkfs mkfs.ext4 -q "$L"
mount_ext4 "$L" "$T/fs"
TREE=/usr/include/linux
while_failing copy bash -c 'cp -a "$1" "$2/a" && cp -a "$1" "$2/b" &&
	sync -f "$2"' copy "$TREE" "$T/fs"
run diff -r --no-dereference "$TREE" "$T/fs/a"
is "$RC$OUT" 0 "the copied tree is the same"
rm -r "$T/fs/b"
run fstrim "$T/fs"
is "$RC" 0 "fstrim" || diag "$ERR"
umount_ext4 "$T/fs"
while_failing e2fsck e2fsck -fn "$L"

# Again from the disk, with nothing cached.
mount_ext4 "$L" "$T/fs"
run diff -r --no-dereference "$TREE" "$T/fs/a"
is "$RC$OUT" 0 "and after it was mounted again"
umount_ext4 "$T/fs"
unloop "$L"
stop
is "$RC" 0 "the daemon ends with status 0"
run e2fsck -fn "${DEV[p1]}"
is "$RC" 0 "the file system on the bare disk is clean" || diag "$OUT"
run bash -c 'dmesg | sed "1,/$1/d" | grep -E "$2[ ,:].*error|error.*$2[ ,:]"' \
	log "$MARK" "${L#/dev/}"
is "$OUT" "" "the kernel saw no error on it"
finish
