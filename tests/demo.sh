#!/bin/bash
# SPDX-License-Identifier: MIT
#
# demo.sh start|stop: what `make demo` and `make demo-stop` do.
#
# Two volumes, mpatha and mpathb, of two paths each, mounted where one can play
# with them. As root the paths are four loop devices over two backing files;
# else they are links to plain files. All that was made is recorded in $RUN
# before it is used, and `stop` takes away just that.
set -euo pipefail

if ((EUID == 0)); then
	RUN=/run/mpathfs-demo
	MNT=/mnt/mpath
	DISKS=/var/tmp
else
	RUN=${XDG_RUNTIME_DIR:-${TMPDIR:-/tmp}}/mpathfs-demo.$EUID
	MNT=$RUN/mnt
	DISKS=${TMPDIR:-/var/tmp}
fi
SIZE=256M
PROG=$(readlink -f "${MPATHFS:-build/mpathfs}")

is_mounted()
{
	grep -q " $MNT fuse" /proc/self/mounts
}

die()
{
	echo "demo: $*" >&2
	exit 1
}

# Others could have made $RUN where everybody may write.
check_run()
{
	[[ ! -L $RUN && -O $RUN ]] || die "$RUN is not ours - nothing done"
}

# loop FILE: a loop device over it, on record.
loop()
{
	local dev

	dev=$(losetup -f --show --direct-io=on "$1" 2>/dev/null ||
		losetup -f --show "$1")
	echo "$dev $1" >>"$RUN/loops"
	echo "$dev"
}

# The second way to a file that is no block device.
link()
{
	ln "$1" "$1.$2"
	echo "$1.$2"
}

# volume NAME PATH PATH
volume()
{
	local img=$DIR/$1.img p dev

	truncate -s "$SIZE" "$img"
	echo "[volume $1]"
	for p in "$2" "$3"; do
		if ((EUID == 0)); then
			dev=$(loop "$img")
		else
			dev=$(link "$img" "$p")
		fi
		echo "path = $p $dev"
	done
	echo
}

configure()
{
	cat <<-CONF
		# made by make demo; gone after make demo-stop
		[defaults]
		path_grouping_policy = multibus
		no_path_retry = queue
		polling_interval = 5

	CONF
	volume mpatha pathA1 pathA2
	volume mpathb pathB1 pathB2
}

try_next()
{
	cat <<-TEXT

		Try, in $MNT:
		  cat status                                what there is, as \`multipath -ll\` shows it
		  cat events                                what happens, live (another terminal)
		  dd if=mpatha/volume of=/dev/null bs=1M iflag=direct
		  echo fail > mpatha/paths/pathA1/state     as an I/O error would; the checker brings it back
		  echo offline > mpatha/paths/pathA2/state  held until \`online\`; with both gone, I/O waits
		  kill -KILL \$(sed -n s/^worker_pid=//p daemon)   nobody notices
	TEXT
	((EUID == 0)) && cat <<-TEXT
		  L=\$(losetup -f --show --direct-io=on $MNT/mpatha/volume)
		  mkfs.ext4 \$L && mkdir -p /mnt/lun && mount \$L /mnt/lun   and again \`echo fail\`, \`kill\`
		  umount /mnt/lun; losetup -d \$L             before the end
	TEXT
	echo "  make demo-stop                            takes all of it away"
}

start()
{
	if is_mounted; then
		echo "The demo is running, at $MNT."
		cat "$MNT/status"
		try_next
		return
	fi
	[[ -x $PROG ]] || die "no program $PROG - run make first"
	[[ -c /dev/fuse ]] || die "no /dev/fuse - load the kernel's fuse module"
	command -v fusermount3 >/dev/null ||
		die "no fusermount3 - apt-get install fuse3"
	grep -q " $MNT " /proc/self/mounts && die "something else is at $MNT"
	[[ ! -e $RUN ]] || stop
	mkdir -m 700 "$RUN"
	trap 'stop >/dev/null' EXIT
	DIR=$(mktemp -d "$DISKS/mpathfs-demo.XXXXXX")
	echo "$DIR" >"$RUN/disks"
	[[ -d $MNT ]] || { mkdir -p "$MNT" && : >"$RUN/made-mnt"; }
	configure >"$RUN/mpathfs.conf"
	mkdir "$RUN/state"
	"$PROG" -c "$RUN/mpathfs.conf" --state-dir "$RUN/state" "$MNT"
	cat "$MNT/status"
	trap - EXIT
	try_next
}

# Ends the mount, and with it the daemon; returns when that is gone too.
unmount()
{
	local pid

	is_mounted || return 0
	pid=$(sed -n "s/^supervisor_pid=//p" "$MNT/daemon" || :)
	if ((EUID == 0)); then
		umount "$MNT"
	else
		fusermount3 -u "$MNT"
	fi || die "$MNT is in use (a loop device? a shell?) - nothing taken away"
	[[ -z $pid ]] || timeout 60 tail --pid="$pid" -f /dev/null ||
		die "the daemon (process $pid) does not end"
}

stop()
{
	local dev file dir

	if [[ ! -e $RUN ]]; then
		echo "No demo is running."
		return
	fi
	check_run
	unmount
	# A device may have been given to somebody else since: look at its file.
	while read -r dev file; do
		if [[ $(losetup -n -O BACK-FILE "$dev" 2>/dev/null) == "$file" ]]
		then
			losetup -d "$dev"
		fi
	done < <(cat "$RUN/loops" 2>/dev/null)
	dir=$(cat "$RUN/disks" 2>/dev/null || :)
	[[ $dir == "$DISKS"/mpathfs-demo.* ]] && rm -rf "$dir"
	[[ ! -e $RUN/made-mnt ]] || rmdir "$MNT"
	rm -rf --one-file-system "$RUN"
	echo "The demo is gone."
}

case ${1:-} in
start) start ;;
stop) stop ;;
*) die "usage: demo.sh start|stop" ;;
esac
