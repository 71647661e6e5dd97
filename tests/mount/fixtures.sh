# shellcheck shell=bash disable=SC2034,SC2004
# SPDX-License-Identifier: MIT
#
# What the daemon stands on: loop devices, plain files, remote disks that err
# and hang when told to, and the sections of its configuration; part of lib.sh.

# Over a file system that knows O_DIRECT (tmpfs: from 6.6 on) the loop devices
# below the daemon do direct I/O, as disks do.
DIRECT=()
dd if=/dev/zero of="$T/probe" oflag=direct bs=4096 count=1 &>/dev/null &&
	DIRECT=(--direct-io=on)
rm -f "$T/probe"

# loop VARIABLE FILE [LOSETUP OPTION...]
loop()
{
	local -n loop_ret=$1
	local file=$2 try

	shift 2
	# Two losetups may choose the same free device; the loser tries again.
	for try in {1..20}; do
		loop_ret=$(losetup -f --show "$@" "$file" 2>"$T/losetup") && {
			MADE_LOOPS+=("$loop_ret")
			return 0
		}
		pause "0.$try"
	done
	bail "losetup $* $file: $(<"$T/losetup")"
}

unloop()
{
	local i

	losetup -d "$1" || return
	for i in "${!MADE_LOOPS[@]}"; do
		[[ ${MADE_LOOPS[i]} == "$1" ]] && unset 'MADE_LOOPS[i]'
	done
	# losetup -d only asks; the loop lets go of its file a moment later.
	wait_for loop_is_free "$1"
}

loop_is_free()
{
	! losetup "$1" &>/dev/null
}

# config: appends stdin to the configuration.
config()
{
	cat >>"$CONF"
}

declare -A PRIO=() # path's name -> its priority, where not the default

# volume NAME PATH... [-- OPTION=VALUE...]: its section, over DEV[PATH].
volume()
{
	local name=$1

	shift
	echo "[volume $name]" >>"$CONF"
	while (($#)) && [[ $1 != -- ]]; do
		echo "path = $1 ${DEV[$1]}${PRIO[$1]:+ ${PRIO[$1]}}" \
			>>"$CONF"
		shift
	done
	shift || :
	while (($#)); do
		echo "${1%%=*} = ${1#*=}" >>"$CONF"
		shift
	done
}

# add_volume NAME SIZE PATH... [-- OPTION=VALUE...]: loop devices over one
# backing file $T/NAME.img, and the section.
add_volume()
{
	local name=$1 size=$2 p

	shift 2
	truncate -s "$size" "$T/$name.img"
	for p in "$@"; do
		[[ $p == -- ]] && break
		loop "DEV[$p]" "$T/$name.img" "${DIRECT[@]}"
	done
	volume "$name" "$@"
}

# add_file_volume: the same over plain files, one link for each path.
add_file_volume()
{
	local name=$1 size=$2 p

	shift 2
	truncate -s "$size" "$T/$name.img"
	for p in "$@"; do
		[[ $p == -- ]] && break
		ln "$T/$name.img" "$T/$name.$p"
		DEV[$p]="$T/$name.$p"
	done
	volume "$name" "$@"
}

# remote PATH FILE [NBDKIT ARGUMENT...]: a remote disk, nbdkit over FILE with
# switches for errors and hangs, shown as a file by nbdfuse; DEV[PATH] is it.
# remote_errors PATH on|off, remote_hang PATH on|off.
remote()
{
	local p=$1 file=$2 dir=$T/remote.$1

	shift 2
	mkdir "$dir" "$dir/mnt"
	nbdkit -f --exit-with-parent -U "$dir/nbd.sock" -P "$dir/pid" \
		--filter=pause --filter=error file "$file" \
		pause-control="$dir/pause.sock" \
		error-file="$dir/errors" error-rate=100% "$@" \
		</dev/null >"$dir/nbdkit.log" 2>&1 &
	REMOTE_PIDS+=($!)
	wait_for test -s "$dir/pid" || bail "nbdkit: $(<"$dir/nbdkit.log")"
	nbdfuse "$dir/mnt/disk" --unix "$dir/nbd.sock" \
		</dev/null >"$dir/nbdfuse.log" 2>&1 &
	REMOTE_PIDS+=($!)
	REMOTE_MOUNTS+=("$dir/mnt")
	wait_for test -e "$dir/mnt/disk" || bail "nbdfuse: $(<"$dir/nbdfuse.log")"
	DEV[$p]="$dir/mnt/disk"
}

remote_errors()
{
	if [[ $2 == on ]]; then
		: >"$T/remote.$1/errors"
	else
		rm -f "$T/remote.$1/errors"
	fi
}

# nbdkit answers P when it has stopped serving, R when it goes on.
remote_hang()
{
	local word=r answer=R got

	[[ $2 == on ]] && word=p answer=P
	got=$(printf %s "$word" | timeout "$DEADLINE" nc -N -U \
		"$T/remote.$1/pause.sock")
	[[ $got == "$answer" ]] || bail "pause of $1: '$got'"
}

# faulty PATH FILE: a disk that fails with any errno; DEV[PATH] is it.
# fault PATH WORDS: "read ERRNO", "write ERRNO" or none.
faulty()
{
	local p=$1 dir=$T/remote.$1 tool

	tool=$(dirname "$MPATHFS")/tests/mount/faultfile
	[[ -x $tool ]] || bail "no $tool - make tests builds it"
	mkdir "$dir" "$dir/mnt"
	"$tool" "$2" "$dir/mnt" </dev/null >"$dir/log" 2>&1 &
	REMOTE_PIDS+=($!)
	REMOTE_MOUNTS+=("$dir/mnt")
	wait_for test -e "$dir/mnt/disk" || bail "faultfile: $(<"$dir/log")"
	DEV[$p]="$dir/mnt/disk"
}

fault()
{
	echo "$2" >"$T/remote.$1/mnt/fault" || bail "fault $*"
}

# ios PATH...: what their devices have completed, together.
ios()
{
	local p n=0

	for p in "$@"; do
		n=$((n + $(completed_ios "${DEV[$p]}")))
	done
	echo $n
}

# has_ios N PATH...: so much, or whoever is in the background has ended.
has_ios()
{
	is_dead "$BG" || (($(ios "${@:2}") >= $1))
}

# io_goes_on PATH...: 50 more of them are completed.
io_goes_on()
{
	wait_for has_ios $(($(ios "$@") + 50)) "$@"
}

# under_load COUNT: calls `change N`, for N from 0 on, COUNT times or more,
# while fio --verify runs on $V.
under_load()
{
	local n=0 round

	for ((round = 0; n < $1 && round < 50; round++)); do
		background "$T/fio.log" fio --name=v --filename="$V" \
			--size=32M --rw=randwrite --bsrange=4k-128k \
			--ioengine=libaio --iodepth=16 --direct=1 --loops=4 \
			--verify=crc32c --verify_fatal=1
		while ! is_dead "$BG"; do
			change $((n++))
		done
		reap "$BG"
		is "$RC" 0 "fio --verify, $n changes so far" ||
			diag "$(<"$T/fio.log")"
	done
	((n >= $1))
	ok $? "$1 changes or more"
}

# background LOG COMMAND...: leaves BG, its process id.
background()
{
	local log=$1

	shift
	"$@" </dev/null >"$log" 2>&1 &
	BG=$!
	MADE_PIDS+=("$BG")
}

# Waits for a process of ours, but not for ever; leaves RC.
reap()
{
	if wait_for is_dead "$1"; then
		wait "$1" 2>/dev/null
		RC=$?
	else
		RC=124
		diag "process $1 does not end"
	fi
	return 0
}
