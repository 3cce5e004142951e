#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <ringway/base/assert.hpp>
#include <ringway/bpf/bpf_log.hpp>
#include <string_view>

namespace ringway::bpf {
namespace {

constexpr std::size_t kept_bytes = std::size_t{16} * 1024;

// libbpf's hook carries no context, so what is kept stands beside the thread.
thread_local std::string* kept = nullptr;

[[gnu::format(printf, 2, 0)]] int keep(libbpf_print_level level, const char* format,
                                       std::va_list arguments) {
    if (level == LIBBPF_DEBUG) return 0;
    std::array<char, 8192> line{};
    const int written = std::vsnprintf(line.data(), line.size(), format, arguments);
    if (written <= 0) return 0;
    if (kept == nullptr) {
        if (level == LIBBPF_WARN) std::fputs(line.data(), stderr);
        return written;
    }
    kept->append(line.data());
    if (kept->size() > kept_bytes) kept->erase(0, kept->size() - kept_bytes);
    return written;
}

// libbpf's last line is how it ended ("failed to load object"); the reason stands before it.
bool only_says_that_it_failed(std::string_view line) {
    return line.find("failed to load") != std::string_view::npos ||
           line.find("END PROG LOAD LOG") != std::string_view::npos ||
           line.starts_with("processed ") || line.empty();
}

}  // namespace

bpf_log::bpf_log() {
    RW_ASSERT(kept == nullptr);
    static const auto hooked = libbpf_set_print(keep);
    (void)hooked;
    kept = new std::string;
}

bpf_log::~bpf_log() {
    delete kept;
    kept = nullptr;
}

std::string bpf_log::text() const { return *kept; }

std::string bpf_log::reason() const {
    std::string_view rest = *kept;
    while (!rest.empty()) {
        rest = rest.substr(0, rest.find_last_not_of('\n') + 1);
        const auto before = rest.rfind('\n');
        const auto line = before == std::string_view::npos ? rest : rest.substr(before + 1);
        if (!only_says_that_it_failed(line)) return std::string{line};
        rest = before == std::string_view::npos ? std::string_view{} : rest.substr(0, before);
    }
    return {};
}

}  // namespace ringway::bpf
