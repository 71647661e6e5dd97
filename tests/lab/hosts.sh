# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Two hosts that share a LUN of LIO's, and its reservation: `a` has paths 1 and
# 2, `b` 3 and 4, each an mpathfs of its own with the volume `disk`. A test
# sources this after lib.sh and what has disk_of (lio.sh or iscsi.sh):
#
#	hosts 0xa 0xb
#	does a register 0xa; says b keys "0xa 2" "b sees it"
#	fences a preempt A b 0xb B
#	stop; stop_b
#
# `a` is the daemon of the harness: start, stop, get and put are its.

BLOCKS=64 # that are written, of 64 KiB

# ---- the LUN, as a third one sees it ----

WITNESS=4 # by that path

# keys: those that are registered, in order; reservation: KEY TYPE, or none.
keys()
{
	sg_persist --in -k "/dev/$(disk_of "$WITNESS")" 2>/dev/null |
		grep -oE '^ +0x[0-9a-f]+' | sort | tr -d ' ' | paste -sd' '
}

reservation()
{
	sg_persist --in -r "/dev/$(disk_of "$WITNESS")" 2>/dev/null | awk '
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
	dd if="/dev/$(disk_of "$WITNESS")" iflag=direct bs=64k count="$BLOCKS" \
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

# fences HOST WORD LETTER OTHER KEY LETTER: HOST preempts OTHER, which has KEY,
# while that writes its letter; and writes its own over it. WORD: preempt or
# preempt-abort.
fences()
{
	local to try failed=0

	to=$(host "$4" mount_point)/disk/volume
	rm -f "$T"/rounds.* "$T"/writer.*
	writer "$4" "$6" "$to" &
	MADE_PIDS+=($!)
	wait_for has_rounds "$4"
	ok $? "$4 writes"
	does "$1" "$2" "$5 5"
	pattern "$3" >"$T/$3"
	run dd if="$T/$3" of="$(host "$1" mount_point)/disk/volume" \
		oflag=direct conv=notrunc bs=64k status=none
	is "$RC" 0 "$1 writes over it" || diag "$ERR"
	wait_for has_ended "$4"
	ok $? "$4's writer ends"
	like "$(<"$T/writer.$4")" "Invalid exchange" "with EBADE"
	for try in {1..20}; do
		run dd if="$T/$6" of="$to" oflag=direct conv=notrunc \
			bs=64k count=1 seek="$try" status=none
		[[ $RC != 0 && $ERR == *"Invalid exchange"* ]] &&
			failed=$((failed + 1))
	done
	is "$failed" 20 "twenty more writes of $4 fail with EBADE"
	is "$(letters)" "$3" "none of them has landed"
	says "$4" key none "it knows that it is registered no more"
	is "$(host "$4" get disk/state)" optimal "no path of $4 has failed"
	like "$(host "$4" events)" '"reservation-lost"' "an event of $4 tells"
}

mkdir -p /var/target/pr # where LIO writes down what is registered
