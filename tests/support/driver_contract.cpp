#include "support/driver_contract.hpp"

#include <cstdlib>
#include <string_view>

namespace ringway::test {
namespace {

constexpr std::chrono::seconds patience{20};
constexpr std::chrono::milliseconds grace{10};

void record(operation& self, completion what) noexcept {
    auto& op = static_cast<tracked_operation&>(self);
    op.completions.push_back(what);
    if (what.buffer != completion::no_buffer) {
        const auto size = static_cast<std::uint32_t>(what.result > 0 ? what.result : 0);
        buffer_lease lease = op.owner->buffers().lease(what.buffer, size);
        op.received += as_text(lease.bytes());
        if (op.keeps_leases) {
            op.leases.push_back(std::move(lease));
        }
    }
    if (op.then) {
        op.then(op);
    }
}

}  // namespace

tracked_operation::tracked_operation(const operation& what) : operation{what} { complete = record; }

tracked_operation::~tracked_operation() {
    then = nullptr;
    if (in_flight) {
        owner->cancel(*this);
        while (in_flight) {
            owner->turn(owner->now() + patience);
        }
    }
}

void driver_contract::use(const driver_options& options) {
    const char* const wanted = std::getenv("RINGWAY_DRIVER");
    if (wanted != nullptr && std::string_view{wanted} == "epoll" && !is_epoll()) {
        GTEST_SKIP() << "RINGWAY_DRIVER asks for epoll only";
    }
    driver_.reset();
    auto made = make_driver(GetParam(), options);
    const auto attached = made ? (*made)->attach() : std::unexpected{made.error()};
    if (!attached && !is_epoll()) {
        GTEST_SKIP() << "io_uring is refused here: " << describe(attached.error());
    }
    ASSERT_TRUE(attached) << describe(attached.error());
    driver_ = std::move(*made);
}

void driver_contract::TearDown() {
    if (driver_ == nullptr) {
        return;
    }
    const driver_counters& counters = driver_->counters();
    EXPECT_EQ(counters.in_flight(), 0U);
    for (std::size_t kind = 0; kind < driver_counters::kinds; ++kind) {
        EXPECT_EQ(counters.submitted[kind].get(), counters.completed[kind].get())
            << name_of(static_cast<op_kind>(kind));
    }
    EXPECT_EQ(driver_->buffers().leased(), 0U);
}

void driver_contract::run_until(const std::function<bool()>& is_true) {
    const nanoseconds end = driver_->now() + patience;
    while (!is_true()) {
        ASSERT_LT(driver_->now(), end) << "it does not happen";
        driver_->turn(end);
    }
}

void driver_contract::settle() {
    for (int i = 0; i < 10; ++i) {
        driver_->turn(nanoseconds::zero());
    }
    // A thread of the kernel takes its time.
    const bool waits = driver_->features().contains("SQPOLL");
    for (const nanoseconds end = driver_->now() + grace; waits && driver_->now() < end;) {
        driver_->turn(end);
    }
}

int driver_contract::run(tracked_operation& op) {
    submit(op);
    run_until([&] { return op.done(); });
    return op.done() ? op.result() : -ETIMEDOUT;
}

int driver_contract::cancel(tracked_operation& op) {
    driver_->cancel(op);
    run_until([&] { return op.done(); });
    return op.done() ? op.result() : -ETIMEDOUT;
}

std::string name_of_driver(const ::testing::TestParamInfo<driver_kind>& info) {
    return info.param == driver_kind::epoll ? "epoll" : "io_uring";
}

}  // namespace ringway::test
