#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A path that errs and is well again ten times a second, under fio --verify and
# san_path_err: no error, no wrong data; the path goes out, and comes back when
# it has been well for as long as is configured, not before. FLAP_SECONDS: for
# how long it flaps (5).
. "$(dirname "$0")/lib.sh"
need root nbdkit nbdfuse nc fio jq
FLAP_SECONDS=${FLAP_SECONDS:-5}
RECOVERY=3

truncate -s 64M "$T/v.img"
remote r1 "$T/v.img"
remote r2 "$T/v.img"
volume v r1 r2 -- path_grouping_policy=multibus polling_interval=1 \
	max_polling_interval=1 no_path_retry=queue san_path_err_threshold=1 \
	san_path_err_forget_rate=100 san_path_err_recovery_time=$RECOVERY
start

background "$T/fio.log" fio --name=v --filename="$MNT/v/volume" --size=64M \
	--bs=4k-64k --rw=randwrite --ioengine=libaio --iodepth=16 --direct=1 \
	--time_based --runtime=$((FLAP_SECONDS + 2 * RECOVERY)) \
	--verify=crc32c --verify_fatal=1 --verify_backlog=64
fio=$BG

# The rate is the test's: half of each tenth of a second it errs.
flap()
{
	local end=$(($(now_ms) + $1 * 1000))

	while (($(now_ms) < end)); do
		remote_errors r1 on
		pause 0.05
		remote_errors r1 off
		pause 0.05
	done
}

flap "$FLAP_SECONDS" &
flapper=$!
MADE_PIDS+=("$flapper")
like "$(wait_event 'path-marginal.*r1')" "san_path_err: 2 failures" \
	"it goes out, and the event says why"
like "$(get v/paths/r1/state)" "marginal|failed" "it is marginal, or failed"
is "$(get v/paths/r2/state)" active "the other path is used"
wait "$flapper"
wait_state v r1 active
ok $? "it comes back when it is well"
before=$(get v/paths/r1/bytes)
path v r2 offline
used()
{
	[[ $(get v/paths/r1/bytes) != "$before" ]] || is_dead "$fio"
}
wait_for used
ok $? "it is used again"
path v r2 online
reap "$fio"
is "$RC" 0 "fio --verify has seen none of it" || diag "$(<"$T/fio.log")"

# Each time that it came back it had been well for that long, and no longer
# than a check may take.
waits=$(events | jq -rs '
	def ms: (.[:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
	[.[] | select(.path == "r1" and (.event == "path-marginal" or
		.event == "path-failed" or .event == "path-reinstated"))]
	| [range(1; length) as $i | select(.[$i].event == "path-reinstated"
		and .[$i - 1].event == "path-marginal")
		| (.[$i].time | ms) - (.[$i - 1].time | ms)] | .[]')
diag "held out for (ms): ${waits//$'\n'/ }"
bad=$(awk -v min=$((RECOVERY * 1000 - 5)) \
	-v max=$((RECOVERY * 1000 + 1000 * SLOW)) '$1 < min || $1 > max' \
	<<<"$waits")
is "$bad" "" "each time for $RECOVERY s"
back=$(events | jq -r 'select(.path == "r1" and .event == "path-reinstated" and
	.cause == "san_path_err: good for '$RECOVERY' s") | .time' | wc -l)
((back > 0))
ok $? "and the cause says so"
diag "released $back times; fio: $(grep -m1 'WRITE:' "$T/fio.log")"
finish
