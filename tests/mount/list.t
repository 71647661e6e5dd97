#!/bin/bash
# SPDX-License-Identifier: MIT
#
# --list looks at every disk there is: one that hangs is listed as one that has
# not answered, and whoever asked does not wait for it.
. "$(dirname "$0")/lib.sh"
need root nbdkit nbdfuse nc

truncate -s 16M "$T/vh.img"
remote h1 "$T/vh.img"
remote h2 "$T/vh.img"
# Who reads a loop device waits as for a disk: it cannot be killed.
l1='' l2=''
loop l1 "${DEV[h1]}"
loop l2 "${DEV[h2]}"
DEV[h1]=$l1 DEV[h2]=$l2
volume vh h1 h2
add_file_volume vg 16M g1

list()
{
	run timeout "$DEADLINE" "$MPATHFS" -c "$CONF" --state-dir "$STATE" --list
}

# Before anything of it is in a cache.
remote_hang h1 on
list
is "$RC$ERR" 0 "a disk hangs: --list ends all the same" || diag "$ERR"
like "$OUT" " h1 .* active i/o pending running" "it has not answered"
like "$OUT" " g1 .* active ready +running.* h2 .* active ready +running" \
	"the others have"
remote_hang h1 off
list
is "$RC$ERR" 0 "all well: --list" || diag "$ERR"
like "$OUT" " h1 .* active ready running.* h2 .* active ready running" \
	"shows what the checkers find"
is "$(grep -c ' wp=rw$' <<<"$OUT")" 2 "what can be written is shown so"
unloop "$l1"
ok $? "and nobody has it open still"
finish
