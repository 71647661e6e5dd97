# shellcheck shell=bash disable=SC2034,SC2004
# SPDX-License-Identifier: MIT
#
# TAP, and commands whose result is looked at; part of lib.sh.

TESTS=0
FAILED=0

diag()
{
	local text=$*

	echo "# ${text//$'\n'/$'\n'# }" >&2
}

# ok STATUS DESCRIPTION
ok()
{
	TESTS=$((TESTS + 1))
	if [[ $1 == 0 ]]; then
		echo "ok $TESTS - $2"
		return 0
	fi
	FAILED=$((FAILED + 1))
	echo "not ok $TESTS - $2"
	diag "failed: $2 ($(basename "${BASH_SOURCE[-1]}"):${BASH_LINENO[-2]})"
	return 1
}

# is GOT EXPECTED DESCRIPTION
is()
{
	[[ $1 == "$2" ]]
	ok $? "$3" || { diag "     got: $1"; diag "expected: $2"; return 1; }
}

isnt()
{
	[[ $1 != "$2" ]]
	ok $? "$3" || { diag "     got: $1"; diag "and did not expect it"; return 1; }
}

# like GOT REGEX DESCRIPTION
like()
{
	[[ $1 =~ $2 ]]
	ok $? "$3" || { diag "      got: $1"; diag "not like: $2"; return 1; }
}

unlike()
{
	! [[ $1 =~ $2 ]]
	ok $? "$3" || { diag "     got: $1"; diag "but like: $2"; return 1; }
}

# skip REASON COUNT: these tests cannot run here.
skip()
{
	local i

	for ((i = 0; i < ${2:-1}; i++)); do
		TESTS=$((TESTS + 1))
		echo "ok $TESTS # SKIP $1"
	done
}

# The whole file cannot run here.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# The test cannot go on: no plan is printed, so that it fails as a whole.
bail()
{
	diag "stopped: $*"
	[[ -s $LOG ]] && diag "$(tail -n 20 "$LOG")"
	exit 1
}

# need root | resend | PROGRAM...: resend, of the open requests of a worker that
# died, is what Linux 6.9 brought.
need()
{
	local what

	for what in "$@"; do
		if [[ $what == root ]]; then
			((EUID == 0)) || skip_all "needs root"
		elif [[ $what == resend ]]; then
			printf "%s\n" 6.9 "$(uname -r)" | sort -CV ||
				skip_all "needs a kernel with resend (6.9)"
		elif ! command -v "$what" >/dev/null; then
			skip_all "needs $what"
		fi
	done
}

# run COMMAND...: leaves OUT, ERR and RC; never ends the test, nor hangs it.
run()
{
	OUT=$(timeout -k 5 "$DEADLINE" "$@" 2>"$T/stderr")
	RC=$?
	ERR=$(<"$T/stderr")
	return 0
}
