# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
#
# For the lab's tests of remote arrays: two links to a network namespace that
# has the target, and a load that verifies what it writes. A test sources it
# after lib.sh:
#
#	make_links		10.77.N.1 here, 10.77.N.2 there; N is 1 or 2
#	in_target tgtd
#	load_begin /dev/mapper/a
#	cut_link 1
#	load_end		RC, STALL
#	remove_links
#
# and dm-multipath on the same paths, /dev/mapper/theirs:
#
#	theirs_begin WWID POLICY
#	theirs_end

make_links()
{
	local n

	ip netns add target || bail "no network namespace"
	ip -n target link set lo up
	for n in 1 2; do
		ip link add "here$n" type veth peer name "there$n" netns target
		ip addr add "10.77.$n.1/24" dev "here$n"
		ip -n target addr add "10.77.$n.2/24" dev "there$n"
		ip link set "here$n" up
		ip -n target link set "there$n" up
	done
}

remove_links()
{
	ip netns del target
}

# The network alone is the namespace's: /sys is ours.
in_target()
{
	nsenter --net=/run/netns/target "$@"
}

# Nothing comes through any more, and nobody is told.
cut_link()
{
	ip -n target link set "there$1" down
}

mend_link()
{
	ip -n target link set "there$1" up
}

# load_begin FILE: I/O in flight until load_end. Each block that one half of it
# writes is read again and compared; the other half only writes, so that there
# are always writes in flight on every path.
load_begin()
{
	LOAD_FILE=$1
	fio --name=global --filename="$1" --size=16M --bs=16k --rw=randwrite \
		--direct=1 --ioengine=libaio --iodepth=8 --time_based \
		--runtime=1h --output="$T/load.json" --output-format=json \
		--name=verified --verify=crc32c --verify_backlog=64 \
		--verify_fatal=1 --name=written --offset=16M \
		>"$T/load.err" 2>&1 </dev/null &
	LOAD=$!
	MADE_PIDS+=("$LOAD")
}

load_ended()
{
	is_dead "$LOAD"
}

# load_end: RC is 0 if nothing went wrong with it; STALL, the milliseconds of
# the longest I/O.
load_end()
{
	local error

	load_ended && diag "fio has ended too early"
	kill -INT "$LOAD"
	wait_for load_ended || bail "fio does not end"
	wait "$LOAD" 2>/dev/null
	# it ends with 128 when it is told to end
	[[ $? == 128 ]]
	RC=$?
	error=$(load_result 'map(.error) | max')
	[[ $error == 0 && $(load_result 'map(.write.total_ios) | min') -gt 0 ]] || RC=1
	STALL=$(($(load_result \
		'map(.read, .write) | map(.clat_ns.max) | max') / 1000000))
	((RC == 0)) || diag "$(cat "$T/load.err")"
}

load_result()
{
	sed -n "/^{/,\$p" "$T/load.json" | jq ".jobs | $1"
}

# load_goes_on DEVICE: it has done some more I/O there.
load_goes_on()
{
	load_ended && return 1
	wait_io "$1" 100
}

# ---- dm-multipath ----

theirs_has_both()
{
	[[ -b /dev/mapper/theirs ]] || return
	[[ $(multipathd show paths raw format "%m %t %T" 2>/dev/null |
		grep -c "^theirs active ready") == 2 ]]
}

theirs_begin()
{
	load dm-multipath
	load dm-service-time
	cat >/etc/multipath.conf <<-END
		defaults {
			find_multipaths off
			polling_interval 1
			max_polling_interval 2
			path_grouping_policy $2
		}
		multipaths {
			multipath {
				wwid $1
				alias theirs
			}
		}
	END
	multipathd -d -s >"$T/multipathd.log" 2>&1 </dev/null &
	MULTIPATHD=$!
	MADE_PIDS+=("$MULTIPATHD")
	wait_for theirs_has_both || bail "multipathd: $(cat "$T/multipathd.log")"
}

theirs_is_gone()
{
	dmsetup remove theirs 2>/dev/null || ! [[ -e /dev/mapper/theirs ]]
}

theirs_end()
{
	end_process "$MULTIPATHD"
	wait_for theirs_is_gone || bail "dmsetup remove theirs"
	rm /etc/multipath.conf
	unload dm-service-time
	unload dm-multipath
}
