#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What disks answer when something is wrong, by scsi_debug, on two paths: an
# error of the medium reaches the caller as ENODATA and fails no path; aborted
# commands, unit attentions, BUSY and commands that get lost are the kernel's to
# retry and fail none either; a fault on every path holds the I/O until it is
# over. A fio that writes and verifies runs through all of it but the first.
. "$(dirname "$0")/lib.sh"

DEBUG=/sys/bus/pseudo/drivers/scsi_debug
MEDIUM=$((0x1234)) # the sector that scsi_debug cannot read when told so

# inject OPTS N: what happens to every Nth command of all disks.
inject()
{
	echo 0 >$DEBUG/every_nth
	echo "$1" >$DEBUG/opts
	echo "$2" >$DEBUG/every_nth
}

stat_of()
{
	get sdebug/stats | sed -n "s/^$1=//p"
}

more_writes()
{
	(($(stat_of writes) >= $1))
}

no_path_failed()
{
	local d

	for d in "${disks[@]}"; do
		# one that is slow has not failed
		[[ $(get "sdebug/paths/$d/state") =~ ^(active|stalled)$ ]] ||
			return
	done
	[[ $(stat_of path_faults) == "$faults" ]]
}

# goes_on WHAT: fio writes on, and no path has been blamed.
goes_on()
{
	wait_for more_writes $(($(stat_of writes) + ${2:-300}))
	ok $? "I/O goes on: $1"
	no_path_failed
	ok $? "and no path has failed" || diag "$(get status)
$(events | tail -n 20)"
	inject 0 0
	faults=$(stat_of path_faults)
}

load scsi_debug dev_size_mb=64 add_host=2 vpd_use_hostno=0
settle
mapfile -t disks < <(scsi_disks scsi_debug)
wwid=$(udevadm info -q property --property=ID_SERIAL --value "/dev/${disks[0]}")
# As a read, which the kernel tries again as it does others. A TEST UNIT READY
# that is aborted is a path that is down, to multipathd; here it is sent again,
# but not as often.
config <<END
[defaults]
polling_interval = 1
max_polling_interval = 1
[overrides]
detect_checker = no
path_checker = directio
no_path_retry = queue
[multipath $wwid]
alias = sdebug
END
start
for d in "${disks[@]}"; do
	wait_state sdebug "$d" active
done
faults=$(stat_of path_faults)

# ---- the medium ----
inject 2 0
for d in "/dev/${disks[0]}" "$MNT/sdebug/volume"; do
	run dd if="$d" of=/dev/null bs=512 skip=$MEDIUM count=1 iflag=direct
	like "$ERR" "No data available" "a medium error is ENODATA: ${d##*/}"
done
no_path_failed
ok $? "and no path has failed" || diag "$(get status)"
run dd if="$MNT/sdebug/volume" of=/dev/null bs=512 skip=$((MEDIUM - 8)) \
	count=8 iflag=direct
is "$RC" 0 "the sectors before it can be read"
inject 0 0

# ---- what the kernel retries ----
background "$T/fio.log" fio --name=errors --filename="$MNT/sdebug/volume" \
	--size=32M --bs=16k --rw=randwrite --direct=1 --ioengine=libaio \
	--iodepth=8 --verify=crc32c --verify_backlog=256 --verify_fatal=1 \
	--randseed="$SEED" --loops=100000 --rate_iops=400
fio=$BG
echo "# seed $SEED"
goes_on "nothing is wrong yet"
inject 0x10 7
goes_on "every 7th command is aborted by the transport"
inject 0x400 7
goes_on "every 7th meets a full task set"
inject 0x8000 7
goes_on "the host is busy for every 7th"
inject 0x10000 50
goes_on "every 50th is aborted by the kernel"
for d in "${disks[@]}"; do
	echo 2 >"/sys/block/$d/device/timeout"
done
inject 4 500
goes_on "every 500th gets lost, and times out" 1500
for d in "${disks[@]}"; do
	run sg_reset --device "/dev/$d"
done
goes_on "unit attention: device reset"

# ---- what nothing helps against ----
inject 0x10 1
wait_value sdebug/state queueing
ok $? "every command is aborted: no path is left, and I/O waits"
! is_dead "$fio"
ok $? "fio waits"
inject 0 0
for d in "${disks[@]}"; do
	wait_state sdebug "$d" active
	ok $? "path $d comes back"
done
faults=$(stat_of path_faults)
goes_on "and what waited is served"

! is_dead "$fio"
ok $? "fio, which ends with its first error, still runs"
kill -INT "$fio"
reap "$fio"
like "$(<"$T/fio.log")" "err= 0:" "it has seen none, and no wrong data"
stop
is "$RC" 0 "the daemon ends with status 0"
unload scsi_debug
finish
