#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What stands in the mount: names, kinds, permissions, layouts, links, inode
# numbers, and `events` as a file to wait on.
. "$(dirname "$0")/lib.sh"
need root jq perl

PRIO=([a1]=50 [a2]=10)
add_volume va 64M a1 a2 -- path_grouping_policy=group_by_prio wwid=36001405aa
add_volume vb 32M b1 b2 -- path_grouping_policy=multibus no_path_retry=12
start

for f in status status.json events config daemon control va/volume va/state \
	va/status va/status.json va/size va/wwid va/stats va/control \
	va/no_path_retry va/failback va/path_selector \
	va/path_grouping_policy va/polling_interval va/groups/1/state \
	va/groups/1/priority va/groups/1/selector va/paths/a1/state \
	va/paths/a1/checker_state va/paths/a1/checker \
	va/paths/a1/priority va/paths/a1/device va/paths/a1/size \
	va/paths/a1/errors va/paths/a1/inflight; do
	[[ -f $MNT/$f ]]
	ok $? "$f is a file"
done
is "$(stat -c '%a %U:%G' "$MNT/va/volume")" "660 root:disk" "who may use volume"
is "$(stat -c %a "$MNT/status")" 644 "status is for all to read"
is "$(stat -c %a "$MNT/control")" 200 "control is written only"
is "$(stat -c %a "$MNT/va/paths/a1/state")" 644 "state is for all to read"
is "$(stat -c %s "$MNT/va/volume")" $((64 << 20)) "volume is of its size"

is "$(get va/state)" optimal "state"
is "$(get va/wwid)" 36001405aa "wwid"
is "$(get vb/wwid)" vb "wwid, where the configuration has none"
is "$(get va/size)" $((64 << 20)) "size in bytes"
is "$(get vb/no_path_retry)" 12 "a setting of the volume"
is "$(get va/path_grouping_policy)" group_by_prio "and another"
is "$(get va/path_selector)" "service-time 0" "and a default"
is "$(get va/paths/a1/device)" "${DEV[a1]}" "a path's device"
is "$(get va/paths/a2/priority)" 10 "a path's priority"
is "$(get va/groups/1/priority) $(get va/groups/2/priority)" "50 10" \
	"the better group is the first"

is "$(readlink "$MNT/by-wwid/36001405aa")" ../va "by-wwid"
is "$(readlink "$MNT/paths/b1")" ../vb/paths/b1 "paths"
is "$(readlink "$MNT/va/groups/2/paths/a2")" ../../../paths/a2 "a group's path"
is "$(get paths/a1/state)" active "through the link"

# the layout of multipath -ll
S=$(get status)
LL="^va \(36001405aa\)[^
]*
size=64M features='[^']*' hwhandler='[^']*' wp=rw
\|-\+- policy='service-time 0' prio=50 status=active
\| \`- [^ ]+ +a1 +[0-9]+:[0-9]+ +active +ready +running
\`-\+- policy='service-time 0' prio=10 status=enabled
  \`- [^ ]+ +a2 +[0-9]+:[0-9]+ +active +ready +running
vb[^
]*
size=32M features='[^']*' hwhandler='[^']*' wp=rw
\`-\+- policy='service-time 0' prio=1 status=(active|enabled)
  \|- [^ ]+ +b1 +[0-9]+:[0-9]+ +active +ready +running
  \`- [^ ]+ +b2 +[0-9]+:[0-9]+ +active +ready +running$"
like "$S" "$LL" "status has the layout of multipath -ll"
is "$(tr -s " " <"$MNT/va/status")
$(tr -s " " <"$MNT/vb/status")" "$(tr -s " " <<<"$S")" \
	"a volume's status is its part of it"

run jq -e '.major_version == 0 and .minor_version == 1 and
	([.maps[].name] == ["va", "vb"]) and .maps[0].uuid == "36001405aa" and
	.maps[0].paths == 2 and
	([.maps[0].path_groups[].pri] == [50, 10]) and
	.maps[0].path_groups[0].paths[0].dev == "a1" and
	.maps[0].path_groups[0].paths[0].dm_st == "active" and
	.maps[0].path_groups[0].paths[0].chk_st == "ready"' "$MNT/status.json"
is "$RC" 0 "status.json is that of multipathd show maps json" ||
	diag "$(get status.json)"
run jq -e '.map.name == "vb"' "$MNT/vb/status.json"
is "$RC" 0 "a volume's status.json" || diag "$(get vb/status.json)"

for key in version supervisor_pid worker_pid restarts uptime lanes transport; do
	isnt "$(daemon_value $key)" "" "daemon: $key"
done
is "$(daemon_value supervisor_pid)" "$DPID" "the supervisor is who was started"

get config >"$T/config"
run "$MPATHFS" -c "$T/config" --check-config
is "$RC$OUT$ERR" 0 "config can be loaded again"

# --- events
like "$(events)" '^\{' "events has a history of JSON objects"
events >"$T/events"
run jq -es 'length > 0 and all(has("event"))' "$T/events"
is "$RC" 0 "one object per line" || diag "$(<"$T/events")"

POLL='use Fcntl; use IO::Poll;
	sysopen(my $f, shift, O_RDONLY | O_NONBLOCK) or die "$!";
	my ($poll, $buf) = (IO::Poll->new);
	$poll->mask($f => POLLIN);
	1 while sysread($f, $buf, 65536);
	die "read: $!" unless $!{EAGAIN};
	print "quiet ", $poll->poll(0), "\n";
	$| = 1;
	print "waiting\n";
	my $n = $poll->poll(shift);
	print "poll $n ", sysread($f, $buf, 65536) > 0 ? $buf : "nothing";'
background "$T/poll" perl -e "$POLL" "$MNT/events" $DEADLINE
poller=$BG
background "$T/live" cat "$MNT/events"
reader=$BG
wait_for grep -q waiting "$T/poll" || bail "$(<"$T/poll")"
wait_for waits_in_fuse "$reader"
path va a1 fail
reap "$poller"
like "$(<"$T/poll")" "quiet 0" "poll: nothing to read after the history"
like "$(<"$T/poll")" 'poll 1 .*path-failed' "poll(2) wakes with the event"
wait_for grep -q 'path-failed.*a1' "$T/live"
ok $? "a blocking read gets it too"
kill "$reader"
reap "$reader"
is "$RC" 143 "who waits in a read of events can be killed"
like "$(get status)" 'a1 +[0-9]+:[0-9]+ +failed +' "status shows the failure"
path va a1 reinstate

# --- inode numbers name the object, not an address; disks of no volume come and
# go with other tests
inodes()
{
	find "$MNT" -path "$MNT/paths/loop*" -prune -o -printf '%i %y %P\n' |
		sort -k3
}
before=$(inodes)
isnt "$before" "" "the tree can be walked"
is "$(cut -d' ' -f1 <<<"$before" | sort | uniq -d)" "" "no inode number twice"
stop
start
is "$(inodes)" "$before" "and after a restart of the whole"
finish
