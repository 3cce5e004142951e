#include <ringway/wire/method.hpp>

#include <algorithm>
#include <array>

namespace ringway::wire {
namespace {

// The IANA registry of methods, without those that have an enumerator; sorted.
constexpr std::array<std::string_view, 31> registered{"ACL",
                                                      "BASELINE-CONTROL",
                                                      "BIND",
                                                      "CHECKIN",
                                                      "CHECKOUT",
                                                      "COPY",
                                                      "LABEL",
                                                      "LINK",
                                                      "LOCK",
                                                      "MERGE",
                                                      "MKACTIVITY",
                                                      "MKCALENDAR",
                                                      "MKCOL",
                                                      "MKREDIRECTREF",
                                                      "MKWORKSPACE",
                                                      "MOVE",
                                                      "ORDERPATCH",
                                                      "PRI",
                                                      "PROPFIND",
                                                      "PROPPATCH",
                                                      "QUERY",
                                                      "REBIND",
                                                      "REPORT",
                                                      "SEARCH",
                                                      "UNBIND",
                                                      "UNCHECKOUT",
                                                      "UNLINK",
                                                      "UNLOCK",
                                                      "UPDATE",
                                                      "UPDATEREDIRECTREF",
                                                      "VERSION-CONTROL"};
static_assert(std::ranges::is_sorted(registered));

}  // namespace

method_id classify_method(std::string_view text) noexcept {
    using enum method_id;
    switch (text.size()) {
        case 3:
            if (text == "GET") {
                return get;
            }
            if (text == "PUT") {
                return put;
            }
            break;
        case 4:
            if (text == "HEAD") {
                return head;
            }
            if (text == "POST") {
                return post;
            }
            break;
        case 5:
            if (text == "PATCH") {
                return patch;
            }
            if (text == "TRACE") {
                return trace;
            }
            break;
        case 6:
            if (text == "DELETE") {
                return delete_;
            }
            break;
        case 7:
            if (text == "OPTIONS") {
                return options;
            }
            if (text == "CONNECT") {
                return connect;
            }
            break;
        default: break;
    }
    return std::ranges::binary_search(registered, text) ? other_known : unknown;
}

}  // namespace ringway::wire
