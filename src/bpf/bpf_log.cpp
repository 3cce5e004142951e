#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
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
    // The verifier's log is one line to libbpf, of megabytes now and then, and its end tells why.
    std::va_list again;
    va_copy(again, arguments);
    const int written = std::vsnprintf(nullptr, 0, format, again);
    va_end(again);
    if (written <= 0) return 0;
    std::string line(static_cast<std::size_t>(written) + 1, '\0');
    std::vsnprintf(line.data(), line.size(), format, arguments);
    line.pop_back();
    if (kept == nullptr) {
        if (level == LIBBPF_WARN) std::fputs(line.c_str(), stderr);
        return written;
    }
    kept->append(line);
    if (kept->size() > kept_bytes) kept->erase(0, kept->size() - kept_bytes);
    return written;
}

// libbpf's last line is how it ended ("failed to load object"); the reason stands before it, and
// before that the source lines ("; ...") that the verifier has come to.
bool only_says_that_it_failed(std::string_view line) {
    return line.find("failed to load") != std::string_view::npos ||
           line.find("END PROG LOAD LOG") != std::string_view::npos ||
           line.starts_with("processed ") || line.starts_with(';') || line.empty();
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

std::string bpf_log::reason_or(int failed) const {
    auto said = reason();
    return said.empty() ? std::string{std::strerror(failed < 0 ? -failed : failed)} : said;
}

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
