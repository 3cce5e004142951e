// What tests of drivers share: a driver of each kind, and operations that remember how they ended.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ringway/ring/driver.hpp>
#include <ringway/ring/operation.hpp>

namespace ringway::test {

/// An operation that records its completions. Ends itself when a test fails halfway.
class tracked_operation : public operation {
public:
    explicit tracked_operation(const operation& what);
    tracked_operation(const tracked_operation&) = delete;
    tracked_operation& operator=(const tracked_operation&) = delete;
    ~tracked_operation();

    [[nodiscard]] bool done() const noexcept { return !completions.empty() && !in_flight; }
    /// The result of the newest completion.
    [[nodiscard]] int result() const noexcept { return completions.back().result; }

    std::vector<completion> completions;
    std::string received;              ///< What came in pooled buffers.
    std::vector<buffer_lease> leases;  ///< Those buffers if they are kept.
    bool keeps_leases = false;
    std::function<void(tracked_operation&)> then;  ///< Called with each completion.
    driver* owner = nullptr;
};

/// A test that runs once per driver. Nothing may be in flight or leased when it ends.
class driver_contract : public ::testing::TestWithParam<driver_kind> {
protected:
    /// A driver with small limits, attached to this thread. Skips where the kernel refuses.
    void SetUp() override {
        use({.submission_entries = 64,
             .completion_entries = 1024,
             .buffer_count = 16,
             .buffer_bytes = 4096});
    }
    void TearDown() override;

    /// Replaces the driver by one with other limits.
    void use(const driver_options& options);

    [[nodiscard]] driver& ring() const noexcept { return *driver_; }
    [[nodiscard]] bool is_epoll() const noexcept { return GetParam() == driver_kind::epoll; }

    void submit(tracked_operation& op) {
        op.owner = driver_.get();
        driver_->submit(op);
    }
    /// Takes turns until `is_true`; a test failure when that takes too long.
    void run_until(const std::function<bool()>& is_true);
    /// Takes a few turns without waiting: what could happen has happened.
    void settle();
    /// Submits `op` and takes turns until it is done; its last result.
    int run(tracked_operation& op);
    int run(const operation& what) {
        tracked_operation op{what};
        return run(op);
    }
    /// Cancels `op` and takes turns until it is done; its last result.
    int cancel(tracked_operation& op);

private:
    std::unique_ptr<driver> driver_;
};

/// The name of a driver in a test's name.
[[nodiscard]] std::string name_of_driver(const ::testing::TestParamInfo<driver_kind>& info);

// Runs every test of `suite` with every driver.
#define RW_TEST_EACH_DRIVER(suite)                                                         \
    INSTANTIATE_TEST_SUITE_P(drivers, suite,                                               \
                             ::testing::Values(driver_kind::epoll, driver_kind::io_uring), \
                             ::ringway::test::name_of_driver)

}  // namespace ringway::test
