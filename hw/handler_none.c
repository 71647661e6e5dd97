// SPDX-License-Identifier: MIT
/*
 * The handler that does nothing: all paths are ready for I/O at any time. What
 * hardware_handler = 0 means, by name.
 */
#include "hw/handlers.h"

const struct handler_ops handler_none = {
	.name = "none",
};
