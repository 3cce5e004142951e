// What answers requests: the seam between protocol sessions and everything behind them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <ringway/base/shard_ref.hpp>
#include <ringway/coro/task.hpp>
#include <ringway/http/request.hpp>
#include <ringway/http/response_plan.hpp>
#include <ringway/observe/labels.hpp>
#include <ringway/transfer/payload.hpp>
#include <ringway/wire/accept_encoding.hpp>
#include <ringway/wire/field.hpp>

namespace ringway::http {

/// A whole response with status 200 in one piece of memory, ready to be sent: head and body as
/// HTTP/1.1 wants them, and the fields of the head as HTTP/2 and HTTP/3 do. Only its Date changes.
/// All of it lies behind the object, in one piece of memory with it.
class ready_response : public shard_counted {
public:
    /// Makes one with this `head`, a status line and at most `fields_max` field lines, whose Date
    /// value is at `date_at`, and room for a body of `body_size` bytes, which the caller fills.
    /// Allocates.
    [[nodiscard]] static shard_ref<ready_response> make(std::string_view head,
                                                        std::size_t body_size, std::size_t date_at,
                                                        std::int64_t date_second,
                                                        wire::coding coding);

    static void operator delete(void* memory) noexcept { ::operator delete(memory); }

    static constexpr std::size_t fields_max = 32;

    [[nodiscard]] std::string_view text() const noexcept {
        return {bytes(), head_size_ + body_size_};
    }
    /// The fields of the head in their order, with names in lower case. Lifetime: this object's.
    [[nodiscard]] std::span<const wire::header_field> fields() const noexcept {
        return {reinterpret_cast<const wire::header_field*>(this + 1), field_count_};
    }
    [[nodiscard]] std::size_t head_size() const noexcept { return head_size_; }
    [[nodiscard]] std::size_t body_size() const noexcept { return body_size_; }
    [[nodiscard]] std::string_view body() const noexcept {
        return {bytes() + head_size_, body_size_};
    }
    [[nodiscard]] char* body_memory() noexcept { return bytes() + head_size_; }
    [[nodiscard]] wire::coding coding() const noexcept { return coding_; }

    /// Memory that it takes, roughly.
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return sizeof(*this) + text().size() + field_count_ * (sizeof(wire::header_field) + 12);
    }

    /// Whether the Date is that of second `now_s`.
    [[nodiscard]] bool is_of(std::int64_t now_s) const noexcept { return date_second_ == now_s; }

    /// Writes another Date. Nobody may be sending these bytes.
    void set_date(std::int64_t now_s, std::string_view date) noexcept;

    /// A copy with another Date, for when somebody is sending these bytes. Allocates.
    [[nodiscard]] shard_ref<ready_response> with_date(std::int64_t now_s,
                                                      std::string_view date) const;

private:
    ready_response(std::size_t head_size, std::size_t body_size, std::size_t date_at,
                   std::int64_t date_second, wire::coding coding) noexcept
        : coding_{coding},
          head_size_{static_cast<std::uint32_t>(head_size)},
          date_at_{static_cast<std::uint32_t>(date_at)},
          body_size_{body_size},
          date_second_{date_second} {}

    // In memory: this, the fields, the head, the body, the names in lower case.
    void note_fields(std::size_t count) noexcept;
    [[nodiscard]] const char* bytes() const noexcept {
        return reinterpret_cast<const char*>(this + 1) + field_count_ * sizeof(wire::header_field);
    }
    [[nodiscard]] char* bytes() noexcept { return const_cast<char*>(std::as_const(*this).bytes()); }

    wire::coding coding_;
    std::uint16_t field_count_ = 0;
    std::uint32_t head_size_;
    std::uint32_t date_at_;
    std::size_t body_size_;
    std::int64_t date_second_;
};
static_assert(sizeof(ready_response) % alignof(wire::header_field) == 0);

using ready_ref = shard_ref<ready_response>;

/// An answer: the plan, and what its body refers to.
struct response {
    response_plan plan;
    file_ref file;     ///< Of slices and multipart bodies, unless they are in memory.
    ready_ref memory;  ///< Holds the whole file of slices and multipart bodies in its body.
    std::string text;  ///< Of bodies that were made for this request; the plan's text points here.
    observe::cache_tier cache = observe::cache_tier::none;
    wire::coding coding = wire::coding::identity;
    std::optional<observe::abuse_kind> abuse;  ///< What no well-behaved client would have asked.
};

/// Answers requests of every version. One per shard; it lives as long as the server.
class handler {
public:
    handler() = default;
    handler(const handler&) = delete;
    handler& operator=(const handler&) = delete;
    virtual ~handler() = default;

    /// A ready-made answer to `asked`, if there is one: the short way for what is asked most, only
    /// used for requests without body, of HTTP/1.1 and later, on connections that stay. Must not
    /// block. The Date is that of `now_s`, whose text is `date`. Empty: ask `respond`.
    [[nodiscard]] virtual ready_ref find_ready(const request& asked, std::int64_t now_s,
                                               std::string_view date) {
        static_cast<void>(asked);
        static_cast<void>(now_s);
        static_cast<void>(date);
        return {};
    }

    /// Fills `out` with the answer to `asked`, whatever it is: failures are answers too.
    ///
    /// Lifetime: `asked` and `out` outlive the task; afterwards `out` must not refer to what
    /// `asked` borrows. `out.plan` is filled in place. Exceptions must not escape. Cancel: may end
    /// early with any answer; it is then not sent. Resumes: on the same shard.
    [[nodiscard]] virtual task<void> respond(const request& asked, response& out) = 0;
};

}  // namespace ringway::http
