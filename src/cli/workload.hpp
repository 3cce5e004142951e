// What an application asks of the network and of files, in numbers, for `ringway doctor advise`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/value_parsers.hpp"

namespace ringway::cli {

/// What no number says: set by the name of the use, not by --describe.
enum class use_case : unsigned char { general, web_api, file_server, media, iot, trading };

struct workload {
    use_case use = use_case::general;
    double bytes = 16 * 1024;     ///< Of a typical answer, file or message.
    double rate = 1000;           ///< Of those, a second, on the whole machine.
    double latency_us = 100'000;  ///< That 99 of 100 must not exceed, within the machine.
    double loss_percent = 0.1;    ///< Of packets, on the way to clients.
    double clients = 1000;        ///< Connected at the same time.

    [[nodiscard]] double bytes_per_second() const noexcept { return bytes * rate; }
};

/// One number of --describe, with its range. All of them are told in this order.
struct workload_number {
    std::string_view name;  ///< "size"
    std::string_view unit;  ///< "bytes, also 4K, 1M"
    double workload::* value;
    double least;
    double most;
    std::string_view range;  ///< "1 to 1T": what a refusal says.
};
[[nodiscard]] std::span<const workload_number> workload_numbers() noexcept;

/// "web-api"; "general" for none.
[[nodiscard]] std::string_view name_of(use_case use) noexcept;
[[nodiscard]] std::string_view title_of(use_case use) noexcept;

/// The uses that can be named: all but general.
[[nodiscard]] std::span<const std::string_view> use_names() noexcept;

/// The numbers that are typical of a use; refused with a line for people if there is no such use.
[[nodiscard]] parsed<workload> workload_of(std::string_view use);

/// Replaces numbers of `from`: "size=4K,rate=20000,latency=5ms,loss=1%,clients=500". Refused with a
/// line for people that has the valid range.
[[nodiscard]] parsed<workload> describe(workload from, std::string_view text);

/// "files or messages of 1 MiB, 1,000 a second, ..."
[[nodiscard]] std::string text_of(const workload& what);

}  // namespace ringway::cli
