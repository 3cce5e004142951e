// The option --driver, which several commands have.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include <ringway/ring/driver.hpp>

#include "cli/command_page.hpp"
#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// Its values.
inline constexpr std::array<std::pair<std::string_view, driver_kind>, 3> driver_words{
    {{"auto", driver_kind::automatic},
     {"io_uring", driver_kind::io_uring},
     {"epoll", driver_kind::epoll}}};

/// What there is to read about it, among the options of `group`.
[[nodiscard]] constexpr option_text driver_option_text(std::string_view group) noexcept {
    return {.group = group,
            .name = "driver",
            .value = "auto|io_uring|epoll",
            .default_value = "auto",
            .help = "How to speak with the kernel."};
}

/// Sets the member `driver` of a command's options.
template <class Options>
[[nodiscard]] parsed<void> set_driver(Options& to, std::string_view text) {
    const auto chosen = parse_choice<driver_kind>(text, driver_words);
    if (!chosen) {
        return std::unexpected{chosen.error()};
    }
    to.driver = *chosen;
    return {};
}

}  // namespace ringway::cli
