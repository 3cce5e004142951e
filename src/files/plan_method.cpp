#include <ringway/files/plan_method.hpp>

#include <ringway/http/plan_error.hpp>

namespace ringway::files {

namespace {

constexpr std::string_view allowed_methods = "GET, HEAD, OPTIONS";

}  // namespace

bool plan_method(const http::request& asked, http::response_plan& out) noexcept {
    switch (asked.method) {
        case wire::method_id::get:
        case wire::method_id::head: return false;
        case wire::method_id::options: plan_options(out); return true;
        case wire::method_id::unknown:
            http::plan_error(asked, 501, "This server does not know the method.", out);
            return true;
        case wire::method_id::post:
        case wire::method_id::put:
        case wire::method_id::delete_:
        case wire::method_id::patch:
        case wire::method_id::connect:
        case wire::method_id::trace:
        case wire::method_id::other_known: break;
    }
    http::plan_error(asked, 405, "Files can be read here, and no more.", out);
    out.headers.add_static("Allow", allowed_methods);
    return true;
}

void plan_options(http::response_plan& out) noexcept {
    out.start(204);  // Without Content-Length, which a 204 must not have (RFC 9110 section 8.6).
    out.headers.add_static("Allow", allowed_methods);
}

}  // namespace ringway::files
