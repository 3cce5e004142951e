// Reading a part of a file into memory, whole, and looking at it before it moves.
#pragma once

#include <cstdint>

#include <ringway/base/bytes.hpp>
#include <ringway/base/result.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/ring/operation.hpp>
#include <ringway/transfer/residency_memory.hpp>
#include <ringway/transfer/transfer.hpp>

namespace ringway {

/// Fills `memory` from `offset` on; yields less than its size only at the end of the file. `slot`:
/// the number under which the memory is enrolled with the driver, if it is.
[[nodiscard]] task<result<std::uint32_t>> read_all(int file, byte_span memory, std::uint64_t offset,
                                                   std::uint16_t slot = operation::no_slot);

/// What `plan_chunk` wants to know for `asked`; what does not matter for it is not found out.
[[nodiscard]] chunk_facts look_at_chunk(transfer_method asked, const stream& out,
                                        const shared_file& file, file_slice slice,
                                        residency_memory& residency) noexcept;

}  // namespace ringway
