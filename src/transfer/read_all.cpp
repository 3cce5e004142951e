#include "transfer/read_all.hpp"

#include <atomic>
#include <cerrno>

#include <ringway/base/log.hpp>
#include <ringway/ring/await.hpp>

namespace ringway {

namespace {

std::atomic<bool> told_missing{false};

// Once for each process: what was asked for can't be had, and what comes in its place.
void tell_missing(transfer_method asked) {
    if (!told_missing.exchange(true, std::memory_order_relaxed)) {
        log_line(log_level::info, std::string{"--transfer "} + std::string{name_of(asked)} +
                                      " needs io_uring of Linux 6.2: files are read and sent");
    }
}

}  // namespace

task<result<std::uint32_t>> read_all(int file, byte_span memory, std::uint64_t offset,
                                     std::uint16_t slot) {
    std::uint32_t got = 0;
    while (got < memory.size()) {
        operation op;
        op.kind = op_kind::read;
        op.fd = file;
        op.address = memory.data() + got;
        op.length = static_cast<std::uint32_t>(memory.size() - got);
        op.offset = offset + got;
        op.buffer_slot = slot;
        const completion done = co_await await_operation{op};
        if (done.result == -EINTR) {
            continue;
        }
        if (done.result < 0) {
            co_return fail_errno(-done.result);
        }
        if (done.result == 0) {
            break;
        }
        got += static_cast<std::uint32_t>(done.result);
    }
    co_return got;
}

chunk_facts look_at_chunk(transfer_method asked, const stream& out, const shared_file& file,
                          file_slice slice, residency_memory& residency) noexcept {
    chunk_facts facts{.length = slice.length, .kernel_tls = out.is_piecewise()};
    if (asked == transfer_method::automatic) {
        facts.resident = residency.is_resident(file, slice, driver::current().now());
        if (facts.resident) {
            return facts;
        }
    }
    zero_copy_pool* const pool = driver::current().zero_copy();
    facts.has_fixed = pool != nullptr && !pool->refused();
    if (!facts.has_fixed &&
        (asked == transfer_method::fixed || asked == transfer_method::zero_copy ||
         asked == transfer_method::gathered)) {
        tell_missing(asked);
    }
    if (asked == transfer_method::automatic && facts.has_fixed) {
        const auto route = route_of(out.fd());
        facts.zero_copy_pays = route && pool->pays(*route, driver::current().now());
    }
    return facts;
}

}  // namespace ringway
