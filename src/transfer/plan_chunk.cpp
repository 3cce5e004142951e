#include <ringway/transfer/transfer.hpp>

namespace ringway {
namespace {

// Below this pinning the memory and the notification cost more than the copy they save.
constexpr std::uint64_t zero_copy_bytes_min = 64 * 1024;

}  // namespace

std::string_view name_of(transfer_method method) noexcept {
    switch (method) {
        case transfer_method::automatic: return "auto";
        case transfer_method::copy: return "copy";
        case transfer_method::sendfile: return "sendfile";
        case transfer_method::splice: return "splice";
        case transfer_method::fixed: return "fixed";
        case transfer_method::zero_copy: return "zero-copy";
        case transfer_method::gathered: return "sendmsg-zc";
        case transfer_method::mapped: return "mmap";
    }
    return "unknown";
}

transfer_method plan_chunk(transfer_method asked, const chunk_facts& facts) noexcept {
    const bool uncopied = asked == transfer_method::zero_copy || asked == transfer_method::gathered;
    if ((uncopied || asked == transfer_method::fixed) && !facts.has_fixed) {
        return transfer_method::copy;
    }
    if (uncopied && facts.kernel_tls) {
        return transfer_method::fixed;  // SEND_ZC fails there (EOPNOTSUPP).
    }
    if (asked != transfer_method::automatic) {
        return asked;
    }
    if (facts.resident) {
        return transfer_method::sendfile;  // Of the pages themselves: nothing is copied.
    }
    const bool without_copy = facts.has_fixed && facts.zero_copy_pays && !facts.kernel_tls &&
                              facts.length >= zero_copy_bytes_min;
    return without_copy ? transfer_method::zero_copy : transfer_method::copy;
}

}  // namespace ringway
