#include "lab/program_versions.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>
#include <gnu/libc-version.h>
#include <gnutls/gnutls.h>
#include <liburing.h>
#include <link.h>
#include <nghttp2/nghttp2.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "lab/process.hpp"

namespace ringway::lab {
namespace {

constexpr std::chrono::seconds patience{2};

// Each with the option that makes it say what it is.
constexpr std::array<std::pair<std::string_view, const char*>, 8> programs{{
    {"nginx", "-v"},
    {"lighttpd", "-v"},
    {"wrk", "-v"},
    {"fio", "--version"},
    {"cp", "--version"},
    {"dd", "--version"},
    {"rsync", "--version"},
    {"curl", "--version"},
}};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_alpha(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_of_version(char c) noexcept {
    return is_digit(c) || is_alpha(c) || std::string_view{".-+~"}.contains(c);
}

std::string version_of(const std::string& path, const char* option) {
    auto running = process::start_anywhere({path, option});
    // Some say it with a status of failure, or on standard error.
    if (!running || !running->wait(patience)) {
        return "unknown";
    }
    const auto found = version_in(running->output() + running->errors());
    return found.empty() ? "unknown" : found;
}

struct object_search {
    std::string_view beginning;  // Of its file name, the version follows.
    std::string version = "unknown";
};

int look_at_object(dl_phdr_info* object, std::size_t, void* data) {
    auto& search = *static_cast<object_search*>(data);
    std::error_code failed;
    const auto file = std::filesystem::canonical(object->dlpi_name, failed).filename().string();
    if (!failed && file.starts_with(search.beginning)) {
        search.version = file.substr(search.beginning.size());
    }
    return 0;
}

// Of a shared object in this process, as its file is called: not the version of its release.
std::string loaded_version(std::string_view beginning) {
    object_search search{.beginning = beginning};
    ::dl_iterate_phdr(look_at_object, &search);
    return search.version;
}

}  // namespace

std::string find_program(std::string_view name) {
    const auto* const path = std::getenv("PATH");
    const auto places = std::string{path == nullptr ? "" : path} + ":/usr/sbin:/sbin";
    std::string_view rest = places;
    while (!rest.empty()) {
        const auto place = rest.substr(0, rest.find(':'));
        auto file = fmt::format("{}/{}", place, name);
        if (!place.empty() && ::access(file.c_str(), X_OK) == 0) {
            return file;
        }
        rest.remove_prefix(std::min(place.size() + 1, rest.size()));
    }
    return "";
}

std::string version_in(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool begins =
            is_digit(text[at]) && (at == 0 || !is_of_version(text[at - 1]) || text[at - 1] == '-');
        if (!begins) {
            continue;
        }
        const auto* const end = std::find_if_not(text.begin() + at, text.end(), is_of_version);
        auto word = text.substr(at, static_cast<std::size_t>(end - text.begin()) - at);
        word = word.substr(0, word.find_last_not_of(".-+~") + 1);
        if (word.contains('.')) {
            return std::string{word};
        }
        at += word.size();
    }
    return "";
}

nlohmann::ordered_json program_versions() {
    auto all = nlohmann::ordered_json::object();
    for (const auto& [name, option] : programs) {
        if (const auto path = find_program(name); !path.empty()) {
            all[std::string{name}] = version_of(path, option);
        }
    }
    return all;
}

nlohmann::ordered_json library_versions() {
    const auto known = [](const char* text) { return text == nullptr ? "unknown" : text; };
    return {{"liburing", fmt::format("{}.{}", io_uring_major_version(), io_uring_minor_version())},
            {"gnutls", known(::gnutls_check_version(nullptr))},
            {"nghttp2", known(::nghttp2_version(0)->version_str)},
            {"libngtcp2.so", loaded_version("libngtcp2.so.")},
            {"libnghttp3.so", loaded_version("libnghttp3.so.")},
            {"libc", known(::gnu_get_libc_version())}};
}

}  // namespace ringway::lab
