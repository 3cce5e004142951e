// Requests and what has to come back: the answers are known without asking the server's code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ring/simulated_random.hpp"
#include "support/sim_response.hpp"
#include "support/sim_site.hpp"

namespace ringway::test {

/// Whether the server ends the connection after a response.
enum class closing : std::uint8_t {
    never,
    always,
    maybe,  ///< Depends on how much had arrived when it answered.
};

/// A part of a file: first byte and length.
struct sim_part {
    std::size_t first = 0;
    std::size_t length = 0;
};

/// One request and its right answer.
struct sim_exchange {
    std::string request;
    int status = 200;
    closing closes = closing::never;
    bool head_only = false;  ///< The answer has no body, whatever its length says.
    /// The body, if it is that of a file or a part of one. Errors have a body that begins with the
    /// status.
    const sim_file* file = nullptr;
    std::string body;
    std::vector<std::string> versions;  ///< The body is one of these, which differ in length.
    std::vector<sim_part> parts;        ///< The body is these parts of the file, as multipart.
    std::vector<std::pair<std::string, std::string>> fields;  ///< Must be there, with these values.
    std::vector<std::string> absent;                          ///< Must not be there.
};

/// What is wrong with `response` as the answer to `asked`; "" if nothing. Of a response that is not
/// `complete` what is there must be right.
[[nodiscard]] std::string fault_in(const sim_exchange& asked, const sim_response& response,
                                   bool complete);

/// The Content-Range of a part of a file of `size` bytes.
[[nodiscard]] std::string range_text(const sim_part& part, std::size_t size);

/// GET of a file with further field lines, which must not change the answer beyond the coding.
[[nodiscard]] sim_exchange get_whole(const sim_file& file, std::string_view lines = {});

/// Asks for one of the files up to `bytes_max` in one of many ways: as a whole, in parts, on
/// conditions, with a body. Never ends the connection for sure.
[[nodiscard]] sim_exchange pick_exchange(const sim_site& site, std::size_t bytes_max,
                                         ringway::detail::simulated_random& random);

/// Asks in a way after which the server ends the connection: bad syntax, HTTP/1.0, by request.
[[nodiscard]] sim_exchange pick_last(const sim_site& site, std::size_t bytes_max,
                                     ringway::detail::simulated_random& random);

/// A request that no server may understand, all of it, and 4xx or 5xx as the answer.
[[nodiscard]] sim_exchange pick_malformed(ringway::detail::simulated_random& random);

}  // namespace ringway::test
