#include "cli/admin_handler.hpp"

#include <ringway/files/plan_method.hpp>
#include <ringway/http/plan_error.hpp>
#include <ringway/observe/prometheus.hpp>

namespace ringway::cli {
namespace {

void plan_text(const http::request& asked, int status, std::string_view type, std::string_view text,
               http::response_plan& out) {
    out.start(status);
    out.headers.add_static("Content-Type", type);
    out.headers.add_number("Content-Length", text.size());
    out.headers.add_static("Cache-Control", "no-store");
    out.body = http::text_body{text};
    if (asked.method == wire::method_id::head) {
        out.drop_body();
    }
}

}  // namespace

task<void> admin_handler::respond(const http::request& asked, http::response& out) {
    if (files::plan_method(asked, out.plan)) {
        co_return;
    }
    if (asked.path == "/metrics") {
        about_.write_metrics(out.text);
        plan_text(asked, 200, observe::prometheus_writer::content_type, out.text, out.plan);
    } else if (asked.path == "/healthz") {
        const bool healthy = about_.healthy();
        plan_text(asked, healthy ? 200 : 503, "text/plain; charset=utf-8",
                  healthy ? "ok\n" : "draining\n", out.plan);
    } else {
        http::plan_error(asked, 404, "There are /metrics and /healthz here.", out.plan);
    }
}

}  // namespace ringway::cli
