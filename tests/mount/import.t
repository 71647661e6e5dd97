#!/bin/bash
# SPDX-License-Identifier: MIT
#
# --import-multipath-conf: what it writes where, and when it fails. What becomes
# of each keyword is tested by tests/unit/core_import.c.
DATA=$(readlink -f "$(dirname "$0")/../data")
. "$(dirname "$0")/lib.sh"

import()
{
	run "$MPATHFS" --import-multipath-conf "$@"
	OUTPUT=$OUT
	NOTES=$ERR
	STATUS=$RC
}

# What was written loads; TEXT says of what.
loads()
{
	printf '%s\n' "$OUTPUT" >"$T/imported.conf"
	run "$MPATHFS" -c "$T/imported.conf" --check-config
	is "$RC$OUT$ERR" 0 "--check-config takes the translation of $1"
}

import "$DATA/multipath.conf"
is "$STATUS" 0 "a multipath.conf with every section is translated"
loads "it"
like "$OUTPUT" $'\n\[device NETAPP-LUN-[0-9]+\]\nvendor = NETAPP\n' "[device]"
like "$OUTPUT" $'\nalias = oradata\n' "[multipath]"
like "$OUTPUT" $'\n# Left out, or odd:\n# line 6: polling_interval: ' \
	"what is left out ends it, as comments"
is "$(grep -vcE '^'"$DATA"'/multipath\.conf:[0-9]+: .' <<<"$NOTES")" 1 \
	"each note has its file and line"
like "$NOTES" "$DATA/multipath.conf: 132 lines translated, 9 left out"'$' \
	"the last line counts"

import - <"$DATA/multipath.conf"
is "$STATUS" 0 "from stdin"
like "$NOTES" "^stdin:6: polling_interval: " "which is called that"
loads "stdin"

: >"$T/empty"
import "$T/empty"
is "$STATUS$NOTES" "0$T/empty: 0 lines translated, 0 left out" "an empty file"
loads "nothing"

head -c 20000 "$MPATHFS" >"$T/binary"
import "$T/binary"
is "$STATUS" 0 "binary garbage is no reason to fail"
like "$NOTES" ": 0 lines translated, [1-9][0-9]* left out"'$' "but is told"
loads "garbage"

printf 'defaults {\n%01048576d 1\nalias_prefix "%01048576d"\nfailback 4\n}' 0 0 \
	>"$T/long"
import "$T/long"
is "$STATUS" 0 "lines of a megabyte are no reason to fail"
like "$NOTES" ":3: a word is too long: it is cut" "but are told"
((${#NOTES} < 2000))
ok $? "in a few words"
like "$OUTPUT" $'\nfailback = 4\n' "the lines behind them count"
loads "them"

printf 'overrides {\n\tfailback 3\n}\n' >"$T/a
[b]"
import "$T/a
[b]"
loads "a file with a newline in its name"

import "$T"
is "$STATUS$OUTPUT" 1 "a directory is refused, and nothing is written"
is "$NOTES" "mpathfs: $T: Is a directory" "as that"
import "$T/none"
is "$STATUS$OUTPUT" 1 "a file that is not there"
is "$NOTES" "mpathfs: $T/none: No such file or directory" "is named"
run "$MPATHFS" --import-multipath-conf
is "$RC" 2 "without a file the command line is wrong"
import "$T/empty" "$MNT"
is "$STATUS" 2 "and so it is with a mount point"

run bash -c '"$1" --import-multipath-conf "$2" >/dev/full' - "$MPATHFS" \
	"$DATA/multipath.conf"
is "$RC" 1 "stdout is full"
like "$ERR" "mpathfs: stdout: No space left on device"'$' "and named"
unlike "$ERR" "lines translated" "and nothing is said to be done"
run perl -e 'pipe(my $r, my $w); close($r); $SIG{PIPE} = "IGNORE";
	open(STDOUT, ">&", $w); exec @ARGV' \
	"$MPATHFS" --import-multipath-conf "$T/empty"
is "$RC" 1 "nobody reads stdout any more"
like "$ERR" "mpathfs: stdout: Broken pipe"'$' "and named"
run bash -c '"$1" --import-multipath-conf "$2" >&-' - "$MPATHFS" "$T/empty"
is "$RC" 1 "stdout is closed"
like "$ERR" "mpathfs: stdout: Bad file descriptor" "and named"

if ((EUID != 0)); then
	skip "mounting needs root" 4
	finish
fi
add_file_volume v1 16M p1
run "$MPATHFS" --import-multipath-conf "$DATA/multipath.conf"
printf '%s\n' "$OUT" >>"$CONF"
start
get config >"$T/shown.conf"
run "$MPATHFS" -c "$T/shown.conf" --check-config
is "$RC$ERR" 0 "the mount's config, of a volume and an import, loads"
shown=$(<"$T/shown.conf")
like "$shown" $'\n\[device NETAPP-LUN-[0-9]+\]\nvendor = NETAPP\n' \
	"it shows what the file says of arrays"
like "$shown" $'\n# built in:[0-9]+\n\[device DEC-HSG80\]\nvendor = DEC\n' \
	"and the built-in table"
like "$shown" $'\n# \[device\] built in:[0-9]+\nno_path_retry = queue\n' \
	"with the origins"
finish
