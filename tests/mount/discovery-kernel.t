#!/bin/bash
# SPDX-License-Identifier: MIT
#
# discovery.t once more, where no udevd runs: disks come, go and change by the
# kernel's own events.
UDEVD=no exec "$(dirname "$0")/discovery.t"
