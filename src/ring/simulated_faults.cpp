#include "ring/simulated_faults.hpp"

#include <charconv>
#include <cstdlib>

namespace ringway {

simulation_options stormy(std::uint64_t seed) noexcept {
    detail::simulated_random random{~seed};
    simulation_options options;
    options.seed = seed;
    // What came later is drawn last, so that a seed goes on meaning the same.
    constexpr auto drawn_first = static_cast<std::size_t>(fault::no_space);
    for (std::size_t index = 0; index < drawn_first; ++index) {
        const auto kind = static_cast<fault>(index);
        const bool harmless = kind == fault::short_read || kind == fault::short_write ||
                              kind == fault::submission_full || kind == fault::enobufs ||
                              kind == fault::cancel_late || kind == fault::complete_inline ||
                              kind == fault::buffer_on_failure;
        const std::uint64_t rate = random.between(1, harmless ? 500 : 20);
        options.per_mille[kind] = static_cast<std::uint16_t>(random.per_mille(500) ? rate : 0);
    }
    options.base.buffer_count = static_cast<std::uint16_t>(2U << random.below(6));
    options.base.buffer_bytes = static_cast<std::uint32_t>(random.between(16, 8192));
    options.delay_max = nanoseconds{random.below(2'000'000)};
    options.notification_max = nanoseconds{random.below(200'000)};
    options.socket_buffer_bytes = static_cast<std::uint32_t>(random.between(64, 65536));
    options.backlog = static_cast<std::uint32_t>(random.between(1, 16));
    options.per_mille[fault::no_space] =
        static_cast<std::uint16_t>(random.per_mille(500) ? random.between(1, 20) : 0);
    options.zero_copy_max = nanoseconds{random.below(20'000'000)};
    return options;
}

std::optional<std::uint64_t> seed_from_environment() noexcept {
    const char* const text = std::getenv("RINGWAY_SEED");
    if (text == nullptr) {
        return std::nullopt;
    }
    const std::string_view digits{text};
    std::uint64_t seed = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
    RW_ASSERT(parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size());
    return seed;
}

std::string_view name_of(fault kind) noexcept {
    switch (kind) {
        case fault::short_read: return "short_read";
        case fault::short_write: return "short_write";
        case fault::short_send: return "short_send";
        case fault::eintr: return "eintr";
        case fault::enomem: return "enomem";
        case fault::enobufs: return "enobufs";
        case fault::reset: return "reset";
        case fault::submission_full: return "submission_full";
        case fault::accept_error: return "accept_error";
        case fault::connect_error: return "connect_error";
        case fault::file_error: return "file_error";
        case fault::overflow: return "overflow";
        case fault::stall: return "stall";
        case fault::buffer_on_failure: return "buffer_on_failure";
        case fault::cancel_late: return "cancel_late";
        case fault::complete_inline: return "complete_inline";
        case fault::no_space: return "no_space";
        case fault::count_: break;
    }
    return "unknown";
}

}  // namespace ringway
