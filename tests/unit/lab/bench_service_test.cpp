#include "lab/bench_service.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ringway::lab {
namespace {

TEST(bench_service, names) {
    for (const auto kind : {service_kind::echo, service_kind::http, service_kind::lookup}) {
        EXPECT_EQ(find_service(name_of(kind)), kind);
    }
    EXPECT_EQ(find_service("smtp"), std::nullopt);
}

TEST(bench_service, echo_is_the_same_memory) {
    const bench_service service{service_kind::echo, 0};
    unsigned state = 0;
    const auto in = as_bytes("abc");
    EXPECT_EQ(service.answer(state, in).data(), in.data());
}

TEST(bench_service, http_answers_each_head_once_however_it_is_cut) {
    const bench_service service{service_kind::http, 10};
    const std::string two = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\r\n\r\n";
    unsigned whole = 0;
    const auto all = as_text(service.answer(whole, as_bytes(two)));
    EXPECT_EQ(all.find("HTTP/1.1 200 OK"), 0U);
    EXPECT_EQ(all.substr(0, all.size() / 2), all.substr(all.size() / 2));
    EXPECT_TRUE(all.ends_with("\r\n\r\nrrrrrrrrrr"));
    for (std::size_t cut = 0; cut <= two.size(); ++cut) {
        unsigned state = 0;
        const auto first = service.answer(state, as_bytes(std::string_view{two}.substr(0, cut)));
        const auto second = service.answer(state, as_bytes(std::string_view{two}.substr(cut)));
        EXPECT_EQ(first.size() + second.size(), all.size()) << cut;
    }
}

TEST(bench_service, a_flood_is_bounded) {
    const bench_service service{service_kind::http, 0};
    std::string many;
    for (int i = 0; i < 100; ++i) {
        many += "\r\n\r\n";
    }
    unsigned state = 0;
    const auto answer = service.answer(state, as_bytes(many));
    unsigned one = 0;
    EXPECT_EQ(answer.size(),
              bench_service::batch_max * service.answer(one, as_bytes("\r\n\r\n")).size());
}

}  // namespace
}  // namespace ringway::lab
