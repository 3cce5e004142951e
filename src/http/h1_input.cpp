#include <ringway/http/h1_session.hpp>

#include <utility>

namespace ringway::http {
namespace {

// What an idle connection may keep; heads that needed more are rare.
constexpr std::size_t kept_capacity_max = 1024;

}  // namespace

void h1_input::add(buffer_lease lease) {
    if (view().empty()) {
        kept_.clear();
        used_ = 0;
        lease_ = std::move(lease);
        return;
    }
    release_buffer();
    kept_ += as_text(lease.bytes());
}

void h1_input::consume(std::size_t count) noexcept {
    RW_ASSERT(count <= view().size());
    used_ += count;
    if (view().empty()) {
        used_ = 0;
        lease_.reset();
        kept_.clear();
        if (kept_.capacity() > kept_capacity_max) {
            kept_ = std::string{};
        }
    }
}

void h1_input::release_buffer() {
    if (!kept_.empty()) {
        kept_.erase(0, std::exchange(used_, 0));
        return;
    }
    kept_ = view();
    used_ = 0;
    lease_.reset();
}

}  // namespace ringway::http
