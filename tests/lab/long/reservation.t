#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Persistent reservations on LIO: two hosts, of two paths each to one LUN, each
# with an mpathfs of its own (a, b). What one does, sg_persist and the other
# see; each fences the other, whose writes all fail with EBADE then, and none
# lands; and paths that come up are registered before they take I/O.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"

BLOCKS=64 # that are written, of 64 KiB

# ---- the LUN, as a third one sees it ----

# keys: those that are registered, in order; reservation: KEY TYPE, or none.
keys()
{
	sg_persist --in -k "/dev/$(disk_of 4)" 2>/dev/null |
		grep -oE '^ +0x[0-9a-f]+' | sort | tr -d ' ' | paste -sd' '
}

reservation()
{
	sg_persist --in -r "/dev/$(disk_of 4)" 2>/dev/null | awk '
		/Key=/ { sub(/.*Key=/, ""); key = $1 }
		/scope:/ { sub(/.*type: /, ""); print key, $0; found = 1 }
		END { if (!found) print "none" }'
}

# Does the path of that number have a registration, by its own word? A key in
# place of itself is taken where it is, and only there.
is_registered()
{
	sg_persist --out --register --param-rk="$2" --param-sark="$2" \
		"/dev/$(disk_of "$1")" &>/dev/null
}

# ---- the two hosts ----

# hosts KEY-OF-A KEY-OF-B: starts both daemons.
hosts()
{
	local n

	: >"$CONF"
	for n in 1 2; do
		# shellcheck disable=SC2034 # volume reads it
		DEV["p$n"]=/dev/$(disk_of $n)
		# shellcheck disable=SC2034
		DEV["p$((n + 2))"]=/dev/$(disk_of $((n + 2)))
	done
	volume disk p3 p4 -- reservation_key="$2" "${OPTIONS[@]}"
	mv "$CONF" "$T/b.conf"
	volume disk p1 p2 -- reservation_key="$1" "${OPTIONS[@]}"
	start
	start_b
}

OPTIONS=(path_grouping_policy=multibus "path_selector=round-robin 0"
	polling_interval=1 max_polling_interval=1 no_path_retry=fail)

start_b()
{
	mkdir -p "$T/b" "$T/b-state"
	"$MPATHFS" -c "$T/b.conf" --state-dir "$T/b-state" -f "$T/b" \
		</dev/null >>"$T/b.log" 2>&1 &
	BPID=$!
	MADE_PIDS+=("$BPID")
	wait_for is_mounted "$T/b" || bail "b does not start: $(<"$T/b.log")"
	wait_for host b answers || bail "b does not answer"
}

stop_b()
{
	umount "$T/b"
	wait_for is_dead "$BPID"
	ok $? "b ends"
}

# host a|b COMMAND...: get, put and the like, at that host's mount.
host()
{
	local MNT=$MNT

	[[ $1 == b ]] && MNT=$T/b
	shift
	"$@"
}

# Of whom it is asked: see host.
mount_point()
{
	echo "$MNT"
}

# says HOST FILE VALUE TEXT: a file of its reservation.
says()
{
	is "$(host "$1" get "disk/reservation/$2")" "$3" "$1: $2: $4"
}

# does HOST FILE WORDS: written, and done.
does()
{
	host "$1" put "disk/reservation/$2" "$3"
	is "$RC" 0 "$1: $2 $3" || diag "$ERR; $(host "$1" events | tail -n 5)"
}

# pattern LETTER: BLOCKS blocks of it.
pattern()
{
	head -c $((BLOCKS * 65536)) /dev/zero | tr '\0' "$1"
}

# Which letters are on the LUN, past all caches.
letters()
{
	dd if="/dev/$(disk_of 4)" iflag=direct bs=64k count="$BLOCKS" \
		status=none | fold -w 4096 | sort -u | cut -c1 | paste -sd' '
}

# writer HOST LETTER FILE: writes it to all blocks, again and again, until a
# write fails; what it was told is in $T/writer.HOST, and "ended" last.
writer()
{
	local host=$1 letter=$2 to=$3

	pattern "$letter" >"$T/$letter"
	while dd if="$T/$letter" of="$to" oflag=direct conv=notrunc bs=64k \
		status=none 2>"$T/writer.$host"; do
		echo >>"$T/rounds.$host"
	done
	echo ended >>"$T/writer.$host"
}

has_rounds()
{
	[[ -s $T/rounds.$1 && $(wc -l <"$T/rounds.$1") -ge 2 ]]
}

has_ended()
{
	[[ $(tail -n 1 "$T/writer.$1" 2>/dev/null) == ended ]]
}

# fences HOST LETTER OTHER KEY LETTER: HOST preempts OTHER while it writes.
fences()
{
	local to try failed=0

	to=$(host "$3" mount_point)/disk/volume
	rm -f "$T"/rounds.* "$T"/writer.*
	writer "$3" "$5" "$to" &
	MADE_PIDS+=($!)
	wait_for has_rounds "$3"
	ok $? "$3 writes"
	does "$1" preempt "$4 5"
	pattern "$2" >"$T/$2"
	run dd if="$T/$2" of="$(host "$1" mount_point)/disk/volume" \
		oflag=direct conv=notrunc bs=64k status=none
	is "$RC" 0 "$1 writes over it" || diag "$ERR"
	wait_for has_ended "$3"
	ok $? "$3's writer ends"
	like "$(<"$T/writer.$3")" "Invalid exchange" "with EBADE"
	for try in {1..20}; do
		run dd if="$T/$5" of="$to" oflag=direct conv=notrunc \
			bs=64k count=1 seek="$try" status=none
		[[ $RC != 0 && $ERR == *"Invalid exchange"* ]] &&
			failed=$((failed + 1))
	done
	is "$failed" 20 "twenty more writes of $3 fail with EBADE"
	is "$(letters)" "$2" "none of them has landed"
	says "$3" key none "it knows that it is registered no more"
	is "$(host "$3" get disk/state)" optimal "no path of $3 has failed"
	like "$(host "$3" events)" '"reservation-lost"' "an event of $3 tells"
}

mkdir -p /var/target/pr # where LIO writes down what is registered
lio_array 64M implicit
for n in 1 2 3 4; do
	lio_path $n 1
done
lio_settle
hosts 0xa 0xb

# ---- each sees what there is ----
says a keys "" "nobody is registered"
says a holder none "nobody has reserved it"
does a register 0xa
is "$(keys)" "0xa 0xa" "sg_persist sees a registration for each path"
says a keys "0xa 2 p1 p2" "the same, and which paths"
says b keys "0xa 2" "b sees it"
does b register 0xb
is "$(keys)" "0xa 0xa 0xb 0xb" "sg_persist sees both"
does a reserve 5
is "$(reservation)" "0xa Write Exclusive, registrants only" \
	"sg_persist sees the reservation"
says b holder 0xa "b sees it"
says b type write-exclusive-registrants-only "b sees it"
host b put disk/reservation/reserve exclusive-access-registrants-only
isnt "$RC" 0 "b cannot reserve what a has"
like "$ERR" "Invalid exchange" "EBADE"
does a release write-exclusive-registrants-only
is "$(reservation)" none "sg_persist sees that it is released"
does b reserve 6
is "$(reservation)" "0xb Exclusive Access, registrants only" "b's turn"
does b release ""
sg_persist --out --register --param-rk=0xb --param-sark=0 \
	"/dev/$(disk_of 3)" &>/dev/null
ok $? "what others do is seen as well"
says b keys $'0xa 2\n0xb 1 p3 p4' "one of b's is gone"
does b register-ignore 0xb
is "$(keys)" "0xa 0xa 0xb 0xb" "and is there again"

# ---- they fence each other ----
does a reserve 5
fences a A b 0xb B
does b register 0xb
fences b B a 0xa A
is "$(keys)" "0xb 0xb" "a is registered no more"
is "$(reservation)" "0xb Write Exclusive, registrants only" "b has it"

# ---- a path that comes up is registered before it takes I/O ----
does b release 5
echo offline >"/sys/block/$(disk_of 2)/device/state"
wait_state disk p2 failed
ok $? "a's second path is down"
does a register 0xa
is "$(keys)" "0xa 0xb 0xb" "a is registered on the other"
does a reserve 5
echo running >"/sys/block/$(disk_of 2)/device/state"
wait_state disk p2 active
ok $? "it is up again"
is_registered 2 0xa
ok $? "it is registered"
run fio --name=w --filename="$MNT/disk/volume" --size=8M --bs=16k \
	--rw=randwrite --direct=1 --ioengine=libaio --iodepth=8
is "$RC" 0 "no write down either path meets a conflict" || diag "$OUT$ERR"

# ---- a path that alone has lost its registration gets it back ----
sg_persist --out --register --param-rk=0xa --param-sark=0 \
	"/dev/$(disk_of 2)" &>/dev/null
ok $? "the second path loses its registration"
path_is_back()
{
	dd if="$T/A" of="$MNT/disk/volume" oflag=direct conv=notrunc bs=64k \
		count=4 status=none 2>/dev/null
	is_registered 2 0xa
}
wait_for path_is_back
ok $? "it has it again"
wait_state disk p2 active
ok $? "it is in use"

# ---- released, though the holder is down ----
is "$(reservation)" "0xa Write Exclusive, registrants only" \
	"a has it, through its first path"
echo offline >"/sys/block/$(disk_of 1)/device/state"
wait_state disk p1 failed
ok $? "that is down"
does a release 5
is "$(reservation)" none "it is released all the same"
is "$(keys)" "0xa 0xb 0xb" "the second path is registered"
echo running >"/sys/block/$(disk_of 1)/device/state"
wait_state disk p1 active
ok $? "the first comes up"
is "$(keys)" "0xa 0xa 0xb 0xb" "and is registered again"

# ---- a daemon that starts again ----
does a reserve 5
stop
is "$RC" 0 "a ends"
is "$(keys)" "0xa 0xa 0xb 0xb" "what is registered stays"
start
says a key 0xa "the next daemon finds its key"
run dd if="$T/A" of="$MNT/disk/volume" oflag=direct conv=notrunc bs=64k count=4
is "$RC" 0 "and can write"
does a clear now
is "$(keys)$(reservation)" none "clear ends all"

# ---- the key in the file ----
stop
is "$RC" 0 "a ends"
stop_b
hosts file 0xb
does a register 0xabc
is "$(grep -v '^#' "$STATE/prkeys")" "0x0000000000000abc disk" \
	"the file of keys has it"
stop
is "$RC" 0 "a ends"
start
says a key 0xabc "the next daemon knows it"
does a register 0
is "$(keys)" "" "its registration ends"
is "$(grep -v '^#' "$STATE/prkeys")" "" "and so does the key of the file"
stop
is "$RC" 0 "a ends"
stop_b
lio_gone
finish
