// Servers of files, ours and others', for experiments that compare them.
#pragma once

#include <string>
#include <vector>

#include "lab/bench_plan.hpp"
#include "lab/served_rows.hpp"

namespace ringway::lab {

struct site_server {
    std::string subject;       ///< "nginx".
    std::string not_measured;  ///< Why not, when it is not installed.
    server_command command;
};

/// `ringway serve` on both drivers, then nginx and lighttpd, each with one worker, the access log
/// off and its cache of open files on: the first is ours on io_uring. `site` is the directory that
/// they serve, `work` one for their configuration and temporary files.
[[nodiscard]] std::vector<site_server> site_servers(const bench_settings& settings,
                                                    const std::string& site,
                                                    const std::string& work);

}  // namespace ringway::lab
