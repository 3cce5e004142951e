// Tests of BPF programs, where the kernel or the missing privileges leave none to be tested.
#pragma once

#include <gtest/gtest.h>

#include <ringway/bpf/bpf_ready.hpp>

// Ends a test as skipped, with the reason, where programs may not be loaded.
#define RW_NEED_BPF()                                                                           \
    if (const auto ready = ::ringway::bpf::bpf_ready(::ringway::bpf::need::programs); !ready) { \
        GTEST_SKIP() << ready.error().text;                                                     \
    }                                                                                           \
    static_assert(true)
