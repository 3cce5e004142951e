// Lookups of records in a file over a socket: a database query with nothing around it.
//
// A request is the number of a record, 8 bytes, least significant first; the answer is the record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <ringway/base/bytes.hpp>
#include <ringway/base/unique_fd.hpp>

#include "lab/bench_server.hpp"
#include "lab/outcome.hpp"

namespace ringway::lab {

inline constexpr std::size_t lookup_request_bytes = 8;
inline constexpr std::size_t record_bytes = 256;
/// What is read for a record: the block that it is in, as direct reads must.
inline constexpr std::size_t lookup_block_bytes = 4096;

using record = std::array<std::byte, record_bytes>;

/// What record `number` of every such file holds: no two are alike, no byte is the same in all.
void fill_record(record& into, std::uint64_t number) noexcept;

/// Writes a file of `count` records, and to disk. Fails with a line for people.
[[nodiscard]] outcome<void> make_records(const std::string& path, std::uint64_t count);

/// Takes a file out of the page cache (posix_fadvise(2)). False if that failed.
bool forget_file(const std::string& path) noexcept;

/// The open file of a server.
class record_file {
public:
    /// With O_DIRECT or through the page cache, without read-ahead. Fails with a line for people.
    [[nodiscard]] static outcome<record_file> open(const std::string& path, bool direct);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    /// Where the block of a record begins; the record itself is `place_in_block` behind that.
    [[nodiscard]] std::uint64_t block_of(std::uint64_t number) const noexcept;
    [[nodiscard]] static std::size_t place_in_block(std::uint64_t number) noexcept;

private:
    unique_fd fd_;
    std::uint64_t count_ = 0;
};

/// Collects the bytes of requests, which may come in pieces.
class lookup_request {
public:
    /// Takes what it needs off the front of `bytes`. True when it is complete.
    bool take(byte_view& bytes) noexcept;
    /// The number, once complete; the next `take` begins another.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

private:
    std::uint64_t number_ = 0;
    unsigned seen_ = 0;
};

/// A block of memory that direct reads can use.
struct lookup_block {
    alignas(lookup_block_bytes) std::array<std::byte, lookup_block_bytes> bytes;
    [[nodiscard]] byte_view record_of(std::uint64_t number) const noexcept {
        return byte_view{bytes}.subspan(record_file::place_in_block(number), record_bytes);
    }
};

// Servers, as those in bench_server.hpp.
int serve_lookups_by_threads(int listener, const record_file& from);
int serve_lookups_by_uring(int listener, const record_file& from, const server_options& options);
int serve_lookups_by_runtime(const record_file& from, const server_options& options);

}  // namespace ringway::lab
