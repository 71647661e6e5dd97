#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each errno of a disk: an error of the path is tried on another one and fails
# the path; an error of the LUN reaches the caller as it is, and leaves the
# path alone.
. "$(dirname "$0")/lib.sh"
need root perl losetup blockdev

truncate -s 16M "$T/v1.img"
faulty p1 "$T/v1.img"
faulty p2 "$T/v1.img"
# Checks are asked for: a read fault meets the checker as well.
volume v1 p1 p2 -- polling_interval=1000 max_polling_interval=1000 \
	no_path_retry=fail
add_volume v2 16M b1 b2 -- polling_interval=1000 max_polling_interval=1000 \
	no_path_retry=queue
start
V=$MNT/v1/volume

# io read|write: one direct I/O of 4096 bytes; prints its errno's name or ok.
io()
{
	run perl -e 'use Errno; use Fcntl;
		sysopen(my $f, $ARGV[0], O_RDWR | O_DIRECT) or die "open: $!";
		my $buf = "\0" x 4096;
		my $n = $ARGV[1] eq "read" ? sysread($f, $buf, 4096)
			: syswrite($f, $buf, 4096);
		die "short: $n\n" if defined $n && $n != 4096;
		print defined $n ? "ok" : grep { $!{$_} } "EREMOTEIO", "EIO",
			"ENOSPC", "EOPNOTSUPP", "EBADE", "ENODATA", "EILSEQ";
		' "$V" "$1"
	echo "$OUT$ERR"
}

for e in ENOSPC EREMOTEIO EBADE ENODATA EILSEQ EOPNOTSUPP; do
	for op in read write; do
		fault p1 "$op $e"
		fault p2 "$op $e"
		is "$(io $op)" $e "$op: $e reaches the caller"
		is "$(get v1/paths/p1/state) $(get v1/paths/p2/state)" \
			"active active" "$op: $e leaves the paths alone"
		fault p1 none
		fault p2 none
		is "$(io $op)" ok "$op: and it is over with it"
	done
done

for e in EIO ETIMEDOUT ENOLINK ENODEV ENXIO; do
	for op in read write; do
		fault p1 "$op $e"
		is "$(io $op)" ok "$op: $e is not seen by the caller"
		is "$(get v1/paths/p1/state) $(get v1/paths/p2/state)" \
			"failed active" "$op: $e fails the path"
		fault p1 none
		path v1 p1 reinstate
		# the group as it was: p1 is to be tried first the next time
		put v1/control "switch-group 1"
	done
done

fault p1 "write EIO"
fault p2 "write EIO"
is "$(io write)" EIO "EIO on all paths, no_path_retry = fail: EIO"
is "$(get v1/state)" failed "the volume has failed"

# Disks become read-only, and the kernel says nothing of it.
exec {held}<>"$MNT/v2/volume"

# write_held: the same by the descriptor that is open; prints "ok" or a reason.
write_held()
{
	run bash -c 'dd if=/dev/zero bs=4096 count=1 oflag=direct \
		conv=notrunc status=none >&"$1"' write "$held"
	[[ $RC == 0 ]] && echo ok || echo "$ERR"
}

blockdev --setro "${DEV[b1]}" "${DEV[b2]}"
like "$(write_held)" "Read-only file system" \
	"a write to disks that are read-only fails"
is "$(get v2/paths/b1/state) $(get v2/paths/b2/state)" "active active" \
	"it leaves the paths alone"
unlike "$(events)" '"path-failed","volume":"v2"' "none has failed in between"
put v2/paths/b1/check 1
is "$(get v2/read_only)" 1 "a check notices it"
like "$(write_held)" "Read-only file system" "and it is answered the same"
blockdev --setrw "${DEV[b1]}" "${DEV[b2]}"
put v2/paths/b1/check 1
is "$(get v2/read_only)" 0 "and when that ends"
is "$(write_held)" ok "they can be written"
exec {held}>&-
finish
