/* SPDX-License-Identifier: MIT */
/*
 * What a LUN says of itself: the WWID, the serial and the target port of a
 * SCSI disk, from the bytes of its VPD pages; the WWID of an NVMe namespace,
 * from its text. Pure functions on the caller's bytes: no I/O, no state, any
 * thread.
 *
 * The pages are those of SPC-4 (revision 17, clause 7.7). A page counts whole
 * or not at all: the best designator may stand last, and a LUN whose name
 * depended on how much of the page was read would be two. So every function of
 * a page fails as vpd_page_size() does, and with -EOVERFLOW where the page
 * claims more than len bytes: read it again, with room for all of it. A device
 * that even then sends less than it claims: fill up with zeros, which name
 * nothing.
 *
 * All of them return 0 or -errno, and leave *ret alone on failure. Texts end
 * with NUL within `size` bytes. They are the array's own: '/' and control
 * characters may be among them.
 */
#ifndef MPATHFS_HW_VPD_H
#define MPATHFS_HW_VPD_H

#include "core/base.h"

enum {
	VPD_SERIAL = 0x80,   /* Unit Serial Number */
	VPD_IDENTITY = 0x83, /* Device Identification */
	VPD_HEADER_SIZE = 4, /* bytes before what the length field counts */
};

/*
 * The size of the page in bytes, with its header, as its length field says;
 * it may be larger than len. What follows the page in a larger buffer is not
 * looked at. -ENODATA: not that page, but another one, or standard INQUIRY
 * data, or less than a header.
 */
int vpd_page_size(const uint8_t *page, size_t len, unsigned int code,
		  size_t *ret) MUST_CHECK;

/*
 * The WWID, from a page 0x83 (7.7.3), written as multipath-tools and udev do.
 * Among the designators of the logical unit the best one counts, and the
 * first of equals:
 *
 *   8  NAA 6, 16 bytes           "3" and lower-case hex
 *   7  NAA 5, 8 bytes            "
 *   6  NAA 2, 8 bytes            "
 *   4  EUI-64, 8, 12, 16 bytes   "2" and lower-case hex
 *   3  SCSI name "eui.", "naa."  "2" or "3" and the rest in lower case
 *      SCSI name "iqn."          "8" and the rest
 *   2  T10 vendor, 8 bytes on    "1" and the text; each run of blanks a '_',
 *                                those at the end left out
 *   1  NAA 3, 8 bytes            as the other NAA
 *
 * Names and T10 texts end at a NUL. A name without text, a T10 text of blanks
 * and an EUI-64 of zeros are invalid, like one of a wrong length: LUNs that
 * have nothing in common would be one. A page of 20 bytes or more whose byte 6
 * is not 0 (reserved in the first designator) is of before SPC-2 and all one
 * name: "3" and lower-case hex.
 *
 * What is longer than size - 1 is cut, hex to whole bytes; *cut (unless NULL)
 * says so: two LUNs may then have the same text. size >= 2.
 *
 * -ENODATA: no designator that counts; -EINVAL: none, and at least one was
 * invalid; -EOVERFLOW: none, and one reached over the end of the page. That
 * ends the page; a good one before it counts.
 */
int vpd_wwid(const uint8_t *page, size_t len, char *ret, size_t size,
	     bool *cut) MUST_CHECK;

/*
 * The serial of the LUN, from a page 0x80 (Unit Serial Number), without the
 * blanks around it, cut to size - 1 bytes. It ends at a NUL. -ENODATA: only
 * blanks, which is how a device says that it has none. size >= 1.
 */
int vpd_serial(const uint8_t *page, size_t len, char *ret,
	       size_t size) MUST_CHECK;

/*
 * The group of the target port through which the page 0x83 came, and that
 * port's number (7.7.3: target port group, relative target port): the first
 * designator of that type, four bytes long, that is associated with the port.
 * -ENODATA: none; -EINVAL: only of other lengths; -EOVERFLOW: none up to one
 * that reaches over the end of the page.
 */
int vpd_target_group(const uint8_t *page, size_t len, uint16_t *ret) MUST_CHECK;
int vpd_target_port(const uint8_t *page, size_t len, uint16_t *ret) MUST_CHECK;

/*
 * The WWID of an NVMe namespace: its text in sysfs or udev, without newline,
 * as it is where it fits. Where it does not, and is that of a namespace
 * without a name of its own ("nvme.VVVV-SERIAL-MODEL-NSID", the middle two in
 * hex), the NULs ("00") with which some targets fill up serial and model are
 * left out. -EOVERFLOW: does not fit even so. It is never cut: the number of
 * the namespace stands last. size >= 1.
 */
int nvme_wwid(const char *text, char *ret, size_t size) MUST_CHECK;

#endif
