// The access log: a line per request, formatted on the shard, written by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <ringway/base/result.hpp>
#include <ringway/observe/labels.hpp>
#include <ringway/wire/accept_encoding.hpp>

namespace ringway::observe {

/// What one request was. Views are read during `submit` only; any bytes are allowed in them. Long
/// ones are cut: `target` after 4096 bytes, `referer` after 1024, `user_agent` after 512.
struct access_record {
    std::int64_t unix_ns = 0;  ///< When the request arrived: nanoseconds since 1970.
    std::string_view client;   ///< The peer's address as text, without the port.
    std::string_view method;   ///< As sent.
    std::string_view target;   ///< As sent, with the query.
    std::string_view referer;
    std::string_view user_agent;
    std::uint64_t bytes = 0;  ///< Of the body, as sent.
    std::uint64_t duration_us = 0;
    std::uint64_t connection_id = 0;
    std::uint16_t status = 0;
    http_protocol protocol = http_protocol::http_1_1;
    cache_tier cache = cache_tier::none;
    wire::coding coding = wire::coding::identity;
};

/// combined: the line of Apache and nginx, then ` dur_us=42 cache=hit enc=br cid=7`. Quotes,
/// backslashes, control characters and bytes outside ASCII are escaped, as \" \\ and \xHH.
/// json: one object per line; names as OpenTelemetry has them, always valid UTF-8.
/// Times are in UTC.
enum class log_format : std::uint8_t { combined, json };

struct access_log_options {
    std::string path = "-";  ///< A file that is appended to, or "-" for standard output.
    log_format format = log_format::combined;
    unsigned shards = 1;
    std::size_t ring_bytes = std::size_t{1} << 20U;  ///< Per shard; a power of two from 128 KiB.
    std::chrono::milliseconds interval{100};  ///< How long a line waits at most to be written.
};

/// The access log of a process.
///
/// Each shard has a ring of bytes that only it fills; one thread empties them all, every
/// `interval` and whenever one is half full. A line that finds its ring full is dropped and
/// counted: a slow disk never slows a request down. So are lines that can't be written; then one
/// line per minute goes to standard error.
class access_log {
public:
    /// Opens the file and starts the writer thread, with all signals blocked in it. To be called
    /// before shards pin their threads. Fails with the error of open(2), with `invalid_argument`
    /// for a bad size.
    [[nodiscard]] static result<std::unique_ptr<access_log>> open(
        const access_log_options& options);

    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;
    /// Writes what was submitted and ends the thread. When a pipe is full and nobody reads it,
    /// gives up after a second. No shard may submit any more.
    ~access_log();

    /// Adds a line. Only on the thread of shard `shard`. Costs about 100 ns; makes a system call
    /// only when the ring has become half full. Allocates only for texts that aren't ASCII.
    void submit(unsigned shard, const access_record& record) noexcept;

    /// Opens the file anew, so that a renamed one is let go; keeps the old one, and says so, if
    /// that fails. Happens on the writer thread, soon. Any thread; may be called in a signal
    /// handler.
    void reopen() noexcept;

    /// Waits until all that was submitted before is written or lost, and all reopening is done.
    /// Any thread but a shard's: it blocks.
    void flush() noexcept;

    /// Lines of `shard` that found no room.
    [[nodiscard]] std::uint64_t dropped(unsigned shard) const noexcept;
    /// Lines that could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept;

private:
    struct state;
    explicit access_log(std::unique_ptr<state> made) noexcept;

    std::unique_ptr<state> state_;
};

}  // namespace ringway::observe
