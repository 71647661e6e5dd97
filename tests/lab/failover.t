#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Explicit ALUA: one group optimized, the other standby, where the array serves
# no I/O. Each time that the active group's links die, mpathfs makes the other
# group ready by an STPG, with the I/O held meanwhile: fio, which writes and
# verifies all the time, sees no error. LAB_ALL=1: 50 times; else 6.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lio.sh"

ROUNDS=6
[[ -z ${LAB_ALL:-} ]] || ROUNDS=50

active_group()
{
	local state

	read -r state <"$MNT/lun/groups/$1/state"
	[[ $state == active ]]
}

# How many I/Os the disks of path $1 and $2 have completed.
ios_of()
{
	echo $(($(completed_ios "$(disk_of "$1")") +
		$(completed_ios "$(disk_of "$2")")))
}

more_ios()
{
	(($(ios_of "$1" "$2") >= $3))
}

is_state()
{
	[[ $(lio_state_of "$1") == "$2" ]]
}

path_is()
{
	[[ $(get "lun/paths/$(disk_of "$1")/$2") == "$3" ]]
}

lio_array 64M both
for p in 1 2; do
	lio_path $p 1
	lio_path $((p + 2)) 2
done
lio_settle
lio_state 2 standby

# The kernel's own handler is below: it refuses all I/O to a standby path.
is "$(cat "/sys/block/$(disk_of 3)/device/dh_state")" alua \
	"the kernel has its handler on the path"
echo 1 >"/sys/block/$(disk_of 3)/device/rescan"
wait_for grep -qx standby "/sys/block/$(disk_of 3)/device/access_state"
ok $? "the kernel sees that the group is standby"
run dd if="/dev/$(disk_of 3)" of=/dev/null bs=4k count=1 iflag=direct
isnt "$RC" 0 "a read of a standby path fails"

config <<END
[defaults]
polling_interval = 1
max_polling_interval = 1
[overrides]
path_grouping_policy = group_by_tpg
path_checker = tur
failback = manual
no_path_retry = queue
[multipath $LIO_WWID]
alias = lun
END
start
wait_for path_is 3 checker_state ghost
ok $? "the standby path is a ghost"
wait_for path_is 1 checker_state ready
ok $? "the other is ready"
settle
is "$(lio_state_of 2)" standby "to look at a path does not activate its group"

background "$T/fio.log" fio --name=failover --filename="$MNT/lun/volume" \
	--size=48M --bs=16k --rw=randwrite --direct=1 --ioengine=libaio \
	--iodepth=8 --verify=crc32c --verify_backlog=256 --verify_fatal=1 \
	--randseed="$SEED" --loops=100000 --rate_iops=400
fio=$BG
echo "# seed $SEED"
wait_for more_ios 1 2 100 || bail "fio does not begin: $(<"$T/fio.log")"

# a: the paths of the group that serves; b: those of the one that is to.
a=(1 2) b=(3 4) ga=1 gb=2
good=0
for ((round = 1; round <= ROUNDS; round++)); do
	for p in "${a[@]}"; do
		lio_link "$p" offline
	done
	wait_for is_state $gb optimized ||
		bail "round $round: no STPG: $(get status)"
	wait_for more_ios "${b[@]}" $(($(ios_of "${b[@]}") + 50)) ||
		bail "round $round: no I/O on group $gb: $(get status)"
	# the array's other controller comes back, as standby
	lio_state $ga standby
	for p in "${a[@]}"; do
		lio_link "$p" online
	done
	for p in "${a[@]}"; do
		wait_for path_is "$p" checker_state ghost ||
			bail "round $round: path $p: $(get status)"
	done
	! is_dead "$fio" || break
	good=$((good + 1))
	p=$ga ga=$gb gb=$p
	p=("${a[@]}") a=("${b[@]}") b=("${p[@]}")
done
is "$good" "$ROUNDS" "failovers to a standby group"
! is_dead "$fio"
ok $? "fio, which ends with its first error, still runs"
kill -INT "$fio"
reap "$fio"
like "$(<"$T/fio.log")" "err= 0:" "it has seen none, and no wrong data"
stats=$(get lun/stats)
diag "$stats"
like "$stats" "activations=[1-9]" "paths were activated"
stop
is "$RC" 0 "the daemon ends with status 0"
lio_gone
finish
