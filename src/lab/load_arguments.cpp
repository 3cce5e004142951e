// How a load generator and the one who starts it talk to each other.
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "lab/bench_load.hpp"

namespace ringway::lab {
namespace {

constexpr std::size_t argument_count = 12;

template <class Number>
bool read_number(std::string_view text, Number& into) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

}  // namespace

std::vector<std::string> to_arguments(const load_options& options) {
    return {std::string{name_of(options.service)},
            fmt::to_string(options.port),
            fmt::to_string(options.connections),
            fmt::to_string(options.message_bytes),
            options.path,
            fmt::to_string(options.rate),
            fmt::to_string(options.seconds),
            fmt::to_string(options.warm_up),
            fmt::to_string(options.server),
            options.count_syscalls ? "1" : "0",
            fmt::to_string(options.records),
            options.spin ? "1" : "0"};
}

std::optional<load_options> read_load_options(std::span<const std::string> arguments) {
    if (arguments.size() != argument_count) {
        return std::nullopt;
    }
    load_options options;
    const auto service = find_service(arguments[0]);
    options.path = arguments[4];
    options.count_syscalls = arguments[9] == "1";
    options.spin = arguments[11] == "1";
    const bool read =
        service && read_number(arguments[1], options.port) &&
        read_number(arguments[2], options.connections) &&
        read_number(arguments[3], options.message_bytes) &&
        read_number(arguments[5], options.rate) && read_number(arguments[6], options.seconds) &&
        read_number(arguments[7], options.warm_up) && read_number(arguments[8], options.server) &&
        read_number(arguments[10], options.records);
    if (!read || options.connections == 0 || options.message_bytes == 0 || options.records == 0 ||
        options.seconds <= 0 || options.rate < 0 || options.warm_up < 0) {
        return std::nullopt;
    }
    options.service = *service;
    return options;
}

std::string to_line(const outcome<measurement>& what) {
    nlohmann::ordered_json out;
    if (!what) {
        out["problem"] = what.error();
    } else {
        out["operations"] = what->operations;
        out["failed"] = what->failed;
        out["remark"] = what->remark;
        for (const auto each : all_metrics()) {
            if (what->has(each)) {
                out["values"][std::string{facts_of(each).name}] = what->get(each);
            }
        }
    }
    return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

outcome<measurement> read_line(std::string_view text) {
    const auto all = nlohmann::ordered_json::parse(text, nullptr, false);
    if (!all.is_object()) {
        return std::unexpected{fmt::format("the load generator said: {}", text.substr(0, 300))};
    }
    if (const auto problem = all.find("problem"); problem != all.end() && problem->is_string()) {
        return std::unexpected{problem->get<std::string>()};
    }
    measurement one;
    one.operations = all.value("operations", std::uint64_t{0});
    one.failed = all.value("failed", std::uint64_t{0});
    one.remark = all.value("remark", "");
    if (const auto values = all.find("values"); values != all.end() && values->is_object()) {
        for (const auto& [name, value] : values->items()) {
            if (const auto what = find_metric(name); what && value.is_number()) {
                one.set(*what, value.get<double>());
            }
        }
    }
    return one;
}

}  // namespace ringway::lab
