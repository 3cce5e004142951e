// What the rows of the option tables do with their values.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// Stores a parsed value, if it is one; else hands on what is wrong with it.
template <class Target, class Value>
[[nodiscard]] parsed<void> store(Target& target, const parsed<Value>& value) {
    if (!value) {
        return std::unexpected{value.error()};
    }
    target = static_cast<Target>(*value);
    return {};
}

/// Of a flag that switches something off.
[[nodiscard]] inline parsed<void> store_not(bool& target, std::string_view text) {
    const auto given = parse_switch(text);
    return given ? store(target, parsed<bool>{!*given}) : store(target, given);
}

/// Does `what` when `text` says yes, nothing when it says no.
template <class What>
[[nodiscard]] parsed<void> if_wanted(std::string_view text, What what) {
    const auto wanted = parse_switch(text);
    if (!wanted) {
        return std::unexpected{wanted.error()};
    }
    return *wanted ? what() : parsed<void>{};
}

/// Stores a value that is any text.
[[nodiscard]] inline parsed<void> store_text(std::string& target, std::string_view text) {
    target = text;
    return {};
}

}  // namespace ringway::cli
