#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The same changes, over forty, to one array and its four paths, first under
# multipathd and dm-multipath, then under mpathfs, with a reader all the time.
# After each change the size, write protection, the groups, their priorities and states and the
# states of the paths under mpathfs are those that the model below expects; where
# multipathd shows others is printed, and in how many polling intervals each of
# both gets there: all in all not in more than multipathd.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"
. "$(dirname "$0")/../multipathd.sh"

PATHS=(1 2 3 4)
GROUP=([1]=1 [2]=1 [3]=2 [4]=2)

# ---- the model: what is to be seen ----

declare -a ALUA LINK DISK PRIORITY STATE
SIZE=64M PROTECTED=rw

# The priority of an access state, and how a path in it is shown.
declare -A PRIO_OF=([optimized]=50 [nonoptimized]=10 [standby]=1)
declare -A SHOWN=([optimized]="active,ready,running"
	[nonoptimized]="active,ready,running" [standby]="active,ghost,running"
	[unavailable]="failed,faulty,running")

# One difference is meant: the last word of a path that the kernel has taken
# offline. multipathd shows the kernel's, "offline"; in mpathfs that is what the
# operator has said, which holds until he says "online", and the kernel's is the
# cause in `why`.
declare -A KERNEL_OFFLINE=([multipathd]=offline [mpathfs]=running)

# What becomes of path $1 after a change: a path that is not reached keeps its
# priority, one in transition all that it has.
model_path()
{
	local alua=${ALUA[GROUP[$1]]}

	if [[ ${DISK[$1]} == offline ]]; then
		STATE[$1]=failed,faulty,${KERNEL_OFFLINE[$WHO]}
	elif [[ ${LINK[$1]} == offline ]]; then
		STATE[$1]=failed,faulty,running
	elif [[ $alua != transitioning ]]; then
		STATE[$1]=${SHOWN[$alua]}
		[[ $alua == unavailable ]] || PRIORITY[$1]=${PRIO_OF[$alua]}
	fi
}

# expected: leaves WANT. A line for each priority, in the order of their first
# paths: its priority, which is 0 if it has no usable path; active, if it is the
# best of those that have; its paths.
expected()
{
	local p q line state best=-1 done_prios=" "

	for p in "${PATHS[@]}"; do
		[[ ${DISK[p]} == deleted ]] && continue
		model_path "$p"
		[[ ${STATE[p]} == active* ]] && ((PRIORITY[p] > best)) &&
			best=${PRIORITY[p]}
	done
	WANT="$SIZE $PROTECTED"$'\n'
	for p in "${PATHS[@]}"; do
		[[ ${DISK[p]} == deleted ||
			$done_prios == *" ${PRIORITY[p]} "* ]] && continue
		done_prios+="${PRIORITY[p]} "
		line=
		for q in "${PATHS[@]}"; do
			[[ ${DISK[q]} == deleted ||
				${PRIORITY[q]} != "${PRIORITY[p]}" ]] ||
				line+=" p$q=${STATE[q]}"
		done
		state=enabled
		((PRIORITY[p] == best)) && state=active
		[[ $line == *=active* ]] || line=" 0$line"
		[[ $line == " 0"* ]] || line=" ${PRIORITY[p]}$line"
		WANT+="$state$line"$'\n'
	done
}

# ---- what is seen ----

multipathd_resize()
{
	multipathd resize map "$LIO_WWID" >/dev/null
}

mpathfs_resize()
{
	put lun/control resize
}

multipathd_status()
{
	multipathd show topology
}

mpathfs_status()
{
	echo "$(<"$MNT/lun/status")"
}

declare -A PATH_OF_HOST

# seen: leaves LOOK, in the words of expected(), of the layout that
# `multipath -ll` and the mount's `status` share. Starts no program but
# multipathd's client: in an emulated machine that takes longer than the change.
seen()
{
	local line p q group=0 g size=
	local -a head=() member=() state=()

	while IFS= read -r line; do
		if [[ $line =~ size=([0-9]+M).*\ wp=(r[ow]) ]]; then
			size="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
		elif [[ $line =~ prio=([-0-9]+)\ status=([a-z]+) ]]; then
			group=$((group + 1))
			head[group]="${BASH_REMATCH[2]} ${BASH_REMATCH[1]}"
		elif [[ $line =~ ([0-9]+):[0-9]+:[0-9]+:[0-9]+\ +sd[a-z]+\ +[-0-9:]+\ +([a-z]+)\ +([a-z/ ]*[a-z])\ +([a-z]+)$ ]]
		then
			p=${PATH_OF_HOST[${BASH_REMATCH[1]}]}
			member[p]=$group
			state[p]=${BASH_REMATCH[2]},${BASH_REMATCH[3]},${BASH_REMATCH[4]}
		fi
	done < <("${WHO}_status" 2>/dev/null)
	LOOK=$size$'\n'
	for p in "${!member[@]}"; do
		g=${member[p]}
		[[ -n ${head[g]:-} ]] || continue
		LOOK+=${head[g]}
		unset "head[g]"
		for q in "${!member[@]}"; do
			((member[q] != g)) || LOOK+=" p$q=${state[q]}"
		done
		LOOK+=$'\n'
	done
}

is_seen()
{
	seen
	[[ $LOOK == "$WANT" ]]
}

# ---- the changes ----

alua()
{
	ALUA[$1]=$2
	lio_state "$1" "$2"
}

link()
{
	LINK[$1]=$2
	lio_link "$1" "$2"
}

# All paths are told of the new size, then whoever serves the LUN.
size()
{
	local p

	SIZE=$1
	lio_resize "$1"
	for p in "${PATHS[@]}"; do
		lio_look "$p"
	done
	"${WHO}_resize"
}

# protect ro|rw: the LUN, on all paths.
protect()
{
	local p

	PROTECTED=$1
	for p in "${PATHS[@]}"; do
		lio_protect "$p" "$([[ $1 == rw ]]; echo $?)"
		lio_look "$p"
	done
}

disk()
{
	case $2 in
	offline | running)
		echo "$2" >"/sys/block/$(disk_of "$1")/device/state"
		;;
	deleted) lio_delete "$1" ;;
	rescanned) lio_rescan "$1" ;;
	esac
	DISK[$1]=${2/rescanned/running}
}

# Never is every path standby: under I/O such paths fail and come back in turn.
# And no group becomes unavailable while the other has its priority: whether
# that is still asked for before the checker says so is chance, and makes one
# group of them or two, under both.
CHANGES=(
	"alua 1 nonoptimized" "alua 2 nonoptimized" "alua 1 optimized"
	"alua 2 standby" "alua 1 nonoptimized" "alua 2 optimized"
	"alua 1 standby" "alua 1 unavailable" "alua 1 standby"
	"alua 1 optimized" "alua 2 nonoptimized" "alua 2 unavailable"
	"alua 2 transitioning" "alua 2 nonoptimized" "alua 1 unavailable"
	"alua 1 transitioning" "alua 1 optimized"
	"link 1 offline" "link 2 offline" "link 1 online" "link 2 online"
	"disk 3 offline" "disk 4 offline" "disk 3 running" "disk 4 running"
	"disk 1 deleted" "alua 2 optimized" "disk 1 rescanned" "disk 3 deleted"
	"disk 4 deleted" "disk 3 rescanned" "disk 4 rescanned" "alua 1 nonoptimized"
	"protect ro" "alua 1 optimized" "protect rw" "alua 1 nonoptimized"
	"link 3 offline" "disk 4 offline" "disk 4 running" "link 3 online"
	"alua 1 optimized" "size 80M" "size 96M"
)

# ---- the run ----

# reader FILE: reads ten times a second, whatever happens, so that a group is in
# use. READER is its process.
reader()
{
	background "$T/reader.log" fio --name=reader --filename="$1" --readonly \
		--rw=randread --bs=4k --size=1M --direct=1 --ioengine=psync \
		--rate_iops=10 --time_based --runtime=3600 \
		--continue_on_error=all --allow_file_create=0
	READER=$BG
}

# What may explain a surprise.
more()
{
	local p

	for p in "${PATHS[@]}"; do
		diag "p$p $(disk_of "$p"): $(cat "/sys/block/$(disk_of "$p")/device/access_state")"
	done
	[[ $WHO != mpathfs ]] || diag "$(get lun/status)
$(events | tail -n 30)"
}

# round: all changes; TOOK[WHO N] is how many milliseconds the Nth took to
# show.
declare -A TOOK
WHO= # multipathd or mpathfs
# mpathfs has to show what the model expects. Of multipathd it is only told: it
# may make two groups of two failed paths of one priority, as it finds them.
judge()
{
	if [[ $WHO == mpathfs ]]; then
		is "$LOOK" "$WANT" "$WHO: $1" || more
	elif [[ $LOOK != "$WANT" ]]; then
		echo "# $WHO: $1: ${LOOK//$'\n'/ | }"
		echo "#   the model: ${WANT//$'\n'/ | }"
	fi
}

round()
{
	local change i begin

	for i in "${PATHS[@]}"; do
		LINK[i]=online DISK[i]=running PRIORITY[i]=50
	done
	alua 1 optimized
	alua 2 optimized
	size 64M
	expected
	wait_for is_seen
	is "$LOOK" "$WANT" "$WHO: the four paths"
	for i in "${!CHANGES[@]}"; do
		change=${CHANGES[i]}
		begin=$(now_ms)
		# shellcheck disable=SC2086 # a command and its words
		$change
		expected
		DEADLINE=15 wait_for is_seen
		TOOK[$WHO $i]=$(($(now_ms) - begin))
		judge "$change (${TOOK[$WHO $i]} ms)"
	done
}

lio_array 64M implicit
for p in "${PATHS[@]}"; do
	lio_path "$p" "${GROUP[p]}"
	host=$(lio_address "$p")
	PATH_OF_HOST[${host%%:*}]=$p
done
lio_settle

multipathd_start <<END
overrides {
	path_grouping_policy group_by_prio
	path_checker tur
	failback immediate
	no_path_retry fail
}
END
reader "/dev/mapper/$LIO_WWID"
WHO=multipathd
round
end_process "$READER"
multipathd_stop

config <<END
[defaults]
polling_interval = 1
max_polling_interval = 1
[overrides]
path_grouping_policy = group_by_prio
path_checker = tur
failback = immediate
no_path_retry = fail
[multipath $LIO_WWID]
alias = lun
END
start
reader "$MNT/lun/volume"
WHO=mpathfs
round
end_process "$READER"
stop
is "$RC" 0 "the daemon ends with status 0"

# Protected when they are opened, the disks are opened anew when they are not.
protect ro
start
wait_value lun/read_only 1
ok $? "a LUN that is write-protected from the start"
mark_events
protect rw
wait_value lun/read_only 0
ok $? "and no more"
run dd if=/dev/zero of="$MNT/lun/volume" bs=4k count=1 oflag=direct
is "$RC" 0 "it can be written to" || diag "$ERR"
is "$(events | tail -c +$((EVENTS_POS + 1)) | grep -c '"all-paths-failed"')" 0 \
	"at no time was there no path"
stop
is "$RC" 0 "the daemon ends with status 0"

# In polling intervals, of a second each. In an emulated machine single changes
# are told apart by two or three.
theirs=0 ours=0
for i in "${!CHANGES[@]}"; do
	a=${TOOK["multipathd $i"]} b=${TOOK["mpathfs $i"]}
	a=$(((a + 999) / 1000)) b=$(((b + 999) / 1000))
	theirs=$((theirs + a)) ours=$((ours + b))
	((b <= a + 3)) ||
		echo "# ${CHANGES[i]}: $b intervals, multipathd $a"
done
((ours <= theirs))
ok $? "all changes: $ours polling intervals, multipathd $theirs"
lio_gone
finish
