#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Throughput of a LUN of LIO in memory: one path by itself, dm-multipath on four,
# mpathfs on the same four, in turns. Prints the medians and their ratios. What
# it judges is that all I/O went well and that every path had its part, never
# how long it took: the machine is emulated.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"
. "$(dirname "$0")/../multipathd.sh"
need jq fio

ROUNDS=3
RUNTIME=1 # seconds, of each case
CONTENDERS=(raw dm mpathfs)
CASES=(randread-4k-1 randwrite-4k-1 randread-4k-32 randwrite-4k-32
	read-1m-4 write-1m-4)
LEAST=100 # I/Os of a path that was used

declare -A FILE=([dm]=/dev/mapper/theirs [mpathfs]=$MNT/ours/volume)
declare -A RESULTS=() # CONTENDER CASE -> a figure for each round
declare -A BAD=()     # CONTENDER -> what went wrong
declare -A USED=()    # CONTENDER DISK -> I/Os
disks=()

# A job for each case, one after another.
fio_jobs()
{
	local case words

	printf '[global]\nfilename=%s\nioengine=libaio\ndirect=1\n' "$1"
	printf 'time_based=1\nruntime=%s\nsize=%s\n' "$RUNTIME" 48m
	for case in "${CASES[@]}"; do
		IFS=- read -ra words <<<"$case"
		printf '[%s]\nstonewall\nrw=%s\nbs=%s\niodepth=%s\n' \
			"$case" "${words[@]}"
	done
}

all_active()
{
	[[ $(multipathd show paths raw format "%m %t %T" 2>/dev/null |
		grep -c "^theirs active ready") == "${#disks[@]}" ]]
}

contender_begin()
{
	local d

	case $1 in
	dm)
		multipathd_start <<-END
			overrides {
				path_grouping_policy multibus
			}
			multipaths {
				multipath {
					wwid $LIO_WWID
					alias theirs
				}
			}
		END
		wait_for all_active || bail "multipathd: $(multipath -ll)"
		;;
	mpathfs)
		start
		for d in "${disks[@]}"; do
			wait_state ours "$d" active || bail "$d is not active"
		done
		;;
	esac
}

contender_end()
{
	case $1 in
	dm) multipathd_stop ;;
	mpathfs) stop ;;
	esac
}

# measure CONTENDER: all cases.
measure()
{
	local case i error ios figure d before=()

	for d in "${disks[@]}"; do
		before+=("$(completed_ios "$d")")
	done
	fio_jobs "${FILE[$1]}" >"$T/jobs"
	run fio --output-format=json --output="$T/fio" "$T/jobs"
	((RC == 0)) || BAD[$1]+="fio: $RC $OUT$ERR "
	while read -r case error ios figure; do
		[[ $error == 0 && $ios -gt 0 ]] ||
			BAD[$1]+="$case: error $error, $ios I/Os "
		RESULTS["$1 $case"]+="$figure "
	done < <(sed -n '/^{/,$p' "$T/fio" | jq -r '.jobs[] |
		(.read.total_ios + .write.total_ios) as $n |
		"\(.jobname) \(.error) \($n) \(.read.iops + .write.iops)"')
	for ((i = 0; i < ${#disks[@]}; i++)); do
		d=${disks[i]}
		USED["$1 $d"]=$((${USED["$1 $d"]:-0} +
			$(completed_ios "$d") - before[i]))
	done
}

# median FIGURE...
median()
{
	printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

# A row: thousands of I/Os per second, or MiB/s where an I/O is one of them.
show_case()
{
	local c values=() unit=1000

	for c in "${CONTENDERS[@]}"; do
		# shellcheck disable=SC2086 # figures
		values+=("$(median ${RESULTS["$c $1"]})")
	done
	[[ $1 != *-1m-* ]] || unit=1
	diag "$(awk -v name="$1" -v unit=$unit -v raw="${values[0]}" \
		-v dm="${values[1]}" -v us="${values[2]}" 'BEGIN {
			printf "%-16s %9.3f %9.3f %9.3f %9.2f %9.2f %9.2f",
				name, raw / unit, dm / unit, us / unit,
				dm / raw, us / raw, us / dm }')"
}

lio_array 64M implicit
for n in 1 2 3 4; do
	lio_path $n 1
done
lio_settle
for n in 1 2 3 4; do
	disks+=("$(disk_of $n)")
done
FILE[raw]=/dev/${disks[0]}
config <<END
[overrides]
path_grouping_policy = multibus
[multipath $LIO_WWID]
alias = ours
END

# Whoever begins a round ends the next one.
for ((round = 0; round < ROUNDS; round++)); do
	for ((turn = 0; turn < 3; turn++)); do
		contender=${CONTENDERS[(round + turn) % 3]}
		contender_begin "$contender"
		measure "$contender"
		contender_end "$contender"
	done
done

for contender in "${CONTENDERS[@]}"; do
	is "${BAD[$contender]:-}" "" "$contender: all I/O went well"
	for case in "${CASES[@]}"; do
		read -ra figures <<<"${RESULTS["$contender $case"]}"
		is "${#figures[@]}" $ROUNDS "$contender: $case: a figure for each round"
	done
done
for contender in dm mpathfs; do
	for d in "${disks[@]}"; do
		((${USED["$contender $d"]} >= LEAST))
		ok $? "$contender: $d had its part" ||
			diag "${USED["$contender $d"]} I/Os"
	done
done
diag "$(printf '%-16s %9s %9s %9s %9s %9s %9s' "1000/s, MiB/s" raw \
	dm mpathfs dm/raw mp/raw mp/dm)"
for case in "${CASES[@]}"; do
	show_case "$case"
done
lio_gone
finish
