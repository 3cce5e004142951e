#include <ringway/http/h1_connection.hpp>

#include <utility>

namespace ringway::http {

stream* h1_connection::output() noexcept {
    if (plain_) {
        return &*plain_;
    }
    return secure_->is_kernel_send() ? &secure_->socket() : nullptr;
}

// Not a coroutine of its own, as the next ones.
task<result<buffer_lease>> h1_connection::receive() {
    if (secure_ != nullptr) {
        return secure_->receive();
    }
    return [](stream& from) -> task<result<buffer_lease>> {
        co_return co_await from.receive();
    }(*plain_);
}

task<result<void>> h1_connection::send(file_sender& sender, std::string_view head,
                                       std::string_view body, transfer_progress& progress) {
    if (stream* const out = output(); out != nullptr) {
        return sender.send(*out, head, body, progress);
    }
    return sender.send(*secure_, head, body, progress);
}

task<result<void>> h1_connection::send(file_sender& sender, std::string_view head, file_ref file,
                                       file_slice slice, transfer_progress& progress) {
    if (!plain_ && slice.length > file_sender::small_bytes_max) {
        static_cast<void>(secure_->use_kernel_send());
    }
    if (stream* const out = output(); out != nullptr) {
        return sender.send(*out, head, std::move(file), slice, progress);
    }
    return sender.send(*secure_, head, std::move(file), slice, progress);
}

void h1_connection::shutdown_send() noexcept {
    if (plain_) {
        plain_->shutdown_send();
    } else {
        secure_->shutdown_send();
    }
}

task<void> h1_connection::close() { return plain_ ? plain_->close() : secure_->close(); }

}  // namespace ringway::http
