#include <ringway/observe/labels.hpp>

#include <array>

#include <ringway/base/assert.hpp>

namespace ringway::observe {
namespace {

template <class Label>
using names = std::array<std::string_view, label_count<Label>>;

constexpr names<http_protocol> protocol_names{"http/1.0", "http/1.1", "h2", "h3"};
constexpr names<http_protocol> version_texts{"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"};
constexpr names<transport> transport_names{"tcp", "tls", "quic", "unix"};
constexpr names<reject_reason> reject_names{"limit_total", "limit_address", "no_fds", "no_memory",
                                            "tls_handshake"};
constexpr names<abuse_kind> abuse_names{
    "malformed_head",      "malformed_body",    "target_too_long",
    "head_too_large",      "body_too_large",    "unknown_method",
    "unsupported_version", "tls_on_plain_port", "plain_on_tls_port",
    "path_escape",         "h2_protocol_error", "h2_rapid_reset",
    "h2_control_flood",    "h2_made_reset",     "h2_continuation_flood",
    "h2_header_bomb",      "h2_stalled",        "h2_memory",
    "h3_protocol_error",   "h3_rapid_reset",    "h3_made_reset",
    "h3_control_flood",    "h3_stream_flood",   "h3_qpack_flood",
    "h3_header_bomb",      "h3_stalled",        "h3_memory"};
constexpr names<reset_side> side_names{"client", "server"};
constexpr names<goaway_code> goaway_names{"no_error", "protocol_error", "enhance_your_calm",
                                          "other"};
constexpr names<timeout_kind> timeout_names{"header",   "body",  "idle",
                                            "min_rate", "drain", "handshake"};
constexpr names<cache_tier> tier_names{"hit", "fd", "miss", "-"};
constexpr names<transfer_way> way_names{"memory", "copy", "sendfile", "splice", "zero_copy"};

template <class Label>
constexpr bool all_named(const names<Label>& table) {
    for (const auto name : table) {
        if (name.empty()) {
            return false;
        }
    }
    return true;
}
static_assert(all_named<http_protocol>(protocol_names) && all_named<http_protocol>(version_texts));
static_assert(all_named<transport>(transport_names) && all_named<reject_reason>(reject_names));
static_assert(all_named<abuse_kind>(abuse_names) && all_named<timeout_kind>(timeout_names));
static_assert(all_named<cache_tier>(tier_names) && all_named<transfer_way>(way_names));

template <class Label>
std::string_view lookup(const names<Label>& table, Label which) noexcept {
    const auto index = static_cast<std::size_t>(which);
    RW_ASSERT(index < table.size());
    return table[index];
}

}  // namespace

std::string_view name_of(http_protocol which) noexcept { return lookup(protocol_names, which); }
std::string_view version_text(http_protocol which) noexcept { return lookup(version_texts, which); }
std::string_view name_of(transport which) noexcept { return lookup(transport_names, which); }
std::string_view name_of(reject_reason which) noexcept { return lookup(reject_names, which); }
std::string_view name_of(abuse_kind which) noexcept { return lookup(abuse_names, which); }
std::string_view name_of(timeout_kind which) noexcept { return lookup(timeout_names, which); }
std::string_view name_of(cache_tier which) noexcept { return lookup(tier_names, which); }
std::string_view name_of(reset_side which) noexcept { return lookup(side_names, which); }
std::string_view name_of(goaway_code which) noexcept { return lookup(goaway_names, which); }
std::string_view name_of(transfer_way which) noexcept { return lookup(way_names, which); }

abuse_kind abuse_of_status(int status) noexcept {
    switch (status) {
        case 413: return abuse_kind::body_too_large;
        case 414: return abuse_kind::target_too_long;
        case 431: return abuse_kind::head_too_large;
        case 501: return abuse_kind::unknown_method;
        case 505: return abuse_kind::unsupported_version;
        default: return abuse_kind::malformed_head;
    }
}

}  // namespace ringway::observe
