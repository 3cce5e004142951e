// What the clients of experiments print, understood.
#pragma once

#include <string_view>

#include "lab/world.hpp"

namespace ringway::lab {

/// The line of JSON that `ringway get --json` prints, wherever in `text` it is.
[[nodiscard]] fetch_result read_get_json(std::string_view text);

/// The line that curl prints with `curl_format`.
[[nodiscard]] fetch_result read_curl_line(std::string_view text);
inline constexpr std::string_view curl_format =
    "{\"status\":%{http_code},\"first_byte\":%{time_starttransfer},\"total\":%{time_total},"
    "\"bytes\":%{size_download},\"exit\":%{exitcode}}\\n";

/// The log of ngtcp2's example client: its clock is in milliseconds, its lines begin with it.
[[nodiscard]] fetch_result read_gtlsclient_log(std::string_view text);

}  // namespace ringway::lab
