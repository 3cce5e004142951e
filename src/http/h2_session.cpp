#include <ringway/http/h2_session.hpp>

#include <utility>

#include "http/h2_connection.hpp"

namespace ringway::http {

h2_session::h2_session(transport& output, session_context& context, observe::transport kind,
                       std::string client, bool secure, origin from, authority_guard guard)
    : connection_{std::make_unique<detail::h2_connection>(output, context, kind, std::move(client),
                                                          secure, from == origin::handed_over,
                                                          std::move(guard))} {}

h2_session::~h2_session() = default;

task<void> h2_session::run() { return connection_->run(); }

void h2_session::drain() noexcept { connection_->drain(); }

}  // namespace ringway::http
