#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Groups are disabled, switched to, enabled, and given selectors of their own,
# one word after the other, while fio --verify runs: no error, nothing lost, and
# I/O goes to the group that is active.
. "$(dirname "$0")/lib.sh"
need root fio

PRIO=([a1]=50 [a2]=50 [b1]=10 [b2]=10)
add_volume v1 64M a1 a2 b1 b2 -- path_grouping_policy=group_by_prio \
	failback=manual no_path_retry=queue
start
V=$MNT/v1/volume

# The word, the states of both groups then, and whose paths take the I/O.
WORDS=("groups/1/state disabled|disabled active|b"
	"groups/2/selector round-robin 0|disabled active|b"
	"groups/1/state enabled|active enabled|a"
	"groups/2/state active|enabled active|b"
	"groups/1/selector adaptive 0|enabled active|b"
	"control switch-group 1|active enabled|a"
	"groups/2/state disabled|active disabled|a"
	"control switch-group 2|enabled active|b"
	"path_selector queue-length 0|enabled active|b"
	"groups/1/state disabled|disabled active|b"
	"control switch-group 1|active enabled|a")

# change N: the N-th word; I/O goes on after it.
change()
{
	local words want side file

	IFS='|' read -r words want side <<<"${WORDS[$1 % ${#WORDS[@]}]}"
	file=v1/${words%% *}
	put "$file" "${words#* }" || bail "$words: $ERR"
	[[ "$(get v1/groups/1/state) $(get v1/groups/2/state)" == "$want" ]] ||
		ok 1 "$words: $(get v1/groups/1/state) $(get v1/groups/2/state)"
	[[ $file != */selector || $(get "$file") == "${words#* }" ]] ||
		ok 1 "$words: $(get "$file")"
	io_goes_on "${side}1" "${side}2" || bail "$words: no I/O"
}

under_load 55 # each word, 5 times or more
is "$(get v1/state)" optimal "all is well"

put v1/path_selector "service-time 0"
mark_events
put v1/groups/1/selector "stripe 1 63"
like "$ERR" "Invalid argument" "arguments out of range are refused"
like "$(wait_event 'refused|selector')" stripe "and the reason is in events"
is "$(get v1/groups/1/selector)" "service-time 0" "nothing has changed"
finish
