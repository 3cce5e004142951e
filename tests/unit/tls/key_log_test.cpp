#include "tls/key_log.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/quic_pair.hpp"
#include "support/quic_world.hpp"

namespace ringway::tls {
namespace {

// In a program of its own: the variable is read once per process.
TEST(key_log, has_the_secrets_of_both_sides_for_the_owner_only) {
    const test::scratch_directory folder;
    const std::string name = folder.at("keys.txt");
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto run = [&] {
        ::setenv("SSLKEYLOGFILE", name.c_str(), 1);
        ::umask(0);
        test::quic_world at;
        test::quic_pair pair{*at.crypto, *at.client};
        struct stat facts{};
        const bool well = pair.shake_hands() && ::stat(name.c_str(), &facts) == 0 &&
                          (facts.st_mode & 0777U) == 0600U;
        std::ifstream file{name};
        std::set<std::string> labels;
        std::string label;
        std::string random;
        std::string secret;
        bool sizes = true;
        while (file >> label >> random >> secret) {
            labels.insert(label);
            sizes = sizes && random.size() == 64 && secret.size() == 64;
        }
        const bool all = labels.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET") &&
                         labels.contains("SERVER_HANDSHAKE_TRAFFIC_SECRET") &&
                         labels.contains("CLIENT_TRAFFIC_SECRET_0") &&
                         labels.contains("SERVER_TRAFFIC_SECRET_0");
        std::_Exit(well && sizes && all ? 0 : 1);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ringway::tls
