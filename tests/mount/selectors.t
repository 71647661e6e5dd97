#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every path selector is set while fio --verify runs, in both grouping
# policies, with a path that fails and comes back: no error, nothing lost; each
# is shown with its words. Arguments out of range change nothing.
. "$(dirname "$0")/lib.sh"
need root fio

add_volume v1 64M p1 p2 -- path_grouping_policy=multibus no_path_retry=queue
start
V=$MNT/v1/volume

SELECTORS=("round-robin 0" "queue-length 0" "service-time 0"
	"historical-service-time 2 900 3" "historical-service-time 0"
	"io-affinity 0" "io-affinity 1 1" "adaptive 0" "stripe 0"
	"stripe 1 64")

# One path fails, never both.
fail_other()
{
	path v1 p$((3 - $1)) reinstate
	wait_state v1 p$((3 - $1)) active
	path v1 "p$1" fail
}

# change N: the N-th change of the volume's settings; I/O goes on after it.
change()
{
	local want=${SELECTORS[$1 % ${#SELECTORS[@]}]} policy=multibus

	((($1 / ${#SELECTORS[@]}) % 2)) && policy=failover
	put v1/path_grouping_policy $policy || bail "$policy: $ERR"
	put v1/path_selector "$want" || bail "$want: $ERR"
	[[ $(get v1/path_selector) == "$want" &&
		$(get v1/groups/1/selector) == "$want" ]] ||
		ok 1 "$want: got $(get v1/path_selector)"
	(($1 % 3)) || fail_other $(($1 % 2 + 1))
	io_goes_on p1 p2 || bail "$want, $policy: no I/O"
}

under_load 40
wait_state v1 p1 active && wait_state v1 p2 active
ok $? "both paths are well"

before=$(get v1/path_selector)
for bad in "historical-service-time 1 1024" "historical-service-time 2 1 -1" \
	"io-affinity 1 0x1" "io-affinity 1 0" "io-affinity 2 1 1" \
	"adaptive 1 1" "stripe 1 63" "stripe 2 64 64" "strip 0"; do
	mark_events
	put v1/path_selector "$bad"
	like "$ERR" "Invalid argument" "'$bad' is refused"
	like "$(wait_event 'refused|path_selector')" "${bad%% *}" \
		"and the reason is in events"
	is "$(get v1/path_selector)" "$before" "nothing has changed"
done
finish
