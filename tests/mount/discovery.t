#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Disks are found, come and go: loop devices, whose identity is the name of
# their file. They are the test's own by name, so that no other loop device is
# ever taken.
#
# KILLS=N: how many workers are killed while names and wwids change (5).
# UDEVD=no (discovery-kernel.t): no udevd runs. The events are the kernel's, and
# the identity is what somebody has put into udev's database, where there is no
# daemon to do it.
WANTED=${KILLS:-5}
WITH_UDEVD=${UDEVD:-yes}
. "$(dirname "$0")/udevd.sh"
. "$(dirname "$0")/lib.sh"
need losetup udevadm fio jq

LUNS=10
PATHS=4

cat >"$T/serial" <<'SH'
#!/bin/sh
read -r file <"/sys/class/block/$1/loop/backing_file" && echo "${file##*/}"
SH
chmod 755 "$T/serial"
[[ $WITH_UDEVD == no ]] ||
	start_udevd "SUBSYSTEM==\"block\", KERNEL==\"loop[0-9]*\", \
ENV{DEVTYPE}==\"disk\", ATTR{loop/backing_file}==\"$T/lun*\", \
PROGRAM=\"$T/serial %k\", ENV{ID_SERIAL}=\"%c\", ENV{ID_WWN}=\"%c\", OPTIONS+=\"watch\""

name_of()
{
	echo "${DEV[$1]#/dev/}"
}

# uevent PATH WORD: the kernel says it of that disk.
uevent()
{
	echo "$2" >"/sys/class/block/$(name_of "$1")/uevent"
}

# attach PATH FILE: on any device, the one it had may be another's by now.
attach()
{
	loop "DEV[$1]" "$2" "${DIRECT[@]}"
	[[ $WITH_UDEVD == no ]] || return 0
	udev_entry "${DEV[$1]}" "ID_SERIAL=${2##*/}" "ID_WWN=${2##*/}"
	uevent "$1" add
}

# What the kernel says when a disk is pulled; then it is let go of, and no more
# is said of whoever has the device next.
detach()
{
	uevent "$1" remove
	wait_for is_no_path "$1" || bail "${DEV[$1]} is a path still"
	[[ $WITH_UDEVD == yes ]] || udev_forget "${DEV[$1]}"
	unloop "${DEV[$1]}" || bail "losetup -d ${DEV[$1]}"
}

# udevd, where there is one, has come to an end.
settled()
{
	[[ $WITH_UDEVD == no ]] || settle
}

is_no_path()
{
	[[ ! -L $MNT/paths/$(name_of "$1") ]]
}

# is_active VOLUME PATH
is_active()
{
	contains "$1/paths/$(name_of "$2")/state" active
}

volumes_now()
{
	(cd "$MNT" && printf '%s\n' lun*/paths/* | cut -d/ -f1 | uniq -c |
		awk '{ printf "%s%s:%d", (NR > 1 ? " " : ""), $2, $1 }')
}

# Loop devices of others have no serial here: they are left alone.
only_devices()
{
	echo "[blacklist_exceptions]"
	echo "devnode = ^loop"
	echo "[blacklist]"
	echo "wwid = ^lunother\$"
}

want=
for ((i = 0; i < LUNS; i++)); do
	truncate -s 16M "$T/lun$i"
	want+="${want:+ }lun$i:$PATHS"
	for ((k = 0; k < PATHS; k++)); do
		attach "$i.$k" "$T/lun$i"
	done
done
truncate -s 1M "$T/lunother"
attach other "$T/lunother"
OTHER=$(name_of other)
settled
{
	printf '[defaults]\nfind_multipaths = no\nno_path_retry = 5\n'
	printf 'polling_interval = 1\nauto_resize = grow_only\n'
	only_devices
} >"$CONF"
cp "$CONF" "$T/conf"

# ---- a look ----

run "$MPATHFS" -c "$CONF" --state-dir "$STATE" --list
is "$RC" 0 "--list" || diag "$ERR"
is "$(grep -c '^lun[0-9]* mpathfs$' <<<"$OUT")" $LUNS "it has all volumes"
like "$OUT" "$OTHER [0-9:]* 1\.0M lunother
  no path: wwid 'lunother' is blacklisted by .*
  adopted by: a rule in \[blacklist_exceptions\]" "and why another disk is none"
[[ ! -e $STATE/wwids && ! -e $STATE/bindings ]]
ok $? "it writes nothing"

# ---- a start ----

began=$(now_ms)
start
took=$(($(now_ms) - began))
is "$(volumes_now)" "$want" "40 disks are 10 volumes of 4 paths"
# Where others keep the processors busy, that much later.
read -r load _ </proc/loadavg
((took < 1000 * SLOW * (1 + ${load%.*} / $(nproc))))
ok $? "within a second" || diag "$took ms, load $load"
is "$(readlink "$MNT/by-wwid/lun3")" ../lun3 "by-wwid"
is "$(readlink "$MNT/paths/$(name_of 3.1)")" \
	"../lun3/paths/$(name_of 3.1)" "paths/DEV of a path"
like "$(get "paths/$OTHER/reason")" "wwid 'lunother' is blacklisted" \
	"paths/DEV/reason of a disk that is none"
like "$(get "paths/$OTHER/remedy")" blacklist_exceptions "and the remedy"
is "$(get "paths/$OTHER/wwid")" lunother "and its WWID"
has_wwids()
{
	[[ $(grep -c '^/lun[0-9]*/$' "$STATE/wwids") == "$LUNS" ]]
}
wait_for has_wwids
ok $? "the wwids file has them all"

get config >"$T/effective"
run "$MPATHFS" -c "$T/effective" --check-config
is "$RC" 0 "the configuration that is in force loads again" || diag "$ERR"
is "$(grep -c '^\[multipath lun' "$T/effective")" $LUNS \
	"and has a section for each LUN"

# ---- under load ----

cat >"$T/job" <<JOB
[global]
ioengine=libaio
direct=1
iodepth=8
bs=4k
rw=randwrite
verify=crc32c
verify_backlog=64
verify_fatal=1
rate_iops=2000
time_based=1
runtime=600
size=8M
[one]
filename=$MNT/lun0/volume
[two]
filename=$MNT/lun1/volume
[larger]
filename=$MNT/lun4/volume
JOB
background "$T/fio.log" fio --output-format=normal "$T/job"
FIO=$BG
wait_io "${DEV[0.0]}" 50
for ((n = 0; n < 6; n++)); do
	p=0.$((n % 4)) q=1.$(((n + 1) % 4))
	detach $p
	detach $q
	is_dead $FIO && break
	attach $p "$T/lun0"
	attach $q "$T/lun1"
	wait_for is_active lun0 $p || bail "$p does not come back"
	wait_for is_active lun1 $q || bail "$q does not come back"
done
! is_dead $FIO
ok $? "I/O goes on while disks come and go" || diag "$(<"$T/fio.log")"
is "$(volumes_now)" "$want" "and all are back"

# ---- an operator's words ----

put control "remove ${DEV[2.0]}"
is "$RC" 0 "remove DEV"
is_no_path 2.0
ok $? "it is no path when that returns"
like "$(get "paths/$(name_of 2.0)/reason")" "removed by .remove." "it says why"
kill_worker
is_no_path 2.0
ok $? "also after a crash of the worker"
put control "add $(name_of 2.0)"
is "$RC" 0 "add DEV"
wait_for is_active lun2 2.0
ok $? "it is a path again"
put control "remove nothing"
is "$RC$(events | tail -n 1 | jq -r .cause)" "1there is no disk 'nothing'" \
	"a disk that is not there is refused"
put control rescan
is "$RC" 0 "rescan"
is "$(volumes_now)" "$want" "changes nothing where nothing has changed"
put lun0/control flush
is "$RC$(events | tail -n 1 | jq -r .cause)" "1a file of it is open" \
	"flush: not what is in use"
put lun2/control flush
is "$RC" 0 "flush"
[[ ! -e $MNT/lun2 ]]
ok $? "the volume is gone"
kill_worker
is_no_path 2.0 && is_no_path 2.3
ok $? "its disks are no paths, also after a crash of the worker"
put control rescan
wait_for is_active lun2 2.0
is "$(volumes_now)" "$want" "until they are looked for"

# ---- another name, while it is used ----

exec {held}<"$MNT/lun3/volume"
ino=$(stat -c %i "$MNT/lun3/volume")
printf '[multipath lun3]\nalias = precious\nno_path_retry = 9\n' >>"$CONF"
mark_events
put control "reconfigure --dry-run"
is "$RC" 0 "reconfigure --dry-run"
line=$(wait_event '"difference".*renamed')
is "$(jq -r '.volume + " " + .detail' <<<"$line")" "precious lun3" \
	"it tells of the rename"
[[ -d $MNT/lun3 && ! -e $MNT/precious ]]
ok $? "and does nothing"
put control reconfigure
is "$RC" 0 "reconfigure"
[[ ! -e $MNT/lun3 ]]
ok $? "the old name is gone"
is "$(stat -c %i "$MNT/precious/volume")" "$ino" "the new one is the same file"
is "$(get precious/no_path_retry)" 9 "with its new settings"
run dd bs=4096 count=1 of=/dev/null <&"$held"
is "$RC" 0 "who had it open reads on"
kill_worker
is "$(stat -c %i "$MNT/precious/volume")" "$ino" "also after a crash"
run dd bs=4096 count=1 of=/dev/null <&"$held"
is "$RC" 0 "reads on"
printf '[blacklist]\nwwid = ^lun3$\n' >>"$CONF"
put control reconfigure
isnt "$RC" 0 "what takes an open volume away is refused"
is "$(get precious/state)" optimal "and it stays as it was"
exec {held}<&-
cp "$T/conf" "$CONF"
put control reconfigure
is "$RC" 0 "the first configuration again"

# ---- larger ----

mark_events
exec {held}<>"$MNT/lun4/volume"
truncate -s 32M "$T/lun4"
for ((k = 0; k < PATHS; k++)); do
	losetup -c "${DEV[4.$k]}"
done
wait_event '"volume-resized"' >/dev/null
ok $? "a volume grows with its paths"
is_larger()
{
	(($(stat -c %s "$MNT/lun4/volume") == 32 << 20))
}
# The kernel is told of it beside.
wait_for is_larger
ok $? "its file is as large"
for ((k = 0; k < PATHS; k++)); do
	wait_for is_active lun4 4.$k || bail "4.$k is not used"
done
run dd if=/dev/zero bs=1M seek=31 count=1 conv=notrunc,fsync \
	of="/proc/self/fd/$held"
is "$RC" 0 "what is new of it can be written"
exec {held}>&-

# ---- the last disk ----

exec {held}<"$MNT/lun5/volume"
for ((k = 0; k < PATHS; k++)); do
	detach 5.$k
done
is "$(get lun5/state)" queueing "an open volume without a disk stays"
exec {held}<&-
is_gone()
{
	[[ ! -e $MNT/lun5 ]]
}
wait_for is_gone
ok $? "and goes at the last close"
detach 6.0
detach 6.1
detach 6.2
detach 6.3
wait_for test ! -e "$MNT/lun6"
ok $? "one that is not open goes at once"
for ((k = 0; k < PATHS; k++)); do
	attach 5.$k "$T/lun5"
	attach 6.$k "$T/lun6"
done
all_back()
{
	[[ $(volumes_now) == "$want" ]]
}
wait_for all_back
ok $? "they come back with their disks"

# ---- one that does not fit ----

# udevd, which watches disks, tells of the close of it as of a change.
mark_events
loop "DEV[odd]" "$T/lun7" "${DIRECT[@]}" --sizelimit 8M
if [[ $WITH_UDEVD == no ]]; then
	udev_entry "${DEV[odd]}" "ID_SERIAL=lun7" "ID_WWN=lun7"
	uevent odd add
fi
wait_event '"path-refused"' >/dev/null
ok $? "a disk of another size is refused"
for n in 1 2 3; do
	settled
done
is "$(events | grep -c '"path-refused"')" 1 "once"
like "$(get "paths/$(name_of odd)/remedy")" "resize" "and what would take it"
detach odd

# ---- a burst ----

# A thousand adds and removes of six disks, two of which the volumes under load
# stand on that are under load; each disk is in the end what was said last.
RANDOM=$SEED
BURST=(0.1 1.2 7.0 7.1 7.2 7.3)
declare -A last=()
for ((n = 0; n < 1000; n++)); do
	p=${BURST[RANDOM % ${#BURST[@]}]}
	((n < 994)) || p=${BURST[n - 994]}
	last[$p]=add
	((RANDOM % 2)) || last[$p]=remove
	((n < 994)) || [[ $p != 7.3 ]] || last[$p]=add
	uevent "$p" "${last[$p]}"
done
settled
as_said()
{
	local p

	for p in "${BURST[@]}"; do
		if [[ ${last[$p]} == add ]]; then
			is_active "lun${p%.*}" "$p" || return
		else
			is_no_path "$p" || return
		fi
	done
}
wait_for as_said
ok $? "a thousand adds and removes end in what was said last (SEED=$SEED)" ||
	diag "$(declare -p last) $(volumes_now)"
put control rescan
wait_for all_back
ok $? "a rescan finds the disks that were only said to be gone"
! is_dead $FIO
ok $? "I/O has gone on all the time" || diag "$(<"$T/fio.log")"
kill -TERM "$FIO"
reap "$FIO"
unlike "$(<"$T/fio.log")" "verify failed|error=[^ ]|err=[^0 ][^:]" \
	"nothing was lost" || diag "$(<"$T/fio.log")"

# ---- nothing of a file is ever torn ----

# No entry of either file may be lost, nor a name be given twice.
check_files()
{
	local n=$1 i

	for ((i = 0; i < n; i++)); do
		grep -qx "/lunx$i/" "$STATE/wwids" || {
			diag "lunx$i is not in wwids"
			return 1
		}
		grep -q "^mpath[a-z]* lunx$i\$" "$STATE/bindings" || {
			diag "lunx$i is not in bindings"
			return 1
		}
	done
	! awk '!/^#/ { print $1 }' "$STATE/bindings" | sort | uniq -d | grep .
}

sed -i 's/^\[defaults\]/&\nuser_friendly_names = yes/' "$CONF"
put control reconfigure
# What another program writes into the file counts, without a word to us.
has_name()
{
	grep -q " $1\$" "$STATE/bindings" && [[ ! -e $MNT/$1 ]]
}
wait_for has_name lun8 || bail "lun8 is not in bindings"
mark_events
sed 's/^mpath[a-z]* lun8$/mpathother lun8/' "$STATE/bindings" >"$STATE/other"
mv "$STATE/other" "$STATE/bindings"
line=$(wait_event '"volume-renamed".*mpathother')
ok $? "a name that another program changes is the volume's" || diag "$line"
known()
{
	[[ -L $MNT/by-wwid/$1 ]] && grep -qx "/$1/" "$STATE/wwids"
}
bad=0
RANDOM=$SEED
detach 9.0
for ((n = 0; n < WANTED; n++)); do
	ln -f "$T/lun9" "$T/lunx$n"
	attach 9.0 "$T/lunx$n"
	pause "0.0$((RANDOM % 10))$((RANDOM % 10))"
	kill_worker
	wait_for known "lunx$n" || bail "lunx$n is not found (SEED=$SEED)"
	check_files $((n + 1)) || bad=1
	detach 9.0
done
is $bad 0 "$WANTED killed workers: no name is lost (SEED=$SEED)"
finish
