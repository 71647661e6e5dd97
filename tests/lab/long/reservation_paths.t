#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Paths of a volume that holds a reservation are deleted and found again, under
# load: path 1, the holder's, by the host, and path 2 by the array as well, which
# then knows nothing of it. The disk that comes back is a new one, and is
# registered before it takes I/O. No write fails, though another host may not
# write.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"
. "$(dirname "$0")/../links.sh"
. "$(dirname "$0")/../hosts.sh"
need jq fio sg_persist

ROUNDS=${LAB_ALL:+10}
: "${ROUNDS:=4}"

lio_array 64M implicit
for n in 1 2 4; do
	lio_path $n 1
done
lio_settle
config <<END
[defaults]
polling_interval = 1
max_polling_interval = 1
path_grouping_policy = multibus
path_selector = round-robin 0
no_path_retry = fail
reservation_key = 0xa
[blacklist]
devnode = ^$(disk_of 4)\$
[multipath $LIO_WWID]
alias = disk
END
start
wait_state disk "$(disk_of 1)" active
wait_state disk "$(disk_of 2)" active
ok $? "two paths, found"
does a register 0xa
does a reserve 5
is "$(keys)" "0xa 0xa" "both are registered"

# A host that is not registered: its write is refused.
intrude()
{
	run dd if=/dev/zero of="/dev/$(disk_of 4)" oflag=direct bs=64k count=1 \
		seek=1 status=none
}
intrude
like "$ERR" "Invalid exchange" "another host may not write"

is_unused()
{
	[[ ! -e $MNT/disk/paths/$1 ]]
}

# taken N, given N: its disk goes, and comes back. First the disk: to a LUN 0
# that it has no more, LIO answers with a LUN of zeroes.
taken()
{
	lio_delete "$1"
	(($1 == 1)) || lio_take "$1"
}

given()
{
	(($1 == 1)) || lio_give "$1"
	lio_rescan "$1"
}

load_begin "$MNT/disk/volume"
for ((i = 0; i < ROUNDS; i++)); do
	n=$((i % 2 + 1))
	gone=$(disk_of $n)
	wait_for load_goes_on "/dev/$gone" || bail "$gone has no I/O"
	taken $n
	wait_for is_unused "$gone" || bail "$gone is a path still"
	((n == 1)) || is "$(keys)" "0xa" "round $i: path $n is not registered"
	given $n
	wait_state disk "$(disk_of $n)" active || bail "$(get status)"
	wait_for load_goes_on "/dev/$(disk_of $n)" ||
		bail "$(disk_of $n) has no I/O: $(<"$T/load.err")$(get status)
$(get disk/reservation/keys)"
	is_registered $n 0xa
	ok $? "round $i: path $n is there again, registered, and used"
	is "$(keys)" "0xa 0xa" "both are registered"
done
load_end
is "$RC" 0 "no write has met a conflict"
is "$(reservation)" "0xa Write Exclusive, registrants only" \
	"the reservation is as it was"
intrude
like "$ERR" "Invalid exchange" "another host may still not write"
stop
is "$RC" 0 "the daemon ends with status 0"
lio_gone
finish
