#!/bin/bash
# SPDX-License-Identifier: MIT
#
# O_DIRECT at any offset and of any length, several writers at once next to
# each other: sub-sector writes are a read, a change and a write, and none may
# undo its neighbour's.
. "$(dirname "$0")/lib.sh"
need root fio
echo "# SEED=$SEED"

SIZE=$((4 * 1048576))
add_volume v1 $SIZE p1 p2 -- path_grouping_policy=multibus \
	"path_selector=round-robin 0"
start
V=$MNT/v1/volume
REF=$T/reference
random_file "$REF" $SIZE
random_file "$T/data" 1048576
run dd if="$REF" of="$V" bs=1M oflag=direct
is "$RC" 0 "filled"

# 60 writes at random places, of 1 to 20000 bytes
RANDOM=$SEED
bad=0
for ((i = 0; i < 60; i++)); do
	len=$((RANDOM * RANDOM % 20000 + 1))
	off=$((RANDOM * RANDOM % (SIZE - len)))
	dd if="$T/data" of="$REF" bs=$len count=1 conv=notrunc status=none \
		iflag=fullblock oflag=seek_bytes seek=$off
	run dd if="$T/data" of="$V" bs=$len count=1 conv=notrunc \
		iflag=fullblock oflag=seek_bytes,direct seek=$off
	((RC == 0)) || { bad=$((bad + 1)); diag "$off+$len: $ERR"; }
done
is $bad 0 "60 unaligned direct writes"
run cmp "$REF" "$V"
is "$RC$OUT" 0 "the volume is as the reference"
run cmp "$REF" "$T/v1.img"
is "$RC$OUT" 0 "and the disk"

# 8 writers share every sector: writer i owns the bytes i, i + 8, ... of
# blocks of 100 bytes.
pids=()
for w in {0..7}; do
	tr '\0' "$w" </dev/zero 2>/dev/null | head -c 12800 >"$T/w$w"
	background "$T/w$w.log" bash -c 'for ((b = 0; b < 128; b++)); do
		dd if="$1" of="$2" bs=100 count=1 conv=notrunc status=none \
			oflag=seek_bytes,direct seek=$((b * 800 + $3 * 100)) ||
			exit 1
	done' writer "$T/w$w" "$V" "$w"
	pids+=("$BG")
done
bad=0
for p in "${pids[@]}"; do
	reap "$p"
	((RC == 0)) || bad=$((bad + 1))
done
is $bad 0 "8 writers of shared sectors end well"
for ((b = 0; b < 128; b++)); do
	for w in {0..7}; do
		head -c 100 "$T/w$w"
	done
done >"$T/expected"
run dd if="$V" of="$T/got" bs=102400 count=1 iflag=direct
run cmp "$T/got" "$T/expected"
is "$RC$OUT" 0 "and none has lost a byte to another"

run fio --name=unaligned --filename="$V" --size=$SIZE --rw=randwrite \
	--bsrange=1000-12000 --bs_unaligned --ioengine=psync --direct=1 \
	--verify=crc32c --verify_fatal=1 --randseed="$SEED" --allrandrepeat=1 \
	--minimal
is "$RC" 0 "fio verifies unaligned direct writes" || diag "$OUT $ERR"
is "$(get v1/state)" optimal "no path has suffered from any of it"
finish
