#include "xdp/pcapng.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <ringway/base/assert.hpp>
#include <ringway/base/bytes.hpp>

namespace ringway::xdp {
namespace {

constexpr std::uint32_t section_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t statistics_block = 5;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint32_t byte_order = 0x1a2b3c4d;
constexpr std::uint16_t link_ethernet = 1;
constexpr std::uint32_t direction_in = 1;
constexpr std::uint32_t direction_out = 2;
constexpr std::uint32_t kernel_interface = 0;
constexpr std::uint32_t card_interface = 1;
constexpr std::string_view kernel_times = "times by the clock of the system";
constexpr std::string_view card_times = "times by the clock of the card";

// Numbers are in the order of this machine, which the section header tells.
template <class Number>
void put(std::string& to, Number value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void put_padded(std::string& to, std::string_view bytes) {
    to.append(bytes);
    to.append((4 - bytes.size() % 4) % 4, '\0');
}

void put_option(std::string& to, std::uint16_t code, std::string_view value) {
    if (!value.empty()) {
        put(to, code);
        put(to, static_cast<std::uint16_t>(value.size()));
        put_padded(to, value);
    }
}

void put_time(std::string& to, std::chrono::nanoseconds time) {
    const auto all = static_cast<std::uint64_t>(time.count());
    put(to, static_cast<std::uint32_t>(all >> 32U));
    put(to, static_cast<std::uint32_t>(all));
}

std::string number_option(std::uint64_t value) {
    return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

// The length stands in front and behind, so that a file can be read backwards.
void put_block(std::string& to, std::uint32_t type, std::string_view body) {
    const auto length = static_cast<std::uint32_t>(body.size() + 12);
    put(to, type);
    put(to, length);
    to.append(body);
    put(to, length);
}

void append_interface(std::string& to, std::string_view name, std::string_view description,
                      std::string_view filter, std::uint32_t captured_max) {
    std::string body;
    put(body, link_ethernet);
    put(body, std::uint16_t{0});
    put(body, captured_max);
    put_option(body, 2, name);                         // if_name
    put_option(body, 3, description);                  // if_description
    put_option(body, 9, std::string_view{"\x09", 1});  // if_tsresol: 10^-9
    if (!filter.empty()) {
        put_option(body, 11, std::string(1, '\0') + std::string{filter});  // if_filter
    }
    put(body, std::uint32_t{0});
    put_block(to, interface_block, body);
}

}  // namespace

std::string pcapng_head(std::string_view program, std::string_view interface,
                        std::string_view filter, std::uint32_t captured_max, bool card_clock) {
    std::string section;
    put(section, byte_order);
    put(section, std::uint16_t{1});
    put(section, std::uint16_t{0});
    put(section, ~std::uint64_t{0});  // How long the section is: not known.
    put_option(section, 4, program);  // shb_userappl
    put(section, std::uint32_t{0});
    std::string made;
    put_block(made, section_block, section);
    append_interface(made, interface, card_clock ? kernel_times : "", filter, captured_max);
    if (card_clock) {
        append_interface(made, interface, card_times, filter, captured_max);
    }
    return made;
}

void append_packet(std::string& to, byte_view bytes, std::uint32_t length,
                   std::chrono::nanoseconds time, const packet_notes& notes) {
    std::string body;
    body.reserve(bytes.size() + notes.comment.size() + 44);
    put(body, notes.by_card_clock ? card_interface : kernel_interface);
    put_time(body, time);
    put(body, static_cast<std::uint32_t>(bytes.size()));
    put(body, length);
    put_padded(body, as_text(bytes));
    put_option(body, 1, notes.comment);  // opt_comment
    const std::uint32_t flags = notes.is_sent ? direction_out : direction_in;
    put_option(body, 2, {reinterpret_cast<const char*>(&flags), sizeof(flags)});  // epb_flags
    put(body, std::uint32_t{0});
    put_block(to, packet_block, body);
}

written_blocks whole_blocks(std::string_view blocks, std::size_t written) {
    constexpr std::size_t length_at = 4;  // Behind the type.
    constexpr std::size_t packet_length_at = 24;
    const auto number_at = [&blocks](std::size_t at) {
        std::uint32_t value = 0;
        std::memcpy(&value, blocks.data() + at, sizeof(value));
        return value;
    };
    written_blocks found;
    for (std::size_t at = 0; at + length_at + sizeof(std::uint32_t) <= blocks.size();) {
        const std::size_t end = at + number_at(at + length_at);
        RW_ASSERT(end > at && end <= blocks.size());
        if (end <= written) {
            found.bytes = end;
        } else if (number_at(at) == packet_block) {
            ++found.packets_behind;
            found.bytes_behind += number_at(at + packet_length_at);
        }
        at = end;
    }
    return found;
}

void append_statistics(std::string& to, std::uint64_t received, std::uint64_t lost,
                       std::chrono::nanoseconds time) {
    std::string body;
    put(body, std::uint32_t{0});
    put_time(body, time);
    put_option(body, 4, number_option(received));  // isb_ifrecv
    put_option(body, 7, number_option(lost));      // isb_osdrop
    put(body, std::uint32_t{0});
    put_block(to, statistics_block, body);
}

}  // namespace ringway::xdp
