# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The harness of the whole-daemon tests. A test sources it first, makes its
# volumes, starts the daemon, checks, and ends with `finish`:
#
#	. "$(dirname "$0")/lib.sh"
#	need root
#	add_volume v1 64M p1 p2 -- no_path_retry=queue
#	start
#	is "$(get v1/state)" optimal "a new volume is optimal"
#	finish
#
# Everything a test makes is its own: a directory, a mount point in it, loop
# devices, processes. All of it is recorded when it is made and taken away on
# exit, whatever the exit; every wait has a deadline. Two tests can run beside
# each other.
#
# Environment: MPATHFS, the program (build/mpathfs); SAN, the sanitizers that
# it was built with (deadlines grow); TEST_LIMIT, seconds for one test.

set -u

MPATHFS=$(readlink -f "${MPATHFS:-build/mpathfs}")
SLOW=1
[[ -n ${SAN:-} ]] && SLOW=6
DEADLINE=$((30 * SLOW))
TEST_LIMIT=${TEST_LIMIT:-$((240 * SLOW))}

# mktemp's directory is for its owner alone; some tests act as somebody else.
T=$(mktemp -d "${TMPDIR:-/tmp}/mpathfs-test.XXXXXX")
chmod 755 "$T"
MNT=$T/mnt
CONF=$T/mpathfs.conf
STATE=$T/state
LOG=$T/daemon.log
mkdir "$MNT" "$STATE" "$T/san"
: >"$CONF"

declare -A DEV=()  # path's name -> its device
MADE_LOOPS=()	   # loop devices, oldest first
MADE_MOUNTS=()	   # file systems on volumes, oldest first
MADE_PIDS=()	   # background processes
REMOTE_MOUNTS=()   # nbdfuse
REMOTE_PIDS=()	   # nbdkit and nbdfuse
DPID=		   # the supervisor
KILLS=0		   # restarts that the test caused since `start`
EVENTS_POS=0	   # where wait_event begins to read

. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

# ---- waiting ----

# A pipe that never says anything: reading it with a time limit is the pause
# between two looks at what gives no event.
exec {QUIET}<> <(:)

pause()
{
	read -rt "${1:-0.02}" -u "$QUIET" || :
}

# wait_for COMMAND...: until it succeeds, or the deadline: then 1.
wait_for()
{
	local end=$((SECONDS + DEADLINE))

	until "$@"; do
		((SECONDS < end)) || return 1
		pause
	done
}

contains()
{
	[[ $(timeout 5 cat "$MNT/$1" 2>/dev/null) == "$2" ]]
}

# wait_state FILE-BELOW-MNT VALUE
wait_value()
{
	wait_for contains "$1" "$2"
}

wait_state()
{
	wait_value "$1/paths/$2/state" "$3"
}

# What is in `events` up to now.
events()
{
	timeout 10 dd if="$MNT/events" iflag=nonblock bs=64k 2>/dev/null
}

# From here on wait_event looks only at what is new.
mark_events()
{
	EVENTS_POS=$(events | wc -c)
}

# wait_event REGEX: until a line after the mark matches; prints it.
wait_event()
{
	local fd pid rc

	exec {fd}< <(exec dd if="$MNT/events" bs=64k status=none \
		iflag=skip_bytes skip="$EVENTS_POS" 2>/dev/null)
	pid=$!
	timeout "$DEADLINE" grep -m1 -aE -- "$1" <&"$fd"
	rc=$?
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	exec {fd}<&-
	return $rc
}

# Is the process asleep in a FUSE request?
waits_in_fuse()
{
	grep -qE 'request_wait|fuse|folio_wait|bit_wait' "/proc/$1/wchan" 2>/dev/null
}

# Gone, or a zombie of ours: it runs no more.
is_dead()
{
	local stat

	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	[[ $stat == [ZX]* ]]
}

# Milliseconds since boot.
now_ms()
{
	local up

	read -r up _ </proc/uptime
	echo $((10#${up/./} * 10))
}

# Reads and writes that a block device or loop has completed.
completed_ios()
{
	awk '{ print $1 + $5 }' "/sys/block/${1#/dev/}/stat"
}

has_completed()
{
	(($(completed_ios "$1") >= $2))
}

# wait_io DEVICE N: until N more I/Os have completed on it.
wait_io()
{
	wait_for has_completed "$1" $(($(completed_ios "$1") + $2))
}

. "$(dirname "${BASH_SOURCE[0]}")/fixtures.sh"

# ---- the daemon ----

export ASAN_OPTIONS="log_path=$T/san/asan:detect_leaks=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="log_path=$T/san/ubsan:print_stacktrace=1"
export TSAN_OPTIONS="log_path=$T/san/tsan:second_deadlock_stack=1:${TSAN_OPTIONS:-}"
export LSAN_OPTIONS="log_path=$T/san/lsan"

# mpathfs ARGUMENT...: the program with this test's directories.
mpathfs()
{
	"$MPATHFS" -c "$CONF" --state-dir "$STATE" "$@"
}

is_mounted()
{
	grep -q " $1 " /proc/self/mounts
}

answers()
{
	timeout 5 grep -q '^worker_pid=' "$MNT/daemon" 2>/dev/null
}

serves_or_ended()
{
	is_dead "$DPID" || { is_mounted "$MNT" && answers; }
}

# start [ARGUMENT...]: in the foreground, below this shell; ready on return.
start()
{
	[[ -x $MPATHFS ]] || bail "no program: $MPATHFS"
	KILLS=0
	EVENTS_POS=0
	"$MPATHFS" -c "$CONF" --state-dir "$STATE" -f "$@" "$MNT" \
		</dev/null >>"$LOG" 2>&1 &
	DPID=$!
	wait_for serves_or_ended
	{ is_mounted "$MNT" && answers; } || bail "the daemon does not start"
}

# stop: umount; leaves RC, the daemon's exit status.
stop()
{
	check_restarts
	timeout "$DEADLINE" umount "$MNT" || bail "umount $MNT"
	reap "$DPID"
	is_dead "$DPID" && DPID=
}

# The crashes since `start` are those that the test caused.
check_restarts()
{
	local n

	n=$(daemon_value restarts)
	[[ $n == "$KILLS" ]] ||
		ok 1 "the worker was restarted $n times, expected $KILLS"
}

# A file below the mount, or a line of `daemon`. Nothing here may hang.
get()
{
	timeout "$DEADLINE" cat "$MNT/$1"
}

daemon_value()
{
	get daemon | sed -n "s/^$1=//p"
}

# put FILE-BELOW-MNT VALUE: leaves RC and ERR.
put()
{
	run bash -c 'printf "%s\n" "$2" >"$1"' put "$MNT/$1" "$2"
	return "$RC"
}

# path VOLUME PATH WORD: fail, reinstate, offline, online.
path()
{
	put "$1/paths/$2/state" "$3" || bail "$3 > $1/paths/$2/state: $ERR"
}

new_worker()
{
	local pid

	pid=$(daemon_value worker_pid)
	[[ -n $pid && $pid != "$1" ]] && is_mounted "$MNT"
}

# kill_worker: SIGKILL; returns when the next one serves.
kill_worker()
{
	local pid

	pid=$(daemon_value worker_pid)
	[[ $pid =~ ^[0-9]+$ ]] || bail "no worker_pid in daemon"
	KILLS=$((KILLS + 1))
	kill -KILL "$pid"
	wait_for new_worker "$pid" || bail "no new worker after SIGKILL"
}

# mount_ext4 LOOP MOUNTPOINT
mount_ext4()
{
	mkdir -p "$2"
	mount -t ext4 "$1" "$2" || bail "mount $1"
	MADE_MOUNTS+=("$2")
}

umount_ext4()
{
	timeout "$DEADLINE" umount "$1" || bail "umount $1"
}

# random_file FILE BYTES: always the same for one SEED, which a test prints.
SEED=${SEED:-$RANDOM}
random_file()
{
	perl -e '
		my ($left, $seed) = @ARGV;
		srand($seed);
		my $noise = pack("L*", map { rand(2**32) } 1 .. 16384);
		# every block begins with a number of its own
		for (; $left > 0; $left -= 65536) {
			substr($noise, 0, 8) = pack("Q", $left);
			print substr($noise, 0, $left < 65536 ? $left : 65536);
		}' "$2" "$SEED" >"$1"
}

# ---- the end ----

# Whatever the sanitizers wrote is a failure.
check_reports()
{
	local f none=0

	[[ -n ${SAN:-} ]] || return 0
	for f in "$T"/san/*; do
		[[ -e $f ]] || continue
		none=1
		diag "$(head -n 60 "$f")"
	done
	ok $none "the sanitizers report nothing"
}

# finish: stops the daemon, checks what every test checks, prints the plan.
finish()
{
	if [[ -n $DPID ]]; then
		stop
		is "$RC" 0 "the daemon ends with status 0"
	fi
	check_reports
	echo "1..$TESTS"
	((FAILED == 0))
	exit
}

# Frees everybody who waits in the FUSE mount at $1.
abort_fuse()
{
	local minor

	minor=$(awk -v m="$1" '$5 == m { split($3, d, ":"); print d[2] }' \
		/proc/self/mountinfo | tail -n 1)
	[[ -n $minor ]] &&
		echo 1 >"/sys/fs/fuse/connections/$minor/abort" 2>/dev/null
}

unmount_hard()
{
	is_mounted "$1" || return 0
	timeout 20 umount "$1" 2>/dev/null && return
	abort_fuse "$1"
	timeout 20 umount "$1" 2>/dev/null || timeout 20 umount -l "$1"
}

# end_process PID: SIGTERM, then SIGKILL.
end_process()
{
	is_dead "$1" && return
	kill -TERM "$1"
	DEADLINE=15 wait_for is_dead "$1" && return
	kill -KILL "$1"
	DEADLINE=15 wait_for is_dead "$1"
}

end_daemon()
{
	local worker

	worker=$(cat "/proc/$DPID/task/$DPID/children")
	unmount_hard "$MNT"
	end_process "$DPID"
	# the worker of a supervisor that had to be killed
	[[ -n $worker ]] && kill -KILL "${worker%% *}"
	unmount_hard "$MNT"
}

# Newest first: who does I/O, file systems on volumes, loops over volumes, the
# daemon, then what its paths stand on.
cleanup()
{
	local i said

	trap - EXIT INT TERM
	((FAILED)) && [[ -s $LOG ]] && diag "$(tail -n 40 "$LOG")"
	exec {said}>&2 2>/dev/null
	kill -KILL "$WATCHDOG" "${MADE_PIDS[@]}"
	for ((i = ${#MADE_MOUNTS[@]} - 1; i >= 0; i--)); do
		unmount_hard "${MADE_MOUNTS[i]}"
	done
	for i in "${MADE_LOOPS[@]}"; do
		losetup -n -O BACK-FILE "$i" | grep -q "^$MNT" &&
			timeout 20 losetup -d "$i"
	done
	[[ -n $DPID ]] && end_daemon
	for i in "${REMOTE_MOUNTS[@]}"; do
		unmount_hard "$i"
	done
	for i in "${REMOTE_PIDS[@]}"; do
		end_process "$i"
	done
	for i in "${MADE_LOOPS[@]}"; do
		losetup -d "$i"
	done
	cd / || :
	rm -rf --one-file-system "$T"
	[[ -e $T ]] && echo "# left behind: $T" >&"$said"
}

trap cleanup EXIT
trap 'exit 1' INT TERM

# One test that hangs must not hang the suite: whoever waits in a FUSE mount
# is freed, then the test is told to end.
(
	trap - EXIT INT TERM
	pause "$TEST_LIMIT"
	for m in "$MNT" "$T"/remote.*/mnt; do
		abort_fuse "$m"
	done
	kill -TERM $$
) </dev/null >/dev/null 2>&1 &
WATCHDOG=$!

# What programs leave behind (fio) is left here.
cd "$T" || exit
