// SPDX-License-Identifier: MIT
/*
 * The file itself, byte by byte, taken in by the assembler: so that there is
 * one table, which people can read, and a program that needs no file.
 */
#include "hw/hardware_table.h"

__asm__(".pushsection .rodata\n"
	".globl hardware_table, hardware_table_end\n"
	"hardware_table:\n"
	".incbin \"etc/mpathfs-hardware.conf\"\n"
	"hardware_table_end:\n"
	".byte 0\n"
	".popsection\n");
