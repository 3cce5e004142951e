#include "support/patience.hpp"

#include <cstdlib>
#include <poll.h>
#include <string>
#include <thread>

namespace ringway::test {

std::chrono::milliseconds patience(std::chrono::milliseconds usual) {
    static const double slowness = [] {
        const char* const text = std::getenv("RINGWAY_TEST_SLOWNESS");
        const double factor = text == nullptr ? 1 : std::strtod(text, nullptr);
        return factor < 1 ? 1 : factor;
    }();
    return std::chrono::duration_cast<std::chrono::milliseconds>(usual * slowness);
}

std::string patience_ms(std::chrono::milliseconds usual) {
    return std::to_string(patience(usual).count()) + "ms";
}

std::string patience_s(std::chrono::seconds usual) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(patience(usual)).count());
}

bool eventually(const std::function<bool()>& is_true, std::chrono::milliseconds usual) {
    constexpr std::chrono::milliseconds between_looks{2};
    const auto end = std::chrono::steady_clock::now() + patience(usual);
    while (!is_true()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(between_looks);
    }
    return true;
}

bool wait_for(int fd, short events) {
    const auto end = std::chrono::steady_clock::now() + patience();
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd waiting{fd, events, 0};
        if (left.count() <= 0) {
            return false;
        }
        if (::poll(&waiting, 1, static_cast<int>(left.count())) > 0) {
            return true;
        }
    }
}

}  // namespace ringway::test
