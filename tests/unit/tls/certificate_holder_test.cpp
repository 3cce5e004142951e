#include <ringway/tls/certificate_holder.hpp>

#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/tls/self_certificate.hpp>

namespace ringway::tls {
namespace {

std::shared_ptr<const certificate_set> new_set(const std::string& name) {
    const std::vector<std::string> names{name};
    const auto now = std::time(nullptr);
    const auto text = *make_self_certificate(names, now);
    return *certificate_set::make({&text, 1}, now);
}

// Goal: whoever took a set keeps it whole, however often it is replaced meanwhile.
TEST(certificate_holder, replaced_while_others_use_it) {
    const auto one = new_set("one.org");
    const auto two = new_set("two.org");
    certificate_holder holder;
    holder.replace(one);
    EXPECT_EQ(holder.current(), one);
    std::atomic<bool> ended{false};
    std::atomic<unsigned> odd{0};
    {
        std::vector<std::jthread> users;
        for (int i = 0; i < 3; ++i) {
            users.emplace_back([&] {
                while (!ended.load()) {
                    const auto mine = holder.current();
                    const auto& name = mine->find("x").names().front();
                    odd += name == "one.org" || name == "two.org" ? 0U : 1U;
                }
            });
        }
        for (int i = 0; i < 20'000; ++i) {
            holder.replace(i % 2 == 0 ? two : one);
        }
        ended.store(true);
    }
    EXPECT_EQ(odd.load(), 0U);
    EXPECT_EQ(holder.current(), one);
    EXPECT_EQ(two.use_count(), 1);
}

}  // namespace
}  // namespace ringway::tls
