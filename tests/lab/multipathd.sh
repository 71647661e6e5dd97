# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# multipathd and dm-multipath, to compare with. A test sources this after
# lib.sh. The polling intervals are 1 second, and no disk is refused; what else
# /etc/multipath.conf is to say comes from stdin:
#
#	multipathd_start <<<$'overrides {\n no_path_retry fail\n}'
#	...
#	multipathd_stop

MULTIPATHD_PID=

multipathd_answers()
{
	is_dead "$MULTIPATHD_PID" ||
		[[ $(multipathd show daemon 2>/dev/null) == *running* ||
			$(multipathd show daemon 2>/dev/null) == *idle* ]]
}

multipathd_start()
{
	load -a dm-multipath dm-round-robin dm-service-time
	{
		cat <<-END
			defaults {
				polling_interval 1
				max_polling_interval 1
				find_multipaths no
			}
			blacklist {
				devnode "^(loop|ram)"
			}
		END
		cat
	} >/etc/multipath.conf
	multipathd -d -s -v2 </dev/null >"$T/multipathd.log" 2>&1 &
	MULTIPATHD_PID=$!
	MADE_PIDS+=("$MULTIPATHD_PID")
	wait_for multipathd_answers
	! is_dead "$MULTIPATHD_PID" ||
		bail "multipathd: $(<"$T/multipathd.log")"
}

multipath_flushes()
{
	multipath -F >/dev/null 2>&1
}

# Its maps go too, when udevd no longer looks at them.
multipathd_stop()
{
	multipathd shutdown >/dev/null
	reap "$MULTIPATHD_PID"
	MULTIPATHD_PID=
	settle
	wait_for multipath_flushes || bail "multipath -F: $(multipath -ll)"
	rm /etc/multipath.conf
	settle
	unload dm-round-robin
	unload dm-service-time
	unload dm-multipath
}
