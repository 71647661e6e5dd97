#!/bin/bash
# SPDX-License-Identifier: MIT
#
# PREEMPT AND ABORT, on LIO's iSCSI target (over tcm_loop it hangs in the
# kernel, see README.md): two hosts of two paths each fence each other while
# they write. What the preempted one has under way is aborted; its writes all
# fail with EBADE, and none lands.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../iscsi.sh"
. "$(dirname "$0")/../hosts.sh"
need jq iscsid iscsiadm sg_persist

array_begin
make_lun one 1
for n in 1 2 3 4; do
	make_target $n one
done
initiator_begin
log_in_targets 1 2 3 4
hosts 0xa 0xb
does a register 0xa
does b register 0xb
is "$(keys)" "0xa 0xa 0xb 0xb" "both are registered"
does a reserve 5
fences a preempt-abort A b 0xb B
is "$(keys)" "0xa 0xa" "b is registered no more"
is "$(reservation)" "0xa Write Exclusive, registrants only" "a has it still"
does b register 0xb
fences b preempt-abort B a 0xa A
is "$(keys)" "0xb 0xb" "a is registered no more"
is "$(reservation)" "0xb Write Exclusive, registrants only" "b has it"
stop
is "$RC" 0 "a ends"
stop_b
initiator_end
array_end
finish
