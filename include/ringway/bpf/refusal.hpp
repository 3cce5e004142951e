// Why something of BPF or of an interface could not be done, in words for the operator.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include <ringway/base/result.hpp>

namespace ringway::bpf {

/// A failure with its line: what was wanted, why it was refused, and the command that helps.
struct refusal {
    error why;
    std::string text;  ///< One line without a line feed.
};

template <class T>
using outcome = std::expected<T, refusal>;

/// A refusal for `return refuse(...)`.
[[nodiscard]] inline std::unexpected<refusal> refuse(error why, std::string text) {
    return std::unexpected{refusal{why, std::move(text)}};
}

}  // namespace ringway::bpf
