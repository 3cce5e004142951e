#include <ringway/http/authority_guard.hpp>

namespace ringway::http {
namespace {

// Without the port. An IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority) noexcept {
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? authority.substr(0, colon) : authority;
}

}  // namespace

bool authority_guard::admits(std::string_view authority) {
    if (shown_ == nullptr || authority.empty() || authority == admitted_) {
        return true;
    }
    const std::string_view host = host_of(authority);
    if (!shown_->covers(host)) {
        const auto all = certificates_->current();
        const tls::policy& own = all->find(host);
        if (own.identity() != shown_->identity() && own.covers(host)) {
            return false;
        }
    }
    admitted_ = authority;
    return true;
}

}  // namespace ringway::http
