#!/bin/bash
# SPDX-License-Identifier: MIT
#
# dd on the volume, against a reference file to which the same was done: what
# is read, what is written, where both end.
. "$(dirname "$0")/lib.sh"
need root
echo "# SEED=$SEED"

SIZE=$((8 * 1048576))
add_volume v1 $SIZE p1 p2 -- path_grouping_policy=multibus
start
V=$MNT/v1/volume
REF=$T/reference
random_file "$REF" $SIZE
random_file "$T/data" $((2 * 1048576 + 777))

# What the page cache holds of the volume must not hide what is on the disk.
same()
{
	run cmp "$REF" "$V"
	is "$RC$OUT" 0 "$1: the volume reads as the reference"
	sync "$V"
	run cmp "$REF" "$T/v1.img"
	is "$RC$OUT" 0 "$1: so does the disk itself"
}

is "$(stat -c %s "$V")" $SIZE "the volume's size is the disk's"
is "$(stat -c %F "$V")" "regular file" "the volume is a regular file"

run dd if="$REF" of="$V" bs=1M conv=fsync
is "$RC" 0 "dd writes all of it (O_TRUNC, page cache)"
is "$(stat -c %s "$V")" $SIZE "O_TRUNC left the size alone"
same "buffered write"

# write OFLAGS BS SEEK COUNT: of the same data into both
write()
{
	local o=$1 bs=$2 seek=$3 count=$4

	dd if="$T/data" of="$REF" bs="$bs" seek="$seek" count="$count" \
		conv=notrunc iflag=fullblock status=none
	run dd if="$T/data" of="$V" bs="$bs" seek="$seek" count="$count" \
		iflag=fullblock ${o:+oflag="$o"}
	ok "$RC" "dd bs=$bs seek=$seek count=$count oflag=$o" || diag "$ERR"
}

write "" 4096 7 100
write direct 4096 301 100
write direct 1M 3 2
write "" 512 13 1001
write direct 512 1013 101
write "" 777 11 1000
write direct 1000 1717 33
write direct 1536 1777 5
write "" 65537 41 17
write direct 65537 51 13
write "" 1 1048575 3
write direct 1 4194303 3
write dsync 10000 77 9
same "odd writes"

# read IFLAGS BS SKIP COUNT
read_back()
{
	local i=$1 bs=$2 skip=$3 count=$4 want

	want=$(dd if="$REF" bs="$bs" skip="$skip" count="$count" status=none |
		md5sum)
	run bash -o pipefail -c "dd if='$V' bs=$bs skip=$skip count=$count \
		${i:+iflag=$i} status=none | md5sum"
	is "$RC $OUT" "0 $want" "read bs=$bs skip=$skip count=$count iflag=$i"
}

for flag in "" direct; do
	read_back "$flag" 4096 0 2048
	read_back "$flag" 1M 1 4
	read_back "$flag" 4M 0 2
	read_back "$flag" 512 77 55
	read_back "$flag" 777 1003 500
	read_back "$flag" 1 524287 5
	read_back "$flag" 100001 5 40
	read_back "$flag" 4096 2047 3
	read_back "$flag" 1M 8 1
	read_back "$flag" 1M 100 1
done

run dd if="$V" bs=4096 iflag=direct of="$T/copy"
is "$RC" 0 "dd reads to the end"
run cmp "$T/copy" "$REF"
is "$RC$OUT" 0 "and gets all of it, no byte more"

# Past the end there is no space, as on a block device. fsync, as what close
# would tell can be told to another who closes it: the reader of the partition
# table.
for flag in "" oflag=direct; do
	run dd if="$T/data" of="$V" bs=4096 seek=2048 count=1 \
		conv=notrunc,fsync ${flag:+"$flag"}
	isnt "$RC" 0 "a write at the end is refused ($flag)"
	like "$ERR" "No space left" "with ENOSPC ($flag)"
	run dd if="$T/data" of="$V" bs=1M seek=100 count=1 conv=notrunc,fsync \
		${flag:+"$flag"}
	like "$ERR" "No space left" "a write far past it: ENOSPC ($flag)"
done
run dd if="$T/data" of="$V" bs=4096 seek=2047 count=2 iflag=fullblock conv=fsync
isnt "$RC" 0 "a write over the end fails"
like "$ERR" "No space left" "with ENOSPC"
dd if="$T/data" of="$REF" bs=4096 seek=2047 count=1 conv=notrunc status=none
same "the end"

run truncate -s 4096 "$V"
is "$RC" 0 "ftruncate to less succeeds"
run truncate -s 1G "$V"
is "$RC" 0 "ftruncate to more succeeds"
is "$(stat -c %s "$V")" $SIZE "and neither changes the size"
same "after truncate"

run fallocate --punch-hole -o 1M -l 1M "$V"
is "$RC" 0 "fallocate punches a hole"
run fallocate --zero-range -o 4099 -l 10001 "$V"
is "$RC" 0 "fallocate zeroes an odd range"
dd if=/dev/zero of="$REF" bs=1M seek=1 count=1 conv=notrunc status=none
dd if=/dev/zero of="$REF" bs=1 seek=4099 count=10001 conv=notrunc status=none
same "fallocate"
run fallocate -o 0 -l 64M "$V"
isnt "$RC" 0 "fallocate past the end is refused"
is "$(stat -c %s "$V")" $SIZE "and the size is what it was"

# Somebody else's `>` does not take what is not written back yet.
random_file "$T/fresh" 300000
dd if="$T/fresh" of="$REF" conv=notrunc status=none
run bash -c 'dd if="$1" of="$2" conv=notrunc status=none; : >"$2"' trunc \
	"$T/fresh" "$V"
is "$RC" 0 "O_TRUNC after a buffered write"
same "O_TRUNC"

run sync -d "$V"
is "$RC" 0 "fdatasync"
run sync "$V"
is "$RC" 0 "fsync"
is "$(get v1/state)" optimal "no path has suffered from any of it"
finish
