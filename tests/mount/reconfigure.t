#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A change of configuration is whole or none, and costs no I/O: the files in
# /etc, as they are without -c, in a namespace of the test's own.
. "$(dirname "$0")/udevd.sh"
. "$(dirname "$0")/lib.sh"
need losetup fio jq nbdkit nbdfuse nc

# /run is the test's own already.
mkdir /run/upper /run/work
mount -t overlay mpathfs-test \
	-o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc ||
	skip_all "needs an overlay over /etc"
CONF=/etc/mpathfs.conf
MORE=/etc/mpathfs.conf.d
rm -rf "$CONF" "$MORE"
mkdir "$MORE"

# attach NAME: its loop devices NAME.0 and NAME.1, known by that name.
attach()
{
	local k

	truncate -s 16M "$T/$1"
	for k in 0 1; do
		loop "DEV[$1.$k]" "$T/$1" "${DIRECT[@]}"
		udev_entry "${DEV[$1.$k]}" "ID_SERIAL=$1" "ID_WWN=$1"
	done
}

for name in lun0 lun1 lun2 lun3; do
	attach $name
done
add_volume hand 16M h1 h2 -- polling_interval=1
config <<'INI'
[defaults]
find_multipaths = no
user_friendly_names = yes
[blacklist_exceptions]
devnode = ^loop
[blacklist]
wwid = !^lun
INI

# Without -c.
MPATHFS_ALL=$MPATHFS
cat >"$T/mpathfs" <<SH
#!/bin/sh
shift 2
exec "$MPATHFS_ALL" "\$@"
SH
chmod 755 "$T/mpathfs"
MPATHFS=$T/mpathfs
start
MPATHFS=$MPATHFS_ALL
is "$(cd "$MNT" && echo mpath? hand)" "mpatha mpathb mpathc mpathd hand" \
	"volumes by hand and found ones"

# What there is, with the settings that the tests change.
all()
{
	(cd "$MNT" && head -v -- */wwid */no_path_retry */mode hand/paths/*/device \
		mpath?/paths/*/device)
}

# refused DESCRIPTION REGEX: the files as they are now cannot be in force; all
# stays as it is, and somebody is told why.
refused()
{
	local before word

	before=$(all)
	for word in "reconfigure --dry-run" reconfigure; do
		mark_events
		put control "$word"
		isnt "$RC" 0 "$word: $1"
		like "$(wait_event '"refused"' | jq -r .cause)" "$2" "the reason"
	done
	is "$(all)" "$before" "nothing is different"
}

# A file of the configuration that is far away.
{ printf '[overrides]\nno_path_retry = 11\n' && yes '' | head -c 2015; } \
	>"$T/far.conf"
remote far "$T/far.conf"

# has_files PID N: so many files may be open.
has_files()
{
	[[ $(awk '/^Max open files/ { print $4 }' "/proc/$1/limits") == "$2" ]]
}

exec {held}<"$MNT/mpatha/volume"
# By its descriptor: fio opens a file more than once, and this one gets another
# name meanwhile.
exec {used}<>"$MNT/mpathb/volume"
background "$T/fio.log" fio --name=v --filename="/proc/$$/fd/$used" \
	--ioengine=libaio --direct=1 --iodepth=8 --bs=4k --rw=randwrite \
	--size=8M --verify=crc32c --verify_backlog=64 --verify_fatal=1 \
	--rate_iops=2000 --time_based=1 --runtime=600
FIO=$BG
wait_io "${DEV[lun1.0]}" 50

# Beside each mistake stands something good that must not be in force either.
cat >"$MORE/10-good.conf" <<'INI'
[overrides]
no_path_retry = 7
[multipath lun1]
alias = better
INI
echo $'[defaults]\nmode = 0999' >"$MORE/50-bad.conf"
refused "a bad value in conf.d" "^$MORE/50-bad.conf:2: mode: '0999'"
echo $'[multipath lun2]\nalias = better' >"$MORE/50-bad.conf"
refused "a name that two are to have" \
	"^$MORE/50-bad.conf:2: alias: 'better' is that of \[multipath lun1\]"
echo $'[multipath lun2]\nalias = hand' >"$MORE/50-bad.conf"
refused "a name that a volume by hand has" "^$MORE/50-bad.conf:2: alias: 'hand'"
echo $'[device x]\nvendor = A\nproduct = B\nprio = weightedpath' \
	>"$MORE/50-bad.conf"
refused "a prioritizer without its words" "^$MORE/50-bad.conf:4: prio = weight"
echo $'[blacklist]\nwwid = ^lun0$' >"$MORE/50-bad.conf"
refused "an open volume that would go" \
	"^volume mpatha is not in the configuration any more"
echo $'[volume more]\npath = a /nowhere' >"$MORE/50-bad.conf"
refused "a device that is not there" "/nowhere: No such file"
echo "[volume more]
path = a ${DEV[lun3.0]}
path = b ${DEV[h1]}" >"$MORE/50-bad.conf"
refused "a device that another volume has" ":3: volume more: path b: .*in use"
for word in "lanes = 16" "cache = writethrough"; do
	echo $'[defaults]\n'"$word" >"$MORE/50-bad.conf"
	refused "$word, as the mount was made with another one" \
		"^$MORE/50-bad.conf:2: ${word%% *} = .*: the mount was made"
done
rm "$MORE/50-bad.conf"

# ---- without the mistakes ----

mark_events
put control "reconfigure --dry-run"
is "$RC" 0 "what is good is compared"
like "$(wait_event '"difference".*renamed')" '"better".*"mpathb"' "the rename"
like "$(wait_event '"difference".*no_path_retry')" "no_path_retry = 7" \
	"and the setting"
[[ -d $MNT/mpathb && $(get mpatha/no_path_retry) == fail ]]
ok $? "it is not done"
put control reconfigure
is "$RC" 0 "it is done by reconfigure"
is "$(get better/no_path_retry) $(get hand/no_path_retry)" "7 7" "all of it"
like "$(get config)" "# \[overrides\] $MORE/10-good.conf:2"$'\nno_path_retry = 7' \
	"config says where it is from"
get config >"$T/effective"
run "$MPATHFS" -c "$T/effective" --check-config
is "$RC$OUT$ERR" 0 "and can be loaded"

# What only the daemon has; each of its processes follows it.
cat >"$MORE/05-daemon.conf" <<INI
[defaults]
lanes = $(daemon_value lanes)
cache = direct
max_fds = 512
verbosity = 1
INI
mark_events
put control "reconfigure --dry-run"
line=$(wait_event '"difference".*verbosity')
is "$(jq -c '[.volume, .detail]' <<<"$line")" \
	'[null,"verbosity = 1, was 2"]' "of the daemon: no volume is named"
put control reconfigure
is "$RC" 0 "and is done"
logged=$(wc -l <"$LOG")
put hand/failback 77
is "$(tail -n +$((logged + 1)) "$LOG")" "" "verbosity = 1 logs no settings"
for p in worker supervisor; do
	wait_for has_files "$(daemon_value ${p}_pid)" 512
	ok $? "max_fds of the $p"
done
kill_worker
wait_for has_files "$(daemon_value worker_pid)" 512
ok $? "and of the next worker"
rm "$MORE/05-daemon.conf"
put control reconfigure
is "$RC" 0 "as it was"
put hand/failback default
like "$(tail -n 1 "$LOG")" "setting-changed" "the log has all again"

# a disk goes from one volume to another, by the configuration alone
echo "[volume taken]
path = a ${DEV[lun3.0]}" >"$MORE/60-hand.conf"
put control reconfigure
is "$RC" 0 "a volume by hand takes a disk from one that was found" ||
	diag "$(events | tail -n 3)"
is "$(get taken/paths/a/device)" "${DEV[lun3.0]}" "it has it"
is "$(cd "$MNT/mpathd/paths" && echo *)" "${DEV[lun3.1]#/dev/}" \
	"the other has it no more"

# names of volumes by hand and of their paths, while they are in use
exec {hand}<"$MNT/hand/volume"
sed -i 's/^path = h1 /path = near /' "$CONF"
put control reconfigure
is "$RC" 0 "a path by hand gets another name while it is used"
is "$(cd "$MNT/hand/paths" && echo *)" "h2 near" "it has it"
run dd bs=4096 count=1 iflag=direct of=/dev/null <&"$hand"
is "$RC" 0 "who had the volume open reads on"
sed -i 's/^\[volume hand\]/[volume renamed]/; s/^path = near /path = far /' "$CONF"
refused "a volume by hand gets another name while it is open" \
	"^volume hand is not in the configuration any more"
exec {hand}<&-
put control reconfigure
is "$RC" 0 "a volume by hand and a path of it get other names" ||
	diag "$(events | tail -n 3)"
is "$(cd "$MNT/renamed/paths" 2>&1 && echo *)" "far h2" "they have them"

# ---- a file on a server that hangs ----

echo $'[defaults]\nuxsock_timeout = 1000' >"$MORE/70-short.conf"
put control reconfigure
is "$RC" 0 "the daemon waits for a second"
ln -s "${DEV[far]}" "$MORE/90-far.conf"
remote_hang far on
mark_events
put control reconfigure
like "$ERR" "timed out" "a configuration that cannot be read: ETIMEDOUT"
like "$(events | tail -n 1)" "reading the configuration goes on" "events say so"
path mpatha "${DEV[lun0.0]#/dev/}" fail
is "$(get mpatha/state)" at-risk "paths are looked after meanwhile"
path mpatha "${DEV[lun0.0]#/dev/}" reinstate
is "$(get mpatha/state)" optimal "and come back"
put control rescan
is "$RC" 0 "and other words are heard"
kill -HUP "$DPID"
remote_hang far off
wait_event '"reconfigured"' >/dev/null
ok $? "it is read when it can be"
wait_value renamed/no_path_retry 11
ok $? "and in force"
put control "reconfigure --dry-run"
is "$RC" 0 "whoever asks next has his turn"
rm "$MORE/90-far.conf" "$MORE/70-short.conf"
put control reconfigure
is "$RC$(get renamed/no_path_retry)" 07 "without it all is as it was"

! is_dead "$FIO"
ok $? "I/O has gone on all the time" || diag "$(<"$T/fio.log")"
kill -TERM "$FIO"
reap "$FIO"
unlike "$(<"$T/fio.log")" "verify failed|error=[^ ]|err=[^0 ][^:]" \
	"nothing was lost" || diag "$(<"$T/fio.log")"
run dd bs=4096 count=1 of=/dev/null <&"$held"
is "$RC" 0 "who had a volume open reads on"
exec {held}<&- {used}>&-
finish
