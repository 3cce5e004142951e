// Apart from the rest because <linux/stat.h> and <sys/stat.h> can't be in one source.
#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringway/base/unique_fd.hpp>
#include <ringway/fs/direct_file.hpp>

namespace ringway {
namespace {

constexpr std::uint32_t safe_alignment = 4096;

// A number in a file of sysfs; 0 if there is none.
std::uint32_t number_in(const std::string& path) noexcept {
    const unique_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 32> text{};
    const ssize_t size = ::read(file.get(), text.data(), text.size());
    std::uint32_t number = 0;
    if (size > 0) {
        std::from_chars(text.data(), text.data() + size, number);
    }
    return number;
}

// The logical block size of the device below a file; a partition's is that of its disk.
std::uint32_t block_bytes_below(const struct statx& facts) noexcept {
    const std::string device = "/sys/dev/block/" + std::to_string(facts.stx_dev_major) + ':' +
                               std::to_string(facts.stx_dev_minor);
    const std::uint32_t own = number_in(device + "/queue/logical_block_size");
    return own != 0 ? own : number_in(device + "/../queue/logical_block_size");
}

}  // namespace

result<direct_alignment> alignment_of(int fd) noexcept {
    struct statx facts{};
    if (::syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_DIOALIGN, &facts) !=
        0) {
        return fail_errno(errno);
    }
    if ((facts.stx_mask & STATX_DIOALIGN) != 0) {
        if (facts.stx_dio_offset_align == 0 || facts.stx_dio_mem_align == 0) {
            return fail(errc::unsupported);
        }
        return direct_alignment{
            .memory = facts.stx_dio_mem_align, .offset = facts.stx_dio_offset_align, .told = true};
    }
    int of_device = 0;
    const bool is_device = ::ioctl(fd, BLKSSZGET, &of_device) == 0 && of_device > 0;
    const std::uint32_t block =
        is_device ? static_cast<std::uint32_t>(of_device) : block_bytes_below(facts);
    const std::uint32_t chosen = std::bit_ceil(std::max(block, safe_alignment));
    return direct_alignment{.memory = chosen, .offset = chosen};
}

}  // namespace ringway
