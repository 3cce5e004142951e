// The command `ringway`.
#include <cstdio>
#include <gnutls/gnutls.h>
#include <span>
#include <string_view>
#include <unistd.h>
#include <variant>
#include <vector>

#include "cli/bench.hpp"
#include "cli/command_line.hpp"
#include "cli/cp.hpp"
#include "cli/doctor.hpp"
#include "cli/get.hpp"
#include "cli/guard_command.hpp"
#include "cli/serve.hpp"
#include "cli/standard_streams.hpp"
#include "cli/top.hpp"
#include "cli/xdp_run.hpp"

// Else GnuTLS makes itself ready whenever the program is loaded, which takes longer than most
// copies.
extern "C" {
GNUTLS_SKIP_GLOBAL_INIT
}

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

// What each command does.
struct runner {
    int operator()(const ringway::cli::reply& told) const {
        std::fputs(told.text.c_str(), told.exit_code == 0 ? stdout : stderr);
        return told.exit_code;
    }
    int operator()(const ringway::cli::cp_options& copy) const {
        return ringway::cli::run_cp(copy);
    }
    int operator()(const ringway::cli::get_options& get) const {
        return with_tls([&] { return ringway::cli::run_get(get); });
    }
    int operator()(const ringway::cli::serve_options& serve) const {
        return with_tls([&] { return ringway::cli::run_serve(serve); });
    }
    int operator()(const ringway::cli::bench_options& bench) const {
        return with_tls([&] { return ringway::cli::run_bench(bench); });
    }
    int operator()(const ringway::cli::doctor_options& doctor) const {
        return with_tls([&] { return ringway::cli::run_doctor(doctor); });
    }
    int operator()(const ringway::cli::xdp_options& xdp) const {
        return ringway::cli::run_xdp(xdp);
    }
    int operator()(const ringway::cli::guard_command& guard) const {
        return ringway::cli::run_guard(guard);
    }
    int operator()(const ringway::cli::top_options& top) const {
        return ringway::cli::run_top(top);
    }

private:
    template <class Run>
    static int with_tls(Run run) {
        if (::gnutls_global_init() < 0) {
            std::fputs("ringway: GnuTLS could not start\n", stderr);
            return 1;
        }
        return run();
    }
};

}  // namespace

int main(int count, char** arguments) {
    ringway::cli::occupy_standard_streams();
    const std::span all{arguments, static_cast<std::size_t>(count)};
    const std::vector<std::string_view> behind_name(all.begin() + (count > 0 ? 1 : 0), all.end());
    const auto command = ringway::cli::parse_command_line(behind_name, variables_of(::environ));
    return ringway::cli::status_after_output(stdout, std::visit(runner{}, command));
}
