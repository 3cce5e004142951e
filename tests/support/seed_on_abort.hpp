// Prints the seed of the run in progress when an assertion of the code under test ends the process.
#pragma once

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace ringway::test {

/// As long as it lives, an abort names `seed`.
class seed_on_abort {
public:
    explicit seed_on_abort(std::uint64_t seed) {
        current() = seed;
        before_ = std::signal(SIGABRT, &seed_on_abort::tell);
    }
    seed_on_abort(const seed_on_abort&) = delete;
    seed_on_abort& operator=(const seed_on_abort&) = delete;
    ~seed_on_abort() { std::signal(SIGABRT, before_); }

private:
    using handler = void (*)(int);

    static std::atomic<std::uint64_t>& current() {
        static std::atomic<std::uint64_t> seed{0};
        return seed;
    }

    static void tell(int number) {
        constexpr std::string_view text = "aborted with RINGWAY_SEED=";
        char line[64];
        std::memcpy(line, text.data(), text.size());
        char* const end =
            std::to_chars(line + text.size(), line + sizeof line - 1, current().load()).ptr;
        *end = '\n';
        const auto size = static_cast<std::size_t>(end + 1 - line);
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line, size);
        std::signal(number, SIG_DFL);
    }

    handler before_;
};

}  // namespace ringway::test
