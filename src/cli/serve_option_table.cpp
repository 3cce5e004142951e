#include "cli/serve_option_table.hpp"

#include <vector>

#include "cli/serve_option_groups.hpp"

namespace ringway::cli {

std::span<const serve_option> serve_option_table() {
    static const std::vector<serve_option> all = [] {
        std::vector<serve_option> made;
        for (const auto part :
             {serve_listening_options(), serve_https_options(), serve_http3_options(),
              serve_site_options(), serve_limit_options(), serve_guard_rows(),
              serve_logging_options(), serve_engine_options()}) {
            made.insert(made.end(), part.begin(), part.end());
        }
        return made;
    }();
    return all;
}

}  // namespace ringway::cli
