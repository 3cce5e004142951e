#include <ringway/net/plain_transport.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <ringway/base/assert.hpp>

namespace ringway {
namespace {

// A burst of busy connections is not kept for ever.
constexpr std::size_t kept_max = 16;

thread_local std::vector<std::unique_ptr<std::byte[]>> free_memory;

}  // namespace

plain_transport::plain_transport(stream& connection, buffer_lease received) noexcept
    : stream_{connection}, received_{std::move(received)} {}

plain_transport::~plain_transport() { RW_ASSERT(!flushing_); }

task<result<buffer_lease>> plain_transport::receive() {
    if (received_) {
        co_return std::exchange(received_, buffer_lease{});
    }
    co_return co_await stream_.receive();
}

std::size_t plain_transport::free_bytes() const noexcept {
    return flushing_ ? 0 : output_bytes_max - used_;
}

void plain_transport::put(byte_view bytes) noexcept {
    RW_ASSERT(bytes.size() <= free_bytes());
    if (bytes.empty()) {
        return;
    }
    need_memory();
    std::memcpy(memory_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    room_ = 0;
}

byte_span plain_transport::room(std::size_t wanted) noexcept {
    RW_ASSERT(wanted > 0 && free_bytes() > 0);
    need_memory();
    room_ = std::min(wanted, free_bytes());
    return {memory_.get() + used_, room_};
}

void plain_transport::commit(std::size_t count) noexcept {
    RW_ASSERT(count <= room_);
    used_ += count;
    room_ = 0;
}

task<result<void>> plain_transport::flush() {
    RW_ASSERT(!flushing_);
    if (used_ == 0) {
        co_return result<void>{};
    }
    flushing_ = true;
    const std::size_t wanted = used_;
    const auto sent = co_await stream_.send({memory_.get(), wanted});
    flushing_ = false;
    used_ = 0;
    give_memory_back();
    if (!sent) {
        co_return std::unexpected{sent.error()};
    }
    co_return *sent == wanted ? result<void>{} : fail(errc::closed);
}

task<void> plain_transport::close() {
    RW_ASSERT(!flushing_);
    used_ = 0;
    received_.reset();
    give_memory_back();
    return stream_.close();
}

void plain_transport::need_memory() {
    if (memory_) {
        return;
    }
    if (free_memory.empty()) {
        memory_ = std::make_unique_for_overwrite<std::byte[]>(output_bytes_max);
    } else {
        memory_ = std::move(free_memory.back());
        free_memory.pop_back();
    }
}

void plain_transport::give_memory_back() noexcept {
    if (memory_ && free_memory.size() < kept_max) {
        free_memory.push_back(std::move(memory_));
    }
    memory_.reset();
}

}  // namespace ringway
