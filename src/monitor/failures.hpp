// Failed connects, added up by where to, why and by whom.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "monitor/model.hpp"

namespace ringway::monitor {

class failure_table {
public:
    explicit failure_table(std::size_t entries_max) noexcept : entries_max_{entries_max} {}

    /// Counts one. With no room for another kind it is counted as left out.
    void add(const flow_record& failed);

    [[nodiscard]] const std::vector<failed_connect>& all() const noexcept { return entries_; }
    [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
    [[nodiscard]] std::size_t room() const noexcept { return entries_max_; }

private:
    std::vector<failed_connect> entries_;
    std::size_t entries_max_;
    std::uint64_t left_out_ = 0;
};

}  // namespace ringway::monitor
