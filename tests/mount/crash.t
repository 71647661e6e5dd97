#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The worker is killed 20 times under fio --verify on ext4 on a loop device:
# no error, nothing lost; the longest pause is printed.
. "$(dirname "$0")/lib.sh"
need root resend fio mkfs.ext4 e2fsck

add_volume v1 256M p1 p2 -- path_grouping_policy=multibus
start
loop L "$MNT/v1/volume" --direct-io=on
run mkfs.ext4 -q "$L"
is "$RC" 0 "mkfs"
mount_ext4 "$L" "$T/fs"

# A worker that dies young is held to be sick, and followed slowly.
has_lived()
{
	local pid=$1 ms=$2 start

	start=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
	(($(now_ms) - start * 1000 / $(getconf CLK_TCK) >= ms))
}

longest=0
kills=0
for ((round = 0; kills < 20 && round < 50; round++)); do
	background "$T/fio.log" fio --name=v --directory="$T/fs" --size=64M \
		--rw=randwrite --bs=4k --ioengine=libaio --iodepth=16 \
		--direct=1 --fsync=32 --verify=crc32c --verify_fatal=1
	while ((kills < 20)) && ! is_dead "$BG"; do
		worker=$(daemon_value worker_pid)
		wait_for has_lived "$worker" 400
		before=$(completed_ios "$L")
		DEADLINE=2 wait_io "$L" 100 || continue
		begin=$(now_ms)
		kill -KILL "$worker"
		KILLS=$((KILLS + 1))
		kills=$((kills + 1))
		wait_for is_dead "$worker"
		before=$(completed_ios "$L")
		wait_for has_completed "$L" $((before + 1))
		took=$(($(now_ms) - begin))
		((took > longest)) && longest=$took
		wait_for new_worker "$worker" || bail "no new worker"
	done
	reap "$BG"
	is "$RC" 0 "fio --verify, $kills kills so far" || diag "$(<"$T/fio.log")"
	rm -f "$T"/fs/v.*
done
is $kills 20 "20 kills"
# Not a verdict: it would be one on how busy the machine is.
echo "# longest pause: $longest ms"
is "$(daemon_value restarts)" 20 "the daemon counts 20 restarts"

umount_ext4 "$T/fs"
run e2fsck -fn "$L"
is "$RC" 0 "the file system is clean" || diag "$OUT"
unloop "$L"
finish
