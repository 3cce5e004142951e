// What `ringway cp` was asked to do.
#pragma once

#include <string>
#include <vector>

#include <ringway/copy/copy_paths.hpp>
#include <ringway/ring/driver.hpp>

namespace ringway::cli {

struct cp_options {
    std::vector<std::string> sources;
    std::string destination;
    copy_options how;
    bool follow_given = false;     ///< One of -P, -L and -H was.
    std::string target_directory;  ///< -t
    bool verbose = false;
    bool quiet = false;
    bool json = false;
    driver_kind driver = driver_kind::automatic;
};

}  // namespace ringway::cli
