// What the BPF program and we share.
#pragma once

#include "../../bpf/guard_shared.h"
