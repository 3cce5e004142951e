// The rules of `ringway doctor advise`: what to use for what, as data. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ringway/probe/finding.hpp>

#include "cli/workload.hpp"

namespace ringway::cli {

enum class aspect : unsigned char { runtime, protocol, io, tuning };

/// What of the results of `ringway bench` speaks for it.
struct evidence {
    std::string_view table = {};       ///< "net"; "" for none.
    std::string_view experiment = {};  ///< "echo"
    std::string_view subject = {};     ///< A row of it: "ringway, io_uring".
    std::string_view against = {};     ///< Another one of the same test.
    bool latency = false;              ///< p99 instead of the rate.
};

/// One rule. Of an aspect the first that fits, and whose needs are met, is the advice; of tuning
/// all are.
struct advice_rule {
    aspect about;
    std::string_view id;
    std::string_view choice;
    std::string_view reason;
    std::string_view command;  ///< "" for none.
    bool (*fits)(const workload& what);
    std::string_view needs = {};  ///< Rows of the doctor that must be a yes, between spaces.
    std::string_view lacks =
        {};  ///< It fits only where this row is no yes; its fix is the command.
    evidence shown = {};
};
[[nodiscard]] std::span<const advice_rule> advice_rules() noexcept;

/// What would have been better.
struct passed_rule {
    const advice_rule* rule = nullptr;
    std::vector<const probe::finding*> missing;
};

struct recommendation {
    const advice_rule* rule = nullptr;
    std::string command;  ///< Of the rule, or the fix of what lacks.
    /// Rules that fit better, but whose needs are not met; of those that lack the same the first.
    std::vector<passed_rule> passed;
};

/// One recommendation for each of runtime, protocol and I/O, whatever the numbers and the machine
/// are, and any number for tuning. Lifetime: that of what `machine` refers to.
[[nodiscard]] std::vector<recommendation> advise(const workload& what,
                                                 std::span<const probe::finding> machine);

[[nodiscard]] std::string_view name_of(aspect which) noexcept;

}  // namespace ringway::cli
