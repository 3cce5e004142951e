// From the text of an option to its value, or to what is wrong with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringway::cli {

/// A value, or what is wrong, to be read after the name of the option: `"x" is no size: ...`.
template <class T>
using parsed = std::expected<T, std::string>;

/// A whole number from `least` to `most`.
[[nodiscard]] parsed<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                                 std::uint64_t most);

/// A number of bytes with an optional K, M or G (powers of 1024, also as k, KB, KiB); "off" is 0.
[[nodiscard]] parsed<std::uint64_t> parse_size(std::string_view text);

/// A whole number with its unit: 500ms, 10s, 5m, 1h; "off" and "0" are 0. At most a year.
[[nodiscard]] parsed<std::chrono::milliseconds> parse_duration(std::string_view text);

/// As `parse_duration`, and a bare number is seconds, as in curl, wrk and h2load.
[[nodiscard]] parsed<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// yes, no and their kin: true, on, 1; false, off, 0.
[[nodiscard]] parsed<bool> parse_switch(std::string_view text);

/// The parts of `text` between commas, without the spaces around them; empty parts are dropped.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

/// `"text" is none of a, b and c`, with the nearest of `names` if one is near.
[[nodiscard]] std::string not_among(std::string_view text, std::span<const std::string_view> names);

/// One of a few words, each with its value.
template <class Value>
[[nodiscard]] parsed<Value> parse_choice(
    std::string_view text, std::span<const std::pair<std::string_view, Value>> choices) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
        if (name == text) {
            return value;
        }
        names.push_back(name);
    }
    return std::unexpected{not_among(text, names)};
}

}  // namespace ringway::cli
