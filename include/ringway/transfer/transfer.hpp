// The one place that decides how the bytes of a file reach a socket.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/net/stream.hpp>
#include <ringway/net/transport.hpp>
#include <ringway/transfer/payload.hpp>
#include <ringway/transfer/residency_memory.hpp>

namespace ringway {

/// Ways to move a part of a file.
enum class transfer_method : std::uint8_t {
    automatic,  ///< By size, residency and route: `plan_chunk`, docs/decisions/0006-transfer.md.
    copy,       ///< Read into memory through the ring, then send.
    sendfile,   ///< sendfile(2), also where the page cache has to read from disk.
    splice,     ///< Through a pipe; always pays a worker thread of the kernel.
    fixed,      ///< As `copy`, with memory that the kernel knows beforehand (READ_FIXED).
    zero_copy,  ///< From such memory without copying it again (SEND_ZC).
    gathered,  ///< The same with the head and several pieces in each message (SENDMSG_ZC). To peers
               ///< with tiny windows it may crawl: docs/decisions/0006-transfer.md.
    mapped,    ///< Sent from a mapping of the file.
};

/// The name of `method` as the command line has it ("zero-copy").
[[nodiscard]] std::string_view name_of(transfer_method method) noexcept;

/// What is known of a part of a file and its socket, before it moves.
struct chunk_facts {
    std::uint64_t length = 0;
    bool resident = false;        ///< All of it is in the page cache.
    bool kernel_tls = false;      ///< The kernel encrypts what is sent.
    bool has_fixed = false;       ///< The driver has memory for `fixed` and `zero_copy`.
    bool zero_copy_pays = false;  ///< As far as is known of the route.
};

/// The way one part goes: the one place that decides. Pure. `asked` counts where it can be had; in
/// its place comes `copy`, and for `automatic` what suits.
[[nodiscard]] transfer_method plan_chunk(transfer_method asked, const chunk_facts& facts) noexcept;

/// What a transfer has done so far; lives with the caller, who may look at any time.
struct transfer_progress {
    std::uint64_t bytes = 0;    ///< Accepted by the socket, head included.
    std::uint64_t in_hand = 0;  ///< Given to a send that has not ended: any part may be accepted.
    bool used_sendfile = false;
    bool used_splice = false;
    bool used_zero_copy = false;
    bool read_cold = false;  ///< Some of it was not in the page cache.
};

/// Moves parts of files to streams. One per shard.
class file_sender {
public:
    /// Up to this size a part of a file is read and sent together with the head that precedes it,
    /// in one system call; sendfile(2) starts to win above (docs/decisions/0006-transfer.md).
    static constexpr std::uint32_t small_bytes_max = 64 * 1024;
    /// What moves at a time of larger parts: long enough for sendfile(2) to do its best, short
    /// enough that others have their turn.
    static constexpr std::uint32_t chunk_bytes = 512 * 1024;
    /// From this size on the head leaves in a segment of its own before sendfile(2).
    static constexpr std::uint32_t head_apart_min = 256 * 1024;

    explicit file_sender(transfer_method method) noexcept : method_{method} {}

    /// Sends `head` and then the bytes `slice` of `file`.
    ///
    /// Succeeds when the socket has taken all of it. Fails with `truncated` if the file turned out
    /// to be shorter, `closed` if the peer left, or the error of reading; the head may have been
    /// sent by then, and promised a length that was not kept: close the connection.
    /// Lifetime: `out`, `head` and `progress` outlive the task. Cancel: at any await; what is in
    /// flight is drained first. Resumes: on the shard of `out`.
    [[nodiscard]] task<result<void>> send(stream& out, std::string_view head, file_ref file,
                                          file_slice slice, transfer_progress& progress);

    /// Sends `head` and then `body`. As `send`.
    [[nodiscard]] task<result<void>> send(stream& out, std::string_view head, std::string_view body,
                                          transfer_progress& progress);

    /// The same over a transport, which collects and seals: the file is read straight into the
    /// memory that is sent. Everything is flushed when it succeeds; `progress` counts what the peer
    /// will see of it.
    [[nodiscard]] task<result<void>> send(transport& out, std::string_view head, file_ref file,
                                          file_slice slice, transfer_progress& progress);
    [[nodiscard]] task<result<void>> send(transport& out, std::string_view head,
                                          std::string_view body, transfer_progress& progress);

private:
    class scratch;
    class pipe_lease;
    struct pipe_pair {
        unique_fd out;
        unique_fd in;
    };

    [[nodiscard]] task<result<void>> send_small(stream& out, std::string_view head, int file,
                                                file_slice slice, transfer_progress& progress);
    /// Sends `head`, if there is one, and some of `slice`; yields how much of that.
    [[nodiscard]] task<result<std::uint64_t>> send_chunk(stream& out, std::string_view head,
                                                         const shared_file& from, file_slice slice,
                                                         transfer_progress& progress);
    enum class head_segment : bool { with_body, apart };
    [[nodiscard]] task<result<void>> send_head(stream& out, std::string_view head,
                                               head_segment segment, transfer_progress& progress);
    [[nodiscard]] task<result<std::uint64_t>> copy_chunk(stream& out, int file, file_slice slice,
                                                         transfer_progress& progress);
    [[nodiscard]] task<result<std::uint64_t>> splice_chunk(stream& out, int file, file_slice slice,
                                                           transfer_progress& progress);
    [[nodiscard]] task<result<std::uint64_t>> mapped_chunk(stream& out, int file, file_slice slice,
                                                           transfer_progress& progress);
    /// With memory of the driver's pool.
    [[nodiscard]] task<result<std::uint64_t>> fixed_chunk(stream& out, int file, file_slice slice,
                                                          transfer_progress& progress);
    /// By SEND_ZC or SENDMSG_ZC of up to `parts_max` pieces of that memory.
    [[nodiscard]] task<result<std::uint64_t>> zero_copy_chunk(stream& out, std::string_view head,
                                                              int file, file_slice slice,
                                                              std::size_t parts_max,
                                                              transfer_progress& progress);

    // Ways that a small part would not show are for all parts when they are asked for.
    [[nodiscard]] bool reads_small() const noexcept {
        return method_ == transfer_method::automatic || method_ == transfer_method::copy;
    }

    transfer_method method_;
    residency_memory residency_;
    std::vector<std::unique_ptr<std::byte[]>> free_;  // Scratch memory of `small_bytes_max` each.
    std::vector<pipe_pair> pipes_;                    // Empty ones.
};

/// Reads up to memory.size() bytes of `file` at `offset`, at once if they are in the page cache
/// (RWF_NOWAIT), else through the ring. Yields their number, 0 at the end of the file. Fails with
/// the error of reading, or `canceled`. Lifetime: `memory` until it resumes. Resumes: on this
/// shard.
[[nodiscard]] task<result<std::size_t>> read_some(int file, byte_span memory, std::uint64_t offset,
                                                  transfer_progress& progress);

/// Whether all of `slice` is in the page cache, as far as the kernel says: cachestat(2), or else
/// reads of single bytes, one for each 128 KiB, that may not wait. `false` when it can't be known.
[[nodiscard]] bool is_resident(int file, file_slice slice) noexcept;

}  // namespace ringway
