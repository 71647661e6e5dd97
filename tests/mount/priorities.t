#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Priorities and grouping on a live mount: all six policies under fio --verify,
# by what the configuration says of the paths; prioritizers changed while it
# runs; words that do not fit are refused, and nothing changes; a prioritizer
# whose read hangs holds up nobody.
. "$(dirname "$0")/lib.sh"
need root fio nbdkit nbdfuse

PRIO[p1]="50 serial=s1 node=n1 tpg=1"
PRIO[p2]="50 serial=s2 node=n1 tpg=2"
PRIO[p3]="10 tpg=2 node=n2 serial=s1"
PRIO[p4]="10 tpg=1 serial=s2 node=n2"
add_volume v1 64M p1 p2 p3 p4 -- no_path_retry=queue

truncate -s 16M "$T/v2.img"
remote q1 "$T/v2.img"
remote q2 "$T/v2.img"
volume v2 q1 q2 -- checker_timeout=1 polling_interval=1
start
V=$MNT/v1/volume

# "p1 p2|p3 p4": the groups of v1, best first.
groups()
{
	local g in all=""

	for g in "$MNT"/v1/groups/*; do
		in=("$g"/paths/*)
		all+=${all:+|}${in[*]##*/}
	done
	echo "$all"
}

groups_are()
{
	[[ $(groups) == "$1" ]]
}

is "$(get v1/paths/p1/serial)" s1 "the line's serial"
is "$(get v1/paths/p3/node_name)" n2 "its node name"
is "$(get v1/paths/p4/tpg)" 1 "its target port group"
is "$(get v1/paths/p1/hctl)" unknown "a loop device has no host"
is "$(get v1/paths/p1/access_state)" unknown "and no access state"
is "$(get v1/paths/p1/prioritizer)" const "const is the default"
is "$(get v1/paths/p1/priority)" 50 "the line's priority"

POLICIES=("multibus p1 p2 p3 p4" "group_by_prio p1 p2|p3 p4"
	"group_by_serial p1 p3|p2 p4" "group_by_node_name p1 p2|p3 p4"
	"group_by_tpg p1 p4|p2 p3" "failover p1|p2|p3|p4")

# change N: the N-th policy; I/O goes on after it.
change()
{
	local policy want

	read -r policy want <<<"${POLICIES[$1 % ${#POLICIES[@]}]}"
	put v1/path_grouping_policy "$policy" || bail "$policy: $ERR"
	groups_are "$want" || ok 1 "$policy: got $(groups), expected $want"
	io_goes_on p1 p2 p3 p4 || bail "$policy: no I/O"
}

under_load 30 # each policy, 5 times or more

# Prioritizers, under load.
put v1/path_grouping_policy group_by_prio
background "$T/fio.log" fio --name=v --filename="$V" --size=32M --rw=randwrite \
	--bs=16k --ioengine=libaio --iodepth=8 --direct=1 --verify=crc32c \
	--verify_fatal=1 --time_based --runtime=600
FIO=$BG
io_goes_on p1 p2 p3 p4 || bail "no I/O"

put v1/prio_args "devname ^${DEV[p4]#/dev/}\$ 90 . 5"
is "$RC" 0 "words for another prioritizer than the one there is"
is "$(get v1/paths/p4/priority)" 10 "const looks at none"
put v1/prio weightedpath
is "$RC" 0 "weightedpath"
is "$(get v1/paths/p4/priority) $(get v1/paths/p1/priority)" "90 5" \
	"the patterns' priorities hold at once"
is "$(groups)" "p4|p1 p2 p3" "and so do the groups"
is "$(get v1/groups/1/priority)" 90 "the group has its path's"
like "$(get v1/paths/p4/prioritizer)" weightedpath "the file says so"

for bad in "prio nosuch|path_latency" "prio path_latency|devname" \
	"prio iet|preferredip" "prio_args devname|pattern" \
	"prio_args devname ( 5|devname" "prio_args devname a 65536|65535"; do
	file=${bad%% *} want=${bad##*|} word=${bad#* }
	word=${word%|*}
	mark_events
	put "v1/$file" "$word"
	like "$ERR" "Invalid argument" "$file '$word' is refused"
	like "$(wait_event '"event": *"refused"')" \
		"$want" "and the reason is in events"
	is "$(get v1/prio) $(groups)" "weightedpath p4|p1 p2 p3" \
		"nothing has changed"
done

put v1/prio const
is "$(groups)" "p1 p2|p3 p4" "back to the lines' words"
put v1/prio_args "io_num=20 base_num=1.5"
put v1/prio path_latency
is "$RC" 0 "path_latency"

known()
{
	local p

	for p in p1 p2 p3 p4; do
		[[ $(get "v1/paths/$p/priority") =~ ^[0-9]+$ ]] || return
		(($(get "v1/paths/$p/priority") <= 45)) || return
	done
}
wait_for known
ok $? "each path has a priority by its latency"
like "$(events | grep -a path-priority)" "prioritizer path_latency" \
	"and events say why"
put v1/prio default
put v1/prio_args default
is "$(get v1/prio)$(get v1/prio_args)" const "as configured"
is "$(groups)" "p1 p2|p3 p4" "and so are the groups"

# The lines change; the devices stay open, the I/O goes on.
put v1/path_grouping_policy group_by_serial
sed -i 's/serial=s1/serial=s3/; s/serial=s2/serial=s1/' "$CONF"
sed -i '/^path = p1/s/serial=s3/serial=s1/' "$CONF"
put control reconfigure
wait_for groups_are "p1 p2 p4|p3"
ok $? "other lines, other groups"
io_goes_on p1 p2 p3 p4 && ! is_dead "$FIO"
ok $? "I/O goes on"
kill -TERM "$FIO"
reap "$FIO"
! grep -qiE "verify:|err= *[1-9]" "$T/fio.log"
ok $? "nothing was lost" || diag "$(<"$T/fio.log")"

# The load by the priorities: 50, 50, 10 and 10 in one group.
put v1/path_grouping_policy multibus
put v1/path_selector "service-time 0"

# share WORD: how many times as many reads p1 and p2 get as p3 and p4, in
# hundredths, with that rr_weight.
share()
{
	local high low

	put v1/rr_weight "$1" || bail "rr_weight $1: $ERR"
	high=$(ios p1 p2) low=$(ios p3 p4)
	fio --name=r --filename="$V" --size=32M --io_size=64M --rw=randread \
		--bs=4k --ioengine=libaio --iodepth=32 --direct=1 \
		>"$T/share.log" || bail "$(<"$T/share.log")"
	echo $((100 * ($(ios p1 p2) - high) / ($(ios p3 p4) - low + 1)))
}

uniform=$(share uniform)
weighted=$(share priorities)
((weighted > 2 * uniform))
ok $? "rr_weight: $uniform:100 without, $weighted:100 with priorities"
put v1/rr_weight default
is "$(get v1/rr_weight)" uniform "and back"

# A prioritizer whose read hangs.
remote_hang q1 on
mark_events
put v2/prio path_latency
is "$RC" 0 "a prioritizer whose read hangs is no reason to wait"
like "$(wait_event priority-late)" '"path": *"q1"' "the path is late"
wait_value v2/paths/q1/prio_timeouts 1
ok $? "and that is counted"
# When all have answered or are late, the answers hold.
wait_value v2/paths/q1/priority unknown
ok $? "it has no priority"
like "$(get v2/paths/q2/priority)" '^[0-9]+$' "the other path has"
remote_hang q1 off
is_known()
{
	[[ $(get v2/paths/q1/priority) =~ ^[0-9]+$ ]]
}
wait_for is_known
ok $? "it has one when the read comes back"

cp "$CONF" "$T/good.conf"
printf 'prio = iet\nprio_args = preferredip=x\n' >>"$CONF"
run "$MPATHFS" -c "$CONF" --check-config
is "$RC" 1 "a pair that does not fit is refused"
like "$ERR$OUT" "mpathfs.conf:[0-9]+: .*prio_args = preferredip=x" \
	"with its file and line"
cp "$T/good.conf" "$CONF"
finish
