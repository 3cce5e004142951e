// Sending what was planned on an HTTP/1 connection.
#include <array>
#include <memory>
#include <span>
#include <variant>

#include <ringway/http/h1_session.hpp>
#include <ringway/wire/h1_response.hpp>

namespace ringway::http {
namespace {

constexpr std::size_t head_bytes_usual = 8192;
constexpr std::string_view server_name = "ringway";
// Date, Server, Connection beside the plan's own.
constexpr std::size_t own_fields = 3;

// No head of `plan` is longer. A header list is small, but for what the site adds to every answer.
std::size_t head_bytes_most(const response_plan& plan) noexcept {
    constexpr std::size_t own_bytes = 256;
    constexpr std::size_t beside_field = 4;  // ": " and the end of the line.
    std::size_t bytes = own_bytes;
    for (const wire::header_field& planned : plan.headers.fields()) {
        bytes += planned.name.size() + planned.value.size() + beside_field;
    }
    return bytes;
}

// The status line and all fields, in `out`.
std::string_view write_response_head(std::span<char> out, const response_plan& plan,
                                     std::string_view date, version protocol, bool close) {
    std::array<wire::header_field, header_list::fields_max + own_fields> fields;
    std::size_t count = 0;
    fields[count++] = {"Date", date};
    fields[count++] = {"Server", server_name};
    if (close) {
        fields[count++] = {"Connection", "close"};
    } else if (protocol == version::http_1_0) {
        fields[count++] = {"Connection", "keep-alive"};
    }
    for (const wire::header_field& planned : plan.headers.fields()) {
        fields[count++] = planned;
    }
    const std::size_t size = wire::write_head(out, 1, plan.status, std::span{fields.data(), count});
    RW_ASSERT(size > 0);
    return {out.data(), size};
}

}  // namespace

task<result<void>> h1_session::send_response(const response& what, bool close) {
    std::array<char, head_bytes_usual> usual;
    std::unique_ptr<char[]> larger;
    std::span<char> room = usual;
    if (const std::size_t most = head_bytes_most(what.plan); most > room.size()) {
        larger = std::make_unique_for_overwrite<char[]>(most);
        room = {larger.get(), most};
    }
    const std::string_view head =
        write_response_head(room, what.plan, context_.date.text(), protocol_, close);
    if (const auto* slice = std::get_if<slice_body>(&what.plan.body); slice != nullptr) {
        co_return co_await send_slice(head, what, slice->slice);
    }
    if (std::holds_alternative<multipart_body>(what.plan.body)) {
        co_return co_await send_multipart(head, what);
    }
    const auto* text = std::get_if<text_body>(&what.plan.body);
    const std::string_view body = text == nullptr ? std::string_view{} : text->text;
    co_return co_await connection_.send(context_.sender, head, body, progress_);
}

// A part of the file, from memory if it is there. Not a coroutine of its own.
task<result<void>> h1_session::send_slice(std::string_view head, const response& what,
                                          file_slice slice) {
    if (what.memory) {
        const std::string_view body = what.memory->body().substr(slice.offset, slice.length);
        return connection_.send(context_.sender, head, body, progress_);
    }
    return connection_.send(context_.sender, head, what.file, slice, progress_);
}

task<result<void>> h1_session::send_multipart(std::string_view head, const response& what) {
    const auto& body = std::get<multipart_body>(what.plan.body);
    std::array<char, multipart_body::part_head_bytes_max> buffer;
    result<void> sent = co_await connection_.send(context_.sender, head, {}, progress_);
    for (std::size_t i = 0; sent && i < body.part_count(); ++i) {
        const std::size_t size = body.write_part_head(i, buffer);
        RW_ASSERT(size > 0);
        sent = co_await send_slice({buffer.data(), size}, what, body.part(i));
    }
    if (sent) {
        const std::size_t size = body.write_tail(buffer);
        sent = co_await connection_.send(context_.sender, {buffer.data(), size}, {}, progress_);
    }
    co_return sent;
}

}  // namespace ringway::http
