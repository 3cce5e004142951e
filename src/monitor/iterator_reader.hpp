// Reading what a BPF iterator writes.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <unistd.h>
#include <vector>

#include <ringway/base/unique_fd.hpp>

namespace ringway::monitor {

/// Calls `take(record)` for each record that the iterator behind `open` writes. An iterator hands
/// out whole records only where a read has room for them, so parts are put together here. False if
/// reading failed.
template <class Record, class Take>
bool read_iterator(const unique_fd& open, Take take) {
    std::array<std::byte, 65536> chunk;
    std::vector<std::byte> rest;
    for (;;) {
        const ssize_t got = ::read(open.get(), chunk.data(), chunk.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        rest.insert(rest.end(), chunk.data(), chunk.data() + got);
        std::size_t at = 0;
        for (; rest.size() - at >= sizeof(Record); at += sizeof(Record)) {
            Record record;
            __builtin_memcpy(&record, rest.data() + at, sizeof record);
            take(record);
        }
        rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

}  // namespace ringway::monitor
