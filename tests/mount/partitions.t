#!/bin/bash
# SPDX-License-Identifier: MIT
#
# VOLUME/partitions: which files there are for which table, what they hold,
# what becomes of those that are open when the table changes, and I/O on one
# through crashes of the worker.
. "$(dirname "$0")/lib.sh"
need root sfdisk
echo "# SEED=$SEED"

MIB=1048576
SECTORS=$((128 * 2048)) # of v1
config <<<$'[defaults]\npartition_delimiter = -part'
add_volume v1 $((128 * MIB)) p1 p2 -- path_grouping_policy=multibus
add_volume v2 $((64 * MIB)) q1 q2
add_volume v3 $((16 * MIB)) r1 -- skip_kpartx=yes
start
V=$MNT/v1/volume
PARTS=$MNT/v1/partitions

# sfdisk_on FILE: the script on stdin; without its own locks and re-reads.
sfdisk_on()
{
	run sfdisk -q --wipe never --no-tell-kernel "$1"
	is "$RC" 0 "sfdisk writes a table" || diag "$ERR"
}

# reread VOLUME: what the table says is there when the write returns.
reread()
{
	put "$1/control" reread-partitions
	is "$RC" 0 "$1: reread-partitions"
}

# numbers VOLUME: the names, in order, on one line.
numbers()
{
	find "$MNT/$1/partitions" -type f -printf '%f\n' | sort -n |
		paste -sd ' '
}

# sizes VOLUME: in sectors of 512.
sizes()
{
	local n

	for n in $(numbers "$1"); do
		echo "$n:$(($(stat -c %s "$MNT/$1/partitions/$n") / 512))"
	done | paste -sd ' '
}

# expected VOLUME: the same, as sfdisk sees it.
expected()
{
	sfdisk -J "$MNT/$1/volume" | jq -r '.partitiontable.partitions[] |
		"\(.node | sub(".*volume"; "")):\(.size)"' | paste -sd ' '
}

# ---- a GPT with 12 partitions ----

is "$(numbers v1)" "" "no table, no files"
sfdisk_on "$V" < <(
	echo "label: gpt"
	for i in {1..12}; do
		echo "size=$((i + 1))MiB, name=\"part $i\""
	done)
line=$(wait_event partitions-changed)
like "$line" '"cause":"gpt"' "the table is read when it has been written"
like "$line" 'appeared: 1 2 3 4 5 6 7 8 9 10 11 12"' "12 files appear"
is "$(numbers v1)" "1 2 3 4 5 6 7 8 9 10 11 12" "by their numbers"
is "$(sizes v1)" "$(expected v1)" "with their sizes"
is "$(stat -c '%F %a %U %G' "$PARTS/3")" "$(stat -c '%F %a %U %G' "$V")" \
	"a partition has the type, the mode and the owner of the volume"
is "$(get v1/status.json | jq -c '.map.mpathfs |
	[.partition_table, (.partitions | length), .partitions[2].name,
	 .partitions[2].size]')" \
	"[\"gpt\",12,\"part 3\",$((4 * MIB))]" "status.json has them"
run mkdir "$PARTS/13"
isnt "$RC" 0 "nobody makes a partition by mkdir"

# start_of VOLUME N: in bytes.
start_of()
{
	get "$1/status.json" |
		jq ".map.mpathfs.partitions[] | select(.number == $2).start"
}

# through VOLUME N: the partition and that part of the volume are the same.
through()
{
	local start size

	start=$(start_of "$1" "$2")
	size=$(stat -c %s "$MNT/$1/partitions/$2")
	run cmp <(dd if="$MNT/$1/volume" iflag=direct,skip_bytes,count_bytes \
		skip="$start" count="$size" bs=1M status=none) \
		<(dd if="$MNT/$1/partitions/$2" iflag=direct bs=1M status=none)
	is "$RC$OUT" 0 "$1: partition $2 is that part of the volume"
}

random_file "$T/data" $((4 * MIB))
for i in {1..12}; do
	run dd if="$T/data" of="$PARTS/$i" bs=1M oflag=direct count=2
	is "$RC" 0 "O_DIRECT write to partition $i"
done
for i in {1..12}; do
	through v1 "$i"
done
random_file "$T/other" $((4 * MIB))
run dd if="$T/other" of="$V" bs=64k oflag=direct,seek_bytes conv=notrunc \
	seek="$(start_of v1 3)"
is "$RC" 0 "O_DIRECT write to the volume"
run cmp "$T/other" "$PARTS/3"
is "$RC$OUT" 0 "partition 3 reads as what was written there"

# ---- a partition is a volume's file in all else ----

P=$PARTS/3
REF=$T/reference
cp "$T/other" "$REF"
SIZE=$(stat -c %s "$P")
run dd if="$T/data" of="$P" bs=777 count=1000 seek=11 conv=fsync
is "$RC" 0 "a buffered write at odd offsets, with O_TRUNC"
dd if="$T/data" of="$REF" bs=777 count=1000 seek=11 conv=notrunc status=none
run dd if="$T/data" of="$P" bs=1000 count=33 seek=1717 oflag=direct conv=notrunc
is "$RC" 0 "a direct write of parts of sectors"
dd if="$T/data" of="$REF" bs=1000 count=33 seek=1717 conv=notrunc status=none
run truncate -s 4096 "$P"
is "$RC $(stat -c %s "$P")" "0 $SIZE" "ftruncate changes nothing"
run fallocate --punch-hole -o 1M -l 1M "$P"
is "$RC" 0 "fallocate punches a hole"
run fallocate --zero-range -o 4099 -l 10001 "$P"
is "$RC" 0 "fallocate zeroes an odd range"
dd if=/dev/zero of="$REF" bs=1M seek=1 count=1 conv=notrunc status=none
dd if=/dev/zero of="$REF" bs=1 seek=4099 count=10001 conv=notrunc status=none
run sync "$P"
is "$RC" 0 "fsync"
run cmp "$REF" "$P"
is "$RC$OUT" 0 "it reads as the reference"
through v1 3
cp "$V" "$T/before"
for flag in "" oflag=direct; do
	run dd if="$T/data" of="$P" bs=4096 seek=$((SIZE / 4096)) count=1 \
		conv=notrunc ${flag:+"$flag"}
	isnt "$RC" 0 "a write at its end is refused ($flag)"
	like "$ERR" "No space left" "with ENOSPC ($flag)"
done
has_size()
{
	[[ $(stat -c %s "$1") == "$2" ]]
}
wait_for has_size "$P" "$SIZE"
ok $? "and its size is soon what it was"
run cmp "$V" "$T/before"
is "$RC$OUT" 0 "the next partition has not been written to"
run dd if="$P" of=/dev/null bs=1M skip=100
is "$RC" 0 "a read past the end gets nothing"
chmod 600 "$P"
is "$(stat -c %a "$V")" 600 "the mode is the volume's"
chmod 660 "$V"

# ---- gaps; open files when the table changes ----

exec {OPEN4}<>"$PARTS/4" {OPEN6}<>"$PARTS/6"
ino3=$(stat -c %i "$PARTS/3")
dd if="$T/data" of="$PARTS/4" bs=1M count=4 conv=notrunc,fsync status=none
run md5sum "$PARTS/6"
sum6=${OUT%% *}
mark_events
run sfdisk -q --no-tell-kernel --delete "$V" 4 7 12
is "$RC" 0 "sfdisk deletes three"
line=$(wait_event partitions-changed)
like "$line" '"vanished: 4 7 12"' "they vanish"
is "$(numbers v1)" "1 2 3 5 6 8 9 10 11" "the others keep their numbers"
is "$(stat -c %i "$PARTS/3")" "$ino3" "and their inodes"
run stat "$PARTS/4"
isnt "$RC" 0 "there is no file 4"
run cmp -n $((4 * MIB)) "$T/data" /proc/self/fd/$OPEN4
is "$RC$OUT" 0 "who has it open has all that is in it"
run cmp -n $((4 * MIB)) "$T/data" <(dd if="$V" bs=1M status=none \
	iflag=direct,skip_bytes skip=$((10 * MIB)))
is "$RC$OUT" 0 "which is where it was on the volume"

# 6 gets another place, 4 comes again where it was, 3 grows no longer fits.
mark_events
start6=$(($(start_of v1 6) / 512))
sfdisk -d "$V" >"$T/dump"
sed -i "/volume6 /s/start= *[0-9]*/start= $((start6 + 2048))/
	/volume6 /s/size= *[0-9]*/size= $((5 * 2048))/" "$T/dump"
sfdisk_on "$V" <"$T/dump"
line=$(wait_event partitions-changed)
like "$line" '"moved: 6"' "a partition that moved is told"
is "$(md5sum </proc/self/fd/$OPEN6 | cut -d' ' -f1)" "$sum6" \
	"who has it open has the old place"
through v1 6
isnt "$(stat -L -c %s /proc/self/fd/$OPEN6)" "$(stat -c %s "$PARTS/6")" \
	"with the old size"
is "$(stat -L -c %i /proc/self/fd/$OPEN6)" "$(stat -c %i "$PARTS/6")" \
	"the inode number says which partition it is"
exec {OPEN6}>&- {OPEN4}>&-

# The last one grows while it is open: as when a disk is enlarged.
mark_events
exec {OPEN}<>"$PARTS/11"
was=$(stat -L -c %s /proc/self/fd/$OPEN)
run sfdisk -q --wipe never --no-tell-kernel -N 11 "$V" <<<",$((was / 512 - 2048))"
wait_event '"resized: 11"' >/dev/null
ok $? "a partition that shrinks is told"
wait_for has_size "$PARTS/11" $((was - MIB))
ok $? "its file has the new size"
is "$(stat -L -c %s /proc/self/fd/$OPEN)" $((was - MIB)) "so has who has it open"
run sfdisk -q --wipe never --no-tell-kernel -N 11 "$V" <<<",$((was / 512))"
wait_event '"resized: 11".*' >/dev/null
wait_for has_size "$PARTS/11" "$was"
ok $? "and when it grows"
exec {OPEN}>&-

# ---- DOS, with logical ones ----

mark_events
sfdisk_on "$MNT/v2/volume" <<'EOF'
label: dos
size=8MiB, type=83
size=4MiB, type=82
size=40MiB, type=5
size=2MiB, type=83
size=3MiB, type=83
size=5MiB, type=83
size=7MiB, type=83
EOF
line=$(wait_event '"partitions-changed","volume":"v2"|"volume":"v2".*partitions-changed')
like "$line" '"cause":"dos"' "a DOS table"
is "$(numbers v2)" "1 2 3 4 5 6 7" "primary and logical ones" ||
	diag "$(sfdisk -d "$MNT/v2/volume")"
is "$(sizes v2)" "$(expected v2 | sed 's/\(3\):[0-9]*/\1:2/')" \
	"the container has two sectors, all others their size"
for i in 1 2 4 5 6 7; do
	dd if="$T/data" of="$MNT/v2/partitions/$i" bs=1M count=1 conv=notrunc \
		oflag=direct status=none
done
for i in 1 2 3 4 5 6 7; do
	through v2 $i
done

# ---- tables that nobody would make ----

# entry SECTOR N TYPE START SIZE: entry N, 0 to 3, of the DOS table that is in
# a sector of v2; all in sectors.
entry()
{
	perl -e '
		my ($file, $sector, $n, $type, $start, $size) = @ARGV;
		open(my $f, "+<", $file) or die "$file: $!";
		seek($f, $sector * 512 + 446 + $n * 16, 0);
		print $f pack("x4Cx3VV", hex($type), $start, $size);
		seek($f, $sector * 512 + 510, 0);
		print $f "\x55\xaa";
		close($f) or die "$file: $!"' "$MNT/v2/volume" "$@" ||
		bail "entry $*"
}

# unread VOLUME CAUSE NUMBERS: it cannot be read for that reason, which has
# been told since the mark, and the files stay as they were.
unread()
{
	put "$1/control" reread-partitions
	like "$ERR" "Input/output error" "$1: reread-partitions fails"
	like "$(wait_event '"partitions-unread"')" "$2" "events say: $2"
	is "$(numbers "$1")" "$3" "the files stay as they are"
}

V2_TABLE=$T/v2.first
dd if="$MNT/v2/volume" of="$V2_TABLE" bs=512 count=1 iflag=direct status=none

# Containers that lead to each other.
dd if=/dev/zero of="$MNT/v2/volume" bs=512 count=1 conv=notrunc,fsync status=none
entry 0 0 83 2048 2048
entry 0 1 05 8192 65536
entry 8192 0 83 2048 4096
entry 8192 1 05 16384 8192
entry 24576 0 83 2048 1024
entry 24576 1 05 0 65536
reread v2
is "$(sizes v2)" "1:2048 2:2 5:4096 6:1024" \
	"a chain that leads back to its begin ends there"
through v2 6

# A logical one over the end, and one beyond it.
mark_events
entry 24576 0 83 2048 900000
entry 24576 1 05 900000 65536
reread v2
is "$(sizes v2)" "1:2048 2:2 5:4096 6:$((131072 - 26624))" \
	"a logical partition is cut at the end of the volume"
like "$(wait_event '"partitions-cut"')" '"1 reach' "and an event says so"

# Swap, in which another kind of table may be, over the end.
mark_events
entry 0 0 82 2048 900000
unread v2 "libblkid gives up on a table that contradicts itself" "1 2 5 6"
dd if="$V2_TABLE" of="$MNT/v2/volume" bs=512 count=1 conv=notrunc,fsync status=none
reread v2
like "$(numbers v2)" "^1 2 3 4" "another one is read again"

# ---- damage ----

mark_events
dd if=/dev/urandom of="$V" bs=512 seek=1 count=1 conv=notrunc,fsync status=none
reread v1
is "$(numbers v1)" "1 2 3 5 6 8 9 10 11" \
	"without its first header the GPT is read from the end"
mark_events
dd if=/dev/urandom of="$V" bs=512 seek=$((SECTORS - 1)) count=1 \
	conv=notrunc,fsync status=none
unread v1 "a GPT of which neither header is right" "1 2 3 5 6 8 9 10 11"
dd if=/dev/zero of="$V" bs=1M count=1 conv=notrunc,fsync status=none
dd if=/dev/zero of="$V" bs=512 seek=$((SECTORS - 33)) count=33 \
	conv=notrunc,fsync status=none
reread v1
is "$(numbers v1)" "" "no table, no files"
line=$(wait_event '"vanished: 1 2 3 5 6 8 9 10 11"')
like "$line" '"no table"' "and an event says so"
dd if=/dev/urandom of="$V" bs=1M count=8 conv=notrunc,fsync status=none
printf '\x55\xaa' | dd of="$V" bs=1 seek=510 conv=notrunc,fsync status=none
reread v1
is "$(get v1/state)" optimal "garbage is no harm"

# A table from a larger disk.
truncate -s 256M "$T/large"
sfdisk -q --no-tell-kernel "$T/large" <<'EOF'
label: dos
start=2048, size=8MiB
start=40960, size=160MiB
start=400000, size=4MiB
EOF
mark_events
dd if="$T/large" of="$V" bs=1M count=1 conv=notrunc,fsync status=none
reread v1
is "$(numbers v1)" "1 2" "a partition beyond the end is not there"
is "$(sizes v1)" "1:16384 2:$((SECTORS - 40960))" "one over the end is cut"
like "$(wait_event '"partitions-cut"')" '"2 reach' "and an event counts both"
run dd if="$T/data" of="$PARTS/2" bs=4096 seek=$(((SECTORS - 40960) / 8)) \
	count=1 oflag=direct conv=notrunc
like "$ERR" "No space left" "and has no byte more"
sfdisk -q --no-tell-kernel --wipe always "$T/large" <<<$'label: gpt\nsize=8MiB'
cp "$V" "$T/before"
mark_events
dd if="$T/large" of="$V" bs=1M count=1 conv=notrunc,fsync status=none
unread v1 "or of a larger disk" "1 2"
dd if="$T/before" of="$V" bs=1M count=1 conv=notrunc,fsync status=none
reread v1
is "$(numbers v1)" "1 2" "the table from before is read again"

# ---- names with a delimiter ----

run readlink "$PARTS/v1-part1"
is "$OUT" 1 "partition_delimiter: a link by the name that kpartx gives"
is "$(find "$PARTS" -type l -printf '%f>%l ')" \
	"$(for n in $(numbers v1); do printf 'v1-part%s>%s ' "$n" "$n"; done)" \
	"one for each partition"
run cmp -n 65536 "$PARTS/v1-part2" "$PARTS/2"
is "$RC$OUT" 0 "which leads there"

# ---- skip_kpartx ----

sfdisk_on "$MNT/v3/volume" <<<'label: dos
size=4MiB'
is "$(numbers v3)" "" "skip_kpartx: no files"
put v3/control reread-partitions
isnt "$RC" 0 "and nothing to be read again"

# ---- as disks ----

sfdisk_on "$V" < <(
	echo "label: gpt"
	printf 'size=12MiB\n%.0s' 1 2 3)
reread v1
is "$(numbers v1)" "1 2 3" "three partitions"
background "$T/rewrite" fio --name=rewrite --filename="$PARTS/2" --rw=randwrite \
	--bs=4k-64k --bs_unaligned=0 --size=12M --direct=1 --ioengine=libaio \
	--iodepth=8 --time_based --runtime=600
REWRITER=$BG
wait_io "${DEV[p1]}" 500
ok $? "partition 2 is rewritten"
run mkfs.ext4 -q "$PARTS/1"
is "$RC" 0 "mkfs.ext4 on 1 meanwhile"
loop LOOP1 "$PARTS/1" --direct-io=on
mount_ext4 "$LOOP1" "$T/fs"
cp "$T/data" "$T/fs/data"
wait_io "${DEV[p1]}" 500
! is_dead "$REWRITER"
ok $? "it still is when 1 is mounted by losetup"
for i in 1 2 3; do
	sfdisk -q --no-tell-kernel --delete "$V" 3
	reread v1
	is "$(numbers v1)" "1 2" "3 is gone while 1 is mounted and 2 is written"
	sfdisk -q --wipe never --no-tell-kernel -a "$V" <<<"size=$((i + 2))MiB"
	reread v1
	is "$(numbers v1)" "1 2 3" "and is there again"
	wait_for has_size "$PARTS/3" $(((i + 2) * MIB))
	ok $? "with its new size"
done
sync -f "$T/fs"
run cmp "$T/data" "$T/fs/data"
is "$RC$OUT" 0 "the file system has what was written to it"
is_dead "$REWRITER"
is $? 1 "who writes to 2 goes on"
kill "$REWRITER"
reap "$REWRITER"
umount_ext4 "$T/fs"
unloop "$LOOP1"
run fsck.ext4 -fn "$PARTS/1"
is "$RC" 0 "and is clean" || diag "$OUT"

# ---- crashes ----

if ! printf "%s\n" 6.9 "$(uname -r)" | sort -CV; then
	skip "needs a kernel with resend (6.9)" 4
	finish
fi
ino=$(stat -c '%i' "$PARTS"/[12] | paste -sd ' ')
sync "$PARTS/1" # what the file system wrote last may be in the page cache
dd if="$PARTS/1" of="$T/outside" iflag=direct status=none
background "$T/fio" fio --name=verify --filename="$PARTS/2" --rw=randwrite \
	--bs=4k --size=12M --direct=1 --ioengine=libaio --iodepth=32 \
	--loops=20 --verify=crc32c --verify_fatal=1 --do_verify=1 \
	--output="$T/fio.out"
FIO=$BG
kills=0
while ! is_dead "$FIO" && ((kills < 12)); do
	wait_io "${DEV[p1]}" 500
	if ((kills % 2)); then
		sfdisk -q --wipe never --no-tell-kernel -a "$V" <<<"size=9MiB"
	else
		sfdisk -q --no-tell-kernel --delete "$V" 3
	fi
	kill_worker
	((++kills))
done
((kills % 2)) &&
	sfdisk -q --wipe never --no-tell-kernel -a "$V" <<<"size=9MiB"
ok $((kills < 3)) "$kills kills of the worker while partition 2 is written"
reap "$FIO"
is "$RC" 0 "no error, and all that was written is there" || diag "$(<"$T/fio.out")"
is "$(stat -c '%i' "$PARTS"/[12] | paste -sd ' ')" "$ino" "the same inodes"
run cmp "$T/outside" <(dd if="$PARTS/1" bs=1M iflag=direct status=none)
is "$RC$OUT" 0 "nothing went to another partition"
reread v1
is "$(numbers v1)" "1 2 3" "the next worker reads tables, too"
is "$(stat -c %s "$PARTS/3")" $((9 * MIB)) "as they are"

# Whoever reads the table now does not keep the mount from going.
dd if="$T/data" of="$V" bs=1M count=1 seek=100 conv=notrunc status=none
finish
