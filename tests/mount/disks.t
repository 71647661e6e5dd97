#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Where disks come from, with a udevd: the unit test of it once more, which by
# itself runs without one. Its loop devices get the ID_SERIAL that it expects.
. "$(dirname "$0")/udevd.sh"
. "$(dirname "$0")/lib.sh"
need losetup udevadm

UNIT=$(dirname "$MPATHFS")/tests/unit/core_disk
[[ -x $UNIT ]] || bail "no $UNIT - make tests builds it"

start_udevd "KERNEL==\"loop*\", ATTR{loop/backing_file}==\"/tmp/mpathfs-disk.*\", \
ENV{ID_SERIAL}=\"\$attr{loop/backing_file}\""
# It gives up by itself, and cleans up then.
DEADLINE=240 run env MPATHFS_TEST_UDEVD=1 "$UNIT"
is "$RC" 0 "core/disk.c with udevd" || diag "$OUT$ERR"
like "$OUT" "ok 9" "all of its tests ran"

pid=$UDEVD_PID
stop_udevd
is_dead "$pid"
ok $? "udevd ends"
[[ ! -e /run/udev/control ]]
ok $? "its socket is gone"

# Without it, by hand.
truncate -s 1M "$T/img"
loop A "$T/img"
udev_entry "$A" ID_SERIAL=one ID_WWN=two
like "$(udevadm info --query=property "$A")" "ID_SERIAL=one.*ID_WWN=two" \
	"libudev believes an entry of the database"
finish
