#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command line, and a daemon in the background over plain files.
. "$(dirname "$0")/lib.sh"
need fusermount3

add_file_volume v1 16M p1 p2 -- no_path_retry=queue
add_file_volume v2 16M q1 q2

run "$MPATHFS" --version
is "$RC" 0 "--version"
like "$OUT" "mpathfs [0-9]+\.[0-9]+" "says which"
run "$MPATHFS" --help
is "$RC" 0 "--help"
like "$OUT" "--check-config" "says how"
run "$MPATHFS" --no-such-option
isnt "$RC" 0 "an unknown option is refused"
like "$ERR" "no-such-option" "by name"
run "$MPATHFS" -c "$CONF"
isnt "$RC" 0 "without a mount point"
isnt "$ERR" "" "it says what is missing"

run "$MPATHFS" -c "$CONF" --check-config
is "$RC$OUT$ERR" 0 "--check-config has nothing to say"
before=$(find "$T" -type f -printf '%p %s %T@\n' | grep -v stderr | sort)
run "$MPATHFS" -c "$CONF" --state-dir "$STATE" --list
is "$RC" 0 "--list" || diag "$ERR"
list=$OUT
is "$(find "$T" -type f -printf '%p %s %T@\n' | grep -v stderr | sort)" \
	"$before" "touches nothing"
like "$list" "^v1.*size=16M.* p1 .* p2 .*v2.* q1 " "shows what would be built"

run "$MPATHFS" -c "$CONF" --state-dir "$STATE" "$MNT"
is "$RC" 0 "it goes to the background" || diag "$ERR"
is_mounted "$MNT"
is $? 0 "once mounted"
DPID=$(daemon_value supervisor_pid)
isnt "$DPID" "" "the supervisor can be found"
is "$(awk '{ print $4 }' "/proc/$DPID/stat")" 1 "it is nobody's child" ||
	diag "$(cat "/proc/$DPID/stat")"
is "$(readlink "/proc/$DPID/cwd")" / "it holds no directory"
is "$(get status | grep -c ' active ready running')" 4 "all paths are active"
norm()
{
	tr -s ' ' <<<"$1" | sed 's/status=[a-z]*/status=/;s/active [a-z]* /active /'
}
is "$(norm "$list" | grep -c size=)" "$(norm "$(get status)" |
	grep -c size=)" "--list is as status"
random_file "$T/data" 1048576
run dd if="$T/data" of="$MNT/v2/volume" conv=fsync
is "$RC" 0 "a volume of plain files can be written"
run cmp -n 1048576 "$T/data" "$T/v2.img"
is "$RC$OUT" 0 "and the file has it"
run fusermount3 -u "$MNT"
is "$RC" 0 "fusermount3 -u"
wait_for is_dead "$DPID"
ok $? "ends it"
DPID=

if ((EUID != 0)); then
	skip "mount needs root" 4
	finish
fi
# As mount -t fuse.mpathfs and an fstab line do it (mount(8) itself has a PATH
# of its own, in which an uninstalled program is not found).
mkdir "$T/bin"
ln -s "$MPATHFS" "$T/bin/mpathfs"
PATH=$T/bin:$PATH run mount.fuse3 "$CONF" "$MNT" -t fuse.mpathfs \
	-o rw,state_dir="$STATE"
is "$RC" 0 "mount.fuse3 -t fuse.mpathfs" || diag "$ERR"
is_mounted "$MNT"
is $? 0 "is mounted"
DPID=$(daemon_value supervisor_pid)
run umount "$MNT"
is "$RC" 0 "umount"
wait_for is_dead "$DPID"
ok $? "ends it"
DPID=
finish
