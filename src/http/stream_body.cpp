#include "http/stream_body.hpp"

#include <variant>

#include <ringway/base/assert.hpp>

namespace ringway::http::detail {

void stream_body::start(const response& what) {
    what_ = &what;
    left_ = length_of(what.plan.body);
    if (const auto* text = std::get_if<text_body>(&what.plan.body); text != nullptr) {
        memory_ = text->text;
    } else if (const auto* part = std::get_if<slice_body>(&what.plan.body); part != nullptr) {
        slice_ = part->slice;
    } else if (const auto* parts = std::get_if<multipart_body>(&what.plan.body); parts != nullptr) {
        parts_ = parts;
        text_ = std::make_unique<std::array<char, multipart_body::part_head_bytes_max>>();
    }
}

// Called when there is no memory: makes the next piece the current one.
void stream_body::advance() noexcept {
    if (slice_.length == 0 && parts_ != nullptr) {
        next_part();
    }
    if (memory_.empty() && slice_.length > 0 && what_->memory) {
        memory_ = what_->memory->body().substr(slice_.offset, slice_.length);
        slice_.length = 0;
    }
}

void stream_body::next_part() noexcept {
    if (in_part_) {  // Its head has been taken.
        in_part_ = false;
        slice_ = parts_->part(part_++);
        return;
    }
    RW_ASSERT(part_ <= parts_->part_count());
    in_part_ = part_ < parts_->part_count();
    const std::size_t size =
        in_part_ ? parts_->write_part_head(part_, *text_) : parts_->write_tail(*text_);
    RW_ASSERT(size > 0);
    memory_ = {text_->data(), size};
}

void stream_body::take(std::size_t count) noexcept {
    RW_ASSERT(count <= left_);
    left_ -= count;
    if (!memory_.empty()) {
        memory_.remove_prefix(count);
        return;
    }
    RW_ASSERT(count <= slice_.length);
    slice_.offset += count;
    slice_.length -= count;
}

std::byte* stream_body::chunk(std::size_t size) {
    RW_ASSERT(memory_.empty() && size <= chunk_bytes);
    chunk_ = std::make_unique_for_overwrite<std::byte[]>(size);
    return chunk_.get();
}

void stream_body::chunk_read(std::size_t count) noexcept {
    RW_ASSERT(memory_.empty() && count <= slice_.length && count <= chunk_bytes);
    memory_ = as_text({chunk_.get(), count});
    slice_.offset += count;
    slice_.length -= count;
}

}  // namespace ringway::http::detail
