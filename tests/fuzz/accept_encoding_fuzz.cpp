// Accept-Encoding: the order has each coding once, and the choice is from it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/wire/accept_encoding.hpp>

namespace wire = ringway::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view header{reinterpret_cast<const char*>(data), size};
    const auto preference = wire::preferred_codings(header);
    unsigned accepted = 0;
    for (const auto which : preference.order()) {
        const unsigned bit = wire::coding_bit(which);
        RW_ASSERT((accepted & bit) == 0);
        accepted |= bit;
    }
    for (unsigned available = 0; available < 16; ++available) {
        const auto chosen = wire::choose_coding(header, static_cast<std::uint8_t>(available));
        const unsigned usable = accepted & (available | wire::coding_bit(wire::coding::identity));
        RW_ASSERT(chosen.has_value() == (usable != 0));
        RW_ASSERT(!chosen || (usable & wire::coding_bit(*chosen)) != 0);
    }
    return 0;
}
