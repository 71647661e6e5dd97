#!/bin/bash
# SPDX-License-Identifier: MIT
#
# NVMe over TCP by two controllers, each on a link of its own, with the kernel's
# own multipath off: what ANA says is what groups, priorities and states are,
# under load and without an error as long as one path is left; a link that is
# cut; and what is said where the kernel's multipath is on.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../links.sh"
need jq nvme fio

NVMET=/sys/kernel/config/nvmet
NQN=nqn.2026-11.example:mp
WWID=uuid.6665a6ee-8bf0-4f9a-9d3e-000000000001

make_target()
{
	local s=$NVMET/subsystems/$NQN p=$NVMET/ports

	load nvmet-tcp
	truncate -s 32M "$T/namespace"
	LOOP=$(losetup -f --show "$T/namespace") || bail "no loop device"
	MADE_LOOPS+=("$LOOP")
	mkdir "$s" && echo 1 >"$s/attr_allow_any_host"
	mkdir "$s/namespaces/1"
	echo "${WWID#uuid.}" >"$s/namespaces/1/device_uuid"
	echo "$LOOP" >"$s/namespaces/1/device_path"
	echo 1 >"$s/namespaces/1/enable" || bail "no namespace"
	for n in 1 2; do
		mkdir "$p/$n"
		echo tcp >"$p/$n/addr_trtype"
		echo ipv4 >"$p/$n/addr_adrfam"
		echo "10.77.$n.2" >"$p/$n/addr_traddr"
		echo 4420 >"$p/$n/addr_trsvcid"
		in_target ln -s "$s" "$p/$n/subsystems/" || bail "no port $n"
	done
}

remove_target()
{
	local n

	for n in 1 2; do
		rm "$NVMET/ports/$n/subsystems/$NQN"
		rmdir "$NVMET/ports/$n"
	done
	rmdir "$NVMET/subsystems/$NQN/namespaces/1" \
		"$NVMET/subsystems/$NQN"
	losetup -d "$LOOP"
	MADE_LOOPS=()
	unload nvmet-tcp
	unload nvmet
}

# ana PORT STATE
ana()
{
	echo "$2" >"$NVMET/ports/$1/ana_groups/1/ana_state"
}

connect_both()
{
	local n

	load nvme-tcp
	for n in 1 2; do
		run nvme connect -t tcp -a "10.77.$n.2" -s 4420 -n "$NQN" \
			--reconnect-delay=1 --ctrl-loss-tmo=600
		((RC == 0)) || bail "nvme connect: $OUT$ERR"
	done
	settle
}

disconnect_both()
{
	run nvme disconnect -n "$NQN"
	settle
	unload nvme-tcp
	unload nvme_fabrics
}

# begin PARAMETER: with that nvme_core.multipath. The target needs nvme_core,
# too, and would load it.
begin()
{
	load nvme_core multipath="$1"
	make_target
	connect_both
	is "$(cat /sys/module/nvme_core/parameters/multipath)" "$1" \
		"nvme_core.multipath=$1"
}

end()
{
	disconnect_both
	remove_target
	unload nvme_core
}

# "50 active nvme0n1 nvme1n1; 10 enabled ..."; a group may go meanwhile.
groups()
{
	local g text=

	for g in "$MNT"/mp/groups/*; do
		text+="${text:+; }$(<"$g/priority") $(<"$g/state")"
		for p in "$g"/paths/*; do
			text+=" ${p##*/}"
		done
	done
	echo "$text"
} 2>/dev/null

has_groups()
{
	[[ $(groups) == "$1" ]]
}

# path_is PATH ACCESS STATE CHECKER-STATE PRIORITY
path_is()
{
	local p=mp/paths/$1

	[[ $(get "$p/access_state") == "$2" && $(get "$p/state") == "$3" &&
		$(get "$p/checker_state") == "$4" &&
		$(get "$p/priority") == "$5" ]]
}

show_path()
{
	local p=mp/paths/$1

	diag "$1: $(get "$p/access_state") $(get "$p/state")" \
		"$(get "$p/checker_state") $(get "$p/priority"); $(groups)"
}

# one_state PORT STATE PATH-STATE CHECKER-STATE PRIORITY GROUPS: the load goes
# on on the other path.
one_state()
{
	local path=nvme$(($1 - 1))n1 other=nvme$((2 - $1))n1
	local want=${6//THIS/$path}

	want=${want//OTHER/$other}
	ana "$1" "$2"
	wait_for path_is "$path" "$2" "$3" "$4" "$5"
	ok $? "port $1 $2: the path is $3, $4, $5" || show_path "$path"
	wait_for has_groups "$want"
	ok $? "port $1 $2: groups $want" || show_path "$path"
	load_goes_on "/dev/$other"
	ok $? "port $1 $2: I/O goes on"
}

ours_has_both()
{
	contains mp/paths/nvme0n1/state active &&
		contains mp/paths/nvme1n1/state active
}

# What writes are in flight on the first path.
has_writes()
{
	local writes

	read -r _ writes </sys/block/nvme0n1/inflight
	((writes > 0))
}

controller_is()
{
	[[ $(cat /sys/class/nvme/nvme0/state) == "$1" ]]
}

# cut_under_load FILE BOTH: I/O meets no error though the first link is cut
# while writes are in flight there; BOTH says when all is well again. Leaves
# STALL.
cut_under_load()
{
	load_begin "$1"
	load_goes_on /dev/nvme0n1
	cut_link 1
	wait_for has_writes
	ok $? "${1##*/}: a link is cut under writes"
	wait_for controller_is connecting
	ok $? "its controller is lost"
	load_goes_on /dev/nvme1n1
	ok $? "I/O goes on on the other path"
	mend_link 1
	wait_for controller_is live && wait_for "$2"
	ok $? "mended: the path is back as soon as it is connected" ||
		diag "$(cat /sys/class/nvme/nvme0/state)"
	load_goes_on /dev/nvme0n1
	ok $? "and has I/O"
	load_end
	is "$RC" 0 "no I/O has failed"
}

make_links
begin N
config <<END
[defaults]
polling_interval = 1
max_polling_interval = 2
[multipath $WWID]
alias = mp
END
start
wait_for test -e "$MNT/mp" || bail "no volume: $("$MPATHFS" -c "$CONF" --list)"
for p in nvme0n1 nvme1n1; do
	wait_for path_is "$p" optimized active ready 50
	ok $? "$p is optimized" || show_path "$p"
	is "$(get mp/paths/$p/checker)" ana "and its checker is ana"
done
is "$(get mp/paths/nvme1n1/hctl)" 1:2:1:1 "it has its place"
wait_for has_groups "50 active nvme0n1 nvme1n1"
ok $? "both are in one group" || show_path nvme0n1

# Each state on either port. Where no I/O can succeed, the load meets errors on
# that path, and only there.
load_begin "$MNT/mp/volume"
for port in 1 2; do
	one_state $port non-optimized active ready 10 \
		"50 active OTHER; 10 enabled THIS"
	one_state $port optimized active ready 50 "50 active nvme0n1 nvme1n1"
	one_state $port inaccessible standby ghost 1 \
		"50 active OTHER; 1 enabled THIS"
	one_state $port optimized active ready 50 "50 active nvme0n1 nvme1n1"
	one_state $port persistent-loss failed faulty 50 \
		"50 active nvme0n1 nvme1n1"
	one_state $port optimized active ready 50 "50 active nvme0n1 nvme1n1"
	one_state $port change failed ready 50 "50 active nvme0n1 nvme1n1"
	one_state $port optimized active ready 50 "50 active nvme0n1 nvme1n1"
done

# Both passive, one after the other, as arrays do when they hand over.
ana 1 non-optimized
wait_for has_groups "50 active nvme1n1; 10 enabled nvme0n1"
ana 1 optimized
ana 2 inaccessible
wait_for has_groups "50 active nvme0n1; 1 enabled nvme1n1"
ok $? "the load is handed over" || show_path nvme0n1
load_goes_on /dev/nvme0n1
ok $? "and goes on"
load_end
is "$RC" 0 "no I/O has failed in all that"
diag "the longest I/O took $STALL ms"
ana 2 optimized
wait_for has_groups "50 active nvme0n1 nvme1n1"

# Inaccessible by both: the path does not come and go.
ana 1 inaccessible
ana 2 inaccessible
wait_for path_is nvme0n1 inaccessible standby ghost 1 &&
	wait_for path_is nvme1n1 inaccessible standby ghost 1
run dd if="$MNT/mp/volume" of=/dev/null bs=4k count=1 iflag=direct
isnt "$RC" 0 "inaccessible by both: an error"
mark_events
for p in nvme0n1 nvme1n1; do
	for _ in 1 2 3; do
		put mp/paths/$p/check now
	done
	is "$(get mp/paths/$p/state)" failed "$p stays failed"
done
[[ $(events | tail -c +$((EVENTS_POS + 1))) != *path-reinstated* ]]
ok $? "neither comes and goes"
ana 2 optimized
wait_for path_is nvme1n1 optimized active ready 50
ok $? "the one that the array takes over is used" || show_path nvme1n1
run dd if="$MNT/mp/volume" of=/dev/null bs=4k count=1 iflag=direct
is "$RC" 0 "and I/O succeeds"
ana 1 optimized
wait_for has_groups "50 active nvme0n1 nvme1n1"

# A link is cut under load. The checks are far apart: what brings the path back
# is that the controller tells.
put mp/polling_interval 3600
put mp/max_polling_interval 3600
is "$(cat /sys/class/nvme/nvme0/fast_io_fail_tmo)" 0 \
	"I/O leaves a controller that is lost at once"
cut_under_load "$MNT/mp/volume" ours_has_both
ours=$STALL
stop
is "$RC" 0 "the daemon ends with status 0"

# The same of dm-multipath, on the same paths.
theirs_begin "$WWID" group_by_prio
cut_under_load /dev/mapper/theirs theirs_has_both
theirs=$STALL
theirs_end
diag "the longest I/O with a cut link: mpathfs $ours ms, dm-multipath $theirs ms"
# When a keep-alive fails is up to the kernel, 5 seconds earlier or later.
((ours <= theirs + 10000))
ok $? "service resumes no later than with dm-multipath"
end

# The kernel's own multipath.
begin Y
run "$MPATHFS" -c "$CONF" --state-dir "$STATE" --list
like "$OUT" "nvme0n1 .*no path: the kernel's own NVMe multipath has joined its paths \(nvme0c0n1, nvme0c1n1\)" \
	"--list tells of the kernel's own multipath"
like "$OUT" "adopted by: nvme_core.multipath=N" "and what to do"
cat >>"$CONF" <<END
[defaults]
find_multipaths = greedy
END
start
[[ ! -e $MNT/mp ]]
ok $? "its disk is no path, whatever find_multipaths says"
like "$(get paths/nvme0n1/reason)" "own NVMe multipath" "and says why"
cat >>"$CONF" <<END
[volume byname]
path = joined /dev/nvme0n1
END
put control reconfigure
wait_state byname joined active
ok $? "by name it is one"
stop
is "$RC" 0 "the daemon ends with status 0"
end
remove_links
finish
