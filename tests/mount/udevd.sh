# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# A udevd of the test's own. A test sources this before lib.sh:
#
#	. "$(dirname "$0")/udevd.sh"
#	. "$(dirname "$0")/lib.sh"
#	start_udevd 'KERNEL=="loop*", ENV{ID_SERIAL}="..."'
#	...
#	stop_udevd
#
# The whole test then runs in a network and a mount namespace of its own. The
# kernel sends its events into every network namespace, but what udevd sends on
# stays in its own; /run, with udevd's socket and database, is the test's. So
# each test has its udevd, beside the machine's and beside other tests, and
# nobody else hears of it. It has no rules but the test's: it touches no device
# beyond them. (It takes note of every block device's events, and opens the
# device for a moment, as any udevd does.)
#
# Without start_udevd the test runs where there is no udevd. udev_entry makes
# an entry in its database all the same; libudev believes it.

# In the namespaces, with what udevd must not find hidden. The copies of other
# tests' mounts go: unmounted where they were made, they would live on here, and
# so would the daemons that serve them.
enter_namespaces()
{
	local d type

	while read -r _ d type _; do
		[[ $type != fuse && $type != fuse.* ]] || umount -l "$d" || return
	done <<<"$(</proc/self/mounts)"
	mount -t tmpfs mpathfs-test /run || return
	for d in /usr/lib/udev/rules.d /lib/udev/rules.d /etc/udev/rules.d \
		/usr/local/lib/udev/rules.d; do
		[[ ! -d $d ]] || mount -t tmpfs mpathfs-test "$d" || return
	done
	# udevd makes links there
	mkdir -p /dev/block && mount -t tmpfs mpathfs-test /dev/block
}

if [[ ${IN_NAMESPACES:-} != yes ]]; then
	if ((EUID != 0)); then
		echo "1..0 # SKIP needs root"
		exit 0
	fi
	if ! unshare --mount --net true; then
		echo "1..0 # SKIP needs namespaces of its own"
		exit 0
	fi
	IN_NAMESPACES=yes exec unshare --mount --net "$0" "$@"
fi
enter_namespaces || {
	echo "1..0 # SKIP needs mounts of its own"
	exit 0
}

UDEVD_PID=
for UDEVD in /usr/lib/systemd/systemd-udevd /lib/systemd/systemd-udevd; do
	[[ -x $UDEVD ]] && break
	UDEVD=
done

udevd_answers()
{
	is_dead "$UDEVD_PID" ||
		udevadm control --ping --timeout=5 2>/dev/null
}

# start_udevd RULES: they are the only ones.
start_udevd()
{
	[[ -n $UDEVD ]] || bail "no systemd-udevd - the package udev has it"
	mkdir -p /run/udev/rules.d
	echo "$1" >/run/udev/rules.d/50-test.rules
	SYSTEMD_LOG_TARGET=console "$UDEVD" </dev/null >>"$T/udevd.log" 2>&1 &
	UDEVD_PID=$!
	MADE_PIDS+=("$UDEVD_PID")
	wait_for udevd_answers
	! is_dead "$UDEVD_PID" || bail "udevd: $(<"$T/udevd.log")"
}

# What udevd has been told so far is done.
settle()
{
	udevadm settle --timeout="$DEADLINE" || bail "udevd does not settle"
}

# stop_udevd: its database stays, as it does when the machine's is stopped.
stop_udevd()
{
	udevadm control --exit || bail "udevd does not end"
	reap "$UDEVD_PID"
	rm -f /run/udev/control
	UDEVD_PID=
}

# udev_entry DEVICE KEY=VALUE...: what udevd's database says of it from now on.
udev_entry()
{
	local dev

	dev=$(<"/sys/class/block/${1#/dev/}/dev") || bail "no device $1"
	shift
	mkdir -p /run/udev/data
	printf 'E:%s\n' "$@" >"/run/udev/data/b$dev"
}

# udev_forget DEVICE: nothing any more.
udev_forget()
{
	rm -f "/run/udev/data/b$(<"/sys/class/block/${1#/dev/}/dev")"
}
