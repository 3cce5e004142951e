// Putting the head of a request together, and looking whether it may be sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <ringway/http/client_types.hpp>

namespace ringway::http::detail {

/// What is wrong with the method or the fields of `asked`: static text; empty when nothing is.
/// Refused is what could make two requests of one, and what belongs to the connection
/// (RFC 9110 section 7.6.1).
[[nodiscard]] std::string_view fault_of(const client_request& asked) noexcept;

/// The authority that `asked` names: its Host field, or that of its URL.
[[nodiscard]] std::string authority_of(const client_request& asked);

/// The head in HTTP/1.1, with its empty line.
[[nodiscard]] std::string head_text(const client_request& asked);

/// The fields of HTTP/2 and HTTP/3, names in lower case, pseudo-header fields first (RFC 9113
/// section 8.3.1).
[[nodiscard]] std::vector<client_field> head_fields(const client_request& asked);

}  // namespace ringway::http::detail
