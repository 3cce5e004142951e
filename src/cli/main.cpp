// The command `ringway`.
#include <cstdio>
#include <span>
#include <string_view>
#include <unistd.h>
#include <variant>
#include <vector>

#include "cli/bench.hpp"
#include "cli/command_line.hpp"
#include "cli/cp.hpp"
#include "cli/get.hpp"
#include "cli/serve.hpp"
#include "cli/top.hpp"
#include "cli/xdp_run.hpp"

namespace {

ringway::cli::environment variables_of(char** all) {
    ringway::cli::environment ours;
    for (; *all != nullptr; ++all) {
        const std::string_view entry{*all};
        if (const auto equals = entry.find('=');
            entry.starts_with("RINGWAY_") && equals != std::string_view::npos) {
            ours.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    return ours;
}

}  // namespace

int main(int count, char** arguments) {
    const std::span all{arguments, static_cast<std::size_t>(count)};
    const std::vector<std::string_view> behind_name(all.begin() + (count > 0 ? 1 : 0), all.end());
    const auto command = ringway::cli::parse_command_line(behind_name, variables_of(::environ));
    if (const auto* const told = std::get_if<ringway::cli::reply>(&command)) {
        std::fputs(told->text.c_str(), told->exit_code == 0 ? stdout : stderr);
        return told->exit_code;
    }
    if (const auto* const get = std::get_if<ringway::cli::get_options>(&command)) {
        return ringway::cli::run_get(*get);
    }
    if (const auto* const copy = std::get_if<ringway::cli::cp_options>(&command)) {
        return ringway::cli::run_cp(*copy);
    }
    if (const auto* const bench = std::get_if<ringway::cli::bench_options>(&command)) {
        return ringway::cli::run_bench(*bench);
    }
    if (const auto* const xdp = std::get_if<ringway::cli::xdp_options>(&command)) {
        return ringway::cli::run_xdp(*xdp);
    }
    if (const auto* const top = std::get_if<ringway::cli::top_options>(&command)) {
        return ringway::cli::run_top(*top);
    }
    return ringway::cli::run_serve(std::get<ringway::cli::serve_options>(command));
}
