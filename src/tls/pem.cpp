#include "tls/pem.hpp"

#include <string>

namespace ringway::tls {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view dashes = "-----";

struct pem_block {
    std::string_view label;
    std::string_view whole;
};

// Takes the next block off the front of `text`; nothing when there is none, or none that ends.
std::optional<pem_block> take_block(std::string_view& text) {
    for (;;) {
        const auto begin = text.find(begin_mark);
        if (begin == std::string_view::npos) {
            return std::nullopt;
        }
        text.remove_prefix(begin);
        const auto label_end = text.find(dashes, begin_mark.size());
        if (label_end == std::string_view::npos) {
            return std::nullopt;
        }
        const auto label = text.substr(begin_mark.size(), label_end - begin_mark.size());
        const auto end_mark = "-----END " + std::string{label} + "-----";
        const auto end = text.find(end_mark, label_end);
        if (end == std::string_view::npos) {
            text.remove_prefix(begin_mark.size());  // Others may be whole.
            continue;
        }
        const pem_block found{label, text.substr(0, end + end_mark.size())};
        text.remove_prefix(found.whole.size());
        return found;
    }
}

}  // namespace

std::vector<std::string_view> certificate_blocks(std::string_view text) {
    std::vector<std::string_view> found;
    while (const auto block = take_block(text)) {
        if (block->label == "CERTIFICATE") {
            found.push_back(block->whole);
        }
    }
    return found;
}

std::optional<std::string_view> find_key_block(std::string_view text) noexcept {
    while (const auto block = take_block(text)) {
        if (block->label.ends_with("PRIVATE KEY")) {
            return block->whole;
        }
    }
    return std::nullopt;
}

bool is_encrypted(std::string_view key_block) noexcept {
    return key_block.starts_with("-----BEGIN ENCRYPTED") || key_block.contains("4,ENCRYPTED");
}

bool looks_like_pem(std::string_view text) noexcept { return text.contains(begin_mark); }

bool looks_like_der(std::string_view text) noexcept {
    // A SEQUENCE with its length in two bytes (ITU-T X.690 section 8.1.3).
    return text.size() > 4 && text[0] == '\x30' && text[1] == '\x82';
}

}  // namespace ringway::tls
