#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The rules of the tree that a program can check: layers, sizes, licences,
# manual pages. Prints TAP; each fault is a comment line under its check,
# FILE[:LINE]: what is wrong. Runs from any directory; needs no build. A check
# whose tool is not installed says so and is skipped.
set -uo pipefail
shopt -s lastpipe nullglob # lastpipe: verdict counts in this shell
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# Lines: of a file; of any function; of 95 of 100 functions.
FILE_MAX=600
FUNC_MAX=80
FUNC_P95=50

# All that may stand at the top. The last three are not in the repository.
TOP=(.ci .clang-format .editorconfig .gitignore LICENSE Makefile README.md
	core etc fs hw man selectors tests
	.git build compile_commands.json)

count=0
failed=0

# The faults, one per line, of the check $1 come from stdin: none is good.
verdict()
{
	local faults
	faults=$(cat)
	count=$((count + 1))
	if [[ -z $faults ]]; then
		echo "ok $count - $1"
		return
	fi
	echo "not ok $count - $1"
	# shellcheck disable=SC2001 # of every line, not of the first
	sed 's/^/#   /' <<<"$faults"
	failed=1
}

skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # skip $2"
}

# Is the tool $2 there for the check $1? Says so if not.
tool()
{
	command -v "$2" >/dev/null && return
	skip "$1" "$2 is not installed"
	return 1
}

# Every file of the tree, from the top, without what git and make put there.
files()
{
	find . \( -path ./.git -o -path ./build \) -prune -o \
		\( -type f -o -type l \) -printf '%P\n' | sort
}

mapfile -t FILES < <(files)
mapfile -t SOURCES < <(printf '%s\n' "${FILES[@]}" | grep '\.[ch]$')
mapfile -t HEADERS < <(printf '%s\n' "${FILES[@]}" | grep '\.h$')
mapfile -t SCRIPTS < <(
	for f in "${FILES[@]}"; do
		read -r line 2>/dev/null <"$f"
		if [[ $f == *.sh || $line =~ ^\#!.*[/\ ](ba|da)?sh([^[:alnum:]]|$) ]]
		then
			echo "$f"
		fi
	done 2>/dev/null)

# FILE:LINE: INCLUDED, with the quotes or brackets of it.
INCLUDES=$(grep -noHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]*[">]' \
	"${SOURCES[@]}" | sed -E 's/:[[:space:]]*#[^"<]*/: /')

# May the source $1 include the project's header $2?
may_include()
{
	case "$1 $2" in
	tests/*) ;;
	core/*\ core/*) ;;
	fs/*\ fs/* | fs/*\ core/*) ;;
	fs/main.c\ selectors/* | fs/main.c\ hw/*) ;;
	selectors/*\ selectors/*) ;;
	selectors/*\ core/selector.h) ;;
	selectors/*\ core/base.h | selectors/*\ core/errmsg.h) ;;
	selectors/*\ core/cpu.h) ;;
	hw/*\ hw/* | hw/*\ core/*) ;;
	*) return 1 ;;
	esac
}

check_layers()
{
	local where inc
	while read -r where inc; do
		[[ $inc == '"'* ]] || continue
		inc=${inc//\"/}
		if [[ ! -f $inc ]]; then
			echo "$where \"$inc\" is not a file (write it from the top)"
		elif ! may_include "${where%%:*}" "$inc"; then
			echo "$where must not include \"$inc\""
		fi
	done <<<"$INCLUDES"
}

# Headers of libraries, and where they may be. Tests are free.
check_libraries()
{
	local where inc
	while read -r where inc; do
		case "$inc ${where%%:*}" in
		*\ tests/*) ;;
		\<fuse*\ fs/* | \<linux/fuse.h\>\ fs/*) ;;
		\<fuse* | \<linux/fuse.h\>*)
			echo "$where $inc: only in fs/" ;;
		\<scsi/*\ hw/* | \<linux/nvme*\ hw/* | \<libnvme*\ hw/*) ;;
		\<scsi/* | \<linux/nvme* | \<libnvme*)
			echo "$where $inc: only in hw/" ;;
		\<libaio.h\>\ core/* | \<ini.h\>\ core/*) ;;
		\<libudev.h\>\ core/* | \<libmount.h\>\ core/*) ;;
		\<libaio.h\>* | \<ini.h\>* | \<libudev.h\>* | \<libmount.h\>*)
			echo "$where $inc: only in core/" ;;
		esac
	done <<<"$INCLUDES"
	for inc in libaio.h ini.h libudev.h libmount.h; do
		grep -F " <$inc>" <<<"$INCLUDES" | grep '^core/' | tail -n +2 |
			sed 's/$/: already in another file of core\//'
	done
}

# tsort(1) names the members of each cycle on stderr.
check_cycles()
{
	sed -nE 's/^([^:]*):[0-9]+: "(.*)"$/\1 \2/p' <<<"$INCLUDES" |
		tsort 2>&1 >/dev/null | sed 's/^tsort: -: /cycle: /; s/^tsort: //'
}

compile_flags()
{
	pkg-config --cflags fuse3 inih liburcu-qsbr json-c
}

check_headers()
{
	local h flags
	read -ra flags <<<"$1"
	for h in "${HEADERS[@]}"; do
		gcc -std=gnu11 -D_GNU_SOURCE -D_LGPL_SOURCE -I. "${flags[@]}" \
			-Wall -Wextra -Werror -fsyntax-only -x c - 2>&1 \
			<<<"#include \"$h\"" | grep -m 3 error | sed "s|^|$h: |"
	done
}

check_licences()
{
	local f line
	for f in "${SOURCES[@]}"; do
		read -r line <"$f"
		case "$f $line" in
		*.c\ '// SPDX-License-Identifier: MIT') ;;
		*.h\ '/* SPDX-License-Identifier: MIT */') ;;
		*) echo "$f:1: not the SPDX line" ;;
		esac
	done
	for f in "${SCRIPTS[@]}" Makefile; do
		head -n 3 "$f" | grep -qx '# SPDX-License-Identifier: MIT' ||
			echo "$f: no SPDX line in the first three"
	done
}

check_file_length()
{
	local f n
	for f in "${SOURCES[@]}" "${SCRIPTS[@]}"; do
		n=$(wc -l <"$f")
		((n <= FILE_MAX)) || echo "$f: $n lines, $FILE_MAX at most"
	done
}

# LINES FILE:LINE FUNCTION of every function, the shortest first.
function_lengths()
{
	ctags -x --languages=C --langmap=C:.c.h --kinds-C=f \
		--_xformat='%n %{end} %F %N' "${SOURCES[@]}" |
		awk '$2 ~ /^[0-9]+$/ { print $2 - $1 + 1, $3 ":" $1, $4 }' |
		sort -n
}

check_function_length()
{
	awk -v max="$FUNC_MAX" -v p95="$FUNC_P95" '
		{ n++; long += $1 >= p95 }
		$1 >= p95 { list = list "\n  " $2 ": " $3 ": " $1 }
		$1 > max {
			print $2 ": " $3 ": " $1 " lines, " max " at most"
		}
		END {
			if (n == 0)
				print "no function found"
			if (long * 20 > n)
				print long " of " n " functions have " p95 \
				      " lines or more:" list
		}'
}

check_build_products()
{
	printf '%s\n' "${FILES[@]}" | grep -E \
		'\.(o|a|d|so|gcda|gcno|gcov|orig|rej|swp|pyc|new)$|~$|(^|/)(core\.[0-9]+|vgcore.*|a\.out|tags)$' |
		sed 's/$/: does not belong in the tree/'
}

check_top()
{
	local f
	for f in * .[!.]*; do
		[[ " ${TOP[*]} " == *" $f "* ]] ||
			echo "$f: does not belong at the top"
	done
}

# A selector's file exports its ops, and the table has them.
check_selectors()
{
	local f s
	for f in selectors/*.c; do
		s=${f#selectors/}
		s=sel_${s%.c}
		grep -qx "const struct selector_ops $s = {" "$f" ||
			echo "$f: does not define $s"
		grep -qw "&$s" selectors/selectors.h ||
			echo "selectors/selectors.h: $s is not in the table"
		grep -nE '^[a-z].*(\)|= \{)$' "$f" |
			grep -vE "^[0-9]+:(static|struct [a-z_]+ \{)| $s = " |
			sed "s|^|$f:|; s|\$|: only $s may be exported|"
	done
}

check_shell()
{
	shellcheck -x -P SCRIPTDIR --format=gcc "${SCRIPTS[@]}"
}

check_manual()
{
	mandoc -Tlint -W warning man/*.[1-9] </dev/null | sed 's/^mandoc: //'
}

# Every option of the table has its item in the manual page.
check_options()
{
	local names name
	names=$(grep -oE '\.name = "[^"]*"' core/option.c | cut -d'"' -f2)
	[[ -n $names ]] || echo "core/option.c: no .name = \"...\" found"
	for name in $names; do
		grep -qE "^\.It Ic $name( |\$)" man/mpathfs.conf.5 ||
			echo "man/mpathfs.conf.5: no '.It Ic $name'"
	done
}

# Every event that the sources name has its item in the manual page, and stands
# in a test that provokes it; but for that which only a lack of memory does.
check_events()
{
	local names name
	names=$(perl -0ne 'while (/monitor_event\((.*?)->name/sg) {
			my $args = $1;
			print "$1\n" while $args =~ /"([a-z-]+)"/g;
		}
		print "$1\n" while /struct event ev = \{[^}]*?\.name =\s*"([^"]+)"/sg;
		print "$1\n" while /new_event\("([^"]+)"\)/g;' \
		core/*.c fs/*.c | sort -u)
	[[ -n $names ]] || echo "core/*.c: no monitor_event() found"
	for name in $names; do
		grep -qE "^\.It Ic ([a-z-]+ , )*$name( ,|\$)" \
			man/mpathfs-tree.7 ||
			echo "man/mpathfs-tree.7: no '.It Ic $name'"
		[[ $name == regroup-failed ]] ||
			grep -rqE "\b$name\b" tests/unit tests/mount ||
			echo "tests/: nothing provokes $name"
	done
}

check_layers | verdict "each layer includes only what it may"
check_libraries | verdict "each library's headers are where they belong"
check_cycles | verdict "the include graph has no cycle"

name="every header compiles alone"
if tool "$name" gcc && tool "$name" pkg-config; then
	if pkg_flags=$(compile_flags 2>/dev/null); then
		check_headers "$pkg_flags" | verdict "$name"
	else
		skip "$name" "the libraries' headers are not installed"
	fi
fi

check_licences | verdict "every source says its licence"
check_file_length | verdict "no file is over $FILE_MAX lines"

name="no function is over $FUNC_MAX lines, 95% are under $FUNC_P95"
if ! command -v ctags >/dev/null ||
	[[ $(ctags --version 2>/dev/null) != *Universal* ]]; then
	skip "$name" "universal-ctags is not installed"
else
	lengths=$(function_lengths)
	check_function_length <<<"$lengths" | verdict "$name"
	awk '{ n[NR] = $1 } END { print "# " NR " functions, median " \
		n[int((NR + 1) / 2)] " lines" }' <<<"$lengths"
fi

check_build_products | verdict "no build product is in the tree"
check_top | verdict "the top level has only what belongs there"
check_selectors | verdict "each selector is in the table, and exports no more"

name="shell scripts are clean"
tool "$name" shellcheck && check_shell | verdict "$name"

name="manual pages are clean"
tool "$name" mandoc && check_manual | verdict "$name"

name="every option is in mpathfs.conf(5)"
if [[ -f core/option.c && -f man/mpathfs.conf.5 ]]; then
	check_options | verdict "$name"
else
	skip "$name" "core/option.c or man/mpathfs.conf.5 is not there"
fi

if [[ -f man/mpathfs-tree.7 ]]; then
	check_events | verdict "every event is in mpathfs-tree(7) and a test"
fi

echo "1..$count"
exit "$failed"
