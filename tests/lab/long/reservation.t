#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Persistent reservations on LIO: two hosts, of two paths each to one LUN, each
# with an mpathfs of its own (a, b). What one does, sg_persist and the other
# see; each fences the other, whose writes all fail with EBADE then, and none
# lands; and paths that come up are registered before they take I/O.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../lio.sh"
. "$(dirname "$0")/../hosts.sh"

lio_array 64M implicit
for n in 1 2 3 4; do
	lio_path $n 1
done
lio_settle
hosts 0xa 0xb

# ---- each sees what there is ----
says a keys "" "nobody is registered"
says a holder none "nobody has reserved it"
does a register 0xa
is "$(keys)" "0xa 0xa" "sg_persist sees a registration for each path"
says a keys "0xa 2 p1 p2" "the same, and which paths"
says b keys "0xa 2" "b sees it"
does b register 0xb
is "$(keys)" "0xa 0xa 0xb 0xb" "sg_persist sees both"
does a reserve 5
is "$(reservation)" "0xa Write Exclusive, registrants only" \
	"sg_persist sees the reservation"
says b holder 0xa "b sees it"
says b type write-exclusive-registrants-only "b sees it"
host b put disk/reservation/reserve exclusive-access-registrants-only
isnt "$RC" 0 "b cannot reserve what a has"
like "$ERR" "Invalid exchange" "EBADE"
does a release write-exclusive-registrants-only
is "$(reservation)" none "sg_persist sees that it is released"
does b reserve 6
is "$(reservation)" "0xb Exclusive Access, registrants only" "b's turn"
does b release ""
sg_persist --out --register --param-rk=0xb --param-sark=0 \
	"/dev/$(disk_of 3)" &>/dev/null
ok $? "what others do is seen as well"
says b keys $'0xa 2\n0xb 1 p3 p4' "one of b's is gone"
does b register-ignore 0xb
is "$(keys)" "0xa 0xa 0xb 0xb" "and is there again"

# ---- they fence each other ----
does a reserve 5
fences a preempt A b 0xb B
does b register 0xb
fences b preempt B a 0xa A
is "$(keys)" "0xb 0xb" "a is registered no more"
is "$(reservation)" "0xb Write Exclusive, registrants only" "b has it"

# ---- a path that comes up is registered before it takes I/O ----
does b release 5
echo offline >"/sys/block/$(disk_of 2)/device/state"
wait_state disk p2 failed
ok $? "a's second path is down"
does a register 0xa
is "$(keys)" "0xa 0xb 0xb" "a is registered on the other"
does a reserve 5
echo running >"/sys/block/$(disk_of 2)/device/state"
wait_state disk p2 active
ok $? "it is up again"
is_registered 2 0xa
ok $? "it is registered"
run fio --name=w --filename="$MNT/disk/volume" --size=8M --bs=16k \
	--rw=randwrite --direct=1 --ioengine=libaio --iodepth=8
is "$RC" 0 "no write down either path meets a conflict" || diag "$OUT$ERR"

# ---- a path that alone has lost its registration gets it back ----
sg_persist --out --register --param-rk=0xa --param-sark=0 \
	"/dev/$(disk_of 2)" &>/dev/null
ok $? "the second path loses its registration"
path_is_back()
{
	dd if="$T/A" of="$MNT/disk/volume" oflag=direct conv=notrunc bs=64k \
		count=4 status=none 2>/dev/null
	is_registered 2 0xa
}
wait_for path_is_back
ok $? "it has it again"
wait_state disk p2 active
ok $? "it is in use"

# ---- released, though the holder is down ----
is "$(reservation)" "0xa Write Exclusive, registrants only" \
	"a has it, through its first path"
echo offline >"/sys/block/$(disk_of 1)/device/state"
wait_state disk p1 failed
ok $? "that is down"
does a release 5
is "$(reservation)" none "it is released all the same"
is "$(keys)" "0xa 0xb 0xb" "the second path is registered"
echo running >"/sys/block/$(disk_of 1)/device/state"
wait_state disk p1 active
ok $? "the first comes up"
is "$(keys)" "0xa 0xa 0xb 0xb" "and is registered again"

# ---- a daemon that starts again ----
does a reserve 5
stop
is "$RC" 0 "a ends"
is "$(keys)" "0xa 0xa 0xb 0xb" "what is registered stays"
start
says a key 0xa "the next daemon finds its key"
run dd if="$T/A" of="$MNT/disk/volume" oflag=direct conv=notrunc bs=64k count=4
is "$RC" 0 "and can write"
does a clear now
is "$(keys)$(reservation)" none "clear ends all"

# ---- the key in the file ----
stop
is "$RC" 0 "a ends"
stop_b
hosts file 0xb
does a register 0xabc
is "$(grep -v '^#' "$STATE/prkeys")" "0x0000000000000abc disk" \
	"the file of keys has it"
stop
is "$RC" 0 "a ends"
start
says a key 0xabc "the next daemon knows it"
does a register 0
is "$(keys)" "" "its registration ends"
is "$(grep -v '^#' "$STATE/prkeys")" "" "and so does the key of the file"
stop
is "$RC" 0 "a ends"
stop_b
lio_gone
finish
