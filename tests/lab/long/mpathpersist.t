#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is written to `reservation` leaves the LUN as mpathpersist leaves it: the
# same steps by each, in one boot, on the same two paths, and after each of them
# what a third path sees. Among them those that find the holder's path down.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"
. "$(dirname "$0")/../multipathd.sh"
. "$(dirname "$0")/../hosts.sh"
need jq sg_persist mpathpersist

# Path 4 is the other host's, and path 3 looks on.
WITNESS=3

# What they left after each step: "NAME: KEYS, HOLDER, and the exit status".
OURS=()
THEIRS=()

ours_begin()
{
	# shellcheck disable=SC2034 # volume reads it
	DEV=(["p1"]=/dev/$(disk_of 1) ["p2"]=/dev/$(disk_of 2))
	volume disk p1 p2 -- reservation_key=0xa "${OPTIONS[@]}"
	start
	wait_state disk p1 active
	wait_state disk p2 active
}

# ours FILE WORDS
ours()
{
	put "disk/reservation/$1" "$2"
}

ours_sees()
{
	contains "disk/paths/p$1/state" "$2"
}

theirs_begin()
{
	multipathd_start <<-END
		defaults {
			reservation_key 0xa
		}
		blacklist {
			devnode "^($(disk_of 3)|$(disk_of 4))$"
		}
		multipaths {
			multipath {
				wwid $LIO_WWID
				alias lun
			}
		}
	END
	wait_for theirs_sees 1 active
	wait_for theirs_sees 2 active
}

# theirs OPTION...
theirs()
{
	run mpathpersist --out "$@" /dev/mapper/lun
	((RC == 0)) || diag "mpathpersist $*: $OUT$ERR"
}

theirs_sees()
{
	multipathd show paths raw format "%d %t" 2>/dev/null |
		grep -q "^$(disk_of "$1") $2"
}

left()
{
	echo "$(keys); $(reservation)"
}

is_left()
{
	[[ $(left) == "$1" ]]
}

# note NAME [RC]
note()
{
	local left

	left="$1: $(left)${2:+, $2}"
	if [[ $TURN == ours ]]; then
		OURS+=("$left")
	else
		THEIRS+=("$left")
	fi
}

# step NAME FILE WORDS -- OPTION...
step()
{
	local name=$1

	if [[ $TURN == ours ]]; then
		ours "$2" "$3"
	else
		shift 4
		theirs "$@"
	fi
	if ((RC == 0)); then
		note "$name" "done"
	else
		note "$name" refused
	fi
}

reserve()
{
	step "reserve $1" reserve "$1" -- --reserve --param-rk=0xa --prout-type="$1"
}

release()
{
	step "release $1${2:-}" release "$1" -- \
		--release --param-rk=0xa --prout-type="$1"
}

register()
{
	step register register 0xa -- --register --param-sark=0xa
}

# other OPTION...: another host, by path 4. Exit status 6: it was told something
# instead (a unit attention), as that it was preempted.
other()
{
	local rc=6 try

	for ((try = 0; try < 5 && rc == 6; try++)); do
		sg_persist --out "$@" "/dev/$(disk_of 4)" &>/dev/null
		rc=$?
	done
	((rc == 0)) || diag "$TURN: sg_persist $*: exit status $rc"
}

# Which path holds the reservation: the number of its port is that of the path.
holder_path()
{
	sg_persist --in --read-full-status "/dev/$(disk_of 3)" 2>/dev/null | awk '
		/Relative port address/ { port = $NF }
		/<< Reservation holder >>/ { sub(/^0x/, "", port); print port; exit }'
}

# pull N, and push it in again.
pull()
{
	echo offline >"/sys/block/$(disk_of "$1")/device/state"
	wait_for "${TURN}_sees" "$1" failed || bail "$TURN: path $1 is not failed"
}

pull_holder()
{
	HOLDER=$(holder_path)
	[[ $HOLDER == [12] ]] || bail "$TURN: held by path '$HOLDER'"
	pull "$HOLDER"
}

push()
{
	echo running >"/sys/block/$(disk_of "$1")/device/state"
	wait_for "${TURN}_sees" "$1" active || bail "$TURN: path $1 is not back"
}

# back N: and what becomes of its registration. multipathd sees to that some time
# after it uses the path.
back()
{
	local expected

	push "$1"
	if [[ $TURN == theirs ]]; then
		expected=${OURS[${#THEIRS[@]}]#*: }
		DEADLINE=20 wait_for is_left "$expected" || :
	fi
	note "path is back"
}

steps()
{
	local type

	register
	[[ -n $(keys) ]] || bail "$TURN: nothing is registered"
	for type in 1 3 5 6 7 8; do
		reserve "$type"
		release "$type"
	done

	other --register-ignore --param-sark=0xb
	reserve 5
	step "preempt a registration" preempt "0xb 5" -- \
		--preempt --param-rk=0xa --param-sark=0xb --prout-type=5
	release 5
	other --register-ignore --param-sark=0xb
	other --reserve --param-rk=0xb --prout-type=5
	step "reserve what another holds" reserve 5 -- \
		--reserve --param-rk=0xa --prout-type=5
	step "preempt a reservation" preempt "0xb 5" -- \
		--preempt --param-rk=0xa --param-sark=0xb --prout-type=5

	pull_holder
	release 5 " while the holder's path is down"
	back "$HOLDER"

	reserve 5
	other --register-ignore --param-sark=0xb
	pull_holder
	step "preempt a registration while the holder's path is down" \
		preempt "0xb 5" -- \
		--preempt --param-rk=0xa --param-sark=0xb --prout-type=5
	back "$HOLDER"
	pull "$HOLDER"
	step "clear while the holder's path is down" clear now -- \
		--clear --param-rk=0xa
	back "$HOLDER"

	register
	step unregister register 0 -- --register --param-rk=0xa --param-sark=0
	step register-ignore register-ignore 0xa -- \
		--register-ignore --param-sark=0xa
	reserve 6
	step clear clear now -- --clear --param-rk=0xa
	register
	pull 1
	step "unregister while a path is down" register 0 -- \
		--register --param-rk=0xa --param-sark=0
	push 1
}

lio_array 64M implicit
for n in 1 2 3 4; do
	lio_path $n 1
done
lio_settle

TURN=ours
ours_begin
steps
wait_for is_left "; none"
ok $? "a path that was down then is not registered when it is back" ||
	diag "$(left)"
stop
is "$RC" 0 "the daemon ends with status 0"

TURN=theirs
theirs_begin
steps
diag "mpathpersist leaves there: $(left)"
multipathd_stop

for i in "${!OURS[@]}"; do
	is "${OURS[i]#*: }" "${THEIRS[i]#*: }" \
		"${OURS[i]%%:*}: as mpathpersist leaves it"
done
lio_gone
finish
