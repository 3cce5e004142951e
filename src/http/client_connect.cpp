#include "http/client_connect.hpp"

#include <cstring>
#include <utility>

#include <ringway/net/resolve.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/tls/connection.hpp>

#include "http/client_h1.hpp"
#include "http/client_h2.hpp"
#include "http/client_link.hpp"

namespace ringway::http::detail {
namespace {

std::unexpected<client_failure> failed(client_stage at, error what, std::string text) {
    return std::unexpected{client_failure{
        .stage = at, .what = what, .text = std::move(text), .surely_unprocessed = false}};
}

std::string in_words(error what) {
    switch (what.code) {
        case errc::timed_out: return "no answer in time";
        case errc::canceled: return "stopped";
        default: return what.sys != 0 ? std::string{std::strerror(what.sys)} : describe(what);
    }
}

std::string place_of(const wire::url& to) {
    return to.authority() + (to.port == to.default_port() ? ":" + std::to_string(to.port) : "");
}

nanoseconds since(nanoseconds start) noexcept { return driver::current().now() - start; }

// Shakes hands and puts the version on top that was agreed on. Closes the link when that fails.
task<client_result<std::shared_ptr<client_connection>>> speak(connect_plan plan,
                                                              std::unique_ptr<client_link> link,
                                                              client_timings& timings) {
    const auto secured = co_await link->handshake();
    timings.tls = plan.to.secure ? since(plan.started) : timings.connect;
    const tls::connection* const tls = link->secure();
    if (!secured) {
        const std::string_view words = tls->problem();
        const bool is_plain = tls->foreign_byte() != std::byte{0};
        client_failure why{
            .stage = client_stage::tls,
            .what = secured.error(),
            .text = "TLS with " + place_of(plan.to) + ": " +
                    (words.empty() ? in_words(secured.error()) : std::string{words}) +
                    (is_plain ? "; does http:// go there?" : ""),
            .certificate = tls->is_certificate_refused()};
        co_await link->close();
        co_return std::unexpected{std::move(why)};
    }
    timings.resumed = tls != nullptr && tls->resumed();
    const bool agreed_h2 = tls != nullptr && tls->alpn() == "h2";
    const auto wanted = plan.options.version;
    if (wanted == client_version::http_2 && tls != nullptr && !agreed_h2) {
        co_await link->close();
        co_return failed(client_stage::tls, {errc::unsupported},
                         place_of(plan.to) + " does not speak HTTP/2");
    }
    if (agreed_h2 || (wanted == client_version::http_2 && tls == nullptr)) {
        co_return std::make_shared<client_h2>(std::move(link));
    }
    co_return std::make_shared<client_h1>(std::move(link));
}

}  // namespace

task<client_result<std::vector<endpoint>>> addresses_of(const connect_plan& plan) {
    const std::string& host = plan.host.empty() ? plan.to.host : plan.host;
    const std::uint16_t port = plan.port == 0 ? plan.to.port : plan.port;
    const auto key = host + ":" + std::to_string(port);
    if (const auto given = plan.options.addresses.find(key);
        given != plan.options.addresses.end()) {
        co_return given->second;
    }
    std::string words;
    auto found = co_await resolve(host, port, &words);
    if (!found) {
        co_return failed(
            client_stage::name, found.error(),
            host + " can't be resolved: " + (words.empty() ? in_words(found.error()) : words));
    }
    co_return *std::move(found);
}

task<client_result<std::shared_ptr<client_connection>>> connect_by_tcp(connect_plan plan,
                                                                       client_timings& timings) {
    const auto addresses = co_await addresses_of(plan);
    if (!addresses) {
        co_return std::unexpected{addresses.error()};
    }
    timings.name = since(plan.started);
    const auto socket = co_await connect_to_any(*addresses);
    timings.connect = since(plan.started);
    if (!socket) {
        co_return failed(client_stage::connect, socket.error(),
                         place_of(plan.to) + " can't be connected to: " + in_words(socket.error()));
    }
    auto link = plan.to.secure ? std::make_unique<client_link>(socket->fd, *plan.tls, plan.to.host,
                                                               plan.resume)
                               : std::make_unique<client_link>(socket->fd);
    co_return co_await speak(plan, std::move(link), timings);
}

}  // namespace ringway::http::detail
