#include "http/response_fields.hpp"

#include <charconv>

#include <ringway/base/assert.hpp>

namespace ringway::http::detail {
namespace {

constexpr std::string_view server_name = "ringway";

bool is_of_connection(std::string_view name) noexcept {
    for (const std::string_view each :
         {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
        if (equal_ignoring_case(name, each)) {
            return true;
        }
    }
    return false;
}

}  // namespace

response_fields::response_fields(const ready_response& ready) noexcept {
    fields_[count_++] = {":status", "200", true, true};
    for (const wire::header_field& each : ready.fields()) {
        fields_[count_++] = {each.name, each.value, true, true};
    }
}

response_fields::response_fields(const response_plan& plan, const date_cache& date) noexcept {
    RW_ASSERT(plan.status >= 100 && plan.status <= 999);
    std::to_chars(status_.data(), status_.data() + status_.size(), plan.status);
    fields_[count_++] = {":status", {status_.data(), status_.size()}, true, false};
    fields_[count_++] = {"date", date.text(), true, false};
    fields_[count_++] = {"server", server_name, true, true};
    for (const wire::header_field& each : plan.headers.fields()) {
        if (!is_of_connection(each.name)) {
            fields_[count_++] = {each.name, each.value, false, true};
        }
    }
}

}  // namespace ringway::http::detail
