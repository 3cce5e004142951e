#include <ringway/transfer/residency_memory.hpp>
#include <ringway/transfer/transfer.hpp>

namespace ringway {
namespace {

// Who reads a large file from different places at once does not share one range.
constexpr std::uint64_t bytes_per_range = 16 * std::uint64_t{file_sender::chunk_bytes};

}  // namespace

residency_memory::range& residency_memory::place_of(std::uint64_t file,
                                                    std::uint64_t offset) noexcept {
    return ranges_[(file * 31 + offset / bytes_per_range) % ranges_max];
}

bool residency_memory::is_resident(const shared_file& file, file_slice slice,
                                   nanoseconds now) noexcept {
    range& known = place_of(file.id(), slice.offset);
    const std::uint64_t end = slice.offset + slice.length;
    if (known.file != file.id() || now >= known.until || slice.offset < known.begin ||
        slice.offset > known.end) {
        if (!ringway::is_resident(file.fd(), slice)) {
            known = {};
            return false;
        }
        known = {.file = file.id(), .begin = slice.offset, .end = end, .until = now + trusted_for};
        return true;
    }
    if (end > known.end) {
        if (!ringway::is_resident(file.fd(), {known.end, end - known.end})) {
            return false;
        }
        known.end = end;
    }
    return true;
}

}  // namespace ringway
