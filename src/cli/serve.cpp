#include "cli/serve.hpp"

#include <ringway/base/log.hpp>

#include "cli/site_process.hpp"

namespace ringway::cli {
namespace {

constexpr int could_not_start = 2;

}  // namespace

int run_serve(const serve_options& options) {
    set_log_level(options.level);
    site_process process{options};
    return process.prepare() ? process.run() : could_not_start;
}

}  // namespace ringway::cli
