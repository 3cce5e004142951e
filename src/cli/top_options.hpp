// What `ringway top` was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/ring/driver.hpp>

namespace ringway::cli {

struct top_options {
    std::string view = "connections";
    bool all_views = true;             ///< Of JSON: no view was named.
    std::vector<std::string> watched;  ///< Views that are collected; empty: all.
    std::string sort;                  ///< Column; empty: that of the view.
    bool reverse = false;
    std::string filter;
    std::chrono::milliseconds interval{2000};
    std::uint64_t rows = 0;   ///< At most; 0: as many as fit, or all.
    std::uint64_t count = 0;  ///< Reports, then it ends; 0: for ever.

    bool once = false;
    bool json = false;
    std::string prometheus;  ///< Where metrics are served; empty: nowhere.
    std::string flows;       ///< File for flow records; "-" is standard output.

    std::uint64_t ring_bytes = std::uint64_t{2} << 20U;
    std::uint64_t table_entries = 0;  ///< 0: each table its own.
    driver_kind driver = driver_kind::automatic;
};

/// The names of the views, in the order of their keys.
[[nodiscard]] const std::vector<std::string_view>& top_view_names();

}  // namespace ringway::cli
