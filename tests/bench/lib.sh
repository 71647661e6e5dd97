# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# What the benchmarks have in common: words of the command line, the disk in
# memory, servers that are started and taken away again, quiet before a run.
# Sourced first. What is made is undone in reverse order on exit, whatever the
# exit; nothing else is touched.

: "${BUILD:=build}" "${MPATHFS:=$BUILD/mpathfs}"

START_TIMEOUT=20 # seconds until a server must have mounted
IDLE_TIMEOUT=5	 # seconds that a run waits for the machine to be idle

declare -A file=()    # server -> the file that it serves
declare -A reason=()  # server -> why there is none
declare -A mounted=() # server -> where it mounts
loops=()	      # loop devices, oldest first
undo=()		      # commands, oldest first
dir=

die()
{
	echo "bench: $*" >&2
	exit 1
}

# pick LIST ALL...: the words of LIST, each of which must be one of ALL.
pick()
{
	local word words list=$1
	shift
	IFS=, read -ra words <<<"$list"
	((${#words[@]})) || die "an empty list - say some of: $*"
	for word in "${words[@]}"; do
		[[ " $* " == *" $word "* ]] ||
			die "'$word' is none of: $*"
		echo "$word"
	done
}

number()
{
	[[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || die "$1: '$2' is not a number above 0"
}

# later COMMAND...: on exit, before what was said earlier.
later()
{
	local words
	printf -v words '%q ' "$@"
	undo+=("$words")
}

cleanup()
{
	local i
	trap '' INT TERM HUP
	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}" || true
	done
}

# begin TOOL...: root and the tools are there; from here on things are made.
begin()
{
	local tool
	((EUID == 0)) || die "only root can make loop devices and mounts"
	for tool in fio jq losetup "$@"; do
		command -v "$tool" >/dev/null ||
			die "there is no $tool - run 'make deps'"
	done
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	dir=$(mktemp -d)
	later rm -rf --one-file-system "$dir"
}

# make_disk BYTES: $dir/mem/disk, in memory.
make_disk()
{
	mkdir "$dir/mem"
	mount -t tmpfs -o "size=$(($1 + (64 << 20)))" mpathfs-bench "$dir/mem"
	later umount "$dir/mem"
	# Written, not truncated: every page has its memory before it is timed.
	dd if=/dev/zero of="$dir/mem/disk" bs=1M count=$(($1 >> 20)) \
		status=none
}

# add_loop FILE: a loop device on it, at the end of loops.
add_loop()
{
	local dev
	dev=$(losetup -f --show --direct-io=on "$1" || losetup -f --show "$1")
	loops+=("$dev")
	later losetup -d "$dev"
}

# A server that mounts on a directory of its own, or on a file in it.
mountpoint_of()
{
	mkdir "$dir/$1"
	mounted[$1]="$dir/$1${2:-}"
}

end_server()
{
	local pid=$1 mountpoint=$2
	if [[ -n $mountpoint ]]; then
		umount "$mountpoint" 2>/dev/null ||
			umount -l "$mountpoint" 2>/dev/null || true
	fi
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# launch SERVER FILE COMMAND...: starts it and waits until FILE is there. The
# server has its file then, or its reason.
launch()
{
	local who=$1 path=$2 log="$dir/$1.log" pid deadline
	shift 2
	if ! command -v "$1" >/dev/null; then
		reason[$who]="there is no program $1"
		return
	fi
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	later end_server "$pid" "${mounted[$who]:-}"
	deadline=$((SECONDS + START_TIMEOUT))
	# A size: some mount over a file that is empty until they have.
	until [[ -s $path ]]; do
		if ! kill -0 "$pid" 2>/dev/null; then
			reason[$who]="ended at once: $(tail -n 1 "$log")"
			return
		elif ((SECONDS >= deadline)); then
			reason[$who]="not mounted after $START_TIMEOUT s"
			return
		fi
		sleep 0.05
	done
	file[$who]=$path
}

# A pipe that never says anything: waiting for it takes no process.
exec {QUIET}<> <(:)

pause()
{
	read -rt "$1" -u "$QUIET" || true
}

# Leaves busy and idle: the ticks of all CPUs.
ticks()
{
	local user nice system iowait irq softirq steal _
	read -r _ user nice system idle iowait irq softirq steal _ </proc/stat
	busy=$((user + nice + system + irq + softirq + steal))
	idle=$((idle + iowait))
}

# Until the CPUs have been nine tenths idle for a moment, or for a while.
wait_idle()
{
	local deadline=$((SECONDS + IDLE_TIMEOUT)) busy idle busy0 idle0
	while ((SECONDS < deadline)); do
		ticks
		busy0=$busy idle0=$idle
		pause 0.2
		ticks
		((idle - idle0 < 9 * (busy - busy0))) || return 0
	done
}

progress()
{
	[[ ! -t 2 ]] || printf '\r\033[K%s' "$*" >&2
}
