#include "support/run_on_shard.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <ringway/base/result.hpp>
#include <ringway/ring/driver.hpp>
#include <ringway/runtime/sleep.hpp>

#include "support/patience.hpp"

namespace ringway::test {

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

bool runs_on_epoll() {
    const auto chosen = choose_driver(driver_kind::automatic);
    return chosen && chosen->kind == driver_kind::epoll;
}

void run_cluster(const cluster_options& options, const cluster::main_function& main,
                 descriptors open) {
    const std::size_t before = open_descriptors();
    {
        auto made = cluster::make(options);
        ASSERT_TRUE(made.has_value()) << describe(made.error());
        const auto outcome = (*made)->run(main);
        EXPECT_TRUE(outcome.has_value()) << describe(outcome.error());
        for (std::size_t i = 0; i < (*made)->size(); ++i) {
            driver& io = (*made)->at(i).io();
            EXPECT_EQ(io.counters().in_flight(), 0U);
            EXPECT_EQ(io.buffers().leased(), 0U);
        }
    }
    if (open == descriptors::are_counted) {
        EXPECT_EQ(open_descriptors(), before) << "descriptors leaked, or closed twice";
    }
}

// Descriptors below the lowest free one are all in use, so that becomes the limit.
task<bool> comes_true(std::function<bool()> is_true) {
    const auto limit = std::chrono::steady_clock::now() + patience();
    while (!is_true()) {
        if (std::chrono::steady_clock::now() > limit) {
            co_return false;
        }
        co_await sleep_for(std::chrono::milliseconds{1});
    }
    co_return true;
}

bool may_open(std::size_t count) {
    rlimit limit{};
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, count));
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur >= count;
}

no_more_descriptors::no_more_descriptors() {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int lowest_free = ::dup(STDERR_FILENO);
    ::close(lowest_free);
    const rlimit tight{static_cast<rlim_t>(lowest_free), before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
}

no_more_descriptors::~no_more_descriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }

scratch_directory::scratch_directory() {
    std::string name = std::filesystem::temp_directory_path() / "ringway-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        std::abort();
    }
    path_ = std::filesystem::canonical(name);
}

scratch_directory::~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string scratch_directory::at(std::string_view name) const {
    return path_ + '/' + std::string{name};
}

void scratch_directory::write(std::string_view name, std::string_view content) const {
    std::ofstream{at(name), std::ios::binary} << content;
}

void scratch_directory::make_directory(std::string_view name) const {
    std::filesystem::create_directories(at(name));
}

void scratch_directory::make_link(std::string_view name, const std::string& target) const {
    std::filesystem::create_symlink(target, at(name));
}

}  // namespace ringway::test
