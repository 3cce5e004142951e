#include <gtest/gtest.h>
#include <string>

#include <ngtcp2/ngtcp2.h>

#include <ringway/quic/options.hpp>

#include "quic/link_callbacks.hpp"
#include "quic/rate_limit.hpp"

namespace ringway::quic {
namespace {

TEST(quic_options, what_can_not_be_is_said) {
    transport_options options;
    EXPECT_EQ(problem_of(options), "");
    options.datagram_bytes_max = 1199;
    EXPECT_NE(problem_of(options), "");
    options.datagram_bytes_max = 65508;
    EXPECT_NE(problem_of(options), "");
    options = {};
    options.connection_ids_max = 1;
    EXPECT_NE(problem_of(options), "");
}

// A peer could overflow the stack through the qlog of ngtcp2 before 1.22.1.
TEST(quic_options, qlog_depends_on_the_library) {
    transport_options options;
    options.qlog_directory = "somewhere";
    const std::string problem = problem_of(options);
    EXPECT_EQ(problem.empty(), ngtcp2_version(0)->version_num >= 0x011601) << library_version();
    EXPECT_TRUE(problem.empty() || problem.find(library_version()) != std::string::npos);
}

TEST(quic_options, bbr_is_taken) {
    transport_options options;
    options.congestion = congestion_control::bbr;
    EXPECT_EQ(problem_of(options), "");
    ngtcp2_settings settings;
    detail::fill_settings(settings, options);
    EXPECT_EQ(settings.cc_algo, NGTCP2_CC_ALGO_BBR);
    EXPECT_EQ(name_of(options.congestion), "bbr");
}

TEST(quic_options, probes_stay_below_the_limit) {
    transport_options options;
    ngtcp2_settings settings;
    for (const std::size_t most : {1200U, 1350U, 1452U, 9000U, 65507U}) {
        options.datagram_bytes_max = most;
        detail::fill_settings(settings, options);
        EXPECT_EQ(settings.max_tx_udp_payload_size, most);
        for (std::size_t i = 0; i < settings.pmtud_probeslen; ++i) {
            EXPECT_LE(settings.pmtud_probes[i], most);
        }
        EXPECT_EQ(settings.no_pmtud != 0, most < 1350);
    }
    EXPECT_EQ(settings.pmtud_probeslen, 7U);
    // Nor above what leaves this machine: over Ethernet, and where hardly anything does.
    detail::fill_settings(settings, options, 1472);
    EXPECT_EQ(settings.max_tx_udp_payload_size, 1472U);
    EXPECT_EQ(settings.pmtud_probeslen, 3U);
    detail::fill_settings(settings, options, 500);
    EXPECT_EQ(settings.max_tx_udp_payload_size, 1200U);
    EXPECT_EQ(settings.no_pmtud, 1);
    options.path_mtu_discovery = false;
    detail::fill_settings(settings, options);
    EXPECT_EQ(settings.no_tx_udp_payload_size_shaping, 1);
}

TEST(quic_rate_limit, fills_up_with_time) {
    detail::rate_limit limit{10, 3};
    constexpr std::uint64_t second = 1'000'000'000;
    std::uint64_t now = 5 * second;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(limit.allows(now));
    }
    EXPECT_FALSE(limit.allows(now));
    now += second / 10;
    EXPECT_TRUE(limit.allows(now));
    EXPECT_FALSE(limit.allows(now));
    now += 3600 * second;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(limit.allows(now));
    }
    EXPECT_FALSE(limit.allows(now));
}

}  // namespace
}  // namespace ringway::quic
