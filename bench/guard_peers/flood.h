// What flood.bpf.c and flood.c both know.
#pragma once

#include <linux/types.h>

struct flood_settings {
    __u32 source;   // The first source, in the order of the machine,
    __u32 sources;  // and how many of them.
};
