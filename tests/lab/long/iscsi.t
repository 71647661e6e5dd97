#!/bin/bash
# SPDX-License-Identifier: MIT
#
# iSCSI by two portals, each on a link of its own: a link that is cut under
# load. No I/O fails, and it goes on by the other link; the same of
# dm-multipath, in the same boot, on the same paths. How long each took is
# printed, and is no verdict: both wait for the initiator to give the link up.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../links.sh"
. "$(dirname "$0")/../iscsi.sh"
need jq fio tgtd tgtadm iscsid iscsiadm

IQN=iqn.2026-11.example:mp

target_answers()
{
	tgtadm --lld iscsi --op show --mode target >/dev/null 2>&1
}

# tgt ARGUMENT...
tgt()
{
	run tgtadm --lld iscsi "$@"
	((RC == 0)) || bail "tgtadm $*: $ERR"
}

make_tgt()
{
	truncate -s 32M "$T/lun"
	in_target tgtd -f >"$T/tgtd.log" 2>&1 </dev/null &
	TGTD=$!
	MADE_PIDS+=("$TGTD")
	wait_for target_answers || bail "tgtd: $(cat "$T/tgtd.log")"
	tgt --op new --mode target --tid 1 -T "$IQN"
	tgt --op new --mode logicalunit --tid 1 --lun 1 -b "$T/lun"
	tgt --op bind --mode target --tid 1 -I ALL
}

remove_tgt()
{
	tgt --op delete --force --mode target --tid 1
	tgt --op delete --mode system
	wait_for is_dead "$TGTD" || bail "tgtd does not end"
}

# A link that answers nothing is given up after 5 to 10 seconds, and what was
# sent there fails 5 seconds after that.
log_in_both()
{
	local n

	for n in 1 2; do
		log_in "$IQN" "10.77.$n.2:3260" \
			node.session.timeo.replacement_timeout=5 \
			"node.conn[0].timeo.noop_out_interval=5" \
			"node.conn[0].timeo.noop_out_timeout=5"
	done
	settle
}

# disk_by PORTAL: "sda"
disk_by()
{
	local link=/dev/disk/by-path/ip-10.77.$1.2:3260-iscsi-$IQN-lun-1

	[[ -e $link ]] && basename "$(readlink -f "$link")"
}

make_links
make_tgt
initiator_begin
log_in_both
first=$(disk_by 1) || bail "no disk by the first link"
second=$(disk_by 2) || bail "no disk by the second link"
wwid=$(udevadm info -q property --property=ID_SERIAL --value "/dev/$first")
config <<END
[defaults]
polling_interval = 1
max_polling_interval = 2
path_grouping_policy = multibus
[multipath $wwid]
alias = ours
END
start
for p in "$first" "$second"; do
	wait_state ours "$p" active
	ok $? "$p is active"
done
is "$(get ours/paths/"$first"/node_name)" "$IQN" "its target is known"

load_begin "$MNT/ours/volume"
load_goes_on "/dev/$first"
ok $? "I/O goes by the first link"
cut_link 1
wait_state ours "$first" failed
ok $? "a cut link: its path is failed"
load_goes_on "/dev/$second"
ok $? "I/O goes on on the other"
mend_link 1
wait_state ours "$first" active
ok $? "mended: the path is back"
load_goes_on "/dev/$first"
ok $? "and has I/O"
load_end
is "$RC" 0 "no I/O has failed"
ours=$STALL
is "$(cat /sys/class/iscsi_session/session*/recovery_tmo | sort -u)" 5 \
	"sessions fail I/O after 5 seconds"
stop
is "$RC" 0 "the daemon ends with status 0"

one_path_failed()
{
	[[ $(multipathd show paths raw format "%m %t" 2>/dev/null |
		grep -c "^theirs failed") == 1 ]]
}

theirs_begin "$wwid" multibus
load_begin /dev/mapper/theirs
load_goes_on "/dev/$first"
cut_link 1
wait_for one_path_failed
ok $? "dm-multipath: its path is failed, too"
load_goes_on "/dev/$second"
mend_link 1
wait_for theirs_has_both
load_end
is "$RC" 0 "and no I/O has failed"
diag "the longest I/O with a cut link: mpathfs $ours ms, dm-multipath $STALL ms"
theirs_end
initiator_end
remove_tgt
remove_links
finish
