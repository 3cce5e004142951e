// What libbpf and the verifier said, kept for the error message of the caller.
#pragma once

#include <string>

namespace ringway::bpf {

/// Keeps what libbpf prints while it lives, on this thread, instead of letting it reach stderr: the
/// last words before a refusal (the verifier's among them) are what a user needs to see, and only
/// then. Not nested. Bounded: the last 16 KiB are kept.
class bpf_log {
public:
    bpf_log();
    ~bpf_log();
    bpf_log(const bpf_log&) = delete;
    bpf_log& operator=(const bpf_log&) = delete;

    /// Everything kept so far, warnings and verifier log, as libbpf wrote it.
    [[nodiscard]] std::string text() const;
    /// The last line that says why: the verifier's verdict or libbpf's warning; empty if silent.
    [[nodiscard]] std::string reason() const;
    /// The same, or what the errno `failed` (either sign) means where nobody said more.
    [[nodiscard]] std::string reason_or(int failed) const;
};

}  // namespace ringway::bpf
