#include <ringway/files/plan_redirect.hpp>

#include <ringway/base/assert.hpp>
#include <ringway/wire/escape.hpp>

namespace ringway::files {

void plan_redirect(const http::request& asked, std::string_view normal_path, http::response& out) {
    RW_ASSERT(!normal_path.empty() && normal_path.front() != '/' && normal_path.back() != '/');
    out.text = "/";
    wire::append_escaped_path(out.text, normal_path);
    out.text += '/';
    if (!asked.query.empty()) {
        out.text += '?';
        wire::append_escaped_target(out.text, asked.query);
    }
    out.plan.start(301);
    out.plan.headers.add_static("Location", out.text);
    out.plan.headers.add_static("Content-Length", "0");
}

}  // namespace ringway::files
