/* liburing.h includes this kernel header, which the kernel headers of Debian 12 do not have yet.
 * Searched after the system's folders (see compiler.cmake), so a real one wins. */
#pragma once
#include <linux/ioctl.h>
#ifndef BLOCK_URING_CMD_DISCARD
#define BLOCK_URING_CMD_DISCARD _IO(0x12, 0)
#endif
