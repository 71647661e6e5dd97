#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A daemon in a pid name space of its own, as in a container whose mount the
# host and other containers use: it cannot see who waits, and a signal that
# does not kill fails nobody's I/O.
. "$(dirname "$0")/lib.sh"
need root unshare perl

add_volume v1 16M p1 p2 -- no_path_retry=queue polling_interval=1000 \
	max_polling_interval=1000
cat >"$T/inner" <<-SH
	#!/bin/sh
	exec unshare --pid --fork --kill-child "$MPATHFS" "\$@"
SH
chmod +x "$T/inner"
MPATHFS=$T/inner
start
is "$(daemon_value supervisor_pid)" 1 "the daemon has a name space of its own"

path v1 p1 offline
path v1 p2 offline
cat >"$T/one-read" <<'PL'
	use Fcntl;
	$SIG{ALRM} = sub { };
	sysopen(my $f, $ARGV[0], O_RDONLY | O_DIRECT) or die "open: $!";
	my $n = sysread($f, my $buf, 4096);
	print defined $n ? "read $n\n" : "failed: $!\n";
PL
background "$T/read.log" perl "$T/one-read" "$MNT/v1/volume"
wait_for waits_in_fuse "$BG"
ok $? "a read waits for a path"
kill -ALRM "$BG"
# The signal's INTERRUPT is on its way through the daemon; these follow it.
for ((i = 0; i < 50; i++)); do
	get v1/state >/dev/null
done
is_dead "$BG"
isnt $? 0 "an alarm does not end its wait" || diag "$(<"$T/read.log")"
path v1 p1 online
reap "$BG"
is "$RC $(<"$T/read.log")" "0 read 4096" "and it gets its data"
finish
