# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# The harness of the lab's tests: that of the whole-daemon tests, in a guest
# that the test may break, with real SCSI and NVMe. A test sources it first:
#
#	. "$(dirname "$0")/lib.sh"
#
# Run on the host, the test is run in the lab instead and its TAP is passed on.
# So all below that line is the guest's, and root's. The tests of one boot
# follow each other; each takes away what it made, modules included.

if [[ ! -d /run/lab/out ]]; then
	exec "$(dirname "${BASH_SOURCE[0]}")/host" "$0"
fi

TEST_LIMIT=${TEST_LIMIT:-1800} # an emulated machine is slow
. "$(dirname "${BASH_SOURCE[0]}")/../mount/lib.sh"
DEADLINE=120

# As there, but longer: to look costs more than on the host.
pause()
{
	read -rt "${1:-0.2}" -u "$QUIET" || :
}

# udevd has handled all that the kernel has told so far.
settle()
{
	udevadm settle --timeout="$DEADLINE" || bail "udevd does not settle"
}

# load MODULE [PARAMETER...]: loaded, or the test ends.
load()
{
	modprobe "$@" || bail "modprobe $*"
}

module_is_gone()
{
	modprobe -r "$1" 2>/dev/null
}

# unload MODULE: when nobody holds it any more.
unload()
{
	wait_for module_is_gone "$1" || bail "module $1 stays in use"
}

# scsi_disks DRIVER: the names (sda) of the disks of its hosts, in the order of
# the hosts.
scsi_disks()
{
	local d hctl

	for d in /sys/bus/scsi/devices/*:*:*:*/block/*; do
		hctl=${d#/sys/bus/scsi/devices/}
		[[ $(cat "/sys/class/scsi_host/host${hctl%%:*}/proc_name" \
			2>/dev/null) == "$1" ]] && echo "${hctl%%:*} ${d##*/}"
	done | sort -n | cut -d' ' -f2
}
