// What one shard has served: counters with bounded labels, cheap to update.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <ringway/observe/counter.hpp>
#include <ringway/observe/labels.hpp>
#include <ringway/wire/accept_encoding.hpp>
#include <ringway/wire/method.hpp>

namespace ringway::observe {

/// One counter for each value of an enumeration with a `count_`.
template <class Label>
class counter_by {
public:
    void add(Label which, std::uint64_t n = 1) noexcept { cells_[index(which)].add(n); }
    [[nodiscard]] std::uint64_t get(Label which) const noexcept {
        return cells_[index(which)].get();
    }

private:
    static constexpr std::size_t index(Label which) noexcept {
        return static_cast<std::size_t>(which);
    }
    std::array<counter, label_count<Label>> cells_;
};

/// Durations in the cumulative buckets that Prometheus wants.
class duration_buckets {
public:
    /// Upper bounds in nanoseconds, inclusive; a last bucket without a bound follows.
    static constexpr std::array<std::uint64_t, 18> bounds_ns{
        25'000,      50'000,      100'000,       250'000,       500'000,        1'000'000,
        2'500'000,   5'000'000,   10'000'000,    25'000'000,    50'000'000,     100'000'000,
        250'000'000, 500'000'000, 1'000'000'000, 2'500'000'000, 10'000'000'000, 60'000'000'000};

    void record(std::uint64_t duration_ns) noexcept {
        std::size_t index = 0;
        for (const auto bound : bounds_ns) {
            index += duration_ns > bound ? 1 : 0;
        }
        cells_[index].add();
        sum_ns_.add(duration_ns);
    }

    /// Of bucket `index` alone, not cumulative; `bounds_ns.size()` is the one without a bound.
    [[nodiscard]] std::uint64_t get(std::size_t index) const noexcept {
        return cells_[index].get();
    }
    [[nodiscard]] std::uint64_t sum_ns() const noexcept { return sum_ns_.get(); }

private:
    std::array<counter, bounds_ns.size() + 1> cells_;
    counter sum_ns_;
};

/// The counters of one shard, about 12 KiB. Written on that shard's thread only, read by any.
class http_metrics {
public:
    static constexpr std::size_t protocols = label_count<http_protocol>;
    /// Those that HTTP defines and one for all others.
    static constexpr std::size_t methods =
        static_cast<std::size_t>(wire::method_id::other_known) + 1;
    static constexpr std::size_t codings = static_cast<std::size_t>(wire::coding::zstd) + 1;
    /// Status codes that have a label of their own. The others share one, the last.
    static constexpr std::array<std::uint16_t, 32> codes{
        200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408,
        409, 410, 411, 412, 413, 414, 416, 417, 421, 425, 429, 431, 500, 501, 503, 505};

    /// A response that has ended, well or not.
    struct response {
        http_protocol protocol = http_protocol::http_1_1;
        wire::method_id method = wire::method_id::get;
        wire::coding coding = wire::coding::identity;
        std::uint16_t status = 200;
        std::uint64_t bytes = 0;        ///< Of the body, as sent.
        std::uint64_t duration_ns = 0;  ///< From the end of the head to the last byte sent.
    };

    void request_started() noexcept { in_flight.add(); }

    /// Ends what `request_started` began. About 5 ns.
    void request_done(const response& done) noexcept;

    /// A connection arrived; it is idle until its first request.
    void connection_opened(transport which) noexcept {
        accepted.add(which);
        idle[static_cast<std::size_t>(which)].add();
    }
    /// The connection serves a request from now on.
    void connection_active(transport which) noexcept {
        idle[static_cast<std::size_t>(which)].sub();
        active[static_cast<std::size_t>(which)].add();
    }
    /// The connection waits for a request from now on.
    void connection_idle(transport which) noexcept {
        active[static_cast<std::size_t>(which)].sub();
        idle[static_cast<std::size_t>(which)].add();
    }
    /// The connection is gone; `was_active` says which of the two it was last.
    void connection_closed(transport which, bool was_active) noexcept {
        (was_active ? active : idle)[static_cast<std::size_t>(which)].sub();
    }

    /// Responses with this protocol, method (`other_known` has the unknown ones too) and index in
    /// `codes` (`codes.size()` has the other codes).
    [[nodiscard]] std::uint64_t requests(http_protocol protocol, wire::method_id method,
                                         std::size_t code) const noexcept {
        return requests_[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(method)][code]
            .get();
    }
    [[nodiscard]] std::uint64_t response_bytes(http_protocol protocol,
                                               wire::coding coding) const noexcept {
        return bytes_[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(coding)].get();
    }
    [[nodiscard]] const duration_buckets& durations(http_protocol protocol) const noexcept {
        return durations_[static_cast<std::size_t>(protocol)];
    }

    gauge in_flight;                                   ///< Requests.
    counter_by<transport> accepted;                    ///< Connections since the start.
    std::array<gauge, label_count<transport>> active;  ///< Connections with a request.
    std::array<gauge, label_count<transport>> idle;    ///< Connections without one.
    counter_by<reject_reason> rejected;                ///< Connections.
    counter_by<abuse_kind> abuse;
    counter_by<timeout_kind> timeouts;
    counter_by<reset_side> stream_resets;
    counter_by<goaway_code> goaways;    ///< Sent.
    counter_by<cache_tier> cache_hits;  ///< Responses with a file, by where it came from.
    counter early_requests;  ///< That came as early data (0-RTT) and were answered at once.
    counter early_waits;     ///< The same, but had to wait for the end of the handshake.
    counter cache_evictions;
    gauge cache_bytes;
    gauge cache_entries;
    counter_by<transfer_way> transferred;  ///< Body bytes, by how they were moved.

private:
    template <std::size_t N>
    using row = std::array<counter, N>;

    std::array<std::array<row<codes.size() + 1>, methods>, protocols> requests_;
    std::array<row<codings>, protocols> bytes_;
    std::array<duration_buckets, protocols> durations_;
};

namespace detail {
/// The index in `http_metrics::codes` of each status below 600.
inline constexpr auto code_index = [] {
    std::array<std::uint8_t, 600> table{};
    table.fill(http_metrics::codes.size());
    for (std::size_t i = 0; i < http_metrics::codes.size(); ++i) {
        table[http_metrics::codes[i]] = static_cast<std::uint8_t>(i);
    }
    return table;
}();
}  // namespace detail

inline void http_metrics::request_done(const response& done) noexcept {
    const auto protocol = static_cast<std::size_t>(done.protocol);
    const auto method = std::min(static_cast<std::size_t>(done.method), methods - 1);
    const auto code =
        done.status < detail::code_index.size() ? detail::code_index[done.status] : codes.size();
    in_flight.sub();
    requests_[protocol][method][code].add();
    bytes_[protocol][static_cast<std::size_t>(done.coding)].add(done.bytes);
    durations_[protocol].record(done.duration_ns);
}

}  // namespace ringway::observe
