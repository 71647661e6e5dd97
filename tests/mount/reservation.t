#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The files of a reservation, on devices that know none: what is refused and
# why, and that such a volume works all the same. On SCSI: tests/lab.
. "$(dirname "$0")/lib.sh"
need root

add_volume none 16M n1 n2
add_volume keyed 16M k1 k2 -- reservation_key=0x123abc
add_volume filed 16M f1 f2 -- reservation_key=file
start

is "$(get none/reservation/key)" none "no volume is registered by itself"
for v in keyed filed; do
	is "$(get $v/reservation/key)" none "nor is $v"
	is "$(get $v/state)" optimal "$v can be used"
	run dd if=/dev/urandom of="$MNT/$v/volume" bs=64k count=16 oflag=direct
	is "$RC" 0 "$v: I/O goes on"
done
wait_event '"reservation-failed".*"keyed".*neither a SCSI disk' >/dev/null
ok $? "an event tells that the devices know no reservations"

for f in keys holder type; do
	mark_events
	run cat "$MNT/none/reservation/$f"
	like "$ERR" 'not supported' "$f: EOPNOTSUPP"
	wait_event '"reservation-failed".*READ KEYS: neither' >/dev/null
	ok $? "$f: with the reason"
done

# refused FILE WORD ERROR REASON
refused()
{
	mark_events
	put "$1" "$2"
	isnt "$RC" 0 "$1 refuses '$2'"
	like "$ERR" "$3" "$1, '$2': $3"
	wait_event "\"(refused|reservation-failed)\".*$4" >/dev/null
	ok $? "$1, '$2': the reason is an event"
}

refused none/reservation/register 0x1 'not permitted' 'reservation_key is not set'
refused keyed/reservation/register 0x1 'Invalid argument' 'reservation_key is 0x123abc'
refused keyed/reservation/register one 'Invalid argument' 'hexadecimal'
refused keyed/reservation/register 0x123abc 'not supported' 'REGISTER: neither'
refused keyed/reservation/reserve 2 'Invalid argument' 'no type'
refused keyed/reservation/reserve 5 'Invalid exchange' 'not registered'
refused keyed/reservation/preempt 5 'Invalid argument' 'no type'
refused keyed/reservation/clear 1 'Invalid exchange' 'not registered'

# Of the file of keys nothing is left of what could not be registered.
refused filed/reservation/register 0x5 'not supported' 'REGISTER: neither'
is "$(grep -v '^#' "$STATE/prkeys")" "" "the file of keys has no key of it"
is "$(get filed/state)" optimal "no path has failed for it"

run cat "$MNT/none/reservation/register"
like "$ERR" 'Permission denied' "what is written cannot be read"
put none/reservation/keys x
isnt "$RC" 0 "what is read cannot be written"

# The next worker goes on.
kill_worker
is "$(get keyed/reservation/key)" none "the same after a crash"
run dd if=/dev/urandom of="$MNT/keyed/volume" bs=64k count=16 oflag=direct
is "$RC" 0 "I/O goes on after a crash"
stop
is "$RC" 0 "the daemon ends with status 0"
finish
