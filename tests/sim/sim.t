#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The scenarios, and a fixed set of seeds: fewer with a sanitizer, which takes
# some ten times as long.
set -u

seeds=1500
[[ -n ${SAN:-} ]] && seeds=150
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
exec "${BUILD:-build}/tests/sim/sim" --tap --seeds "$seeds" \
	tests/sim/scenarios/*.sim
