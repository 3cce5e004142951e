#include <ringway/observe/labels.hpp>

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace ringway::observe {
namespace {

template <class Label>
void expect_distinct_names() {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < label_count<Label>; ++i) {
        names.insert(name_of(static_cast<Label>(i)));
    }
    EXPECT_EQ(names.size(), label_count<Label>);
    EXPECT_FALSE(names.contains(""));
}

TEST(labels, every_value_has_a_name_of_its_own) {
    expect_distinct_names<http_protocol>();
    expect_distinct_names<transport>();
    expect_distinct_names<reject_reason>();
    expect_distinct_names<abuse_kind>();
    expect_distinct_names<timeout_kind>();
    expect_distinct_names<cache_tier>();
    expect_distinct_names<transfer_way>();
}

TEST(labels, names_belong_to_their_values) {
    EXPECT_EQ(name_of(http_protocol::http_2), "h2");
    EXPECT_EQ(version_text(http_protocol::http_1_1), "HTTP/1.1");
    EXPECT_EQ(version_text(http_protocol::http_3), "HTTP/3");
    EXPECT_EQ(name_of(transport::unix_), "unix");
    EXPECT_EQ(name_of(reject_reason::no_fds), "no_fds");
    EXPECT_EQ(name_of(abuse_kind::h3_protocol_error), "h3_protocol_error");
    EXPECT_EQ(name_of(timeout_kind::min_rate), "min_rate");
    EXPECT_EQ(name_of(cache_tier::none), "-");
    EXPECT_EQ(name_of(transfer_way::sendfile), "sendfile");
}

TEST(labels, refusals_become_abuse) {
    EXPECT_EQ(abuse_of_status(400), abuse_kind::malformed_head);
    EXPECT_EQ(abuse_of_status(413), abuse_kind::body_too_large);
    EXPECT_EQ(abuse_of_status(414), abuse_kind::target_too_long);
    EXPECT_EQ(abuse_of_status(431), abuse_kind::head_too_large);
    EXPECT_EQ(abuse_of_status(501), abuse_kind::unknown_method);
    EXPECT_EQ(abuse_of_status(505), abuse_kind::unsupported_version);
}

TEST(labels_death, what_is_no_label_has_no_name) {
    EXPECT_DEATH(static_cast<void>(name_of(transport::count_)), "index");
}

}  // namespace
}  // namespace ringway::observe
