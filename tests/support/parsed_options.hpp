// What a sub-command's parser made of its arguments: options, or a refusal.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "cli/reply.hpp"

namespace ringway::test {

/// The options. Fails the test if there are none.
template <class Options>
[[nodiscard]] Options accepted(std::variant<Options, cli::reply> parsed) {
    if (const auto* const told = std::get_if<cli::reply>(&parsed); told != nullptr) {
        ADD_FAILURE() << told->text;
        return {};
    }
    return std::get<Options>(std::move(parsed));
}

/// What was said instead of accepting them. Fails the test unless it is a usage error.
template <class Options>
[[nodiscard]] std::string refused(const std::variant<Options, cli::reply>& parsed) {
    const auto* const told = std::get_if<cli::reply>(&parsed);
    if (told == nullptr) {
        ADD_FAILURE() << "accepted";
        return {};
    }
    EXPECT_EQ(told->exit_code, cli::reply::usage_status);
    return told->text;
}

}  // namespace ringway::test
