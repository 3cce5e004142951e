// Requests for tests that have no session to receive one.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include <ringway/http/request.hpp>

namespace ringway::testing {

/// A request and the field lines that it points into. The texts must outlive it: literals.
class made_request {
public:
    explicit made_request(wire::method_id method, std::vector<wire::header_field> fields = {},
                          std::string_view path = "/", std::string_view query = {})
        : fields_{std::move(fields)} {
        request_.method = method;
        request_.path = path;
        request_.query = query;
        request_.authority = "localhost";
        request_.fields = fields_;
        http::index_fields(request_);
    }
    made_request(const made_request&) = delete;
    made_request& operator=(const made_request&) = delete;

    operator const http::request&() const noexcept { return request_; }

private:
    std::vector<wire::header_field> fields_;
    http::request request_;
};

}  // namespace ringway::testing
