// The rows of the table of serve's options, by group, and what the rows are written with.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cli/option_setters.hpp"
#include "cli/serve_option_table.hpp"

namespace ringway::cli {

/// Listening, HTTPS and HTTP/3. Static, as all of them.
[[nodiscard]] std::span<const serve_option> serve_listening_options();
[[nodiscard]] std::span<const serve_option> serve_https_options();
[[nodiscard]] std::span<const serve_option> serve_http3_options();
/// Which files are served, and how.
[[nodiscard]] std::span<const serve_option> serve_site_options();
/// What clients may do.
[[nodiscard]] std::span<const serve_option> serve_limit_options();
/// The firewall in front of it.
[[nodiscard]] std::span<const serve_option> serve_guard_rows();
[[nodiscard]] std::span<const serve_option> serve_logging_options();
[[nodiscard]] std::span<const serve_option> serve_engine_options();

namespace rows {

inline constexpr auto flag = option_form::flag;
inline constexpr auto list = option_form::list;
inline constexpr auto most = std::numeric_limits<std::uint64_t>::max();

inline parsed<std::uint64_t> size_between(std::string_view text, std::uint64_t least,
                                          std::uint64_t greatest) {
    const auto size = parse_size(text);
    if (size && (*size < least || *size > greatest)) {
        return std::unexpected{"\"" + std::string{text} + "\" is not between " +
                               std::to_string(least) + " and " + std::to_string(greatest) +
                               " bytes"};
    }
    return size;
}

// `word` means zero.
inline parsed<std::uint64_t> number_or(std::string_view word, std::string_view text,
                                       std::uint64_t least, std::uint64_t greatest) {
    return text == word ? parsed<std::uint64_t>{0} : parse_number(text, least, greatest);
}

template <class Value, std::size_t N>
using words = std::array<std::pair<std::string_view, Value>, N>;

template <class Target, std::size_t N>
parsed<void> choose(Target& target, std::string_view text, const words<Target, N>& choices) {
    return store(target, parse_choice<Target>(text, choices));
}

}  // namespace rows
}  // namespace ringway::cli
