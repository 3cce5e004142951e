// One request to the kernel as plain data: the driver that runs it reads it, nobody allocates it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringway {

/// What the kernel is asked to do. Each names the call whose manual page says the rest.
enum class op_kind : std::uint8_t {
    nop,      ///< Completes with 0.
    accept,   ///< accept4(2); multishot possible. Result: the descriptor.
    connect,  ///< connect(2): `address`, `length`.
    recv,     ///< recv(2) into `address`/`length`, or with `select_buffer` into a pooled buffer.
    send,     ///< send(2) of all of `address`/`length` unless it fails midway (MSG_WAITALL).
    sendmsg,  ///< sendmsg(2) of the msghdr at `address`, all of it unless it fails midway.
    recvmsg,  ///< recvmsg(2) into the msghdr at `address`.
    poll,     ///< poll(2) for the events in `flags`; multishot possible. Result: the events.
    read,     ///< pread(2) at `offset` (or read(2) with `no_offset`).
    write,    ///< pwrite(2) at `offset` (or write(2) with `no_offset`).
    fsync,    ///< fsync(2), or fdatasync(2) with `flags` 1.
    openat2,  ///< openat2(2): `fd` the directory, `address` the path, `extra` a struct open_how.
    statx,    ///< statx(2): `address` the path, `flags`, `length` the mask, `extra` a struct statx.
    splice,   ///< splice(2) from `fd` at `offset` to `other_fd` at `other_offset`, `length` bytes.
    sendfile,   ///< sendfile(2) from file `other_fd` at `offset` to socket `fd`; waits until it can
                ///< send. Result: bytes, may be short; 0: the file has ended.
    shutdown,   ///< shutdown(2): `flags` says how.
    close,      ///< close(2).
    fallocate,  ///< fallocate(2): `offset`, `size`, `flags` its mode.
    ftruncate,  ///< ftruncate(2) to `size` bytes.
    fadvise,    ///< posix_fadvise(2): `offset`, `length` (0: to the end), `flags` its advice.
    rename,     ///< renameat2(2): `fd` and `address` to `other_fd` and `extra`, `flags`.
    link,       ///< linkat(2): as rename.
    unlink,     ///< unlinkat(2): `fd`, `address`, `flags`.
    mkdir,      ///< mkdirat(2): `fd`, `address`, `flags` the mode.
    send_zc,    ///< send(2) of all of `address`/`length`, which lie in the zero_copy_buffer at
                ///< `extra`, without copying them (io_uring_enter(2), IORING_OP_SEND_ZC).
    sendmsg_zc,  ///< sendmsg(2) of all of the msghdr at `address`, without copying: its parts lie
                 ///< in the zero_copy_buffer at `extra` and those behind it (IORING_OP_SENDMSG_ZC).
    count_,      ///< How many there are.
};

/// The name of `kind` for metrics ("recv").
[[nodiscard]] const char* name_of(op_kind kind) noexcept;

/// What a driver hands to `operation::complete`.
struct completion {
    static constexpr std::uint16_t no_buffer = 0xffff;

    int result = 0;                    ///< >= 0: as the call defines it; < 0: -errno.
    bool more = false;                 ///< Further completions follow (multishot).
    std::uint16_t buffer = no_buffer;  ///< The pooled buffer that `result` bytes went to; may be
                                       ///< set on failure too, and must be given back all the same.
};

/// An operation in flight. It lives in its awaiter or in the object it serves and stays at one
/// address from `driver::submit` to its terminal completion (`more` false).
struct operation {
    using function = void (*)(operation& self, completion what) noexcept;

    static constexpr std::uint64_t no_offset = ~std::uint64_t{0};
    static constexpr std::uint16_t no_slot = 0xffff;

    op_kind kind = op_kind::nop;
    bool multishot = false;      ///< accept, poll, pooled recv: go on until cancelled or failed.
    bool select_buffer = false;  ///< recv: take a buffer of the driver's pool when data is there.
    bool piecewise = false;      ///< send: without MSG_WAITALL, which kernel TLS refuses
                                 ///< (EOPNOTSUPP); the driver sends the rest itself.
    bool in_flight = false;      ///< Set by submit, cleared before the terminal completion.
    bool polled = false;         ///< read, write: on the ring that polls the device, which must
                                 ///< have been enabled (`driver::enable_polling`).
    /// read, write, send_zc, sendmsg_zc (Linux 6.15): the memory lies in the buffer that was
    /// enrolled under this number.
    std::uint16_t buffer_slot = no_slot;
    /// read, write: `fd` was enrolled under this number.
    std::uint16_t file_slot = no_slot;
    int fd = -1;
    int other_fd = -1;
    std::uint32_t flags = 0;
    std::uint32_t length = 0;
    std::uint64_t offset = 0;
    std::uint64_t other_offset = no_offset;
    std::uint64_t size = 0;
    void* address = nullptr;
    void* extra = nullptr;
    function complete = nullptr;  ///< Told on the shard's thread; must not resume anybody.

    // The driver's own while in flight.
    operation* next = nullptr;
    operation* previous = nullptr;
    std::uint32_t driver_state = 0;
    std::uint32_t driver_done = 0;
};

}  // namespace ringway
