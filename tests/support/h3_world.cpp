#include "support/h3_world.hpp"

#include <charconv>

#include <nghttp3/nghttp3.h>

#include "http/h3_scanner.hpp"

namespace ringway::test {
namespace {

std::string text_of(nghttp3_rcbuf* of) {
    const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(of);
    return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

void read_fields(byte_view block, std::int64_t stream, h3_response& out) {
    nghttp3_qpack_decoder* decoder = nullptr;
    nghttp3_qpack_stream_context* context = nullptr;
    ASSERT_EQ(nghttp3_qpack_decoder_new(&decoder, 0, 0, nghttp3_mem_default()), 0);
    ASSERT_EQ(nghttp3_qpack_stream_context_new(&context, stream, nghttp3_mem_default()), 0);
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    std::uint8_t flags = 0;
    while ((flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL) == 0) {
        nghttp3_qpack_nv field{};
        const nghttp3_ssize read =
            nghttp3_qpack_decoder_read_request(decoder, context, &field, &flags, at, left, 1);
        if (read < 0) {
            out.strange = true;
            break;
        }
        at += read;
        left -= static_cast<std::size_t>(read);
        if ((flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) != 0) {
            out.fields[text_of(field.name)] = text_of(field.value);
            nghttp3_rcbuf_decref(field.name);
            nghttp3_rcbuf_decref(field.value);
        }
    }
    nghttp3_qpack_stream_context_del(context);
    nghttp3_qpack_decoder_del(decoder);
    const std::string status = out.fields[":status"];
    std::from_chars(status.data(), status.data() + status.size(), out.status);
}

}  // namespace

h3_response read_response(std::string_view bytes, bool fin, std::int64_t stream) {
    h3_response out;
    http::detail::h3_scanner scanner{http::detail::h3_input::request};
    byte_view rest = as_bytes(bytes);
    while (const auto frame = scanner.next(rest)) {
        const byte_view payload = scanner.take_payload(rest);
        if (frame->type == h3::headers && out.status == 0 && out.body.empty()) {
            read_fields(payload, stream, out);
        } else if (frame->type == h3::data && out.status != 0) {
            out.body += as_text(payload);
        } else {
            out.strange = true;
        }
    }
    out.whole = fin && scanner.between_frames() && !out.strange;
    return out;
}

h3_world::h3_world(http::handler& handler, observe::http_metrics& counters,
                   const http::session_limits& limits, const fake_quic_manner& how)
    : metrics{counters},
      context{handler, limits, transfer_method::automatic, counters, nullptr, 0},
      quic{how},
      server{std::make_unique<http::detail::h3_connection>(quic, context, "",
                                                           http::authority_guard{})} {
    quic.attach(*server);
    EXPECT_FALSE(server->on_ready());
}

task<void> h3_world::settle() {
    for (int quiet = 0; quiet < 3;) {
        quiet = quic.pump() ? 0 : quiet + 1;
        static_cast<void>(co_await sleep_for(std::chrono::microseconds{100}));
    }
}

void h3_world::greet(std::string_view settings) {
    quic.handshake_ends();
    quic.deliver(2, h3::control(settings));
}

h3_response h3_world::response(quic::stream_id id) {
    const fake_quic::stream_state& of = quic.stream(id);
    return read_response(of.sent, of.fin, id);
}

task<void> h3_world::end() {
    server->on_closed();
    co_await server->finish();
    server.reset();
    EXPECT_EQ(metrics.in_flight.get(), 0);
    constexpr auto kind = static_cast<std::size_t>(observe::transport::quic);
    EXPECT_EQ(metrics.active[kind].get(), 0);
    EXPECT_EQ(metrics.idle[kind].get(), 0);
    EXPECT_EQ(shard::current().timers().size(), 0U);
    EXPECT_EQ(context.first, nullptr);
}

}  // namespace ringway::test
