#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is refused, with what reason, and that nothing has changed then.
. "$(dirname "$0")/lib.sh"
need root setpriv

truncate -s 16M "$T/one.img"
truncate -s 17M "$T/other.img"
loop A "$T/one.img"
loop B "$T/one.img"
loop C "$T/other.img"

# refused NAME LINE REGEX: the configuration on stdin is refused with a reason
# at that line (0: at none) by --check-config and by a start.
refused()
{
	local where="mpathfs.conf:$2: "

	cat >"$CONF"
	(($2)) || where=
	run "$MPATHFS" -c "$CONF" --check-config
	if [[ $4 == check ]]; then
		isnt "$RC" 0 "$1: --check-config refuses"
		like "$OUT$ERR" "$where.*$3" "$1: with the reason"
	fi
	run "$MPATHFS" -c "$CONF" --state-dir "$STATE" -f "$MNT"
	isnt "$RC" 0 "$1: the daemon does not start"
	isnt "$RC" 124 "$1: it ends by itself"
	like "$OUT$ERR" "$where.*$3" "$1: it says why"
	is_mounted "$MNT"
	isnt $? 0 "$1: nothing is mounted"
}

refused "unknown keyword" 3 "colour" check <<-CONF
	[volume v1]
	path = p1 $A
	colour = blue
CONF
refused "unknown section" 1 "volumes" check <<-CONF
	[volumes v1]
	path = p1 $A
CONF
refused "bad value" 2 "no_path_retry.*soon" check <<-CONF
	[defaults]
	no_path_retry = soon
	[volume v1]
	path = p1 $A
CONF
refused "number with a tail" 3 "polling_interval.*5x" check <<-CONF
	[volume v1]
	path = p1 $A
	polling_interval = 5x
CONF
refused "unknown selector" 3 "path_selector.*best-guess" check <<-CONF
	[volume v1]
	path = p1 $A
	path_selector = best-guess 0
CONF
refused "no_path_retry = -1" 3 "no_path_retry.*-1" check <<-CONF
	[volume v1]
	path = p1 $A
	no_path_retry = -1
CONF
refused "selector's arguments" 3 "historical-service-time.*1024" check <<-CONF
	[volume v1]
	path = p1 $A
	path_selector = historical-service-time 1 1024
CONF
refused "unknown policy" 3 "path_grouping_policy.*by_colour" check <<-CONF
	[volume v1]
	path = p1 $A
	path_grouping_policy = by_colour
CONF
refused "line without =" 3 "" check <<-CONF
	[volume v1]
	path = p1 $A
	queue
CONF
refused "two volumes of one name" 3 "v1" check <<-CONF
	[volume v1]
	path = p1 $A
	[volume v1]
	path = p2 $B
CONF
refused "two paths of one name" 3 "p1" check <<-CONF
	[volume v1]
	path = p1 $A
	path = p1 $B
CONF
refused "volume without a path" 1 "v1" check <<-CONF
	[volume v1]
	no_path_retry = queue
CONF
refused "slash in a name" 1 "v/1" check <<-CONF
	[volume v/1]
	path = p1 $A
CONF
refused "slash in a path's name" 2 "p/1" check <<-CONF
	[volume v1]
	path = p/1 $A
CONF
for word in status status.json events metrics config daemon control by-wwid \
	paths . ..; do
	refused "reserved word $word" 1 "" check <<-CONF
		[volume $word]
		path = p1 $A
	CONF
done
refused "missing device" 0 "/dev/no-such-disk" start <<-CONF
	[volume v1]
	path = p1 $A
	path = p2 /dev/no-such-disk
CONF
refused "paths of different sizes" 0 "size" start <<-CONF
	[volume v1]
	path = p1 $A
	path = p2 $C
CONF
refused "a directory as device" 0 "$T" start <<-CONF
	[volume v1]
	path = p1 $T
CONF
run "$MPATHFS" -c "$T/no-such.conf" -f "$MNT"
isnt "$RC" 0 "no configuration: the daemon does not start"
like "$ERR" "no-such.conf" "and says so"

# Every mistake at once.
cat >"$CONF" <<-CONF
	[defaults]
	failback = never
	[volume v1]
	path = p1 $A
	colour = blue
CONF
run "$MPATHFS" -c "$CONF" --check-config
like "$OUT$ERR" "mpathfs.conf:2: .*mpathfs.conf:5: " "all mistakes are told"

# --- running
: >"$CONF"
DEV=([p1]=$A [p2]=$B)
volume v1 p1 p2 -- polling_interval=1000 max_polling_interval=1000
start

run "$MPATHFS" -c "$CONF" --state-dir "$T/state2" -f "$MNT"
isnt "$RC" 0 "a second mpathfs on the same mount point is refused"
isnt "$RC" 124 "it ends by itself"
like "$ERR" "$MNT" "it says why"
is "$(get v1/state)" optimal "the first one serves on"
is "$(grep -c " $MNT " /proc/self/mounts)" 1 "and is the only mount"

# nonsense FILE WORDS ERRNO-TEXT
nonsense()
{
	local before

	before=$(cat "$MNT/$1" 2>/dev/null)
	mark_events
	put "$1" "$2"
	isnt "$RC" 0 "'$2' > $1 is refused"
	like "$ERR" "$3" "with '$3'"
	like "$(wait_event "refused|$(basename "$1")")" "${2%% *}" \
		"and the reason is in events"
	is "$(cat "$MNT/$1" 2>/dev/null)" "$before" "nothing has changed"
}
nonsense v1/paths/p1/state nonsense "Invalid argument"
nonsense v1/paths/p1/state "fail please" "Invalid argument"
nonsense v1/no_path_retry -1 "Invalid argument"
nonsense v1/no_path_retry -3 "Invalid argument"
nonsense v1/no_path_retry 5x "Invalid argument"
nonsense v1/failback sometimes "Invalid argument"
nonsense v1/path_selector "service-time 1" "Invalid argument"
nonsense v1/path_grouping_policy by_colour "Invalid argument"
nonsense v1/control "switch-group 9" "No such|Invalid argument"
nonsense v1/control dance "Invalid argument"
nonsense v1/groups/1/state sideways "Invalid argument"
nonsense control dance "Invalid argument"
is "$(get v1/state)" optimal "and the volume is well"

run bash -c 'head -c 5000 /dev/zero | tr "\0" x >"$1"' long "$MNT/control"
isnt "$RC" 0 "more than 4096 bytes are refused"
run bash -c ': >"$1"' none "$MNT/v1/paths/p1/state"
is "$RC" 0 "O_TRUNC alone changes nothing"
is "$(get v1/paths/p1/state)" active "indeed"
run mkdir "$MNT/v2"
isnt "$RC" 0 "mkdir"
run rm -f "$MNT/v1/volume"
isnt "$RC" 0 "rm"
run mv "$MNT/v1/volume" "$MNT/v1/volume2"
isnt "$RC" 0 "mv"
run touch "$MNT/v1/new"
isnt "$RC" 0 "touch of a new file"

# --- others
as_nobody()
{
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
as_nobody cat "$MNT/status"
is "$RC" 0 "anybody may read status"
as_nobody dd if="$MNT/v1/volume" of=/dev/null count=1
isnt "$RC" 0 "not everybody may read volume"
like "$ERR" "Permission denied" "EACCES"
as_nobody bash -c 'echo fail >"$1"' write "$MNT/v1/paths/p1/state"
isnt "$RC" 0 "nor fail a path"
as_nobody bash -c 'echo rescan >"$1"' write "$MNT/control"
isnt "$RC" 0 "nor write control"
is "$(get v1/paths/p1/state)" active "it is active still"
finish
