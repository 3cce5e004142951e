#include "lab/pcapng.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace ringway::lab {
namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint16_t option_if_name = 2;
constexpr std::uint16_t option_if_tsresol = 9;
constexpr std::uint16_t option_epb_flags = 2;

// A block in the making; numbers in the byte order of this machine, which the header tells.
class block {
public:
    explicit block(std::uint32_t type) {
        put(type);
        put(std::uint32_t{0});  // The length, later.
    }
    template <class Number>
    void put(Number value) {
        const auto at = bytes_.size();
        bytes_.resize(at + sizeof value);
        std::memcpy(bytes_.data() + at, &value, sizeof value);
    }
    void put_padded(byte_view data) {
        bytes_.insert(bytes_.end(), data.begin(), data.end());
        bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
    }
    void put_option(std::uint16_t code, byte_view value) {
        put(code);
        put(static_cast<std::uint16_t>(value.size()));
        put_padded(value);
    }
    void finish(std::FILE* file) {
        const auto length = static_cast<std::uint32_t>(bytes_.size() + sizeof(std::uint32_t));
        put(length);
        std::memcpy(bytes_.data() + 4, &length, sizeof length);
        std::fwrite(bytes_.data(), 1, bytes_.size(), file);
    }

private:
    std::vector<std::byte> bytes_;
};

void describe_interface(std::FILE* file, std::string_view name) {
    constexpr std::array resolution{std::byte{9}};  // 10^-9 s
    block description{interface_description};
    description.put(std::uint16_t{101});
    description.put(std::uint16_t{0});
    description.put(std::uint32_t{0});  // No limit of the length.
    description.put_option(option_if_name, as_bytes(name));
    description.put_option(option_if_tsresol, resolution);
    description.put(std::uint32_t{0});
    description.finish(file);
}

}  // namespace

result<pcapng_writer> pcapng_writer::create(const std::string& path) {
    pcapng_writer made;
    made.file_.reset(std::fopen(path.c_str(), "wbe"));
    if (!made.file_) {
        return fail_errno(errno);
    }
    block header{section_header};
    header.put(std::uint32_t{0x1a2b3c4d});
    header.put(std::uint16_t{1});
    header.put(std::uint16_t{0});
    header.put(std::uint64_t{0xffff'ffff'ffff'ffff});  // Length of the section: not told.
    header.finish(made.file_.get());
    describe_interface(made.file_.get(), "client");
    describe_interface(made.file_.get(), "server");
    return made;
}

void pcapng_writer::write(unsigned interface_index, std::uint64_t unix_time, bool inbound,
                          byte_view bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    const std::uint32_t flags = inbound ? 1 : 2;
    block entry{enhanced_packet};
    entry.put(std::uint32_t{interface_index});
    entry.put(static_cast<std::uint32_t>(unix_time >> 32U));
    entry.put(static_cast<std::uint32_t>(unix_time));
    entry.put(length);
    entry.put(length);
    entry.put_padded(bytes);
    entry.put_option(option_epb_flags, std::as_bytes(std::span{&flags, 1}));
    entry.put(std::uint32_t{0});
    entry.finish(file_.get());
}

result<void> pcapng_writer::close() {
    const bool lost = std::ferror(file_.get()) != 0;
    if (std::fclose(file_.release()) != 0) {
        return fail_errno(errno);
    }
    return lost ? result<void>{fail_errno(EIO)} : result<void>{};
}

}  // namespace ringway::lab
