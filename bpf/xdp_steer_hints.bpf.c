// The steering program for one device, which it asks what it knows of each packet (Linux 6.3).
#define STEER_HINTS 1
#include "xdp_steer.bpf.c"
